/// `conform KIND [--environments FILE]`: rows (JSON lines) in, the engine's answers out, one line each.
#include <exception>
#include <fstream>
#include <iostream>
#include <span>
#include <string>
#include <string_view>

#include "tests/conform/answers.hpp"

namespace {

using forge::conform::Json;

int fail(const std::string& message) {
  std::cerr << "conform: " << message << '\n';
  return 2;
}

int answer_rows(std::string_view kind, const Json& environments) {
  std::string line;
  while (std::getline(std::cin, line)) {
    if (line.empty()) continue;
    const auto answer = forge::conform::answer(kind, Json::parse(line), environments);
    if (!answer) return fail("no such kind: " + std::string(kind));
    std::cout << answer->dump(-1, ' ', false, Json::error_handler_t::replace) << '\n';
  }
  return 0;
}

int run(std::span<char* const> arguments) {
  const std::string usage =
      "usage: conform versions|compare|specifiers|contains|markers|names|requirements [--environments FILE]";
  if (arguments.size() != 2 && arguments.size() != 4) return fail(usage);
  Json environments;
  if (arguments.size() == 4) {
    if (std::string_view(arguments[2]) != "--environments") return fail(usage);
    std::ifstream file(arguments[3]);
    if (!file) return fail(std::string("can't read ") + arguments[3]);
    environments = Json::parse(file);
  }
  return answer_rows(arguments[1], environments);
}

}  // namespace

int main(int argc, char** argv) {
  try {
    return run({argv, static_cast<std::size_t>(argc)});
  } catch (const std::exception& error) {
    return fail(error.what());
  }
}
