/// Names as types made by their parser, so that nobody downstream has a spelling left to think about.
#pragma once

#include <compare>
#include <optional>
#include <string>
#include <string_view>

namespace forge {

/// A Python distribution's name in its normal form (PEP 503): lower case, each run of `-`, `_`, `.` one `-`.
class PackageName {
 public:
  PackageName() = default;
  /// Nothing where `spelling` is no name: ASCII letters, digits, `.`, `-`, `_`, first and last a letter or digit.
  static std::optional<PackageName> parse(std::string_view spelling);

  [[nodiscard]] const std::string& str() const { return normal_; }
  friend auto operator<=>(const PackageName&, const PackageName&) = default;

 private:
  explicit PackageName(std::string normal) : normal_(std::move(normal)) {}
  std::string normal_;
};

/// Whether `text` is a release's folder name, `YYYY.1` or `YYYY.2`.
[[nodiscard]] bool is_release_name(std::string_view text);
/// Whether `text` can be a component's or image's name and a single path element: starts with a letter or digit,
/// goes on with letters, digits, `.`, `_`, `-`.
[[nodiscard]] bool is_component_name(std::string_view text);
/// Why git would refuse `ref` as the name of a branch or tag (git check-ref-format); empty where it would not.
[[nodiscard]] std::string ref_name_problem(std::string_view ref);
/// 40 hexadecimal digits.
[[nodiscard]] bool is_full_commit(std::string_view text);
/// 7 to 39 hexadecimal digits with at least one decimal digit: what a person means as an abbreviated commit.
[[nodiscard]] bool is_abbreviated_commit(std::string_view text);

}  // namespace forge
