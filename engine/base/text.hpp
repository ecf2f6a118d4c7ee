/// Small helpers on text that several layers need.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace forge {

/// ASCII only, independent of the locale.
[[nodiscard]] constexpr bool is_digit(char c) {
  return c >= '0' && c <= '9';
}
[[nodiscard]] constexpr bool is_lower(char c) {
  return c >= 'a' && c <= 'z';
}
[[nodiscard]] constexpr bool is_upper(char c) {
  return c >= 'A' && c <= 'Z';
}
[[nodiscard]] constexpr bool is_alpha(char c) {
  return is_lower(c) || is_upper(c);
}
[[nodiscard]] constexpr bool is_alnum(char c) {
  return is_alpha(c) || is_digit(c);
}
[[nodiscard]] constexpr bool is_hex(char c) {
  return is_digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}
[[nodiscard]] constexpr char to_lower(char c) {
  return is_upper(c) ? static_cast<char>(c - 'A' + 'a') : c;
}
[[nodiscard]] std::string to_lower(std::string_view text);

/// Without blanks, tabs, CR and LF at both ends; a view into `text`.
[[nodiscard]] std::string_view trim(std::string_view text);
/// Size of the white space that `text` starts with. All of Unicode's and Python's counts (`str.isspace`, the `\s` of
/// the patterns that define versions), a no-break space too.
[[nodiscard]] std::size_t leading_space(std::string_view text);
/// Without such white space at both ends; a view into `text`.
[[nodiscard]] std::string_view trim_space(std::string_view text);
/// Pieces between `separator`s, empty ones kept.
[[nodiscard]] std::vector<std::string_view> split(std::string_view text, char separator);
template <class Range>
[[nodiscard]] std::string join(const Range& pieces, std::string_view separator) {
  std::string out;
  bool first = true;
  for (const auto& piece : pieces) {
    if (!first) out += separator;
    out += piece;
    first = false;
  }
  return out;
}

/// Keeps what is nearest to a word that was typed, if it is near enough to be meant; of equally near ones the first.
class Nearest {
 public:
  explicit Nearest(std::string_view typed);
  /// Whether it is nearer than all that were offered before.
  [[nodiscard]] bool offer(std::string_view candidate);

 private:
  std::string_view typed_;
  std::size_t best_;
  bool found_ = false;
};

/// Edits (insert, delete, replace, swap of neighbours) that turn `a` into `b`; stops counting above `bound`.
[[nodiscard]] std::size_t edit_distance(std::string_view a, std::string_view b, std::size_t bound);
/// The candidate a person most likely meant by `typed`: nearest by edit distance, at most a third of its
/// length away; ties go to the first. Nothing where none is near.
[[nodiscard]] std::optional<std::string> nearest(std::string_view typed, std::span<const std::string> candidates);

}  // namespace forge
