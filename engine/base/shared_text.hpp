/// Bytes with shared ownership: a string, or a file that is mapped instead of read where it is large.
#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace forge {

/// Immutable; copies share the bytes.
class SharedText {
 public:
  SharedText() = default;
  explicit SharedText(std::string text);
  /// The whole file; nothing where it can't be read or is larger than `most` bytes. Only for files that are replaced,
  /// never rewritten in place: a mapping shows what becomes of the file.
  [[nodiscard]] static std::optional<SharedText> of_file(const std::string& path, std::size_t most);

  [[nodiscard]] std::string_view view() const { return view_; }
  /// What stands behind the first `offset` bytes, as a share of the same ones.
  [[nodiscard]] SharedText from(std::size_t offset) const;

 private:
  std::shared_ptr<const void> owner_;
  std::string_view view_;
};

}  // namespace forge
