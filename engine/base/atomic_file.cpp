#include "engine/base/atomic_file.hpp"

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <system_error>

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include "engine/base/write_all.hpp"

namespace forge {

namespace {

/// mkstemp makes files for the owner alone; a written file gets the old one's mode, else what the umask leaves.
::mode_t mode_for(const std::string& path) {
  struct ::stat old{};
  if (::stat(path.c_str(), &old) == 0) return old.st_mode & 07777U;
  const ::mode_t mask = ::umask(0);
  ::umask(mask);
  return 0666U & ~mask;
}

tl::unexpected<Failure> unwritable(const std::string& path, const std::string& reason) {
  return fail(Failure::Kind::io, fmt::format("`{}` can't be written: {}.", path, reason));
}

/// A device or a pipe: renaming a file over it would take it away from everybody.
bool is_special(const std::string& path) {
  struct ::stat there{};
  return ::stat(path.c_str(), &there) == 0 && !S_ISREG(there.st_mode) && !S_ISDIR(there.st_mode);
}

Result<void> write_into(const std::string& path, std::string_view text) {
  const int file = ::open(path.c_str(), O_WRONLY | O_CLOEXEC);
  if (file < 0) return unwritable(path, std::strerror(errno));
  const bool written = write_all(file, text);
  const int write_error = errno;
  if (::close(file) != 0 && written) return unwritable(path, std::strerror(errno));
  if (!written) return unwritable(path, std::strerror(write_error));
  return {};
}

}  // namespace

Result<void> write_file_atomically(const std::string& path, std::string_view text) {
  if (is_special(path)) return write_into(path, text);
  std::error_code error;
  const std::filesystem::path parent = std::filesystem::path(path).parent_path();
  if (!parent.empty()) std::filesystem::create_directories(parent, error);
  std::string temporary = path + ".XXXXXX";
  const int file = error ? -1 : ::mkstemp(temporary.data());
  if (file < 0) return unwritable(path, error ? error.message() : std::strerror(errno));
  const bool written = write_all(file, text) && ::fchmod(file, mode_for(path)) == 0;
  const int write_error = errno;
  const bool closed = ::close(file) == 0;
  if (written && closed && std::rename(temporary.c_str(), path.c_str()) == 0) return {};
  const int failed = written ? errno : write_error;
  ::unlink(temporary.c_str());
  return unwritable(path, std::strerror(failed));
}

}  // namespace forge
