#include "engine/git/mirror_lock.hpp"

#include <cerrno>
#include <cstring>

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <unistd.h>

namespace forge::git {

Result<MirrorLock> MirrorLock::take(const std::string& mirror) {
  const std::string file = mirror + ".lock";
  const int descriptor = ::open(file.c_str(), O_CREAT | O_RDWR | O_CLOEXEC, 0666);
  if (descriptor < 0)
    return fail(Failure::Kind::io, fmt::format("`{}` can't be written: {}.", file, std::strerror(errno)));
  MirrorLock lock(descriptor);
  if (::flock(descriptor, LOCK_EX | LOCK_NB) != 0)
    return fail(Failure::Kind::io, fmt::format("Another `mirror sync` is writing `{}`.", mirror),
                {"wait for it to end, then run `forge-analyze mirror sync` again"});
  return lock;
}

MirrorLock::~MirrorLock() {
  if (descriptor_ >= 0) ::close(descriptor_);
}

}  // namespace forge::git
