#include "engine/base/shared_text.hpp"

#include <algorithm>
#include <cerrno>

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

namespace forge {

namespace {

/// From here on a mapping is cheaper than a copy.
constexpr std::size_t smallest_mapping = 64U << 10U;

class OpenFile {
 public:
  explicit OpenFile(const std::string& path) : descriptor_(::open(path.c_str(), O_RDONLY | O_CLOEXEC)) {}
  ~OpenFile() {
    if (descriptor_ >= 0) ::close(descriptor_);
  }
  OpenFile(const OpenFile&) = delete;
  OpenFile& operator=(const OpenFile&) = delete;

  [[nodiscard]] std::optional<std::size_t> size() const {
    struct ::stat status{};
    if (descriptor_ < 0 || ::fstat(descriptor_, &status) != 0 || !S_ISREG(status.st_mode)) return std::nullopt;
    return static_cast<std::size_t>(status.st_size);
  }

  [[nodiscard]] std::optional<std::string> read(std::size_t size) const {
    std::string text(size, '\0');
    for (std::size_t at = 0; at < size;) {
      const ssize_t got = ::read(descriptor_, text.data() + at, size - at);
      if (got < 0 && errno == EINTR) continue;
      if (got <= 0) return std::nullopt;
      at += static_cast<std::size_t>(got);
    }
    return text;
  }

  /// Null where the system does not map it.
  [[nodiscard]] std::shared_ptr<const void> map(std::size_t size) const {
    void* const bytes = ::mmap(nullptr, size, PROT_READ, MAP_PRIVATE, descriptor_, 0);
    if (bytes == MAP_FAILED) return nullptr;
    return {bytes, [size](void* mapped) { ::munmap(mapped, size); }};
  }

 private:
  int descriptor_;
};

}  // namespace

SharedText::SharedText(std::string text) {
  auto owner = std::make_shared<const std::string>(std::move(text));
  view_ = *owner;
  owner_ = std::move(owner);
}

std::optional<SharedText> SharedText::of_file(const std::string& path, std::size_t most) {
  const OpenFile file(path);
  const auto size = file.size();
  if (!size || *size > most) return std::nullopt;
  if (*size >= smallest_mapping) {
    if (auto mapped = file.map(*size)) {
      SharedText text;
      text.view_ = {static_cast<const char*>(mapped.get()), *size};
      text.owner_ = std::move(mapped);
      return text;
    }
  }
  auto bytes = file.read(*size);
  if (!bytes) return std::nullopt;
  return SharedText(*std::move(bytes));
}

SharedText SharedText::from(std::size_t offset) const {
  SharedText rest = *this;
  rest.view_.remove_prefix(std::min(offset, view_.size()));
  return rest;
}

}  // namespace forge
