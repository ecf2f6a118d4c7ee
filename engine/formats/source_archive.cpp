#include "engine/formats/source_archive.hpp"

#include <array>
#include <map>
#include <memory>

#include <archive.h>
#include <archive_entry.h>
#include <fmt/format.h>

#include "engine/formats/patch_names.hpp"

namespace forge::formats {

namespace {

constexpr std::uint32_t file_mode = 0100644;
constexpr std::uint32_t program_mode = 0100755;
constexpr std::uint32_t link_mode = 0120000;
constexpr std::size_t max_path_bytes = 4096;

tl::unexpected<Failure> refused(std::string why) {
  return fail(Failure::Kind::invalid, fmt::format("The source archive is refused: {}.", std::move(why)));
}

struct Close {
  void operator()(archive* reader) const { archive_read_free(reader); }
};

class Unpacking {
 public:
  explicit Unpacking(const ArchiveLimits& limits) : limits_(limits) {}

  Result<std::vector<ArchivedFile>> run(std::string_view bytes) {
    const std::unique_ptr<archive, Close> reader(archive_read_new());
    archive_read_support_filter_gzip(reader.get());
    archive_read_support_filter_xz(reader.get());
    archive_read_support_filter_bzip2(reader.get());
    archive_read_support_format_tar(reader.get());
    archive_read_support_format_zip(reader.get());
    if (archive_read_open_memory(reader.get(), bytes.data(), bytes.size()) != ARCHIVE_OK)
      return refused(said_by(reader.get()));
    archive_entry* entry = nullptr;
    for (;;) {
      const int code = archive_read_next_header(reader.get(), &entry);
      if (code == ARCHIVE_EOF) break;
      if (code != ARCHIVE_OK && code != ARCHIVE_WARN) return refused(said_by(reader.get()));
      FORGE_TRY(take(reader.get(), entry));
    }
    if (files_.empty()) return refused("there is no file in it");
    std::vector<ArchivedFile> out;
    out.reserve(files_.size());
    for (auto& [path, file] : files_) out.push_back(std::move(file));
    return out;
  }

 private:
  static std::string said_by(archive* reader) {
    const char* message = archive_error_string(reader);
    return message == nullptr ? "it can't be read" : message;
  }

  Result<void> take(archive* reader, archive_entry* entry) {
    const auto type = archive_entry_filetype(entry);
    const char* name = archive_entry_pathname(entry);
    if (name == nullptr) name = archive_entry_pathname_utf8(entry);  // a name that this locale can't spell
    if (name == nullptr) return refused("an entry has no name");
    if (archive_entry_hardlink(entry) == nullptr && type == AE_IFDIR) return {};
    FORGE_TRY_ASSIGN(std::string path, path_below_top(name));
    if (files_.size() >= limits_.files) return refused(fmt::format("it has more than {} files", limits_.files));
    ArchivedFile file{.path = path, .mode = file_mode, .content = {}, .time = archive_entry_mtime(entry)};
    if (const char* target = archive_entry_hardlink(entry)) {
      FORGE_TRY_ASSIGN(const std::string original, path_below_top(target));
      const auto at = files_.find(original);
      if (at == files_.end()) return refused(fmt::format("`{}` is a link to nothing before it", path));
      file.mode = at->second.mode;
      file.content = at->second.content;
    } else if (type == AE_IFLNK) {
      file.mode = link_mode;
      file.content = archive_entry_symlink(entry) == nullptr ? "" : archive_entry_symlink(entry);
    } else if (type == AE_IFREG) {
      if ((archive_entry_perm(entry) & 0100) != 0) file.mode = program_mode;
      FORGE_TRY(read_content(reader, file.content));
    } else {
      return refused(fmt::format("`{}` is no file, folder or link", path));
    }
    bytes_ += file.content.size();
    if (bytes_ > limits_.bytes) return too_large();
    files_.insert_or_assign(std::move(path), std::move(file));
    return {};
  }

  [[nodiscard]] tl::unexpected<Failure> too_large() const {
    return refused(fmt::format("it unpacks to more than {} MiB", limits_.bytes >> 20));
  }

  Result<void> read_content(archive* reader, std::string& content) const {
    std::array<char, 65536> buffer{};
    for (;;) {
      const la_ssize_t size = archive_read_data(reader, buffer.data(), buffer.size());
      if (size == 0) return {};
      if (size < 0) return refused(said_by(reader));
      content.append(buffer.data(), static_cast<std::size_t>(size));
      if (bytes_ + content.size() > limits_.bytes) return too_large();
    }
  }

  /// The first folder of the first entry is the top folder of all.
  Result<std::string> path_below_top(std::string_view name) {
    if (name.size() > max_path_bytes) return refused("a path is longer than 4096 bytes");
    while (name.starts_with("./")) name.remove_prefix(2);
    const std::size_t slash = name.find('/');
    if (slash == std::string_view::npos || slash == 0)
      return refused(fmt::format("`{}` is not below the one top folder", name));
    if (top_.empty()) top_ = name.substr(0, slash);
    if (name.substr(0, slash) != top_)
      return refused(fmt::format("it has two top folders, `{}` and `{}`", top_, name.substr(0, slash)));
    const std::string_view path = name.substr(slash + 1);
    const std::string_view reason = forbidden_path_reason(path, 0);
    if (!reason.empty()) return refused(fmt::format("the path `{}` {}", name, reason));
    return std::string(path);
  }

  const ArchiveLimits& limits_;
  std::map<std::string, ArchivedFile, std::less<>> files_;
  std::string top_;
  std::size_t bytes_ = 0;
};

}  // namespace

Result<std::vector<ArchivedFile>> read_source_archive(std::string_view bytes, const ArchiveLimits& limits) {
  return Unpacking(limits).run(bytes);
}

}  // namespace forge::formats
