/// The system packages in the stages of an image: asked for by apt-get lines here and in the images below, and what
/// they bring.
#pragma once

#include <set>
#include <string>
#include <string_view>

#include "engine/model/apt_cache.hpp"
#include "engine/workspace/snapshot.hpp"

namespace forge::model {

using PackageNames = std::set<std::string, std::less<>>;

struct ImagePackages {
  PackageNames build;    ///< in the stages that the last one only copies from, with their base images
  PackageNames runtime;  ///< in the last stage, with its base images
  /// Every base is an image of the forge or a plain distribution: nothing that is not known can be in there.
  bool is_known = true;
};

/// For one release, whose bindep sets and extra packages count where the forge has them. A distribution's base image
/// has its required packages. Computed once per snapshot.
[[nodiscard]] const ImagePackages& image_packages(const workspace::Snapshot& snapshot, const AptCache& cache,
                                                  const std::string& release, const std::string& image,
                                                  const std::string& platform);

}  // namespace forge::model
