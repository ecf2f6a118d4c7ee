/// The package index over HTTP (or a folder, by a `file:` URL), behind a cache on disk.
#pragma once

#include <cstdint>
#include <functional>
#include <string>

#include "engine/index/http_client.hpp"
#include "engine/index/index_settings.hpp"
#include "engine/index/package_index.hpp"

namespace forge::index {

struct IndexOptions {
  std::string cache_folder;  ///< empty: nothing is kept on disk
  bool offline = false;      ///< what the cache has counts, however old; the network is left alone
  HttpLimits limits{};
  std::function<std::int64_t()> now{};  ///< seconds since the epoch; empty: the system's clock
  /// Told as answers come in: how many of the questions under way are answered, of how many, and what they are about.
  std::function<void(std::size_t, std::size_t, std::string_view)> progress{};
};

[[nodiscard]] PackageIndexPtr http_index(const IndexSettings& settings, const IndexOptions& options);

}  // namespace forge::index
