/// `conform KIND [--environments FILE]`: rows (JSON lines) in, the engine's answers out, one line each.
/// `conform patch-ids`: a patch in, its ids out. `conform diffs --repo GITDIR`: commits in, their diffs out.
#include <exception>
#include <fstream>
#include <iostream>
#include <span>
#include <string>
#include <string_view>

#include "tests/conform/answers.hpp"
#include "tests/conform/changes.hpp"

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
      "usage: conform versions|compare|specifiers|contains|markers|names|requirements [--environments FILE]\n"
      "       conform patch-ids | conform diffs --repo GITDIR";
  if (arguments.size() != 2 && arguments.size() != 4) return fail(usage);
  const std::string_view kind = arguments[1];
  if (kind == "patch-ids" && arguments.size() == 2) {
    forge::conform::print_patch_ids(std::cin, std::cout);
    return 0;
  }
  if (kind == "diffs" && arguments.size() == 4 && std::string_view(arguments[2]) == "--repo") {
    forge::conform::print_diffs(arguments[3], std::cin, std::cout);
    return 0;
  }
  Json environments;
  if (arguments.size() == 4) {
    if (std::string_view(arguments[2]) != "--environments") return fail(usage);
    std::ifstream file(arguments[3]);
    if (!file) return fail(std::string("can't read ") + arguments[3]);
    environments = Json::parse(file);
  }
  return answer_rows(kind, environments);
}

}  // namespace

int main(int argc, char** argv) {
  try {
    return run({argv, static_cast<std::size_t>(argc)});
  } catch (const std::exception& error) {
    return fail(error.what());
  }
}
