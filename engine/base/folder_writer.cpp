#include "engine/base/folder_writer.hpp"

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <system_error>
#include <utility>

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include "engine/base/write_all.hpp"

namespace forge {

namespace {

namespace fs = std::filesystem;

tl::unexpected<Failure> unwritable(const std::string& path, int error) {
  return fail(Failure::Kind::io, fmt::format("`{}` can't be written: {}.", path, std::strerror(error)));
}

/// Of the last access and of the last change.
struct Times {
  explicit Times(std::int64_t seconds) {
    for (timespec& time : both) time = {static_cast<time_t>(seconds), 0};
  }
  timespec both[2] = {};
};

std::string without_slash(std::string folder) {
  while (folder.size() > 1 && folder.ends_with('/')) folder.pop_back();
  return folder;
}

}  // namespace

FolderWriter::FolderWriter(std::string target, std::string path, int handle)
    : target_(std::move(target)), path_(std::move(path)), handle_(handle) {}

FolderWriter::FolderWriter(FolderWriter&& other) noexcept
    : target_(std::move(other.target_)),
      path_(std::exchange(other.path_, {})),
      handle_(std::exchange(other.handle_, -1)) {}

FolderWriter::~FolderWriter() {
  if (handle_ >= 0) ::close(handle_);
  std::error_code ignored;
  if (!path_.empty()) fs::remove_all(path_, ignored);
}

Result<FolderWriter> FolderWriter::beside(const std::string& folder) {
  const std::string target = without_slash(folder);
  const fs::path parent = fs::path(target).parent_path();
  std::error_code error;
  if (!parent.empty()) fs::create_directories(parent, error);
  if (error) return unwritable(folder, error.value());
  std::string path = (parent / ("." + fs::path(target).filename().string() + ".XXXXXX")).string();
  if (::mkdtemp(path.data()) == nullptr) return unwritable(folder, errno);
  FolderWriter writer(target, std::move(path), -1);
  writer.handle_ = ::open(writer.path_.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
  if (writer.handle_ < 0 || ::fchmod(writer.handle_, 0755) != 0) return unwritable(folder, errno);
  return writer;
}

tl::unexpected<Failure> FolderWriter::failure(const std::string& path, int error) const {
  return unwritable(path.empty() ? target_ : target_ + "/" + path, error);
}

Result<void> FolderWriter::make_folder(const std::string& path) const {
  const bool made = ::mkdirat(handle_, path.c_str(), 0755) == 0 && ::fchmodat(handle_, path.c_str(), 0755, 0) == 0;
  return made ? Result<void>() : failure(path, errno);
}

Result<void> FolderWriter::write_file(const std::string& path, std::string_view text, std::uint32_t mode,
                                      std::optional<std::int64_t> time) const {
  const int file = ::openat(handle_, path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
  if (file < 0) return failure(path, errno);
  const Times times(time.value_or(0));
  const bool written =
      write_all(file, text) && ::fchmod(file, mode) == 0 && (!time || ::futimens(file, times.both) == 0);
  const int error = errno;
  if (::close(file) != 0 && written) return failure(path, errno);
  return written ? Result<void>() : failure(path, error);
}

Result<void> FolderWriter::make_link(const std::string& path, const std::string& target) const {
  return ::symlinkat(target.c_str(), handle_, path.c_str()) == 0 ? Result<void>() : failure(path, errno);
}

Result<void> FolderWriter::set_time(const std::string& path, std::int64_t seconds) const {
  const Times times(seconds);
  const bool set = path.empty() ? ::futimens(handle_, times.both) == 0
                                : ::utimensat(handle_, path.c_str(), times.both, AT_SYMLINK_NOFOLLOW) == 0;
  return set ? Result<void>() : failure(path, errno);
}

Result<void> FolderWriter::replace() {
  if (::renameat2(AT_FDCWD, path_.c_str(), AT_FDCWD, target_.c_str(), RENAME_NOREPLACE) == 0) {
    path_.clear();
    return {};
  }
  // After an exchange the old folder has the temporary name, and goes with it.
  if (::renameat2(AT_FDCWD, path_.c_str(), AT_FDCWD, target_.c_str(), RENAME_EXCHANGE) == 0) return {};
  return rename_in_two_steps();
}

/// For file systems that know neither flag. Between the two there is no folder.
Result<void> FolderWriter::rename_in_two_steps() {
  std::error_code error;
  if (!fs::exists(fs::symlink_status(target_, error))) {
    if (std::rename(path_.c_str(), target_.c_str()) != 0) return failure("", errno);
    path_.clear();
    return {};
  }
  FORGE_TRY_ASSIGN(FolderWriter old, beside(target_));
  const std::string aside = old.path_ + "/old";
  if (std::rename(target_.c_str(), aside.c_str()) != 0) return failure("", errno);
  if (std::rename(path_.c_str(), target_.c_str()) != 0) {
    const int failed = errno;
    // What can't be put back is at least not thrown away.
    if (std::rename(aside.c_str(), target_.c_str()) != 0) old.path_.clear();
    return failure("", failed);
  }
  path_.clear();
  return {};
}

}  // namespace forge
