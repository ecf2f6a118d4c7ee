#include "engine/model/hunk_scope.hpp"

#include <algorithm>
#include <array>
#include <optional>
#include <utility>

#include "engine/base/text.hpp"

namespace forge::model {

namespace {

constexpr std::size_t longest_heading = 80;  // git cuts there
constexpr std::size_t tab_width = 8;

bool begins_identifier(char c) {
  return is_alpha(c) || c == '_' || c == '$';
}

bool is_heading(std::string_view line) {
  return !line.empty() && begins_identifier(line.front());
}

std::string_view cut_heading(std::string_view line) {
  return trim(line.substr(0, longest_heading));
}

std::size_t indent_of(std::string_view line) {
  std::size_t columns = 0;
  for (const char c : line) {
    if (c == '\t')
      columns += tab_width - columns % tab_width;
    else if (c == ' ')
      ++columns;
    else
      break;
  }
  return columns;
}

std::string_view identifier_at(std::string_view text) {
  std::size_t size = 0;
  while (size < text.size() && (is_alnum(text[size]) || text[size] == '_' || text[size] == '$')) ++size;
  return text.substr(0, size);
}

struct Definition {
  std::string_view name;
  bool is_class = false;
};

/// `def x`, `class x` and their like; outside of Python also `int x(…`.
std::optional<Definition> definition_in(std::string_view line, bool python) {
  constexpr std::array<std::string_view, 5> functions = {"def ", "function ", "func ", "fn ", "sub "};
  constexpr std::array<std::string_view, 3> classes = {"class ", "struct ", "interface "};
  std::string_view rest = trim(line);
  if (rest.starts_with("async ")) rest = trim(rest.substr(6));
  const auto behind = [&](std::string_view word) { return identifier_at(trim(rest.substr(word.size()))); };
  for (const std::string_view word : functions) {
    if (rest.starts_with(word) && (!python || word == "def ") && !behind(word).empty())
      return Definition{behind(word), false};
  }
  for (const std::string_view word : classes) {
    if (rest.starts_with(word) && (!python || word == "class ") && !behind(word).empty())
      return Definition{behind(word), true};
  }
  if (python || !is_heading(line) || rest.ends_with(';')) return std::nullopt;
  const std::size_t parenthesis = rest.find('(');
  if (parenthesis == std::string_view::npos || parenthesis == 0) return std::nullopt;
  std::size_t begin = parenthesis;
  while (begin > 0 && (is_alnum(rest[begin - 1]) || rest[begin - 1] == '_')) --begin;
  if (begin == parenthesis) return std::nullopt;
  return Definition{rest.substr(begin, parenthesis - begin), false};
}

/// Blank lines, comments, closing brackets and quotes say nothing about the block they stand in.
bool tells_indent(std::string_view line) {
  const std::string_view rest = trim(line);
  return !rest.empty() && (begins_identifier(rest.front()) || rest.front() == '@');
}

/// Follows Python's strings from line to line; only those in three quotes reach over a line's end.
class StringReader {
 public:
  [[nodiscard]] bool in_string() const { return !open_.empty(); }

  void read(std::string_view line) {
    std::size_t i = 0;
    while (i < line.size()) {
      if (!open_.empty()) {
        i = behind_end(line, i);
      } else if (line[i] == '#') {
        return;
      } else if (line[i] == '"' || line[i] == '\'') {
        const bool three = line.substr(i, 3) == std::string(3, line[i]);
        open_ = std::string(three ? 3 : 1, line[i]);
        i += open_.size();
      } else {
        ++i;
      }
    }
    if (open_.size() == 1 && !continued(line)) open_.clear();
  }

 private:
  [[nodiscard]] static bool continued(std::string_view line) { return line.ends_with("\\\n"); }

  std::size_t behind_end(std::string_view line, std::size_t i) {
    for (; i < line.size(); ++i) {
      if (line[i] == '\\')
        ++i;
      else if (line.substr(i).starts_with(open_))
        return i + std::exchange(open_, {}).size();
    }
    return line.size();
  }

  std::string open_;  ///< the quotes that will end it
};

}  // namespace

std::string LineScope::label() const {
  return join(names, ".");
}

ScopeFinder::ScopeFinder(const Lines& lines, bool python) : lines_(lines), python_(python) {
  if (!python) return;
  StringReader reader;
  in_string_.reserve(lines.size());
  for (const std::string_view line : lines) {
    in_string_.push_back(reader.in_string());
    reader.read(line);
  }
}

LineScope ScopeFinder::at(std::size_t position, std::size_t indent) const {
  LineScope scope;
  std::size_t outside_of = indent;
  for (std::size_t i = std::min(position, lines_.size()); i-- > 0;) {
    const std::string_view line = lines_[i];
    const bool code = python_ && !in_string_[i] && tells_indent(line);
    if (code && indent_of(line) < outside_of) {
      outside_of = indent_of(line);
      if (const auto definition = definition_in(line, true)) scope.names.emplace_back(definition->name);
    }
    if (scope.heading.empty() && is_heading(line)) scope.heading = cut_heading(line);
    if (python_ ? outside_of == 0 && !scope.heading.empty() : !scope.heading.empty()) break;
  }
  if (const auto definition = definition_in(scope.heading, false); definition && !python_)
    scope.names.emplace_back(definition->name);
  std::ranges::reverse(scope.names);
  return scope;
}

bool NamedScope::matches(const LineScope& scope) const {
  if (scope.heading == heading) return true;
  return !name.empty() && std::ranges::find(scope.names, name) != scope.names.end();
}

bool NamedScope::opened_by(std::string_view line) const {
  if (name.empty() || line.find(name) == std::string_view::npos) return false;
  const auto definition = definition_in(line, false);
  return definition && definition->name == name && definition->is_class == is_class;
}

NamedScope named_scope(std::string_view text, const formats::Patch& patch, const formats::Hunk& hunk, bool python) {
  NamedScope out;
  const std::string_view header = text.substr(hunk.header.begin, hunk.header.size());
  const std::size_t end = header.find("@@", 2);
  if (end != std::string_view::npos) out.heading = cut_heading(header.substr(end + 2));
  if (const auto definition = definition_in(out.heading, python)) {
    out.name = definition->name;
    out.is_class = definition->is_class;
  }
  out.holds_change = !out.heading.empty();
  for (const formats::HunkLine& line : patch.lines_of(hunk)) {
    const std::string_view content = text.substr(line.text.begin, line.text.size());
    if (line.kind == formats::LineKind::none || trim(content).empty()) continue;
    if (line.kind != formats::LineKind::context) {
      out.indent = indent_of(content);
      break;
    }
    const auto opens = python ? definition_in(content, true) : std::nullopt;
    const bool other = is_heading(content) || (opens && (opens->is_class || !out.is_class));
    if (other) out.holds_change = false;
  }
  if (out.indent == 0) out.holds_change = false;
  return out;
}

bool is_python(std::string_view path) {
  return path.ends_with(".py") || path.ends_with(".pyi");
}

}  // namespace forge::model
