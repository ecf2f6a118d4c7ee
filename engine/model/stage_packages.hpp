/// The system packages in the stages of an image: asked for by apt-get lines here and in the images below, and what
/// they bring.
#pragma once

#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "engine/base/finding.hpp"
#include "engine/model/apt_cache.hpp"
#include "engine/workspace/snapshot.hpp"

namespace forge::model {

struct StageInstall {
  std::string name;
  Place place;  ///< in the image's Dockerfile, or in that of an image below
};
struct StageInstalls {
  std::vector<StageInstall> build;    ///< in the stages that the last one only copies from, with their base images
  std::vector<StageInstall> runtime;  ///< in the last stage, with its base images
  /// Every base is an image of the forge or a plain distribution: nothing that is not known can be in there.
  bool is_known = true;
};
/// Empty for an image without a Dockerfile. Where no stage is copied from, the last one is the build's, too.
[[nodiscard]] StageInstalls stage_installs(const workspace::Snapshot& snapshot, const std::string& image);

using PackageNames = std::set<std::string, std::less<>>;

struct ImagePackages {
  PackageNames build;
  PackageNames runtime;
  bool is_known = true;  ///< as of StageInstalls
};

/// A distribution's base image has these, and what they bring: apt and the required packages. Computed once per
/// snapshot.
[[nodiscard]] const std::vector<std::string>& base_system(const workspace::Snapshot& snapshot, const AptCache& cache,
                                                          const std::string& platform);

/// For one release, whose bindep sets and extra packages count where the forge has them. A distribution's base image
/// has its required packages. Computed once per snapshot.
[[nodiscard]] const ImagePackages& image_packages(const workspace::Snapshot& snapshot, const AptCache& cache,
                                                  const std::string& release, const std::string& image,
                                                  const std::string& platform);

}  // namespace forge::model
