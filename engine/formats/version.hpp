/// Versions as PEP 440 has them. The reference is pypa/packaging; numbers are unbounded there, so they are here.
#pragma once

#include <compare>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace forge::formats {

/// A number of any size.
class VersionNumber {
 public:
  explicit VersionNumber(std::uint64_t value = 0) : value_(value) {}
  /// `digits` must be one or more decimal digits.
  static VersionNumber from_digits(std::string_view digits);

  /// Decimal digits without leading zeros.
  [[nodiscard]] std::string str() const { return digits_ ? *digits_ : std::to_string(value_); }
  [[nodiscard]] bool is_zero() const { return !digits_ && value_ == 0; }
  /// Nothing where it needs more than 64 bits.
  [[nodiscard]] std::optional<std::uint64_t> value() const {
    return digits_ ? std::nullopt : std::optional<std::uint64_t>(value_);
  }
  /// This plus one.
  [[nodiscard]] VersionNumber next() const;

  friend bool operator==(const VersionNumber& a, const VersionNumber& b) { return (a <=> b) == 0; }
  friend std::strong_ordering operator<=>(const VersionNumber& a, const VersionNumber& b) {
    return a.digits_ || b.digits_ ? compare_digits(a, b) : a.value_ <=> b.value_;
  }

 private:
  static std::strong_ordering compare_digits(const VersionNumber& a, const VersionNumber& b);

  std::uint64_t value_ = 0;
  std::shared_ptr<const std::string> digits_;  ///< in the place of `value_`, of a number that needs more than 64 bits
};

enum class PreKind { alpha, beta, candidate };

/// `a`, `b` or `rc`.
[[nodiscard]] std::string_view to_string(PreKind kind);

struct PreRelease {
  PreKind kind = PreKind::alpha;
  VersionNumber number;
  friend auto operator<=>(const PreRelease&, const PreRelease&) = default;
};

/// `1.0` and `1.0.0` are equal though they print differently; text equality is `a.str() == b.str()`.
class Version {
 public:
  /// Accepts every spelling that PEP 440 allows, surrounding white space and a `v` included. Nothing where `text`
  /// is no version.
  static std::optional<Version> parse(std::string_view text);

  /// The normal form.
  [[nodiscard]] std::string str() const;
  /// The normal form without the local label.
  [[nodiscard]] std::string public_str() const;
  /// Epoch and release only.
  [[nodiscard]] std::string base_str() const;

  [[nodiscard]] const VersionNumber& epoch() const { return rare().epoch; }
  /// At least one number; trailing zeros as written.
  [[nodiscard]] const std::vector<VersionNumber>& release() const { return release_; }
  [[nodiscard]] const std::optional<PreRelease>& pre() const { return rare().pre; }
  [[nodiscard]] const std::optional<VersionNumber>& post() const { return rare().post; }
  [[nodiscard]] const std::optional<VersionNumber>& dev() const { return rare().dev; }
  /// Normal form of what follows `+`; empty where there is no local label.
  [[nodiscard]] const std::string& local() const { return rare().local; }

  /// A dev release is one too.
  [[nodiscard]] bool is_prerelease() const { return pre() || dev(); }
  [[nodiscard]] bool is_postrelease() const { return post().has_value(); }
  [[nodiscard]] bool is_devrelease() const { return dev().has_value(); }

  [[nodiscard]] Version without_local() const;
  /// Epoch and release only.
  [[nodiscard]] Version base() const;
  /// Its dev release 0: sorts before everything else that leads to this version.
  [[nodiscard]] Version first_dev() const;

  friend bool operator==(const Version& a, const Version& b) { return (a <=> b) == 0; }
  friend std::weak_ordering operator<=>(const Version& a, const Version& b);

 private:
  friend class VersionParser;
  /// What most versions have none of.
  struct Rare {
    VersionNumber epoch;
    std::optional<PreRelease> pre;
    std::optional<VersionNumber> post;
    std::optional<VersionNumber> dev;
    std::string local;
  };
  [[nodiscard]] const Rare& rare() const;
  /// With another set of it; a set like none is kept as none.
  [[nodiscard]] Version with(Rare rare) const;

  std::vector<VersionNumber> release_;
  std::shared_ptr<const Rare> rare_;  ///< null: none of it
};

/// Order of the releases alone: as if the shorter one had zeros behind it.
[[nodiscard]] std::strong_ordering compare_releases(const std::vector<VersionNumber>& a,
                                                    const std::vector<VersionNumber>& b);

}  // namespace forge::formats
