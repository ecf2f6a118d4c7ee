/// A tar archive in memory whose bytes depend on nothing but what is put in: POSIX ustar, with a pax header where a
/// name does not fit. (libarchive's writer needs libraries that a static program would have to bring along.)
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace forge::plan {

class TarWriter {
 public:
  /// All entries have this time, in seconds since the epoch, and owner and group 0 without names.
  explicit TarWriter(std::int64_t time) : time_(time) {}

  /// `mode` is the permission bits.
  void add_file(std::string_view path, std::uint32_t mode, std::string_view content);
  void add_folder(std::string_view path);
  void add_link(std::string_view path, std::string_view target);
  /// The whole archive; nothing can be added afterwards.
  [[nodiscard]] std::string take();

 private:
  struct Entry {
    std::string_view path;
    char type = '0';
    std::uint32_t mode = 0;
    std::string_view target{};
    std::string_view content{};
  };
  void add(const Entry& entry);
  void add_header(const Entry& entry, std::string_view name, std::string_view prefix);
  void add_content(std::string_view content);

  std::int64_t time_;
  std::string out_;
};

}  // namespace forge::plan
