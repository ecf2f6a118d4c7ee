/// Answers of an index kept on disk, with what is needed to ask whether they still hold. Each entry is one file,
/// written whole under its final name, so several processes may share a folder. An entry whose digest does not fit its
/// content is as good as none.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "engine/base/shared_text.hpp"

namespace forge::index {

struct CacheEntry {
  std::string url;  ///< without credentials
  int status = 200;
  std::string etag;
  std::string last_modified;
  std::int64_t fresh_until = 0;  ///< seconds since the epoch
  SharedText body;
};

class DiskCache {
 public:
  /// An empty folder name: nothing is kept.
  explicit DiskCache(std::string folder) : folder_(std::move(folder)) {}

  /// `kind` names the form of the body (`page-1`, `metadata-1`): another kind is another entry.
  [[nodiscard]] std::optional<CacheEntry> load(std::string_view kind, const std::string& url) const;
  /// Where it can't be written it is not kept; the next run asks again.
  void store(std::string_view kind, const CacheEntry& entry) const;

  [[nodiscard]] std::string path_of(std::string_view kind, const std::string& url) const;

 private:
  std::string folder_;
};

}  // namespace forge::index
