#include "engine/model/run_commands.hpp"

#include <algorithm>
#include <array>
#include <optional>

#include "engine/base/text.hpp"

namespace forge::model {

namespace {

using formats::Instruction;
using namespace std::string_view_literals;
using Word = Spanned<std::string>;

constexpr std::array ends_of_command{"&&"sv, "||"sv, "|"sv, ";"sv, "&"sv, "|&"sv, ";;"sv};
constexpr std::array keywords{"if"sv,    "then"sv, "else"sv, "elif"sv, "fi"sv, "do"sv, "done"sv, "while"sv,
                              "until"sv, "{"sv,    "}"sv,    "("sv,    ")"sv,  "!"sv,  "time"sv};
/// Programs that start the one behind them.
constexpr std::array wrappers{"sudo"sv, "env"sv, "exec"sv, "nice"sv, "command"sv, "eatmydata"sv};
constexpr std::size_t longest_wrapper = 9;
constexpr std::array shells{"sh"sv, "bash"sv, "dash"sv, "ash"sv};
/// Options of pip and uv whose value is a word of its own.
constexpr std::array options_with_value{"-r"sv,
                                        "--requirement"sv,
                                        "--requirements"sv,
                                        "-c"sv,
                                        "--constraint"sv,
                                        "--constraints"sv,
                                        "-b"sv,
                                        "--build-constraint"sv,
                                        "--build-constraints"sv,
                                        "--override"sv,
                                        "--overrides"sv,
                                        "-p"sv,
                                        "--python"sv,
                                        "--prefix"sv,
                                        "--target"sv,
                                        "-t"sv,
                                        "--root"sv,
                                        "-i"sv,
                                        "--index-url"sv,
                                        "--extra-index-url"sv,
                                        "--index"sv,
                                        "--default-index"sv,
                                        "-f"sv,
                                        "--find-links"sv,
                                        "--no-binary"sv,
                                        "--only-binary"sv,
                                        "--cache-dir"sv,
                                        "-C"sv,
                                        "--config-settings"sv,
                                        "--config-setting"sv,
                                        "--config-file"sv,
                                        "--directory"sv,
                                        "--project"sv,
                                        "--platform"sv,
                                        "--python-platform"sv,
                                        "--python-version"sv,
                                        "--link-mode"sv,
                                        "--resolution"sv,
                                        "--prerelease"sv,
                                        "--extra"sv,
                                        "--group"sv,
                                        "--trusted-host"sv,
                                        "--allow-insecure-host"sv,
                                        "--index-strategy"sv,
                                        "--no-build-package"sv,
                                        "--no-binary-package"sv,
                                        "--timeout"sv,
                                        "--retries"sv,
                                        "--exclude-newer"sv,
                                        "--refresh-package"sv,
                                        "-P"sv,
                                        "--upgrade-package"sv,
                                        "--reinstall-package"sv,
                                        "--report"sv,
                                        "--src"sv,
                                        "--upgrade-strategy"sv,
                                        "--progress-bar"sv,
                                        "--proxy"sv};

bool one_of(std::string_view word, const auto& words) {
  return std::ranges::find(words, word) != words.end();
}

/// The quote that is open behind the word, if it starts inside `quote`.
char open_quote(std::string_view word, char quote) {
  for (std::size_t i = 0; i < word.size(); ++i) {
    const char c = word[i];
    if (c == '\\' && quote != '\'')
      ++i;
    else if (quote == 0 && (c == '\'' || c == '"'))
      quote = c;
    else if (c == quote)
      quote = 0;
  }
  return quote;
}

/// `>`, `2>`, `>>`: the word behind it is a file.
bool is_bare_redirection(std::string_view word) {
  return !word.empty() && (word.back() == '>' || word.back() == '<') &&
         word.find_first_not_of("0123456789&<>") == std::string_view::npos;
}

bool is_redirection(std::string_view word) {
  const std::size_t at = word.find_first_not_of("0123456789&");
  return at != std::string_view::npos && (word[at] == '>' || word[at] == '<');
}

/// What is open behind the text, innermost last: quotes, and `(` for each `$(`, `<(` or bracket in one.
void scan_open(std::string_view text, std::string& open) {
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    const char top = open.empty() ? '\0' : open.back();
    const char next = i + 1 < text.size() ? text[i + 1] : '\0';
    if (top == '\'') {
      if (c == '\'') open.pop_back();
    } else if (c == '\\') {
      ++i;
    } else if (c == '"' || c == '`') {
      if (top == c)
        open.pop_back();
      else
        open += c;
    } else if (c == '\'' && top != '"') {
      open += c;
    } else if ((c == '$' || (top != '"' && (c == '<' || c == '>'))) && next == '(') {
      open += '(';
      ++i;
    } else if (c == '(' && top == '(') {
      open += '(';
    } else if (c == ')' && top == '(') {
      open.pop_back();
    }
  }
}

/// Puts commands together from words that were split at blanks.
class Splitter {
 public:
  /// `joins` keeps a command substitution in its word.
  explicit Splitter(bool joins = false) : joins_(joins) {}

  void add(const Word& word) {
    if (!open_.empty()) {
      Word& whole = command_.words.back();
      whole.value += ' ' + word.value;
      whole.span.end = word.span.end;
      scan_open(word.value, open_);
      if (open_.empty()) trim_end();
      return;
    }
    if (quote_ != 0) {
      Word& whole = command_.words.back();
      whole.value += ' ' + word.value;
      whole.span.end = word.span.end;
      quote_ = open_quote(word.value, quote_);
      if (quote_ == 0) trim_end();
      return;
    }
    if (word.value.starts_with('#')) commented_ = true;
    if (commented_) return;
    if (one_of(word.value, ends_of_command)) return end();
    const bool process = joins_ && word.value.size() > 1 && word.value[1] == '(';
    if (skip_next_ && !process) {
      skip_next_ = false;
      command_.redirections.push_back(word);
      return end_at(word);
    }
    if (is_redirection(word.value) && !process) {
      skip_next_ = is_bare_redirection(word.value);
      if (!skip_next_) add_redirection(word);
      return end_at(word);
    }
    skip_next_ = false;
    add_plain(word);
  }

  void end() {
    commented_ = skip_next_ = false;
    quote_ = 0;
    open_.clear();
    if (!command_.words.empty() || (joins_ && !command_.redirections.empty())) commands_.push_back(std::move(command_));
    command_ = {};
  }

  /// A line's end inside of quotes ends nothing.
  void end_line() {
    commented_ = false;
    if (quote_ == 0 && open_.empty()) end();
  }

  std::vector<RunCommand> take() {
    end();
    return std::move(commands_);
  }

 private:
  void add_plain(Word word) {
    while (command_.words.empty() && word.value.size() > 1 && (word.value[0] == '(' || word.value[0] == '{')) {
      word.value.erase(0, 1);
      ++word.span.begin;
    }
    if (command_.words.empty() && one_of(word.value, keywords)) return;
    if (word.value == "}" || word.value == ")" || word.value.empty()) return;
    if (joins_)
      scan_open(word.value, open_);
    else
      quote_ = open_quote(word.value, 0);
    command_.words.push_back(std::move(word));
    if (quote_ == 0 && open_.empty()) trim_end();
  }

  /// `>>"$GITHUB_OUTPUT"`
  void add_redirection(Word word) {
    const std::size_t name = word.value.find_first_not_of("0123456789&<>|");
    if (name == std::string::npos) return;
    word.span.begin += static_cast<std::uint32_t>(name);
    word.value.erase(0, name);
    command_.redirections.push_back(std::move(word));
  }

  /// `2> log;`
  void end_at(const Word& word) {
    if (word.value.ends_with(';')) end();
  }

  /// `install x;` and `install x)` end the command.
  void trim_end() {
    Word& word = command_.words.back();
    bool last = false;
    while (word.value.ends_with(';') || (word.value.ends_with(')') && word.value.find('(') == std::string::npos)) {
      word.value.pop_back();
      --word.span.end;
      last = true;
    }
    if (word.value.empty()) command_.words.pop_back();
    if (last) end();
  }

  RunCommand command_;
  std::vector<RunCommand> commands_;
  char quote_ = 0;
  std::string open_;
  bool joins_;
  bool commented_ = false;
  bool skip_next_ = false;
};

/// The words of a here-document's lines; each line is a command unless a backslash ends it.
void add_heredoc(std::string_view text, TextSpan body, Splitter& splitter) {
  std::size_t at = body.begin;
  for (const std::string_view line : split(text.substr(body.begin, body.size()), '\n')) {
    std::size_t begin = at;
    for (const std::string_view word : split(line, ' ')) {
      if (const std::string_view bare = trim(word); !bare.empty() && bare != "\\") {
        const std::size_t start = begin + static_cast<std::size_t>(bare.data() - word.data());
        splitter.add({std::string(bare), span_of(start, start + bare.size())});
      }
      begin += word.size() + 1;
    }
    if (!trim(line).ends_with('\\')) splitter.end_line();
    at += line.size() + 1;
  }
  splitter.end();
}

bool is_assignment(std::string_view word) {
  const std::size_t equals = word.find('=');
  return equals != std::string_view::npos && equals > 0 && !is_digit(word.front()) &&
         std::ranges::all_of(word.substr(0, equals), [](char c) { return is_alnum(c) || c == '_'; });
}

/// A shell reads the here-document: nothing but a shell stands on the line.
bool shell_reads_heredoc(const std::vector<RunCommand>& commands) {
  if (commands.empty()) return true;
  if (commands.size() > 1) return false;
  const std::size_t at = commands.front().program();
  return at < commands.front().words.size() && one_of(base_name(commands.front().words[at].value), shells);
}

bool is_pip(std::string_view program) {
  const std::string_view name = base_name(program);
  return name == "pip" || (name.starts_with("pip3") && name.find_first_not_of("0123456789.", 3) == name.npos);
}

bool is_python(std::string_view program) {
  const std::string_view name = base_name(program);
  return name.starts_with("python") && name.find_first_not_of("0123456789.", 6) == name.npos;
}

/// Index behind `install`; 0 where the command is another. `uv` says whose it is.
std::size_t behind_install(const std::vector<Word>& words, std::size_t at, bool& uv) {
  const auto word = [&](std::size_t i) { return i < words.size() ? std::string_view(words[i].value) : ""sv; };
  uv = false;
  if (base_name(word(at)) == "uv") {
    uv = true;
    // Options of uv itself, before the command.
    for (++at; word(at).starts_with('-'); ++at)
      if (one_of(word(at), options_with_value)) ++at;
    if (word(at) != "pip") return 0;
  } else if (is_python(word(at))) {
    for (++at; word(at).starts_with('-') && word(at) != "-m";) ++at;
    if (word(at) != "-m" || word(++at) != "pip") return 0;
  } else if (!is_pip(word(at))) {
    return 0;
  }
  for (++at; word(at).starts_with('-'); ++at)
    if (one_of(word(at), options_with_value)) ++at;
  return word(at) == "install" ? at + 1 : 0;
}

void add_item(const std::vector<Word>& words, std::size_t& at, PipInstall& install) {
  const Word& word = words[at];
  const std::size_t equals = word.value.find('=');
  if (!word.value.starts_with('-')) {
    install.items.push_back({"", word});
  } else if (word.value.starts_with("--") && equals != std::string::npos) {
    const TextSpan value = span_of(word.span.begin + equals + 1, word.span.end);
    install.items.push_back({word.value.substr(0, equals), {word.value.substr(equals + 1), value}});
  } else if (one_of(word.value, options_with_value) && at + 1 < words.size()) {
    install.items.push_back({word.value, words[++at]});
  } else {
    install.items.push_back({word.value, {{}, word.span}});
  }
}

constexpr std::size_t deepest_substitution = 5;
constexpr char joined_blank = '\x1f';  // stands for a blank inside of `${{ … }}`

std::string with_joined_expressions(std::string_view script) {
  std::string out(script);
  for (std::size_t at = out.find("${{"); at != std::string::npos; at = out.find("${{", at)) {
    const std::size_t end = out.find("}}", at);
    if (end == std::string::npos) break;
    for (; at < end; ++at)
      if (out[at] == ' ' || out[at] == '\t' || out[at] == '\n') out[at] = joined_blank;
  }
  return out;
}

/// The word that ends a here-document which the line opens; empty where it opens none.
std::string heredoc_end(std::string_view line) {
  for (std::size_t at = line.find("<<"); at != std::string_view::npos; at = line.find("<<", at + 2)) {
    if (line.substr(at).starts_with("<<<")) {
      ++at;
      continue;
    }
    std::size_t begin = line.find_first_not_of("- \t", at + 2);
    if (begin == std::string_view::npos) return {};
    const char quote = line[begin];
    if (quote == '\'' || quote == '"' || quote == '\\') ++begin;
    std::size_t end = begin;
    while (end < line.size() && (is_alnum(line[end]) || line[end] == '_')) ++end;
    if (end > begin && !is_digit(line[begin])) return std::string(line.substr(begin, end - begin));
  }
  return {};
}

void add_line(std::string_view line, std::size_t begin, Splitter& splitter) {
  bool goes_on = false;
  for (std::size_t at = 0; at < line.size();) {
    const std::size_t end = std::min(line.find_first_of(" \t\r", at), line.size());
    const std::string_view word = line.substr(at, end - at);
    goes_on = word == "\\";
    if (!word.empty() && !goes_on) splitter.add({std::string(word), span_of(begin + at, begin + end)});
    at = end + 1;
  }
  if (!goes_on && !line.ends_with('\\')) splitter.end_line();
}

/// `begin` of each `$( … )`, `<( … )` or pair of backticks in the word, behind its opening, and its end.
std::vector<TextSpan> substitutions(std::string_view word) {
  std::vector<TextSpan> out;
  for (std::size_t at = 0; at < word.size(); ++at) {
    const bool call = (word[at] == '$' || word[at] == '<' || word[at] == '>') && word.substr(at + 1).starts_with('(');
    if (!call || word.substr(at).starts_with("$((")) continue;
    std::string open = "(";
    std::size_t end = at + 2;
    while (end < word.size() && !open.empty()) {
      // A quote or a bracket is looked at together with what stands before it.
      const std::size_t size = word[end] == '\\' || word[end] == '$' || word[end] == '<' || word[end] == '>' ? 2 : 1;
      scan_open(word.substr(end, size), open);
      end += size;
    }
    if (open.empty()) out.push_back(span_of(at + 2, end - 1));
    at = end - 1;
  }
  return out;
}

void read_script(std::string_view text, std::size_t shift, std::size_t depth, std::vector<RunCommand>& out) {
  Splitter splitter(true);
  std::string heredoc;
  std::size_t at = 0;
  for (const std::string_view line : split(text, '\n')) {
    if (!heredoc.empty()) {
      if (trim(line) == heredoc) heredoc.clear();
    } else {
      add_line(line, at, splitter);
      if (!trim(line).starts_with('#')) heredoc = heredoc_end(line);
    }
    at += line.size() + 1;
  }
  for (RunCommand& command : splitter.take()) {
    std::vector<TextSpan> inner;
    for (const Word& word : command.words)
      for (TextSpan part : substitutions(text.substr(word.span.begin, word.span.size())))
        inner.push_back(span_of(part.begin + word.span.begin, part.end + word.span.begin));
    for (auto* words : {&command.words, &command.redirections})
      for (Word& word : *words) {
        std::ranges::replace(word.value, joined_blank, ' ');
        word.span = span_of(word.span.begin + shift, word.span.end + shift);
      }
    out.push_back(std::move(command));
    if (depth >= deepest_substitution) continue;
    for (const TextSpan part : inner)
      read_script(text.substr(part.begin, part.size()), shift + part.begin, depth + 1, out);
  }
}

void note_programs(std::vector<RunCommand>& commands) {
  for (RunCommand& command : commands) command.known_program = command.find_program();
}

}  // namespace

std::vector<RunCommand> shell_commands(std::string_view script) {
  std::vector<RunCommand> out;
  read_script(with_joined_expressions(script), 0, 0, out);
  note_programs(out);
  return out;
}

std::size_t assigned_name(std::string_view word) {
  const std::size_t equals = word.find('=');
  if (equals == std::string_view::npos || equals == 0) return 0;
  const std::string_view name = word.substr(0, equals);
  return is_assignment(name.ends_with('+') ? std::string(name.substr(0, equals - 1)) + "=" : std::string(name) + "=")
             ? equals
             : 0;
}

std::size_t RunCommand::find_program() const {
  std::size_t at = 0;
  bool wrapped = false;
  for (; at < words.size(); ++at) {
    const std::string& word = words[at].value;
    const bool wrapper = word.size() <= longest_wrapper && one_of(word, wrappers);
    if (!wrapper && !(wrapped && word.starts_with('-')) && !is_assignment(word)) break;
    wrapped |= wrapper;
  }
  return at;
}

std::vector<RunCommand> run_commands(const Instruction& run, std::string_view text) {
  if (run.exec_form) return run.words.empty() ? std::vector<RunCommand>{} : std::vector<RunCommand>{{run.words}};
  Splitter splitter;
  for (const Word& word : run.words) splitter.add(word);
  std::vector<RunCommand> commands = splitter.take();
  if (!run.heredocs.empty() && shell_reads_heredoc(commands))
    for (const formats::Heredoc& heredoc : run.heredocs) {
      add_heredoc(text, heredoc.body, splitter);
      std::ranges::move(splitter.take(), std::back_inserter(commands));
    }
  note_programs(commands);
  return commands;
}

std::string_view without_quotes(std::string_view word) {
  const bool quoted = word.size() > 1 && (word.front() == '"' || word.front() == '\'') && word.back() == word.front();
  return quoted ? word.substr(1, word.size() - 2) : word;
}

std::string_view base_name(std::string_view path) {
  return path.substr(path.rfind('/') + 1);
}

bool PipInstall::has_option(std::string_view short_name, std::string_view long_name) const {
  return std::ranges::any_of(items, [&](const Item& item) {
    return !item.name.empty() && (item.name == short_name || item.name == long_name ||
                                  (!long_name.empty() && item.name == std::string(long_name) + "s"));
  });
}

bool PipInstall::is_requirements(const Item& item) {
  return item.name == "-r" || item.name == "--requirement" || item.name == "--requirements";
}

std::vector<PipInstall> pip_installs(const std::vector<RunCommand>& commands) {
  std::vector<PipInstall> installs;
  for (const RunCommand& command : commands) {
    const std::size_t program = command.program();
    PipInstall install;
    std::size_t at = behind_install(command.words, program, install.is_uv);
    if (at == 0) continue;
    install.verb = command.words[at - 1].span;
    for (std::size_t i = 0; i < program; ++i)
      if (is_assignment(command.words[i].value)) install.environment.push_back(command.words[i].value);
    for (; at < command.words.size(); ++at) add_item(command.words, at, install);
    installs.push_back(std::move(install));
  }
  return installs;
}

}  // namespace forge::model
