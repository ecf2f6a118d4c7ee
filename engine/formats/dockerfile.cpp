#include "engine/formats/dockerfile.hpp"

#include <algorithm>
#include <array>
#include <map>
#include <utility>

#include <fmt/format.h>

#include "engine/base/text.hpp"
#include "engine/base/utf8.hpp"
#include "engine/formats/dockerfile_lines.hpp"
#include "engine/formats/dockerfile_stages.hpp"
#include "engine/formats/dockerfile_variables.hpp"

namespace forge::formats {

const InstructionFlag* Instruction::flag(std::string_view name) const {
  const auto found = std::ranges::find_if(flags, [&](const InstructionFlag& flag) { return flag.name.value == name; });
  return found == flags.end() ? nullptr : &*found;
}

namespace {

using namespace std::string_view_literals;

constexpr std::string_view rule = "file-syntax";
constexpr std::size_t most_problems = 200;  // a file that is no Dockerfile has one in every line
constexpr std::size_t most_stages = 1000;   // names are looked up among them one by one
constexpr std::array keywords{"ADD"sv,    "ARG"sv,   "CMD"sv,         "COPY"sv,  "ENTRYPOINT"sv, "ENV"sv,
                              "EXPOSE"sv, "FROM"sv,  "HEALTHCHECK"sv, "LABEL"sv, "MAINTAINER"sv, "ONBUILD"sv,
                              "RUN"sv,    "SHELL"sv, "STOPSIGNAL"sv,  "USER"sv,  "VOLUME"sv,     "WORKDIR"sv};
constexpr std::array mount_types{"bind"sv, "cache"sv, "tmpfs"sv, "secret"sv, "ssh"sv};
/// The build sets these, each platform to a value of its own.
constexpr std::array platform_variables{"BUILDPLATFORM"sv, "BUILDOS"sv,        "BUILDARCH"sv,
                                        "BUILDVARIANT"sv,  "TARGETPLATFORM"sv, "TARGETOS"sv,
                                        "TARGETARCH"sv,    "TARGETVARIANT"sv,  "TARGETSTAGE"sv};

bool one_of(std::string_view word, const auto& words) {
  return std::ranges::find(words, word) != words.end();
}

bool is_number(std::string_view text) {
  return !text.empty() && std::ranges::all_of(text, is_digit);
}

bool is_list_keyword(std::string_view keyword) {
  return keyword == "RUN" || keyword == "COPY" || keyword == "ADD" || keyword == "CMD" || keyword == "ENTRYPOINT" ||
         keyword == "SHELL" || keyword == "VOLUME";
}

/// The exec form `["a", "b"]`. Nothing where the text is no JSON list of strings; then it is a shell command.
class ExecForm {
 public:
  explicit ExecForm(const JoinedText& line, std::size_t from) : line_(line), text_(line.text()), at_(from) {}

  std::optional<std::vector<Spanned<std::string>>> parse() {
    std::vector<Spanned<std::string>> strings;
    if (!take('[')) return std::nullopt;
    if (take(']')) return at_end() ? std::optional(strings) : std::nullopt;
    do {
      std::optional<Spanned<std::string>> string = parse_string();
      if (!string) return std::nullopt;
      strings.push_back(std::move(*string));
    } while (take(','));
    if (!take(']') || !at_end()) return std::nullopt;
    return strings;
  }

 private:
  void skip_blanks() {
    while (at_ < text_.size() && is_space(text_[at_])) ++at_;
  }
  bool at_end() {
    skip_blanks();
    return at_ == text_.size();
  }
  bool take(char c) {
    skip_blanks();
    if (at_ >= text_.size() || text_[at_] != c) return false;
    ++at_;
    return true;
  }
  std::optional<Spanned<std::string>> parse_string() {
    if (!take('"')) return std::nullopt;
    const std::size_t begin = at_;
    std::string value;
    for (; at_ < text_.size() && text_[at_] != '"'; ++at_) {
      if (text_[at_] != '\\')
        value += text_[at_];
      else if (!unescape(value))
        return std::nullopt;
    }
    if (at_ >= text_.size()) return std::nullopt;
    const TextSpan span = line_.span(begin, at_);
    ++at_;
    return Spanned<std::string>{std::move(value), span};
  }
  bool unescape(std::string& value) {
    constexpr std::string_view from = "\"\\/bfnrt";
    constexpr std::string_view to = "\"\\/\b\f\n\r\t";
    if (++at_ >= text_.size()) return false;
    const std::size_t which = from.find(text_[at_]);
    if (which != std::string_view::npos)
      value += to[which];
    else if (text_[at_] == 'u')
      value += text_.substr(at_ - 1, 2);  // kept as written: nobody reads such words
    else
      return false;
    return true;
  }

  const JoinedText& line_;
  std::string_view text_;
  std::size_t at_;
};

class Parser {
 public:
  explicit Parser(std::string_view text) : text_(text), lines_(text) {}

  Parsed<Dockerfile> run() {
    if (text_.starts_with("\xEF\xBB\xBF")) lines_.rewind(3);
    parse_directives();
    while (const std::optional<TextSpan> line = lines_.next()) {
      const JoinedText logical = read_logical_line(text_, *line, lines_, file().escape);
      if (!trim(logical.text()).empty()) parse_line(logical);
    }
    check_stage_numbers();
    check_circles();
    if (file().stages.empty()) problem({0, 0}, "the Dockerfile has no `FROM`, so there is nothing to build");
    return std::move(parsed_);
  }

 private:
  [[nodiscard]] Dockerfile& file() { return parsed_.value; }

  Problem& problem(TextSpan span, std::string message) {
    if (parsed_.problems.size() < most_problems)
      return parsed_.problems.emplace_back(Problem{rule, span, std::move(message)});
    if (parsed_.problems.size() == most_problems)
      parsed_.problems.emplace_back(
          Problem{rule, span, "there are more such problems from here on; they are left out"});
    return left_out_ = {};
  }

  void parse_directives() {
    while (true) {
      const std::size_t start = lines_.offset();
      const std::optional<TextSpan> line = lines_.next();
      if (!line || !parse_directive(*line)) {
        lines_.rewind(start);
        return;
      }
    }
  }

  /// False where the line is no directive, which ends them.
  bool parse_directive(TextSpan line) {
    const std::string_view text = text_.substr(line.begin, line.size());
    const std::size_t equals = text.find('=');
    if (!text.starts_with('#') || equals == std::string_view::npos) return false;
    const std::string_view name = trim(text.substr(1, equals - 1));
    const std::string_view value = trim(text.substr(equals + 1));
    if (name.empty() || value.empty() || !is_alpha(name.front()) || !std::ranges::all_of(name, is_alnum)) return false;
    ParserDirective directive{{to_lower(name), span_in(name)}, {std::string(value), span_in(value)}};
    if (!one_of(directive.name.value, std::array{"escape"sv, "syntax"sv, "check"sv})) return false;
    accept_directive(std::move(directive));
    return true;
  }

  void accept_directive(ParserDirective directive) {
    const bool repeated = std::ranges::any_of(
        file().directives, [&](const ParserDirective& other) { return other.name.value == directive.name.value; });
    if (repeated) problem(directive.name.span, fmt::format("the directive `{}` stands twice", directive.name.value));
    if (directive.name.value == "escape") {
      if (directive.value.value == "\\" || directive.value.value == "`")
        file().escape = directive.value.value.front();
      else
        problem(directive.value.span, "the escape character is either `\\` or a backtick");
    }
    file().directives.push_back(std::move(directive));
  }

  [[nodiscard]] TextSpan span_in(std::string_view part) const {
    const auto begin = static_cast<std::size_t>(part.data() - text_.data());
    return span_of(begin, begin + part.size());
  }

  void parse_line(const JoinedText& line) {
    const auto [begin, end] = keyword_range(line.text());
    Instruction instruction;
    instruction.keyword = line.spanned(begin, end);
    std::ranges::transform(instruction.keyword.value, instruction.keyword.value.begin(), to_upper);
    instruction.span = line.span(begin, trim_right(line.text()));
    const std::size_t arguments = parse_flags(line, end, instruction);
    parse_arguments(line, arguments, instruction);
    read_heredocs(line, instruction);
    place(std::move(instruction));
  }

  static char to_upper(char c) { return is_lower(c) ? static_cast<char>(c - 'a' + 'A') : c; }

  static std::size_t trim_right(std::string_view text) {
    std::size_t end = text.size();
    while (end > 0 && is_space(text[end - 1])) --end;
    return end;
  }

  static Range keyword_range(std::string_view text) {
    std::size_t begin = 0;
    while (begin < text.size() && is_space(text[begin])) ++begin;
    std::size_t end = begin;
    while (end < text.size() && !is_space(text[end])) ++end;
    return {begin, end};
  }

  /// Returns where the arguments start.
  std::size_t parse_flags(const JoinedText& line, std::size_t at, Instruction& instruction) {
    const std::string_view text = line.text();
    while (true) {
      while (at < text.size() && is_space(text[at])) ++at;
      if (text.substr(at, 2) != "--") return at;
      JoinedText word;
      const std::size_t begin = at;
      at = read_flag(line, at, word);
      if (at - begin == 2) return at;
      add_flag(word, instruction);
    }
  }

  /// One word with its quotes removed; in a flag the escape is always a backslash.
  static std::size_t read_flag(const JoinedText& line, std::size_t at, JoinedText& word) {
    const std::string_view text = line.text();
    char quote = 0;
    std::size_t run = at;  // everything before it is in `word` already
    const auto flush = [&](std::size_t end) {
      word.add(line, run, end);
      run = end + 1;
    };
    for (; at < text.size() && (quote != 0 || !is_space(text[at])); ++at) {
      const char c = text[at];
      const bool escapes = c == '\\' && quote != '\'' && at + 1 < text.size();
      const bool opens = quote == 0 && (c == '\'' || c == '"');
      if (escapes)
        flush(at++);
      else if (opens || c == quote) {
        flush(at);
        quote = opens ? c : '\0';
      }
    }
    flush(at);
    return at;
  }

  static void add_flag(const JoinedText& word, Instruction& instruction) {
    const std::string_view text = word.text();
    const std::size_t equals = std::min(text.find('='), text.size());
    InstructionFlag flag;
    flag.name = word.spanned(2, equals);
    flag.name.value = to_lower(flag.name.value);
    if (equals < text.size()) flag.value = word.spanned(equals + 1, text.size());
    if (instruction.keyword.value == "RUN" && flag.name.value == "mount" && flag.value)
      instruction.mounts.push_back(parse_mount(word.part(equals + 1, text.size())));
    instruction.flags.push_back(std::move(flag));
  }

  static Mount parse_mount(const JoinedText& value) {
    Mount mount;
    const std::string_view text = value.text();
    mount.span = value.span(0, text.size());
    std::size_t at = 0;
    while (at <= text.size()) {
      const std::size_t end = std::min(text.find(',', at), text.size());
      parse_mount_field(value.part(at, end), mount);
      at = end + 1;
    }
    return mount;
  }

  static void parse_mount_field(const JoinedText& field, Mount& mount) {
    const std::string_view text = field.text();
    const std::size_t equals = std::min(text.find('='), text.size());
    const std::string key = to_lower(text.substr(0, equals));
    const bool has_value = equals < text.size();
    const Spanned<std::string> value = has_value ? field.spanned(equals + 1, text.size()) : Spanned<std::string>{};
    const bool on = !has_value || one_of(to_lower(value.value), std::array{"true"sv, "1"sv, "t"sv});
    if (key == "type")
      mount.type = to_lower(value.value);
    else if (key == "from")
      mount.from = value;
    else if (key == "source" || key == "src")
      mount.source = value;
    else if (key == "target" || key == "dst" || key == "destination")
      mount.target = value;
    else if (key == "id")
      mount.id = value;
    else if (key == "readwrite" || key == "rw")
      mount.read_write = on;
    else if (key == "readonly" || key == "ro")
      mount.read_write = !on;
  }

  void parse_arguments(const JoinedText& line, std::size_t from, Instruction& instruction) {
    const std::string& keyword = instruction.keyword.value;
    if (keyword == "ARG" || keyword == "ENV" || keyword == "LABEL") return parse_assignments(line, from, instruction);
    if (is_list_keyword(keyword)) {
      if (auto strings = ExecForm(line, from).parse()) {
        instruction.words = std::move(*strings);
        instruction.exec_form = true;
        return;
      }
    }
    const std::vector<Range> words = blank_words(line.text(), from);
    instruction.words.reserve(words.size());
    for (const auto& [begin, end] : words) instruction.words.push_back(line.spanned(begin, end));
  }

  void parse_assignments(const JoinedText& line, std::size_t from, Instruction& instruction) {
    const std::vector<Range> words = quoted_words(line.text(), from, file().escape);
    for (const auto& [begin, end] : words) instruction.words.push_back(line.spanned(begin, end));
    const bool is_arg = instruction.keyword.value == "ARG";
    const bool old_form = !is_arg && !words.empty() && !contains_equals(line.text(), words.front());
    if (old_form) return parse_old_assignment(line, from, instruction);
    for (const Range& word : words) {
      if (is_arg || contains_equals(line.text(), word))
        instruction.assignments.push_back(assignment(line, word));
      else
        problem(line.span(word.first, word.second),
                fmt::format("`{}` has no `=`; write `name=value`, with quotes around a value with blanks",
                            line.text().substr(word.first, word.second - word.first)));
    }
  }

  static bool contains_equals(std::string_view text, Range word) {
    return text.substr(word.first, word.second - word.first).find('=') != std::string_view::npos;
  }

  static Assignment assignment(const JoinedText& line, Range word) {
    const std::size_t equals = std::min(line.text().find('=', word.first), word.second);
    Assignment out{line.spanned(word.first, equals), std::nullopt};
    if (equals < word.second) out.value = line.spanned(equals + 1, word.second);
    return out;
  }

  /// `ENV name the whole rest`.
  void parse_old_assignment(const JoinedText& line, std::size_t from, Instruction& instruction) {
    const std::vector<Range> words = blank_words(line.text(), from);
    if (words.size() < 2) return;  // place() counts the words
    instruction.assignments.push_back(
        {line.spanned(words[0].first, words[0].second), line.spanned(words[1].first, trim_right(line.text()))});
  }

  void read_heredocs(const JoinedText& line, Instruction& instruction) {
    const std::string& keyword = instruction.keyword.value;
    const bool on_build = keyword == "ONBUILD" && !instruction.words.empty();
    const std::string later = on_build ? to_lower(instruction.words.front().value) : std::string();
    const bool may_have = keyword == "RUN" || keyword == "COPY" || keyword == "ADD" || later == "run" ||
                          later == "copy" || later == "add";
    if (instruction.exec_form || !may_have) return;
    for (const HeredocMark& mark : heredoc_marks(line.text())) {
      Heredoc heredoc{line.spanned(mark.name.first, mark.name.second), mark.expands, {}};
      const bool closed = read_body(mark, heredoc.body);
      if (!closed)
        problem(heredoc.name.span,
                fmt::format("no line holds just `{}`, so the here-document never ends", mark.terminator));
      instruction.heredocs.push_back(std::move(heredoc));
    }
  }

  bool read_body(const HeredocMark& mark, TextSpan& body) {
    const std::size_t begin = lines_.offset();
    body = span_of(begin, begin);
    while (const std::optional<TextSpan> line = lines_.next()) {
      std::string_view content = text_.substr(line->begin, line->size());
      while (mark.strips_tabs && content.starts_with('\t')) content.remove_prefix(1);
      if (content == mark.terminator) return true;
      body.end = static_cast<std::uint32_t>(lines_.offset());
    }
    return false;
  }

  void place(Instruction instruction) {
    const std::string& keyword = instruction.keyword.value;
    if (!one_of(keyword, keywords)) return unknown_keyword(instruction.keyword);
    check_words(instruction);
    if (keyword == "FROM") return begin_stage(std::move(instruction));
    if (!file().stages.empty()) {
      check_sources(instruction);
      file().stages.back().instructions.push_back(std::move(instruction));
    } else if (keyword == "ARG") {
      define_global_args(instruction);
    } else {
      problem(instruction.keyword.span, fmt::format("`{}` stands above the first `FROM`; only `ARG` may", keyword));
    }
  }

  void unknown_keyword(const Spanned<std::string>& keyword) {
    static const std::vector<std::string> known(keywords.begin(), keywords.end());
    const std::optional<std::string> near = nearest(keyword.value, known);
    Problem& found = problem(
        keyword.span, fmt::format("`{}` is no Dockerfile instruction{}", to_valid_utf8(keyword.value.substr(0, 40)),
                                  near ? fmt::format("; did you mean `{}`?", *near) : ""));
    if (near) found.fixes.push_back({fmt::format("Change to `{}`", *near), keyword.span, *near});
  }

  void check_words(const Instruction& instruction) {
    const std::string& keyword = instruction.keyword.value;
    const std::size_t count = instruction.words.size();
    if ((keyword == "COPY" || keyword == "ADD") && count + instruction.heredocs.size() < 2) {
      problem(instruction.keyword.span, fmt::format("`{}` needs a source and a destination", keyword));
    } else if ((keyword == "ENV" || keyword == "LABEL") && count < 2 && instruction.assignments.empty()) {
      problem(instruction.keyword.span, fmt::format("`{}` needs `name=value`", keyword));
    } else if ((keyword == "USER" || keyword == "WORKDIR" || keyword == "ARG" || keyword == "STOPSIGNAL") &&
               count == 0) {
      problem(instruction.keyword.span, fmt::format("`{}` needs an argument", keyword));
    } else if (keyword == "SHELL" && (!instruction.exec_form || count == 0)) {
      problem(instruction.keyword.span, "`SHELL` takes a list of strings: `[\"/bin/bash\", \"-c\"]`");
    }
  }

  void check_sources(const Instruction& instruction) {
    const InstructionFlag* from = instruction.flag("from");
    if (from != nullptr && from->value && instruction.keyword.value == "COPY") check_constant(*from->value);
    for (const Mount& mount : instruction.mounts) {
      if (mount.from) check_constant(*mount.from);
      const bool variable = mount.type.find('$') != std::string::npos;
      if (!variable && !one_of(mount.type, mount_types))
        problem(mount.span,
                fmt::format("`{}` is no type of mount; there are bind, cache, tmpfs, secret and ssh", mount.type));
    }
  }

  void check_stage_numbers() {
    for (const Stage& stage : file().stages)
      for (const Instruction& instruction : stage.instructions)
        if (const InstructionFlag* from = instruction.flag("from"); from != nullptr && from->value)
          check_stage_number(*from->value);
  }

  void check_stage_number(const Spanned<std::string>& from) {
    if (!is_number(from.value)) return;
    if (from.value.size() > 5 || std::stoul(from.value) >= file().stages.size())
      problem(from.span, fmt::format("there is no stage number {}; the first has number 0", from.value.substr(0, 20)));
  }

  /// A stage that needs itself, by way of others or not; the build refuses such a file even where no step needs it.
  void check_circles();

  void check_constant(const Spanned<std::string>& from) {
    const std::size_t dollar = from.value.find('$');
    if (dollar != std::string::npos && dollar + 1 < from.value.size())
      problem(from.span, fmt::format("`from={}` is not expanded by the build; give the image a stage of its own "
                                     "(`FROM {} AS name`) and name that",
                                     from.value, from.value));
  }

  void define_global_args(const Instruction& instruction) {
    for (const Assignment& argument : instruction.assignments) {
      if (argument.value)
        globals_[argument.name.value] = expand_word(argument.value->value, globals_, file().escape);
      else if (!one_of(argument.name.value, platform_variables))
        globals_.try_emplace(argument.name.value, std::string());
      file().global_args.push_back(argument);
    }
  }

  void begin_stage(Instruction from) {
    Stage stage;
    const std::size_t count = from.words.size();
    if (count != 1 && count != 3)
      problem(from.span, "`FROM` takes an image, or an image, `AS` and the name of the stage");
    if (count == 0) return;
    if (file().stages.size() == most_stages) return too_many_stages(from.keyword.span);
    stage.base = from.words[0];
    stage.base_name = expand_word(stage.base.value, globals_, file().escape);
    if (stage.base_name && stage.base_name->empty()) {
      // An ARG without a default may get its value on the command line.
      const bool may_be_given = std::ranges::any_of(file().global_args, [](const Assignment& a) { return !a.value; });
      if (!may_be_given)
        problem(stage.base.span,
                fmt::format("`{}` is empty: no `ARG` above the first `FROM` gives it a value", stage.base.value));
      stage.base_name.reset();
    }
    if (count == 3) stage.name = stage_name(from.words[1], from.words[2]);
    stage.from = std::move(from);
    file().stages.push_back(std::move(stage));
  }

  void too_many_stages(TextSpan span) {
    if (!std::exchange(told_of_stages_, true))
      problem(span, fmt::format("there are more than {} stages; the rest of them is not read", most_stages));
  }

  std::optional<Spanned<std::string>> stage_name(const Spanned<std::string>& as, Spanned<std::string> name) {
    if (to_lower(as.value) != "as") {
      problem(as.span, fmt::format("`AS` is expected here, not `{}`", as.value));
      return std::nullopt;
    }
    name.value = to_lower(name.value);
    const auto allowed = [](char c) { return is_lower(c) || is_digit(c) || c == '-' || c == '_' || c == '.'; };
    if (!is_lower(name.value.front()) || !std::ranges::all_of(name.value, allowed)) {
      problem(name.span,
              fmt::format("`{}` can't name a stage: a letter, then letters, digits, `-`, `_` or `.`", name.value));
      return std::nullopt;
    }
    return name;
  }

  Variables initial_globals() const {
    Variables out;
    for (const std::string_view name : platform_variables) out.emplace(name, std::nullopt);
    return out;
  }

  std::string_view text_;
  LineReader lines_;
  Variables globals_ = initial_globals();
  bool told_of_stages_ = false;
  Problem left_out_;
  Parsed<Dockerfile> parsed_;
};

std::optional<std::size_t> stage_named(const Dockerfile& file, std::string_view name, std::size_t before) {
  const std::string wanted = to_lower(name);
  for (std::size_t i = before; i-- > 0;)
    if (file.stages[i].name && file.stages[i].name->value == wanted) return i;
  return std::nullopt;
}

/// Looks stages up for COPY and mounts, which see all of them.
class StageNames {
 public:
  explicit StageNames(const Dockerfile& file) : count_(file.stages.size()) {
    for (std::size_t i = 0; i < count_; ++i)
      if (file.stages[i].name) last_.insert_or_assign(file.stages[i].name->value, i);
  }

  /// COPY also takes a stage's number.
  [[nodiscard]] std::optional<std::size_t> find(std::string_view name, bool numbers) const {
    if (numbers && name.size() < 6 && is_number(name)) {
      const std::size_t index = std::stoul(std::string(name));
      if (index < count_) return index;
    }
    const auto found = last_.find(to_lower(name));
    return found == last_.end() ? std::nullopt : std::optional(found->second);
  }

 private:
  std::size_t count_;
  std::map<std::string, std::size_t, std::less<>> last_;
};

/// Visits what an instruction reads from elsewhere.
template <class Visit>
void for_each_source(const Instruction& instruction, const Visit& visit) {
  if (instruction.keyword.value == "COPY") {
    const InstructionFlag* from = instruction.flag("from");
    if (from != nullptr && from->value && !from->value->value.empty()) visit(*from->value, ExternalName::Where::copy);
  }
  for (const Mount& mount : instruction.mounts)
    if (mount.from && !mount.from->value.empty()) visit(*mount.from, ExternalName::Where::mount);
}

void Parser::check_circles() {
  const StageNames names(file());
  const std::size_t count = file().stages.size();
  std::vector<std::vector<std::pair<std::size_t, TextSpan>>> needs(count);
  for (std::size_t i = 0; i < count; ++i)
    for (const Instruction& instruction : file().stages[i].instructions)
      for_each_source(instruction, [&](const Spanned<std::string>& from, ExternalName::Where where) {
        const auto stage = names.find(from.value, where == ExternalName::Where::copy);
        const bool known =
            stage && std::ranges::find(needs[i], *stage, [](const auto& n) { return n.first; }) != needs[i].end();
        if (stage && !known) needs[i].emplace_back(*stage, from.span);
      });
  for (std::size_t i = 0; i < count; ++i)
    if (const auto base = base_stage(file(), i)) needs[i].emplace_back(*base, file().stages[i].base.span);
  // Depth first without recursion: `next` is the first need of a stage that is not looked at.
  enum class Mark { fresh, open, done };
  std::vector<Mark> marks(count, Mark::fresh);
  std::vector<std::size_t> next(count, 0);
  for (std::size_t start = 0; start < count; ++start) {
    std::vector<std::size_t> path;
    if (marks[start] == Mark::fresh) path.push_back(start);
    while (!path.empty()) {
      const std::size_t at = path.back();
      marks[at] = Mark::open;
      if (next[at] == needs[at].size()) {
        marks[at] = Mark::done;
        path.pop_back();
        continue;
      }
      const auto& [stage, span] = needs[at][next[at]++];
      if (marks[stage] == Mark::open)
        problem(span, "the stage that is named here needs this one in turn, so neither can be built first");
      else if (marks[stage] == Mark::fresh)
        path.push_back(stage);
    }
  }
}

}  // namespace

Parsed<Dockerfile> parse_dockerfile(std::string_view text) {
  return Parser(text).run();
}

std::optional<std::size_t> base_stage(const Dockerfile& file, std::size_t index) {
  const Stage& stage = file.stages[index];
  return stage.base_name ? stage_named(file, *stage.base_name, index) : std::nullopt;
}

std::vector<ExternalName> external_names(const Dockerfile& file) {
  std::vector<ExternalName> names;
  const StageNames stages(file);
  for (std::size_t i = 0; i < file.stages.size(); ++i) {
    const Stage& stage = file.stages[i];
    if (stage.base_name && *stage.base_name != "scratch" && !base_stage(file, i))
      names.push_back({ExternalName::Where::from, {*stage.base_name, stage.base.span}, i});
    for (const Instruction& instruction : stage.instructions)
      for_each_source(instruction, [&](const Spanned<std::string>& from, ExternalName::Where where) {
        const bool copies = where == ExternalName::Where::copy;
        const bool known = stages.find(from.value, copies) || (copies && is_number(from.value));
        if (!known && from.value.find('$') == std::string::npos) names.push_back({where, from, i});
      });
  }
  return names;
}

std::vector<StageMention> stage_mentions(const Dockerfile& file) {
  std::vector<StageMention> mentions;
  const StageNames names(file);
  for (std::size_t i = 0; i < file.stages.size(); ++i) {
    const Stage& stage = file.stages[i];
    if (const auto base = base_stage(file, i)) mentions.push_back({*base, i, stage.base.span, false});
    if (stage.name) mentions.push_back({i, i, stage.name->span, true});
    for (const Instruction& instruction : stage.instructions)
      for_each_source(instruction, [&](const Spanned<std::string>& from, ExternalName::Where where) {
        if (const auto named = names.find(from.value, where == ExternalName::Where::copy))
          mentions.push_back({*named, i, from.span, false});
      });
  }
  std::ranges::sort(mentions, {}, [](const StageMention& mention) { return mention.span.begin; });
  return mentions;
}

std::vector<bool> used_stages(const Dockerfile& file) {
  std::vector<bool> used(file.stages.size(), false);
  std::vector<std::size_t> open;
  const StageNames stages(file);
  const auto need = [&](std::optional<std::size_t> stage) {
    if (stage && !used[*stage]) {
      used[*stage] = true;
      open.push_back(*stage);
    }
  };
  if (!file.stages.empty()) need(file.stages.size() - 1);
  while (!open.empty()) {
    const std::size_t index = open.back();
    open.pop_back();
    need(base_stage(file, index));
    for (const Instruction& instruction : file.stages[index].instructions)
      for_each_source(instruction, [&](const Spanned<std::string>& from, ExternalName::Where where) {
        need(stages.find(from.value, where == ExternalName::Where::copy));
      });
  }
  return used;
}

bool declares_arg(const Dockerfile& file, std::size_t stage, std::string_view name) {
  std::optional<std::size_t> at = stage;
  while (at) {
    for (const Instruction& instruction : file.stages[*at].instructions)
      for (const Assignment& argument : instruction.assignments)
        if (instruction.keyword.value == "ARG" && argument.name.value == name) return true;
    at = base_stage(file, *at);
  }
  return false;
}

}  // namespace forge::formats
