/// Which files of images/<image>/ a build of the image can read from its main context.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "engine/model/image_graph.hpp"
#include "engine/workspace/snapshot.hpp"

namespace forge::model {

/// Whether a pattern of COPY or .dockerignore names `path` or a folder that it is in: part by part, as Go's
/// `filepath.Match`, and `**` for any number of parts. Both without leading or double slashes.
[[nodiscard]] bool names_path(std::string_view pattern, std::string_view path);

/// Paths from the forge's root, sorted. What an ADD, COPY or bind mount without `from` names, after .dockerignore;
/// all files below the folder where a variable decides. The Dockerfile itself counts where it is copied.
[[nodiscard]] std::vector<std::string> context_files(const workspace::Snapshot& snapshot, const ImageNode& node);

}  // namespace forge::model
