#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <set>
#include <utility>

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include "engine/base/atomic_file.hpp"
#include "engine/plan/source_export.hpp"

namespace forge::plan {

namespace {

namespace fs = std::filesystem;

tl::unexpected<Failure> io_failure(const std::string& path, int error = errno) {
  return fail(Failure::Kind::io, fmt::format("`{}` can't be written: {}.", path, std::strerror(error)));
}

/// A folder that goes again unless it was kept.
class TemporaryFolder {
 public:
  static Result<TemporaryFolder> beside(const std::string& folder) {
    const fs::path parent = fs::path(folder).parent_path();
    std::error_code error;
    if (!parent.empty()) fs::create_directories(parent, error);
    std::string path = (parent / ("." + fs::path(folder).filename().string() + ".XXXXXX")).string();
    if (error || ::mkdtemp(path.data()) == nullptr) return io_failure(folder, error ? error.value() : errno);
    return TemporaryFolder(std::move(path));
  }
  TemporaryFolder(TemporaryFolder&& other) noexcept : path_(std::exchange(other.path_, {})) {}
  TemporaryFolder& operator=(TemporaryFolder&&) = delete;
  TemporaryFolder(const TemporaryFolder&) = delete;
  TemporaryFolder& operator=(const TemporaryFolder&) = delete;
  ~TemporaryFolder() {
    std::error_code ignored;
    if (!path_.empty()) fs::remove_all(path_, ignored);
  }
  [[nodiscard]] const std::string& path() const { return path_; }
  void keep() { path_.clear(); }

 private:
  explicit TemporaryFolder(std::string path) : path_(std::move(path)) {}
  std::string path_;
};

bool write_all(int file, std::string_view text) {
  while (!text.empty()) {
    const ssize_t written = ::write(file, text.data(), text.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return false;
    text.remove_prefix(static_cast<std::size_t>(written));
  }
  return true;
}

/// The commit's time, for those who copy it: wheels, archives, .pyc files.
bool set_time(const std::string& path, std::int64_t seconds) {
  const timespec time{static_cast<time_t>(seconds), 0};
  const timespec both[2] = {time, time};
  return ::utimensat(AT_FDCWD, path.c_str(), both, AT_SYMLINK_NOFOLLOW) == 0;
}

Result<void> write_regular(const std::string& path, const ExportedFile& file) {
  const int handle = ::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
  if (handle < 0) return io_failure(path);
  const bool written = write_all(handle, *file.content) && ::fchmod(handle, file.mode) == 0;
  const int error = errno;
  if (::close(handle) != 0 || !written) return io_failure(path, written ? errno : error);
  return {};
}

Result<void> write_file(const std::string& folder, const ExportedFile& file, std::int64_t time) {
  const std::string path = folder + "/" + file.path;
  if (file.mode == git::mode_link) {
    if (::symlink(file.content->c_str(), path.c_str()) != 0) return io_failure(path);
  } else {
    FORGE_TRY(write_regular(path, file));
  }
  return set_time(path, time) ? Result<void>() : io_failure(path);
}

/// Every folder of the tree, parents before children.
std::set<std::string> folders_of(const ExportedTree& tree) {
  std::set<std::string> folders;
  for (const ExportedFile& file : tree.files)
    for (std::size_t slash = file.path.find('/'); slash != std::string::npos; slash = file.path.find('/', slash + 1))
      folders.insert("/" + file.path.substr(0, slash));
  return folders;
}

Result<void> fill(const ExportedTree& tree, const std::string& folder) {
  std::set<std::string> folders = folders_of(tree);
  for (const std::string& sub : folders) {
    const std::string path = folder + sub;
    if (::mkdir(path.c_str(), 0755) != 0 || ::chmod(path.c_str(), 0755) != 0) return io_failure(path);
  }
  for (const ExportedFile& file : tree.files) FORGE_TRY(write_file(folder, file, tree.source.time));
  if (::chmod(folder.c_str(), 0755) != 0) return io_failure(folder);
  folders.insert("");
  for (const std::string& sub : folders)
    if (!set_time(folder + sub, tree.source.time)) return io_failure(folder + sub);
  return {};
}

/// Puts the new folder in the old one's place. Between the two renames there is none.
Result<void> replace(TemporaryFolder& fresh, const std::string& folder) {
  if (fs::exists(fs::symlink_status(folder))) {
    FORGE_TRY_ASSIGN(const TemporaryFolder old, TemporaryFolder::beside(folder));
    const std::string aside = old.path() + "/old";
    if (std::rename(folder.c_str(), aside.c_str()) != 0) return io_failure(folder);
    if (std::rename(fresh.path().c_str(), folder.c_str()) != 0) {
      const int error = errno;
      (void)std::rename(aside.c_str(), folder.c_str());
      return io_failure(folder, error);
    }
  } else if (std::rename(fresh.path().c_str(), folder.c_str()) != 0) {
    return io_failure(folder);
  }
  fresh.keep();
  return {};
}

std::string read_text(const std::string& path) {
  std::ifstream stream(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(stream), {}};
}

}  // namespace

Result<Written> write_tree(const ExportedTree& tree, const std::string& folder) {
  const std::string manifest = folder + ".json";
  if (fs::is_directory(fs::symlink_status(folder)) && read_text(manifest) == tree.manifest) return Written::unchanged;
  FORGE_TRY_ASSIGN(TemporaryFolder fresh, TemporaryFolder::beside(folder));
  FORGE_TRY(fill(tree, fresh.path()));
  std::error_code ignored;
  fs::remove(manifest, ignored);  // while the folder changes, nothing says that it is complete
  FORGE_TRY(replace(fresh, folder));
  FORGE_TRY(write_file_atomically(manifest, tree.manifest));
  return Written::changed;
}

Result<void> make_empty_folder(const std::string& folder) {
  std::error_code error;
  fs::create_directories(folder, error);
  if (error) return io_failure(folder, error.value());
  if (!fs::is_empty(folder, error) || error)
    return fail(Failure::Kind::invalid, fmt::format("`{}` must be empty, but it holds something.", folder));
  return {};
}

}  // namespace forge::plan
