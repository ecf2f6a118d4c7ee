/// Positions inside one file's text. Everywhere in the engine a position is a byte offset;
/// lines and columns exist only at the edge (see line_index.hpp).
#pragma once

#include <compare>
#include <cstdint>

namespace forge {

/// Half-open range of bytes in one SourceFile's text.
struct TextSpan {
  std::uint32_t begin = 0;
  std::uint32_t end = 0;

  [[nodiscard]] constexpr std::uint32_t size() const { return end - begin; }
  [[nodiscard]] constexpr bool empty() const { return begin == end; }
  [[nodiscard]] constexpr bool contains(std::uint32_t offset) const { return begin <= offset && offset <= end; }
  friend constexpr auto operator<=>(const TextSpan&, const TextSpan&) = default;
};

/// A span from two offsets of whatever integer type a scanner counts in.
template <class Begin, class End>
constexpr TextSpan span_of(Begin begin, End end) {
  return {static_cast<std::uint32_t>(begin), static_cast<std::uint32_t>(end)};
}

/// A value and where it was written.
template <class T>
struct Spanned {
  T value{};
  TextSpan span;
  friend bool operator==(const Spanned&, const Spanned&) = default;
};

}  // namespace forge
