#include "engine/formats/version.hpp"

#include <algorithm>
#include <array>
#include <charconv>
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
  const std::size_t first = std::min(digits.find_first_not_of('0'), digits.size() - 1);
  VersionNumber number;
  number.digits_ = digits.substr(first);
  return number;
}

std::optional<std::uint64_t> VersionNumber::value() const {
  std::uint64_t value = 0;
  const char* const end = digits_.data() + digits_.size();
  if (std::from_chars(digits_.data(), end, value).ec != std::errc()) return std::nullopt;
  return value;
}

VersionNumber VersionNumber::next() const {
  VersionNumber number = *this;
  const auto nines = static_cast<std::size_t>(
      std::ranges::find_if(digits_.rbegin(), digits_.rend(), [](char c) { return c != '9'; }) - digits_.rbegin());
  const std::size_t kept = digits_.size() - nines;
  std::fill(number.digits_.begin() + static_cast<std::ptrdiff_t>(kept), number.digits_.end(), '0');
  if (kept == 0) {
    number.digits_.insert(0, 1, '1');
  } else {
    ++number.digits_[kept - 1];
  }
  return number;
}

std::strong_ordering operator<=>(const VersionNumber& a, const VersionNumber& b) {
  if (const auto order = a.digits_.size() <=> b.digits_.size(); order != 0) return order;
  return a.digits_ <=> b.digits_;
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
    pre();
    post();
    dev();
    if (!local() || !rest_.empty()) return std::nullopt;
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
      version_.epoch_ = *std::move(first);
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
    if (const auto found = word(words)) version_.pre_ = PreRelease{kinds.at(*found), number_of_word()};
  }

  void post() {
    if (rest_.size() > 1 && rest_[0] == '-' && is_digit(rest_[1])) {
      rest_.remove_prefix(1);
      version_.post_ = number();
    } else if (word(std::array<std::string_view, 3>{"post", "rev", "r"})) {
      version_.post_ = number_of_word();
    }
  }

  void dev() {
    if (word(std::array<std::string_view, 1>{"dev"})) version_.dev_ = number_of_word();
  }

  /// False where `+` is there and no label follows.
  bool local() {
    if (!take('+')) return true;
    while (true) {
      std::size_t size = 0;
      while (size < rest_.size() && is_alnum(rest_[size])) ++size;
      if (size == 0) return false;
      const std::string_view part = rest_.substr(0, size);
      version_.local_ += is_number(part) ? VersionNumber::from_digits(part).str() : to_lower(part);
      rest_.remove_prefix(size);
      if (!is_separator(peek())) return true;
      rest_.remove_prefix(1);
      version_.local_ += '.';
    }
  }

  std::string_view rest_;
  Version version_;
};

std::optional<Version> Version::parse(std::string_view text) {
  return VersionParser(trim_space(text)).parse();
}

std::string Version::base_str() const {
  std::string out;
  if (!epoch_.is_zero()) out += epoch_.str() + "!";
  for (std::size_t i = 0; i < release_.size(); ++i) {
    if (i > 0) out += '.';
    out += release_[i].str();
  }
  return out;
}

std::string Version::public_str() const {
  std::string out = base_str();
  if (pre_) out += std::string(to_string(pre_->kind)) + pre_->number.str();
  if (post_) out += ".post" + post_->str();
  if (dev_) out += ".dev" + dev_->str();
  return out;
}

std::string Version::str() const {
  return local_.empty() ? public_str() : public_str() + "+" + local_;
}

Version Version::without_local() const {
  Version out = *this;
  out.local_.clear();
  return out;
}

Version Version::base() const {
  Version out;
  out.epoch_ = epoch_;
  out.release_ = release_;
  return out;
}

Version Version::first_dev() const {
  Version out = without_local();
  out.dev_ = VersionNumber();
  return out;
}

std::strong_ordering compare_releases(const std::vector<VersionNumber>& a, const std::vector<VersionNumber>& b) {
  const VersionNumber zero;
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
  if (const auto order = a.epoch_ <=> b.epoch_; order != 0) return order;
  if (const auto order = compare_releases(a.release_, b.release_); order != 0) return order;
  if (const auto order = phase(a) <=> phase(b); order != 0) return order;
  if (a.pre_ && b.pre_) {
    if (const auto order = a.pre_->number <=> b.pre_->number; order != 0) return order;
  }
  if (const auto order = compare_numbers(a.post_, b.post_, false); order != 0) return order;
  if (const auto order = compare_numbers(a.dev_, b.dev_, true); order != 0) return order;
  return compare_locals(a.local_, b.local_);
}

}  // namespace forge::formats
