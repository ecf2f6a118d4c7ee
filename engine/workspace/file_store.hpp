/// The one seam through which the forge's files enter: disk, an editor's buffers over it, memory in tests.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/base/result.hpp"
#include "engine/git/forge_repository.hpp"

namespace forge::workspace {

/// Paths are relative to the forge root, with `/`, never with `..`.
class FileStore {
 public:
  virtual ~FileStore() = default;
  /// Every file of the forge's own folders (releases, overrides, patches, images, .github, scripts, and the files
  /// at the root), sorted. Links that leave the root are left out.
  [[nodiscard]] virtual Result<std::vector<std::string>> list() const = 0;
  /// The bytes; of a link those of the file it leads to. `invalid` over the bound on size (64 MiB).
  [[nodiscard]] virtual Result<std::string> read(std::string_view path) const = 0;
  /// As git writes it: 0100644, 0100755, 0120000 for a link.
  [[nodiscard]] virtual std::uint32_t mode(std::string_view path) const = 0;
  /// Equal where the bytes are equal (a blob's id); nothing where only reading tells.
  [[nodiscard]] virtual std::optional<std::string> identity(std::string_view path) const = 0;
};

using FileStorePtr = std::shared_ptr<const FileStore>;

/// The folders and the files at the root that are the forge's, sorted.
[[nodiscard]] const std::vector<std::string>& forge_paths();

/// The folder `root` on disk.
[[nodiscard]] FileStorePtr disk_files(const std::string& root);
/// What a commit of the forge's repository holds, read from git's objects; work tree and index count for nothing.
[[nodiscard]] Result<FileStorePtr> commit_files(git::ForgeRepositoryPtr repository, const git::ObjectId& commit);
/// Only these files.
[[nodiscard]] FileStorePtr memory_files(std::map<std::string, std::string, std::less<>> files);
/// `files` win over `below`: an editor's open documents.
[[nodiscard]] FileStorePtr overlay_files(FileStorePtr below, std::map<std::string, std::string, std::less<>> files);

}  // namespace forge::workspace
