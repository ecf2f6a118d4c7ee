#include "engine/formats/version.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <limits>
#include <system_error>
#include <utility>

#include "engine/base/text.hpp"

namespace forge::formats {

namespace {

constexpr bool is_separator(char c) {
  return c == '.' || c == '-' || c == '_';
}

bool is_number(std::string_view text) {
  return std::ranges::all_of(text, is_digit);
}

}  // namespace

VersionNumber VersionNumber::from_digits(std::string_view digits) {
  VersionNumber number;
  if (std::from_chars(digits.data(), digits.data() + digits.size(), number.value_).ec == std::errc()) return number;
  number.value_ = 0;
  number.digits_ = std::make_shared<const std::string>(digits.substr(digits.find_first_not_of('0')));
  return number;
}

VersionNumber VersionNumber::next() const {
  if (!digits_ && value_ < std::numeric_limits<std::uint64_t>::max()) return VersionNumber(value_ + 1);
  std::string digits = str();
  const auto nines = static_cast<std::size_t>(
      std::ranges::find_if(digits.rbegin(), digits.rend(), [](char c) { return c != '9'; }) - digits.rbegin());
  const std::size_t kept = digits.size() - nines;
  std::fill(digits.begin() + static_cast<std::ptrdiff_t>(kept), digits.end(), '0');
  if (kept == 0) {
    digits.insert(0, 1, '1');
  } else {
    ++digits[kept - 1];
  }
  return from_digits(digits);
}

std::strong_ordering VersionNumber::compare_digits(const VersionNumber& a, const VersionNumber& b) {
  const std::string a_digits = a.str();
  const std::string b_digits = b.str();
  if (const auto order = a_digits.size() <=> b_digits.size(); order != 0) return order;
  return a_digits <=> b_digits;
}

std::string_view to_string(PreKind kind) {
  switch (kind) {
    case PreKind::alpha:
      return "a";
    case PreKind::beta:
      return "b";
    case PreKind::candidate:
      break;
  }
  return "rc";
}

/// One pass, no backtracking: a greedy choice never spoils what a later part could match.
class VersionParser {
 public:
  explicit VersionParser(std::string_view text) : rest_(text) {}

  std::optional<Version> parse() {
    take('v');
    if (!epoch_and_release()) return std::nullopt;
    if (rest_.empty() && !has_rare_) return std::move(version_);
    pre();
    post();
    dev();
    if (!local() || !rest_.empty()) return std::nullopt;
    if (has_rare_) version_.rare_ = std::make_shared<const Version::Rare>(std::move(rare_));
    return std::move(version_);
  }

 private:
  [[nodiscard]] char peek() const { return rest_.empty() ? '\0' : rest_.front(); }

  bool take(char lower) {
    if (to_lower(peek()) != lower) return false;
    rest_.remove_prefix(1);
    return true;
  }

  std::optional<VersionNumber> number() {
    std::size_t size = 0;
    while (size < rest_.size() && is_digit(rest_[size])) ++size;
    if (size == 0) return std::nullopt;
    const std::string_view digits = rest_.substr(0, size);
    rest_.remove_prefix(size);
    return VersionNumber::from_digits(digits);
  }

  bool epoch_and_release() {
    auto first = number();
    if (first && take('!')) {
      rare().epoch = *std::move(first);
      first = number();
    }
    if (!first) return false;
    version_.release_.reserve(4);
    version_.release_.push_back(*std::move(first));
    while (rest_.size() > 1 && peek() == '.' && is_digit(rest_[1])) {
      rest_.remove_prefix(1);
      version_.release_.push_back(*number());
    }
    return true;
  }

  /// An optional separator and one of `words`, longest first; the index of that word.
  template <std::size_t count>
  std::optional<std::size_t> word(const std::array<std::string_view, count>& words) {
    const std::size_t skip = is_separator(peek()) ? 1 : 0;
    for (std::size_t i = 0; i < count; ++i) {
      const std::string_view candidate = rest_.substr(skip, words[i].size());
      if (!std::ranges::equal(candidate, words[i], {}, [](char c) { return to_lower(c); })) continue;
      rest_.remove_prefix(skip + words[i].size());
      return i;
    }
    return std::nullopt;
  }

  /// The number behind a word: an optional separator, digits; 0 where there are none.
  VersionNumber number_of_word() {
    if (is_separator(peek())) rest_.remove_prefix(1);
    return number().value_or(VersionNumber());
  }

  void pre() {
    constexpr std::array<std::string_view, 8> words = {"alpha", "a", "beta", "b", "preview", "pre", "c", "rc"};
    constexpr std::array<PreKind, 8> kinds = {PreKind::alpha,     PreKind::alpha,     PreKind::beta,
                                              PreKind::beta,      PreKind::candidate, PreKind::candidate,
                                              PreKind::candidate, PreKind::candidate};
    if (const auto found = word(words)) rare().pre = PreRelease{kinds.at(*found), number_of_word()};
  }

  void post() {
    if (rest_.size() > 1 && rest_[0] == '-' && is_digit(rest_[1])) {
      rest_.remove_prefix(1);
      rare().post = number();
    } else if (word(std::array<std::string_view, 3>{"post", "rev", "r"})) {
      rare().post = number_of_word();
    }
  }

  void dev() {
    if (word(std::array<std::string_view, 1>{"dev"})) rare().dev = number_of_word();
  }

  /// False where `+` is there and no label follows.
  bool local() {
    if (!take('+')) return true;
    while (true) {
      std::size_t size = 0;
      while (size < rest_.size() && is_alnum(rest_[size])) ++size;
      if (size == 0) return false;
      const std::string_view part = rest_.substr(0, size);
      rare().local += is_number(part) ? VersionNumber::from_digits(part).str() : to_lower(part);
      rest_.remove_prefix(size);
      if (!is_separator(peek())) return true;
      rest_.remove_prefix(1);
      rare().local += '.';
    }
  }

  Version::Rare& rare() {
    has_rare_ = true;
    return rare_;
  }

  std::string_view rest_;
  Version version_;
  Version::Rare rare_;
  bool has_rare_ = false;
};

std::optional<Version> Version::parse(std::string_view text) {
  return VersionParser(trim_space(text)).parse();
}

const Version::Rare& Version::rare() const {
  static const Rare none;
  return rare_ ? *rare_ : none;
}

Version Version::with(Rare rare) const {
  Version out;
  out.release_ = release_;
  const bool is_none = rare.epoch.is_zero() && !rare.pre && !rare.post && !rare.dev && rare.local.empty();
  if (!is_none) out.rare_ = std::make_shared<const Rare>(std::move(rare));
  return out;
}

std::string Version::base_str() const {
  std::string out;
  if (!epoch().is_zero()) out += epoch().str() + "!";
  for (std::size_t i = 0; i < release_.size(); ++i) {
    if (i > 0) out += '.';
    out += release_[i].str();
  }
  return out;
}

std::string Version::public_str() const {
  std::string out = base_str();
  if (pre()) out += std::string(to_string(pre()->kind)) + pre()->number.str();
  if (post()) out += ".post" + post()->str();
  if (dev()) out += ".dev" + dev()->str();
  return out;
}

std::string Version::str() const {
  return local().empty() ? public_str() : public_str() + "+" + local();
}

Version Version::without_local() const {
  if (local().empty()) return *this;
  Rare rest = rare();
  rest.local.clear();
  return with(std::move(rest));
}

Version Version::base() const {
  Rare rest;
  rest.epoch = epoch();
  return with(std::move(rest));
}

Version Version::first_dev() const {
  Rare rest = rare();
  rest.local.clear();
  rest.dev = VersionNumber();
  return with(std::move(rest));
}

std::strong_ordering compare_releases(const std::vector<VersionNumber>& a, const std::vector<VersionNumber>& b) {
  static const VersionNumber zero;
  for (std::size_t i = 0; i < std::max(a.size(), b.size()); ++i) {
    const auto order = (i < a.size() ? a[i] : zero) <=> (i < b.size() ? b[i] : zero);
    if (order != 0) return order;
  }
  return std::strong_ordering::equal;
}

namespace {

/// Where a version stands within one release: a dev release of the final one is before all pre-releases.
int phase(const Version& version) {
  if (version.pre()) return 1 + static_cast<int>(version.pre()->kind);
  return !version.post() && version.dev() ? 0 : 4;
}

/// Absent sorts first for post-releases and last for dev releases.
std::strong_ordering compare_numbers(const std::optional<VersionNumber>& a, const std::optional<VersionNumber>& b,
                                     bool absent_is_last) {
  if (a && b) return *a <=> *b;
  const auto order = a.has_value() <=> b.has_value();
  return absent_is_last ? 0 <=> order : order;
}

std::strong_ordering compare_local_parts(std::string_view a, std::string_view b) {
  const bool a_is_number = is_number(a);
  const bool b_is_number = is_number(b);
  if (a_is_number != b_is_number) return a_is_number <=> b_is_number;
  if (a_is_number && a.size() != b.size()) return a.size() <=> b.size();
  return a <=> b;
}

std::strong_ordering compare_locals(std::string_view a, std::string_view b) {
  if (a == b) return std::strong_ordering::equal;
  if (a.empty() || b.empty()) return b.empty() <=> a.empty();
  const auto a_parts = split(a, '.');
  const auto b_parts = split(b, '.');
  return std::lexicographical_compare_three_way(a_parts.begin(), a_parts.end(), b_parts.begin(), b_parts.end(),
                                                compare_local_parts);
}

}  // namespace

std::weak_ordering operator<=>(const Version& a, const Version& b) {
  if (a.rare_ == b.rare_) return compare_releases(a.release_, b.release_);  // mostly none of it on either side
  if (const auto order = a.epoch() <=> b.epoch(); order != 0) return order;
  if (const auto order = compare_releases(a.release_, b.release_); order != 0) return order;
  if (const auto order = phase(a) <=> phase(b); order != 0) return order;
  if (a.pre() && b.pre()) {
    if (const auto order = a.pre()->number <=> b.pre()->number; order != 0) return order;
  }
  if (const auto order = compare_numbers(a.post(), b.post(), false); order != 0) return order;
  if (const auto order = compare_numbers(a.dev(), b.dev(), true); order != 0) return order;
  return compare_locals(a.local(), b.local());
}

}  // namespace forge::formats
