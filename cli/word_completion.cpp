#include "cli/word_completion.hpp"

#include <algorithm>
#include <array>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <optional>
#include <set>
#include <string_view>

#include <fmt/format.h>

#include "cli/command.hpp"
#include "engine/base/text.hpp"
#include "engine/formats/source_refs.hpp"
#include "engine/rules/catalog.hpp"
#include "engine/workspace/workspace.hpp"

namespace forge::cli {

namespace {

namespace fs = std::filesystem;

/// What has been typed so far.
struct Typed {
  std::vector<std::string> plain{};              ///< words that are neither an option nor an option's value
  std::optional<std::string> root{};             ///< of `-C`
  const Command* command = nullptr;              ///< the longest that the plain words name
  std::optional<std::string> awaits_value_of{};  ///< the last option, where its value is being typed
};

const Option* find_option(const Command* command, std::string_view spelling) {
  const auto is_it = [&](const Option& option) {
    const auto spellings = split(option.name, ',');
    return std::ranges::count(spellings, spelling) > 0;
  };
  if (command != nullptr)
    for (const Option& option : command->options)
      if (is_it(option)) return &option;
  for (const Option& option : common_options())
    if (is_it(option)) return &option;
  return nullptr;
}

bool takes_value(const Command* command, std::string_view spelling) {
  if (spelling == "--format") return true;
  const Option* option = find_option(command, spelling);
  return option != nullptr && !option->value.empty();
}

const Command* command_of(const std::vector<std::string>& plain) {
  const Command* found = nullptr;
  for (const Command* command : all_commands()) {
    const auto name = split(command->name, ' ');
    if (name.size() <= plain.size() && std::ranges::equal(name, std::span(plain).first(name.size())) &&
        (found == nullptr || found->name.size() < command->name.size()))
      found = command;
  }
  return found;
}

Typed read_words(const std::vector<std::string>& words) {
  Typed typed;
  for (std::size_t i = 0; i + 1 < words.size(); ++i) {
    const std::string& word = words[i];
    if (!word.starts_with('-') || word == "-") {
      typed.plain.push_back(word);
      typed.command = command_of(typed.plain);
      continue;
    }
    if (word.find('=') != std::string::npos || !takes_value(typed.command, word)) continue;
    // Some shells hand `--release=2025.2` over as three words.
    const std::size_t value = words[i + 1] == "=" ? i + 2 : i + 1;
    if (value + 1 >= words.size()) {
      typed.awaits_value_of = word;
      break;
    }
    if (word == "-C") typed.root = words[value];
    i = value;
  }
  return typed;
}

std::optional<std::string> root_of(const Typed& typed) {
  if (typed.root) return typed.root;
  return workspace::find_forge_root(".");
}

std::set<std::string> folders_in(const fs::path& folder) {
  std::set<std::string> names;
  std::error_code error;
  for (fs::directory_iterator at(folder, error), end; !error && at != end; at.increment(error))
    if (at->is_directory(error)) names.insert(at->path().filename().string());
  return names;
}

std::set<std::string> components_in(const fs::path& root) {
  std::set<std::string> names = folders_in(root / "images");
  for (const std::string& release : folders_in(root / "releases")) {
    const fs::path path = root / "releases" / release / "source-refs.yaml";
    constexpr std::uintmax_t largest = std::uintmax_t{1} << 20;
    std::error_code error;
    if (!fs::is_regular_file(path, error) || fs::file_size(path, error) > largest) continue;
    std::ifstream stream(path, std::ios::binary);
    const std::string text(std::istreambuf_iterator<char>(stream), {});
    const Parsed<formats::SourceRefs> refs = formats::parse_source_refs(text);
    for (const formats::SourceRef& ref : refs.value.entries) names.insert(ref.component.value);
  }
  return names;
}

class Answer {
 public:
  explicit Answer(std::string_view begin) : begin_(begin) {}

  void add(std::string_view value, std::string_view about = {}) {
    if (!value.starts_with(begin_)) return;
    std::string words(about.substr(0, about.find('\n')));
    std::ranges::replace(words, '\t', ' ');
    lines_.insert(fmt::format("{}{}\t{}\n", before_, value, words));
  }
  void add_all(const auto& values) {
    for (const auto& value : values) add(value);
  }
  void paths(std::string_view kind) { kind_ = kind; }
  /// Goes before every value, as typed already: `--release=`.
  void set_before(std::string_view text) { before_ = text; }
  [[nodiscard]] std::string text() const { return kind_.empty() ? join(lines_, "") : kind_ + "\n"; }

 private:
  std::string_view begin_;
  std::string before_;
  std::set<std::string> lines_;
  std::string kind_;
};

void add_paths(std::string_view placeholder, Answer& answer) {
  static constexpr std::array<std::string_view, 4> files = {"FILE", "PATH|REF", "PATCH", "SOURCE"};
  if (placeholder == "DIR" || placeholder == "GITDIR") answer.paths(":folders");
  if (std::ranges::count(files, placeholder) > 0) answer.paths(":files");
}

void add_values(const Typed& typed, std::string_view spelling, Answer& answer) {
  if (spelling == "--format") {
    if (typed.command != nullptr) answer.add_all(typed.command->formats);
    return;
  }
  const Option* option = find_option(typed.command, spelling);
  if (option == nullptr) return;
  answer.add_all(option->choices);
  const std::optional<std::string> root = root_of(typed);
  if (option->value == "R" && root) answer.add_all(folders_in(fs::path(*root) / "releases"));
  if (option->value == "C" && root) answer.add_all(components_in(*root));
  add_paths(option->value, answer);
}

void add_options(const Command* command, Answer& answer) {
  const auto add = [&](const Option& option) {
    const auto spellings = split(option.name, ',');
    answer.add(spellings.back(), option.help);
  };
  if (command != nullptr) {
    std::ranges::for_each(command->options, add);
    if (!command->formats.empty()) answer.add("--format", "what the answer is written in");
  } else {
    answer.add("--version", "print the version and exit");
  }
  std::ranges::for_each(common_options(), add);
  answer.add("--help", "tell the usage");
}

/// The next words of commands that begin with what is typed: `check` and `refresh` after `patch`.
void add_commands(const std::vector<std::string>& plain, Answer& answer) {
  for (const Command* command : all_commands()) {
    const auto name = split(command->name, ' ');
    if (name.size() <= plain.size() || !std::ranges::equal(plain, std::span(name).first(plain.size()))) continue;
    answer.add(name[plain.size()], name.size() == plain.size() + 1 ? command->summary : "several commands");
  }
}

void add_positional(const Command& command, std::size_t given, Answer& answer) {
  if (command.positionals.empty()) return;
  const std::size_t at = std::min(given, command.positionals.size() - 1);
  const Positional& positional = command.positionals[at];
  if (given > at && !positional.repeats) return;
  answer.add_all(positional.choices);
  if (positional.name == "RULE")
    for (const rules::Rule* rule : rules::all_rules()) answer.add(rule->name, rule->summary);
  add_paths(positional.name, answer);
}

}  // namespace

std::string completions(const std::vector<std::string>& words) {
  if (words.empty()) return {};
  const Typed typed = read_words(words);
  const std::string_view current = words.back();
  const std::size_t equals = current.find('=');
  if (!typed.awaits_value_of && current.starts_with("--") && equals != std::string_view::npos) {
    Answer answer(current.substr(equals + 1));
    answer.set_before(current.substr(0, equals + 1));
    add_values(typed, current.substr(0, equals), answer);
    return answer.text();
  }
  Answer answer(current == "=" && typed.awaits_value_of ? std::string_view() : current);
  if (typed.awaits_value_of) {
    add_values(typed, *typed.awaits_value_of, answer);
  } else if (current.starts_with('-')) {
    add_options(typed.command, answer);
  } else {
    add_commands(typed.plain, answer);
    if (typed.command != nullptr) {
      const auto words_of_name = static_cast<std::size_t>(std::ranges::count(typed.command->name, ' ')) + 1;
      add_positional(*typed.command, typed.plain.size() - words_of_name, answer);
    }
  }
  return answer.text();
}

}  // namespace forge::cli
