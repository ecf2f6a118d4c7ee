/// In which function or class a hunk stands: what it says after its second `@@`, and what a file has there.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "engine/formats/patch.hpp"
#include "engine/model/file_content.hpp"

namespace forge::model {

struct LineScope {
  /// Enclosing definitions, outermost first; of a file that is no Python the one that `heading` names.
  std::vector<std::string> names;
  /// Git's default: the last line above that begins with a letter, `_` or `$`, cut to 80 bytes.
  std::string heading;

  /// `Listener.stop`; empty outside of all.
  [[nodiscard]] std::string label() const;
};

/// The scopes of one file; `lines` must outlive it.
class ScopeFinder {
 public:
  /// Reads the file where it is Python: what stands in its long strings is no code.
  ScopeFinder(const Lines& lines, bool python);
  /// Of a line of `indent` columns that would stand at `position`.
  [[nodiscard]] LineScope at(std::size_t position, std::size_t indent) const;

 private:
  const Lines& lines_;
  bool python_;
  std::vector<bool> in_string_;  ///< for each line whether its beginning is in a string; Python only
};

/// What a hunk says of its place.
struct NamedScope {
  std::string_view heading;  ///< after the second `@@`; empty: nothing
  std::string_view name;     ///< of the function or class that it defines; empty where it defines none
  bool is_class = false;
  std::size_t indent = 0;  ///< of the first changed line
  /// The first change stands in what is named: it is indented, and no context line before it opens something else.
  bool holds_change = false;

  [[nodiscard]] bool matches(const LineScope& scope) const;
  /// Whether a line opens the function or class that is named.
  [[nodiscard]] bool opened_by(std::string_view line) const;
};

[[nodiscard]] NamedScope named_scope(std::string_view text, const formats::Patch& patch, const formats::Hunk& hunk,
                                     bool python);

/// Python by its name.
[[nodiscard]] bool is_python(std::string_view path);

}  // namespace forge::model
