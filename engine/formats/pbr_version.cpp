#include "engine/formats/pbr_version.hpp"

#include <algorithm>
#include <charconv>
#include <limits>
#include <tuple>
#include <vector>

#include <fmt/format.h>

#include "engine/base/text.hpp"

namespace forge::formats {

namespace {

constexpr std::size_t max_tag_bytes = 100;

std::optional<std::uint64_t> number(std::string_view digits) {
  std::uint64_t value = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
  // The bound keeps "the next version" from ever overflowing.
  if (digits.empty() || error != std::errc{} || end != digits.data() + digits.size() || value > 1'000'000'000'000)
    return std::nullopt;
  return value;
}

bool is_number(std::string_view text) {
  return !text.empty() && std::ranges::all_of(text, is_digit);
}

std::size_t leading_digits(std::string_view text) {
  return static_cast<std::size_t>(std::ranges::find_if_not(text, is_digit) - text.begin());
}

std::optional<PreKind> pre_kind(std::string_view letters) {
  if (letters == "a") return PreKind::alpha;
  if (letters == "b") return PreKind::beta;
  if (letters == "rc") return PreKind::candidate;
  return std::nullopt;
}

/// Up to three numbers from the front of `pieces`; what is left of a piece like `0a1` stays in front.
std::vector<std::uint64_t> take_numbers(std::vector<std::string_view>& pieces) {
  std::vector<std::uint64_t> numbers;
  while (numbers.size() < 3 && !pieces.empty()) {
    const std::size_t digits = leading_digits(pieces.front());
    const auto value = number(pieces.front().substr(0, digits));
    if (!value) break;
    numbers.push_back(*value);
    pieces.front().remove_prefix(digits);
    if (!pieces.front().empty()) break;
    pieces.erase(pieces.begin());
  }
  return numbers;
}

/// `0rc1`, `a2`: the digits in front mean nothing.
bool read_pre_release(std::string_view piece, PbrVersion& version) {
  piece.remove_prefix(leading_digits(piece));
  const auto letters_end = std::ranges::find_if_not(piece, is_alpha) - piece.begin();
  version.pre = pre_kind(piece.substr(0, static_cast<std::size_t>(letters_end)));
  const auto value = number(piece.substr(static_cast<std::size_t>(letters_end)));
  version.pre_number = value.value_or(0);
  return version.pre && value;
}

/// `dev4` and `post1`, after which a version counts as so many commits past the release.
bool read_suffixes(const std::vector<std::string_view>& pieces, PbrVersion& version) {
  std::uint64_t post = 0;
  for (const std::string_view piece : pieces) {
    const bool is_post = piece.starts_with("post");
    if (!is_post && !piece.starts_with("dev")) return false;
    const auto value = number(piece.substr(is_post ? 4 : 3));
    if (!value) return false;
    (is_post ? post : version.dev) = *value;
    if (is_post) version.dev = 0;
  }
  if (post != 0 && version.dev != 0) return false;
  if (post != 0) version = version.incremented(false, false).with_dev(post);
  return true;
}

/// What stands behind the three numbers.
bool read_rest(std::vector<std::string_view> rest, PbrVersion& version) {
  if (rest.empty()) return true;
  const std::string_view first = rest.front();
  if (is_number(first) && first.find_first_not_of('0') != std::string_view::npos) {
    // A fourth number is how old releases of pbr counted commits: `0.10.1.3.g83bef74`.
    version.dev = number(first).value_or(0);
    return version.dev != 0;
  }
  if (first.empty()) return false;
  if (std::string_view("0abr").find(first.front()) != std::string_view::npos) {
    if (!read_pre_release(first, version)) return false;
    rest.erase(rest.begin());
  }
  return read_suffixes(rest, version);
}

}  // namespace

std::optional<PbrVersion> PbrVersion::parse_tag(std::string_view tag) {
  if (tag.size() > max_tag_bytes) return std::nullopt;
  std::string text(tag.substr(std::min(tag.find_first_not_of("vV"), tag.size())));
  std::ranges::replace(text, '-', '.');
  std::vector<std::string_view> pieces = split(std::string_view(text).substr(0, text.find('+')), '.');
  std::vector<std::uint64_t> numbers = take_numbers(pieces);
  if (numbers.empty()) return std::nullopt;
  numbers.resize(3);
  PbrVersion version{numbers[0], numbers[1], numbers[2]};
  if (!read_rest(std::move(pieces), version)) return std::nullopt;
  return version;
}

std::string PbrVersion::str() const {
  std::string text = fmt::format("{}.{}.{}", major, minor, patch);
  if (pre) text += fmt::format(".0{}{}", to_string(*pre), pre_number);
  if (dev != 0) text += fmt::format(".dev{}", dev);
  return text;
}

PbrVersion PbrVersion::incremented(bool next_minor, bool next_major) const {
  if (next_major) return {major + 1, 0, 0};
  if (next_minor) return {major, minor + 1, 0};
  if (pre) return {major, minor, patch, pre, pre_number + 1};
  return {major, minor, patch + 1};
}

PbrVersion PbrVersion::with_dev(std::uint64_t commits) const {
  PbrVersion version = *this;
  version.dev = commits;
  return version;
}

std::strong_ordering operator<=>(const PbrVersion& a, const PbrVersion& b) {
  // A dev version is before its release; one without a pre-release part before the release's pre-releases too.
  const auto key = [](const PbrVersion& v) {
    const bool bare_dev = v.dev != 0 && !v.pre;
    const int stage = v.pre ? static_cast<int>(*v.pre) : 3;
    return std::tuple(v.major, v.minor, v.patch, !bare_dev, stage, v.pre_number,
                      v.dev == 0 ? std::numeric_limits<std::uint64_t>::max() : v.dev);
  };
  return key(a) <=> key(b);
}

}  // namespace forge::formats
