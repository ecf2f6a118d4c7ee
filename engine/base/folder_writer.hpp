/// Writing folders so that nobody ever sees half of one: filled under a temporary name, then put in place.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "engine/base/result.hpp"

namespace forge {

/// A new, empty folder beside the one that it is for. It goes again unless replace() has put it in place.
class FolderWriter {
 public:
  /// Makes missing parents. Failures of this class are of kind `io` and name the path.
  [[nodiscard]] static Result<FolderWriter> beside(const std::string& folder);

  FolderWriter(FolderWriter&& other) noexcept;
  FolderWriter(const FolderWriter&) = delete;
  FolderWriter& operator=(const FolderWriter&) = delete;
  FolderWriter& operator=(FolderWriter&&) = delete;
  ~FolderWriter();

  /// With mode 0755, whatever the umask. A path is relative to the folder; its parent is there.
  [[nodiscard]] Result<void> make_folder(const std::string& path) const;
  /// `time` in seconds since the epoch; without one it is now.
  [[nodiscard]] Result<void> write_file(const std::string& path, std::string_view text, std::uint32_t mode,
                                        std::optional<std::int64_t> time = std::nullopt) const;
  [[nodiscard]] Result<void> make_link(const std::string& path, const std::string& target) const;
  /// Of a link or folder, and of the new folder itself by an empty path.
  [[nodiscard]] Result<void> set_time(const std::string& path, std::int64_t seconds) const;

  /// Takes the old folder's place in one step where the file system can exchange two names. On failure what was there
  /// is there still.
  [[nodiscard]] Result<void> replace();

 private:
  FolderWriter(std::string target, std::string path, int handle);
  [[nodiscard]] tl::unexpected<Failure> failure(const std::string& path, int error) const;
  [[nodiscard]] Result<void> rename_in_two_steps();

  std::string target_;
  std::string path_;  ///< empty once it is in place
  int handle_ = -1;
};

}  // namespace forge
