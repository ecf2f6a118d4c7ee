#include "cli/arguments.hpp"

#include <algorithm>
#include <list>
#include <memory>

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include "engine/base/text.hpp"

namespace forge::cli {

namespace {

constexpr std::string_view description =
    "Tells before the build what is wrong in a forge: a repository that builds container images of OpenStack\n"
    "services for several releases.";

constexpr std::string_view exit_codes =
    "Exit codes: 0 done without a finding at or above --fail-on, 1 done with such findings, 2 not done.";

/// The spelling under which Invocation keeps an option: the last one.
std::string key_of(const Option& option) {
  const auto spellings = split(option.name, ',');
  return std::string(spellings.back());
}

/// CLI11 writes into variables that must outlive the parse.
struct Slot {
  std::string key;
  std::vector<std::string> values{};
  bool given = false;
  CLI::Option* option = nullptr;
};

struct Bound {
  const Command* command = nullptr;
  CLI::App* app = nullptr;
  std::list<Slot> options{};
  std::list<Slot> positionals{};
};

void bind_choices(CLI::Option& option, std::span<const std::string_view> names) {
  if (names.empty()) return;
  const std::vector<std::string> choices(names.begin(), names.end());
  CLI::Validator member = CLI::IsMember(choices);
  option.check(member.description(""));
  option.type_name(join(choices, "|"));
}

void bind_option(CLI::App& app, const Option& option, std::list<Slot>& slots) {
  Slot& slot = slots.emplace_back(Slot{key_of(option)});
  if (option.value.empty()) {
    slot.option = app.add_flag(std::string(option.name), slot.given, std::string(option.help));
    return;
  }
  slot.option = app.add_option(std::string(option.name), slot.values, std::string(option.help));
  slot.option->type_name(std::string(option.value))->expected(1)->allow_extra_args(false);
  slot.option->multi_option_policy(CLI::MultiOptionPolicy::TakeAll);
  bind_choices(*slot.option, option.choices);
}

void bind_positional(CLI::App& app, const Positional& positional, std::list<Slot>& slots) {
  Slot& slot = slots.emplace_back(Slot{std::string(positional.name)});
  slot.option = app.add_option(std::string(positional.name), slot.values, std::string(positional.help));
  slot.option->type_name("")->required(positional.required);
  slot.option->expected(positional.required ? 1 : 0, positional.repeats ? 1 << 20 : 1);
  // What comes behind is the next positional's; one that may be missing would take nothing without it.
  if (positional.required && !positional.repeats) slot.option->allow_extra_args(false);
  bind_choices(*slot.option, positional.choices);
}

/// The app of `patch check` below that of `patch`, which it makes where it is missing.
CLI::App& app_for(CLI::App& root, const Command& command) {
  CLI::App* app = &root;
  const auto words = split(command.name, ' ');
  for (std::size_t i = 0; i < words.size(); ++i) {
    const std::string word(words[i]);
    const auto found = app->get_subcommands([&](CLI::App* below) { return below->get_name() == word; });
    CLI::App* below = found.empty() ? nullptr : found.front();
    if (below == nullptr) {
      const bool last = i + 1 == words.size();
      below = app->add_subcommand(word, last ? std::string(command.summary) : "subcommands: see --help");
    }
    app = below;
  }
  return *app;
}

/// The options of the one command that is typed.
void bind_options(Bound& slots) {
  const Command& command = *slots.command;
  slots.app->footer(command.description.empty() ? std::string(exit_codes)
                                                : fmt::format("{}\n\n{}", command.description, exit_codes));
  for (const Positional& positional : command.positionals) bind_positional(*slots.app, positional, slots.positionals);
  for (const Option& option : command.options) bind_option(*slots.app, option, slots.options);
  if (!command.formats.empty()) {
    const std::string help = format_help(command);
    bind_option(*slots.app, Option{"--format", "FORMAT", help, command.formats}, slots.options);
  }
  for (const Option& option : common_options()) bind_option(*slots.app, option, slots.options);
}

void bind_command(CLI::App& root, const Command& command, std::list<Bound>& bound) {
  Bound& slots = bound.emplace_back(Bound{&command, &app_for(root, command)});
  slots.app->preparse_callback([&slots](std::size_t) { bind_options(slots); });  // a list's elements stay in place
}

void collect(const std::list<Slot>& slots, std::map<std::string, std::vector<std::string>, std::less<>>& into) {
  for (const Slot& slot : slots) {
    if (slot.option->count() > 0) into[slot.key] = slot.values;
  }
}

std::vector<std::string> command_words() {
  std::vector<std::string> words;
  for (const Command* command : all_commands()) words.emplace_back(command->name);
  return words;
}

/// CLI11 says "A subcommand is required" of a mistyped one; people want to hear which.
std::string unknown_command(int argc, const char* const* argv) {
  std::string typed;
  for (int i = 1; i < argc && argv[i][0] != '-'; ++i) typed += (typed.empty() ? "" : " ") + std::string(argv[i]);
  if (typed.empty()) return "A command is missing; `forge-analyze --help` lists them.";
  const std::vector<std::string> words = command_words();
  const auto meant = nearest(typed, words);
  return fmt::format("There is no command `{}`; {}", typed,
                     meant ? fmt::format("did you mean `{}`?", *meant) : "`forge-analyze --help` lists them.");
}

}  // namespace

std::string_view program_description() {
  return description;
}

std::string_view exit_codes_words() {
  return exit_codes;
}

std::string format_help(const Command& command) {
  return fmt::format("what the answer is written in (default {})", command.formats.front());
}

Arguments parse_arguments(int argc, const char* const* argv) {
  CLI::App root{std::string(description), "forge-analyze"};
  root.set_version_flag("--version", "forge-analyze " FORGE_VERSION, "print the version and exit");
  root.require_subcommand(0, 1);
  root.footer(std::string(exit_codes) +
              "\nEach command answers --help; `forge-analyze explain RULE` explains a finding.");
  std::list<Slot> before_command;  // `forge-analyze -C DIR check` means the same as `check -C DIR`
  for (const Option& option : common_options()) bind_option(root, option, before_command);
  std::list<Bound> bound;
  for (const Command* command : all_commands()) bind_command(root, *command, bound);
  try {
    root.parse(argc, argv);
  } catch (const CLI::CallForHelp&) {
    const CLI::App* app = &root;
    std::string above;  // `forge-analyze source` of `source export`
    while (!app->get_subcommands().empty()) {
      above += (above.empty() ? "" : " ") + app->get_name();
      app = app->get_subcommands().front();
    }
    return PrintText{app->help(above)};
  } catch (const CLI::CallForVersion& version) {
    return PrintText{std::string(version.what()) + "\n"};
  } catch (const CLI::ExtrasError& error) {
    return UsageError{root.get_subcommands().empty() ? unknown_command(argc, argv) : error.what()};
  } catch (const CLI::ParseError& error) {
    return UsageError{error.what()};
  }
  for (const Bound& candidate : bound) {
    if (!candidate.app->parsed() || !candidate.app->get_subcommands().empty()) continue;
    RunCommand run{candidate.command, {}};
    collect(before_command, run.invocation.options);
    collect(candidate.options, run.invocation.options);
    collect(candidate.positionals, run.invocation.positionals);
    if (!candidate.command->formats.empty()) run.invocation.default_format = candidate.command->formats.front();
    return run;
  }
  return UsageError{unknown_command(argc, argv)};
}

}  // namespace forge::cli
