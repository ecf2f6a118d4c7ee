#include "engine/model/apt_installs.hpp"

#include <algorithm>
#include <array>
#include <set>

#include "engine/base/text.hpp"

namespace forge::model {

namespace {

using formats::Instruction;
using namespace std::string_view_literals;

using Word = Spanned<std::string>;

constexpr std::array ends_of_command{"&&"sv, "||"sv, "|"sv, ";"sv, "&"sv, "#"sv};
/// Options whose value is a word of its own.
constexpr std::array options_with_value{
    "-o"sv, "-t"sv, "-c"sv, "-a"sv, "--option"sv, "--target-release"sv, "--config-file"sv, "--host-architecture"sv};

bool one_of(std::string_view word, const auto& words) {
  return std::ranges::find(words, word) != words.end();
}

/// What one stage does with packages.
struct Packages {
  std::vector<Word> installed;
  std::set<std::string> removed;
  bool removes_unknown = false;  ///< a removal names packages by a variable or pattern
};

bool is_plain_name(std::string_view word) {
  return !word.empty() && is_alnum(word.front()) &&
         std::ranges::all_of(word, [](char c) { return is_alnum(c) || c == '+' || c == '-' || c == '.'; });
}

std::string_view without_version(std::string_view word) {
  return word.substr(0, word.find_first_of("=:/"));
}

std::string_view without_quotes(std::string_view word) {
  const bool quoted = word.size() > 1 && (word.front() == '"' || word.front() == '\'') && word.back() == word.front();
  return quoted ? word.substr(1, word.size() - 2) : word;
}

void add_package(std::string_view verb, const Word& word, Packages& packages) {
  const std::string_view written = without_quotes(word.value);
  const std::string_view name = without_version(written);
  const bool plain = is_plain_name(name);
  const bool removes = verb != "install" || (plain && name.ends_with('-'));
  if (removes && !plain)
    packages.removes_unknown = true;
  else if (removes)
    packages.removed.emplace(name.substr(0, name.find_last_not_of('-') + 1));
  else if (plain && !written.ends_with(".deb"))
    packages.installed.push_back({std::string(name), word.span});
}

/// Reads the command that `words[at]`, apt-get or apt, starts; returns where it ends.
std::size_t read_command(const std::vector<Word>& words, std::size_t at, Packages& packages) {
  std::string verb;
  for (++at; at < words.size(); ++at) {
    Word word = words[at];
    if (one_of(word.value, ends_of_command) || word.value.find_first_of("<>(){}") != std::string::npos) return at;
    const bool last = word.value.ends_with(';');
    if (last) word = {word.value.substr(0, word.value.size() - 1), {word.span.begin, word.span.end - 1}};
    if (one_of(word.value, options_with_value))
      ++at;
    else if (!word.value.starts_with('-') && verb.empty())
      verb = word.value;
    else if (!word.value.starts_with('-') && (verb == "install" || verb == "remove" || verb == "purge"))
      add_package(verb, word, packages);
    if (verb == "autoremove" || verb == "auto-remove") packages.removes_unknown = true;
    if (last) return at;
  }
  return at;
}

/// Whether a command can start behind this word: an operator, a keyword, `sudo`, or a variable for the command.
bool precedes_command(std::string_view word) {
  constexpr std::array openers{"then"sv, "do"sv, "else"sv, "{"sv, "("sv, "sudo"sv, "env"sv, "!"sv};
  return one_of(word, ends_of_command) || one_of(word, openers) || word.ends_with(';') ||
         (word.find('=') != std::string_view::npos && (is_alpha(word.front()) || word.front() == '_'));
}

void read_words(const std::vector<Word>& words, Packages& packages) {
  for (std::size_t at = 0; at < words.size(); ++at) {
    const bool is_apt = words[at].value == "apt-get" || words[at].value == "apt";
    if (is_apt && (at == 0 || precedes_command(words[at - 1].value))) at = read_command(words, at, packages);
  }
}

/// The words of a here-document's lines; each line is a command unless a backslash ends it.
void read_heredoc(std::string_view text, TextSpan body, Packages& packages) {
  std::vector<Word> words;
  std::size_t at = body.begin;
  for (const std::string_view line : split(text.substr(body.begin, body.size()), '\n')) {
    std::size_t begin = at;
    for (const std::string_view word : split(line, ' ')) {
      const std::string_view bare = trim(word);
      if (!bare.empty() && bare != "\\") {
        const std::size_t start = begin + static_cast<std::size_t>(bare.data() - word.data());
        words.push_back({std::string(bare), span_of(start, start + bare.size())});
      }
      begin += word.size() + 1;
    }
    if (!trim(line).ends_with('\\')) words.push_back({";", {}});
    at += line.size() + 1;
  }
  read_words(words, packages);
}

}  // namespace

std::vector<Word> apt_installs(const formats::Stage& stage, std::string_view text) {
  Packages packages;
  for (const Instruction& instruction : stage.instructions) {
    if (instruction.keyword.value != "RUN") continue;
    read_words(instruction.words, packages);
    for (const formats::Heredoc& heredoc : instruction.heredocs) read_heredoc(text, heredoc.body, packages);
  }
  if (packages.removes_unknown) return {};
  std::erase_if(packages.installed, [&](const Word& word) { return packages.removed.contains(word.value); });
  return std::move(packages.installed);
}

}  // namespace forge::model
