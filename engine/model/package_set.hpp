/// Which system packages a component's image wants: to build it and to run it.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/base/result.hpp"
#include "engine/workspace/snapshot.hpp"

namespace forge::model {

enum class PackagePhase { build, runtime };
[[nodiscard]] std::string_view to_string(PackagePhase phase);

enum class PackageOrigin {
  forge_bindep,     ///< images/<component>/bindep.txt or bindep.txt at the root
  extra_packages,   ///< apt_packages of extra-packages.yaml
  dockerfile,       ///< an apt-get line of the image's own stages or of an image below
  upstream_bindep,  ///< bindep.txt of the component's source tree
};

struct SystemPackage {
  std::string name;
  std::string constraint;  ///< `>=8,<11`; empty: any version
  PackageOrigin origin = PackageOrigin::forge_bindep;
  SourceFilePtr file;
  TextSpan span;  ///< the name's
};

struct PackageSets {
  std::vector<SystemPackage> build;
  std::vector<SystemPackage> runtime;
  std::vector<std::string> notes;  ///< why a set is not what one might expect; sentences
  std::optional<Failure> failure;  ///< the source tree was asked and could not answer; what it has is not in the sets
};

/// The profiles named for a phase, by `profiles` of forge.yaml: by default the component and the pip extras it is
/// installed with (in their normal form), for the build also `build`.
[[nodiscard]] std::vector<std::string> package_profiles(const workspace::Snapshot& snapshot, std::string_view release,
                                                        std::string_view component, PackagePhase phase);

/// What the forge's own files say, in their order, duplicates kept: the image's bindep.txt, the root's, then
/// extra-packages.yaml, which is of the runtime only.
[[nodiscard]] std::vector<SystemPackage> forge_packages(const workspace::Snapshot& snapshot, std::string_view release,
                                                        std::string_view component, PackagePhase phase);

/// Both sets for the target distribution. Where the forge has no bindep.txt for the component, that of its source
/// tree at its ref, after its patches, counts; the apt-get lines of its Dockerfile do always. Of packages named twice
/// the first stays. Computed once per snapshot.
[[nodiscard]] const PackageSets& package_sets(const workspace::Snapshot& snapshot, const std::string& release,
                                              const std::string& component);

}  // namespace forge::model
