#include "engine/base/text.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <cstdint>

namespace forge {

namespace {

constexpr bool is_blank(char c) {
  return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

constexpr bool is_ascii_space(char c) {
  return c == ' ' || (c >= '\t' && c <= '\r') || (c >= '\x1c' && c <= '\x1f');
}

/// U+2000 to U+200A, U+2028, U+2029 and U+202F, by their last byte.
constexpr bool is_general_space(char c) {
  const auto byte = static_cast<unsigned char>(c);
  return (byte >= 0x80 && byte <= 0x8A) || byte == 0xA8 || byte == 0xA9 || byte == 0xAF;
}

/// Outside of ASCII, in UTF-8: U+0085, U+00A0, U+1680, U+2000 and following, U+205F, U+3000.
std::size_t leading_wide_space(std::string_view text) {
  if (text.starts_with("\xC2\x85") || text.starts_with("\xC2\xA0")) return 2;
  if (text.starts_with("\xE1\x9A\x80") || text.starts_with("\xE2\x81\x9F") || text.starts_with("\xE3\x80\x80"))
    return 3;
  return text.starts_with("\xE2\x80") && text.size() > 2 && is_general_space(text[2]) ? 3 : 0;
}

std::size_t trailing_space(std::string_view text) {
  if (is_ascii_space(text.back())) return 1;
  for (const std::size_t size : {std::size_t{2}, std::size_t{3}}) {
    if (text.size() >= size && leading_wide_space(text.substr(text.size() - size)) == size) return size;
  }
  return 0;
}

}  // namespace

std::size_t leading_space(std::string_view text) {
  if (text.empty()) return 0;
  return is_ascii_space(text.front()) ? 1 : leading_wide_space(text);
}

std::string_view trim_space(std::string_view text) {
  while (const std::size_t size = leading_space(text)) text.remove_prefix(size);
  while (!text.empty()) {
    const std::size_t size = trailing_space(text);
    if (size == 0) break;
    text.remove_suffix(size);
  }
  return text;
}

std::string to_lower(std::string_view text) {
  std::string out(text);
  std::ranges::transform(out, out.begin(), [](char c) { return to_lower(c); });
  return out;
}

std::string_view trim(std::string_view text) {
  while (!text.empty() && is_blank(text.front())) text.remove_prefix(1);
  while (!text.empty() && is_blank(text.back())) text.remove_suffix(1);
  return text;
}

std::vector<std::string_view> split(std::string_view text, char separator) {
  std::vector<std::string_view> pieces;
  while (true) {
    const std::size_t at = text.find(separator);
    pieces.push_back(text.substr(0, at));
    if (at == std::string_view::npos) return pieces;
    text.remove_prefix(at + 1);
  }
}

namespace {

/// One bit for each that occurs, several characters sharing one: fewer bits differ than characters do.
std::uint64_t characters_of(std::string_view text) {
  std::uint64_t set = 0;
  for (const char c : text) set |= std::uint64_t{1} << (static_cast<unsigned char>(c) % 64U);
  return set;
}

}  // namespace

std::size_t edit_distance(std::string_view a, std::string_view b, std::size_t bound) {
  const std::size_t gap = a.size() > b.size() ? a.size() - b.size() : b.size() - a.size();
  if (gap > bound) return bound + 1;
  // An edit takes one character out of the set of those that occur, puts one in, or both.
  if (static_cast<std::size_t>(std::popcount(characters_of(a) ^ characters_of(b))) > 2 * bound) return bound + 1;
  const std::size_t columns = b.size() + 2;
  constexpr std::size_t usual = 64;  // names; their rows need no memory of their own
  std::array<std::size_t, 3 * usual> near{};
  std::vector<std::size_t> far(columns > usual ? 3 * columns : 0);
  std::size_t* before_last = columns > usual ? far.data() : near.data();
  std::size_t* last = before_last + columns;
  std::size_t* row = last + columns;
  // Only cells within `bound` of the diagonal can be part of so few edits; those beside them count as too far.
  for (std::size_t j = 0; j <= std::min(b.size(), bound + 1); ++j) last[j] = j;
  for (std::size_t i = 1; i <= a.size(); ++i) {
    const std::size_t first = i > bound ? i - bound : 1;
    const std::size_t end = std::min(b.size(), i + bound);
    row[first - 1] = first == 1 && i <= bound ? i : bound + 1;
    std::size_t least = row[first - 1];
    for (std::size_t j = first; j <= end; ++j) {
      const std::size_t replace = last[j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1);
      row[j] = std::min({last[j] + 1, row[j - 1] + 1, replace, bound + 1});
      const bool swapped = i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1];
      if (swapped) row[j] = std::min(row[j], before_last[j - 2] + 1);
      least = std::min(least, row[j]);
    }
    if (least > bound) return bound + 1;
    row[end + 1] = bound + 1;
    std::swap(before_last, last);
    std::swap(last, row);
  }
  return std::min(last[b.size()], bound + 1);
}

Nearest::Nearest(std::string_view typed) : typed_(typed), best_(std::max<std::size_t>(1, typed.size() / 3)) {}

bool Nearest::offer(std::string_view candidate) {
  constexpr std::size_t longest = 200;  // keeps the quadratic cost of a hostile name out
  if (typed_.empty() || typed_.size() > longest || candidate.size() > longest) return false;
  const std::size_t distance = edit_distance(typed_, candidate, best_);
  if (distance > best_ || (found_ && distance == best_)) return false;
  best_ = distance;
  found_ = true;
  return true;
}

std::optional<std::string> nearest(std::string_view typed, std::span<const std::string> candidates) {
  Nearest near(typed);
  const std::string* found = nullptr;
  for (const std::string& candidate : candidates)
    if (near.offer(candidate)) found = &candidate;
  return found == nullptr ? std::nullopt : std::optional(*found);
}

}  // namespace forge
