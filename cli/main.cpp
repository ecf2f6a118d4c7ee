#include <csignal>
#include <cstdio>
#include <exception>
#include <string_view>
#include <variant>

#include <fmt/format.h>

#include "cli/arguments.hpp"
#include "cli/command.hpp"
#include "cli/word_completion.hpp"

namespace {

using namespace forge::cli;

int not_done(const std::string& message, const std::vector<std::string>& hints) {
  fmt::print(stderr, "forge-analyze: {}\n", message);
  for (const std::string& hint : hints) fmt::print(stderr, "  hint: {}\n", hint);
  return exit_not_done;
}

int run(const RunCommand& run) {
  try {
    return run.command->run(run.invocation);
  } catch (const NotDone& stop) {
    return not_done(stop.what(), stop.hints);
  } catch (const std::exception& error) {
    return not_done(fmt::format("internal error: {}", error.what()),
                    {"this is a defect of forge-analyze; please report it"});
  }
}

}  // namespace

int main(int argc, char** argv) {
  std::signal(SIGPIPE, SIG_DFL);  // `forge-analyze ... | head` ends quietly
  // Asked by the shells' scripts alone: words that are not finished are no command line yet.
  if (argc > 1 && std::string_view(argv[1]) == "__complete") {
    fmt::print("{}", completions({argv + 2, argv + argc}));
    return exit_done;
  }
  const Arguments arguments = parse_arguments(argc, argv);
  if (const auto* text = std::get_if<PrintText>(&arguments)) {
    fmt::print("{}", text->text);
    return exit_done;
  }
  if (const auto* error = std::get_if<UsageError>(&arguments))
    return not_done(error->message, {"`forge-analyze --help` and `forge-analyze COMMAND --help` tell the usage"});
  return run(std::get<RunCommand>(arguments));
}
