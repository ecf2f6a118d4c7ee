#include "engine/formats/debian_version.hpp"

#include "engine/base/text.hpp"

namespace forge::formats {

namespace {

bool is_revision_char(char c) {
  return is_alnum(c) || c == '.' || c == '+' || c == '~';
}

bool is_upstream_char(char c) {
  return is_revision_char(c) || c == ':';
}

template <class Predicate>
std::size_t skip(std::string_view text, std::size_t at, Predicate predicate) {
  while (at < text.size() && predicate(text[at])) ++at;
  return at;
}

/// Lengths of the parts; `upstream` 0 where the text does not start with a version.
struct Layout {
  std::size_t epoch = 0;  ///< without its colon
  std::size_t upstream_at = 0;
  std::size_t upstream = 0;
  std::size_t revision_at = 0;
  std::size_t revision = 0;
};

/// A hyphen belongs to the upstream part as long as another one follows that a revision can stand behind.
bool starts_revision(std::string_view text, std::size_t hyphen) {
  const std::size_t next = skip(text, hyphen + 1, is_upstream_char);
  return next + 1 >= text.size() || text[next] != '-' || !is_revision_char(text[next + 1]);
}

Layout lay_out(std::string_view text) {
  Layout layout;
  const std::size_t digits = skip(text, 0, is_digit);
  if (digits > 0 && digits < text.size() && text[digits] == ':') {
    layout.epoch = digits;
    layout.upstream_at = digits + 1;
  }
  std::size_t at = layout.upstream_at;
  if (at >= text.size() || !is_digit(text[at])) return layout;
  at = skip(text, at, is_upstream_char);
  while (at < text.size() && text[at] == '-' && !starts_revision(text, at)) at = skip(text, at + 1, is_upstream_char);
  layout.upstream = at - layout.upstream_at;
  if (at < text.size() && text[at] == '-') {
    layout.revision_at = at + 1;
    layout.revision = skip(text, at + 1, is_revision_char) - layout.revision_at;
  }
  return layout;
}

std::size_t length_of(const Layout& layout) {
  if (layout.upstream == 0) return 0;
  return layout.revision > 0 ? layout.revision_at + layout.revision : layout.upstream_at + layout.upstream;
}

std::string_view without_leading_zeros(std::string_view digits) {
  digits.remove_prefix(skip(digits, 0, [](char c) { return c == '0'; }));
  return digits;
}

/// By value; any number of digits.
std::strong_ordering compare_digits(std::string_view a, std::string_view b) {
  a = without_leading_zeros(a);
  b = without_leading_zeros(b);
  if (a.size() != b.size()) return a.size() <=> b.size();
  return a.compare(b) <=> 0;
}

int weight(std::string_view part, std::size_t at) {
  if (at >= part.size() || is_digit(part[at])) return 0;
  if (part[at] == '~') return -1;
  return is_alpha(part[at]) ? part[at] : part[at] + 256;
}

std::strong_ordering compare_parts(std::string_view a, std::string_view b) {
  std::size_t i = 0;
  std::size_t j = 0;
  while (i < a.size() || j < b.size()) {
    const auto order = weight(a, i) <=> weight(b, j);
    if (order != 0) return order;
    if (weight(a, i) != 0) {  // the same character, no digit and not the end
      ++i;
      ++j;
      continue;
    }
    const std::size_t a_end = skip(a, i, is_digit);
    const std::size_t b_end = skip(b, j, is_digit);
    const auto by_value = compare_digits(a.substr(i, a_end - i), b.substr(j, b_end - j));
    if (by_value != 0) return by_value;
    i = a_end;
    j = b_end;
  }
  return std::strong_ordering::equal;
}

}  // namespace

std::size_t debian_version_length(std::string_view text) {
  return length_of(lay_out(text));
}

std::optional<DebianVersion> parse_debian_version(std::string_view text) {
  const Layout layout = lay_out(text);
  const std::size_t length = length_of(layout);
  if (length == 0 || length != text.size()) return std::nullopt;
  DebianVersion version;
  if (layout.epoch > 0) version.epoch = text.substr(0, layout.epoch);
  version.upstream = text.substr(layout.upstream_at, layout.upstream);
  version.revision = text.substr(layout.revision_at, layout.revision);
  return version;
}

DebianVersion split_debian_version(std::string_view text) {
  DebianVersion version;
  if (const std::size_t colon = text.find(':'); colon != std::string_view::npos) {
    version.epoch = text.substr(0, colon);
    text.remove_prefix(colon + 1);
  }
  const std::size_t hyphen = text.rfind('-');
  version.upstream = text.substr(0, hyphen);
  if (hyphen != std::string_view::npos) version.revision = text.substr(hyphen + 1);
  return version;
}

std::strong_ordering compare(const DebianVersion& a, const DebianVersion& b) {
  if (const auto order = compare_digits(a.epoch, b.epoch); order != 0) return order;
  if (const auto order = compare_parts(a.upstream, b.upstream); order != 0) return order;
  return compare_parts(a.revision, b.revision);
}

}  // namespace forge::formats
