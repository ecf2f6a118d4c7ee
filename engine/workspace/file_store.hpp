/// The one seam through which the forge's files enter: disk, an editor's buffers over it, memory in tests.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "engine/base/result.hpp"

namespace forge::workspace {

/// Paths are relative to the forge root, with `/`, never with `..`.
class FileStore {
 public:
  virtual ~FileStore() = default;
  /// Every file of the forge's own folders (releases, overrides, patches, images, .github, scripts, and the files
  /// at the root), sorted. Links that leave the root are left out.
  [[nodiscard]] virtual Result<std::vector<std::string>> list() const = 0;
  /// The bytes. `invalid` over the bound on size (64 MiB).
  [[nodiscard]] virtual Result<std::string> read(std::string_view path) const = 0;
};

using FileStorePtr = std::shared_ptr<const FileStore>;

/// The folder `root` on disk.
[[nodiscard]] FileStorePtr disk_files(const std::string& root);
/// Only these files.
[[nodiscard]] FileStorePtr memory_files(std::map<std::string, std::string, std::less<>> files);
/// `files` win over `below`: an editor's open documents.
[[nodiscard]] FileStorePtr overlay_files(FileStorePtr below, std::map<std::string, std::string, std::less<>> files);

}  // namespace forge::workspace
