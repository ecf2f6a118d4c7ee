/// What bindep calls a platform: a set of bare atoms such as `dpkg`, `ubuntu`, `ubuntu-noble`. Follows bindep 2.14 and
/// the names that the Python library `distro` gives.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/base/result.hpp"

namespace forge::formats {

/// What os-release says, in the spelling that atoms are made of.
struct OsFacts {
  std::string id;        ///< `ubuntu`; `oracle` for `ol`, `opensuse` for `opensuse-leap`
  std::string version;   ///< `24.04`; may be empty
  std::string codename;  ///< `noble`, `blue onyx`; may be empty
  std::string name;      ///< `Ubuntu`
};

/// `text` is an os-release file (os-release(5)).
[[nodiscard]] OsFacts os_facts(std::string_view text);

/// Sorted, distinct, without `platform:`.
[[nodiscard]] std::vector<std::string> platform_atoms(const OsFacts& facts);

/// The atoms of a target as users write it: a distribution and its release (`ubuntu:noble`, `debian:12`, `rocky:9.3`)
/// or a comma-separated list of atoms (`dpkg,ubuntu`), which is taken as it is. `invalid` with the way out otherwise.
[[nodiscard]] Result<std::vector<std::string>> target_atoms(std::string_view target);

/// Why no platform has `atom` (a sentence's end, such as "no platform is called so"), and what was probably meant.
struct AtomDoubt {
  std::string reason;
  std::optional<std::string> nearest;
};
/// Nothing where some platform has it, or where it may be of a release that is not known here.
[[nodiscard]] std::optional<AtomDoubt> doubt_platform_atom(std::string_view atom);

}  // namespace forge::formats
