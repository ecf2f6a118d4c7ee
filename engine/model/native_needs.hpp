/// What Python packages that are compiled need of the system: to be built, and to run as they were built.
#pragma once

#include <span>
#include <string_view>
#include <vector>

#include "engine/base/names.hpp"
#include "engine/model/apt_cache.hpp"

namespace forge::model {

/// Facts of the packages' own build instructions, for Debian and Ubuntu.
struct NativeNeeds {
  std::string_view package;  ///< normalised name
  /// Each is one thing that is needed: names of -dev packages of which one is enough, separated by `|`.
  std::vector<std::string_view> headers;
  bool has_no_wheels = false;  ///< the public index has none for Linux, so an install always compiles it
};

/// Null where nothing is known of it, or it needs nothing.
[[nodiscard]] const NativeNeeds* native_needs(const PackageName& package);

/// All that is known, sorted by package.
[[nodiscard]] std::span<const NativeNeeds> all_native_needs();

/// The libraries that what was compiled with `headers` (a -dev package) is linked with: those of its source that it
/// depends on in exactly its version, through other -dev packages of that source too.
[[nodiscard]] std::vector<std::string_view> libraries_behind(const AptCache& packages, std::string_view headers);

}  // namespace forge::model
