/// What the RUN instructions of an image install with `pip install` or `uv pip install`: source trees, packages.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "engine/base/finding.hpp"
#include "engine/formats/requirement.hpp"
#include "engine/workspace/snapshot.hpp"

namespace forge::model {

/// An extra that a tree is installed with.
struct AskedExtra {
  std::string name;      ///< as written
  Place place;           ///< in extra-packages.yaml, or the word of the Dockerfile that names it
  bool in_list = false;  ///< an entry of `pip_extras`
};

struct InstalledTree {
  std::string component;
  std::vector<AskedExtra> extras;
};

struct InstalledPackage {
  std::string text;  ///< `uwsgi==2.0.31`
  formats::Requirement requirement;
  Place place;           ///< an entry of `pip_packages`, a word of the Dockerfile, a line of a requirements file
  bool in_list = false;  ///< an entry of `pip_packages`
};

struct ImageInstalls {
  std::vector<InstalledTree> trees;  ///< the image's own component and patched libraries; each once
  std::vector<InstalledPackage> packages;
};

/// For one release: what extra-packages.yaml has for the image stands where its Dockerfile uses PIP_EXTRAS and
/// PIP_PACKAGES. Of an image with a ref whose Dockerfile shows no install of a tree, its own component with both is
/// assumed. Words that only the build can tell are left out. Computed once per snapshot.
[[nodiscard]] const ImageInstalls& image_installs(const workspace::Snapshot& snapshot, const std::string& release,
                                                  const std::string& image);

/// Packages that the images below `image` install, the same for all releases. Computed once per snapshot.
[[nodiscard]] const std::vector<InstalledPackage>& inherited_installs(const workspace::Snapshot& snapshot,
                                                                      const std::string& image);

/// Images that are built for the release, sorted: those with a Dockerfile and a ref in it.
[[nodiscard]] std::vector<std::string> images_of(const workspace::Snapshot& snapshot, std::string_view release);

}  // namespace forge::model
