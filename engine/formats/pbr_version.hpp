/// Versions as pbr reads them from tags and counts them on. PEP 440 decides what compares how; this decides what a tree
/// that is built with pbr calls itself, `28.0.0.0rc1` and `28.0.2.dev10` included. The reference is pbr's
/// SemanticVersion.
#pragma once

#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "engine/formats/version.hpp"

namespace forge::formats {

struct PbrVersion {
  std::uint64_t major = 0;
  std::uint64_t minor = 0;
  std::uint64_t patch = 0;
  std::optional<PreKind> pre{};
  std::uint64_t pre_number = 0;
  std::uint64_t dev = 0;  ///< commits since the last version; 0: it is that version

  /// A tag's name, `-` read as `.`. Nothing where pbr would not take it for a version (`2023.1-eom`, `1.2.3.0`).
  static std::optional<PbrVersion> parse_tag(std::string_view tag);

  [[nodiscard]] std::string str() const;
  /// The version that comes next: the number of a pre-release, else the patch; `minor` and `major` win over both.
  [[nodiscard]] PbrVersion incremented(bool minor, bool major) const;
  [[nodiscard]] PbrVersion with_dev(std::uint64_t commits) const;

  friend std::strong_ordering operator<=>(const PbrVersion& a, const PbrVersion& b);
  friend bool operator==(const PbrVersion& a, const PbrVersion& b) = default;
};

}  // namespace forge::formats
