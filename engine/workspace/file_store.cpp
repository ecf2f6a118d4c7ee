#include "engine/workspace/file_store.hpp"

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <optional>
#include <system_error>

#include <fmt/format.h>
#include <sys/stat.h>

#include "engine/workspace/forge_layout.hpp"

namespace forge::workspace {

namespace {

namespace fs = std::filesystem;

constexpr std::size_t max_file_size = 64U << 20U;
constexpr std::size_t max_files = 500'000;
constexpr std::int64_t settled_seconds = 3;
constexpr std::uint32_t mode_file = 0100644;
constexpr std::uint32_t mode_program = 0100755;
constexpr std::uint32_t mode_link = 0120000;

bool has_dot_dot(std::string_view path) {
  const fs::path parts(path);
  return std::ranges::any_of(parts, [](const fs::path& part) { return part == ".."; });
}

class DiskFiles : public FileStore {
 public:
  explicit DiskFiles(const std::string& root) {
    std::error_code error;
    root_ = fs::canonical(root, error);
    if (error) root_ = root;
  }

  [[nodiscard]] Result<std::vector<std::string>> list() const override {
    std::error_code error;
    if (!fs::is_directory(root_, error))
      return fail(Failure::Kind::unavailable, fmt::format("`{}` is no folder that can be read.", root_.string()));
    std::vector<std::string> paths;
    for (const std::string_view name : forge_root_files()) {
      if (fs::is_regular_file(root_ / name, error)) paths.emplace_back(name);
    }
    for (const std::string_view name : forge_folders()) FORGE_TRY(list_folder(name, paths));
    std::ranges::sort(paths);
    return paths;
  }

  [[nodiscard]] Result<std::string> read(std::string_view path) const override {
    const fs::path full = root_ / path;
    std::error_code error;
    if (path.empty() || path.front() == '/' || has_dot_dot(path) || !inside_root(full))
      return fail(Failure::Kind::invalid, fmt::format("`{}` leaves the forge.", path));
    const auto size = fs::file_size(full, error);
    if (error) return fail(Failure::Kind::io, fmt::format("`{}` can't be read: {}.", path, error.message()));
    if (size > max_file_size)
      return fail(Failure::Kind::invalid, fmt::format("`{}` is larger than {} MiB.", path, max_file_size >> 20U));
    std::ifstream stream(full, std::ios::binary);
    std::string text(size, '\0');
    if (!stream || !stream.read(text.data(), static_cast<std::streamsize>(size)))
      return fail(Failure::Kind::io, fmt::format("`{}` can't be read.", path));
    return text;
  }

  [[nodiscard]] std::uint32_t mode(std::string_view path) const override {
    std::error_code error;
    const fs::file_status status = fs::symlink_status(root_ / path, error);
    if (fs::is_symlink(status)) return mode_link;
    return (status.permissions() & fs::perms::owner_exec) != fs::perms::none ? mode_program : mode_file;
  }

  /// What git's index goes by, with git's caution too: while a file is young, a second change of it may leave no trace.
  [[nodiscard]] std::optional<std::string> identity(std::string_view path) const override {
    struct stat file{};
    std::string full = root_.native();  // as text: taking a path apart costs more than asking the system
    full.append("/").append(path);
    if (::stat(full.c_str(), &file) != 0) return std::nullopt;
    const std::int64_t age =
        std::chrono::system_clock::to_time_t(std::chrono::system_clock::now()) - file.st_ctim.tv_sec;
    if (age < settled_seconds) return std::nullopt;
    const std::array<std::uint64_t, 7> facts = {file.st_dev,
                                                file.st_ino,
                                                static_cast<std::uint64_t>(file.st_size),
                                                static_cast<std::uint64_t>(file.st_mtim.tv_sec),
                                                static_cast<std::uint64_t>(file.st_mtim.tv_nsec),
                                                static_cast<std::uint64_t>(file.st_ctim.tv_sec),
                                                static_cast<std::uint64_t>(file.st_ctim.tv_nsec)};
    return std::string(reinterpret_cast<const char*>(facts.data()), sizeof facts);
  }

 private:
  [[nodiscard]] bool inside_root(const fs::path& path) const {
    std::error_code error;
    const fs::path real = fs::canonical(path, error);
    if (error) return false;
    const auto [root_end, ignored] = std::ranges::mismatch(root_, real);
    return root_end == root_.end();
  }

  Result<void> list_folder(std::string_view name, std::vector<std::string>& paths) const {
    std::error_code error;
    const std::size_t prefix = root_.native().size() + (root_.native().ends_with('/') ? 0 : 1);
    // Folders are not followed through links: a link to a parent would never end.
    auto entry = fs::recursive_directory_iterator(root_ / name, fs::directory_options::skip_permission_denied, error);
    for (; !error && entry != fs::recursive_directory_iterator(); entry.increment(error)) {
      if (!entry->is_regular_file(error)) continue;
      if (entry->is_symlink(error) && !inside_root(entry->path())) continue;
      if (paths.size() >= max_files)
        return fail(Failure::Kind::invalid, fmt::format("The forge has more than {} files.", max_files));
      paths.push_back(entry->path().native().substr(prefix));
    }
    return {};
  }

  fs::path root_;
};

class MemoryFiles : public FileStore {
 public:
  MemoryFiles(FileStorePtr below, std::map<std::string, std::string, std::less<>> files)
      : below_(std::move(below)), files_(std::move(files)) {}

  [[nodiscard]] Result<std::vector<std::string>> list() const override {
    std::vector<std::string> paths;
    if (below_) {
      FORGE_TRY_ASSIGN(paths, below_->list());
    }
    for (const auto& [path, text] : files_) paths.push_back(path);
    std::ranges::sort(paths);
    paths.erase(std::ranges::unique(paths).begin(), paths.end());
    return paths;
  }

  [[nodiscard]] Result<std::string> read(std::string_view path) const override {
    const auto found = files_.find(path);
    if (found != files_.end()) return found->second;
    if (below_) return below_->read(path);
    return fail(Failure::Kind::not_found, fmt::format("There is no `{}`.", path));
  }

  [[nodiscard]] std::uint32_t mode(std::string_view path) const override {
    return below_ && !files_.contains(path) ? below_->mode(path) : mode_file;
  }

  [[nodiscard]] std::optional<std::string> identity(std::string_view path) const override {
    return below_ && !files_.contains(path) ? below_->identity(path) : std::nullopt;
  }

 private:
  FileStorePtr below_;
  std::map<std::string, std::string, std::less<>> files_;
};

/// The forge's part of a commit's tree, listed once.
class CommitFiles : public FileStore {
 public:
  explicit CommitFiles(git::ForgeRepositoryPtr repository) : repository_(std::move(repository)) {}

  Result<void> list_commit(const git::ObjectId& commit) {
    const git::Repository& objects = repository_->objects();
    FORGE_TRY_ASSIGN(const git::CommitInfo info, objects.commit(commit));
    git::ObjectId root = info.tree;
    if (const std::string& prefix = repository_->prefix(); !prefix.empty()) {
      FORGE_TRY_ASSIGN(const auto entry, objects.entry(root, prefix.substr(0, prefix.size() - 1)));
      if (!entry || entry->mode != mode_folder)
        return fail(Failure::Kind::not_found, fmt::format("{} has no folder `{}`.", commit.abbreviated(), prefix));
      root = entry->id;
    }
    FORGE_TRY_ASSIGN(const std::vector<git::TreeEntry> entries, objects.list(root));
    for (const git::TreeEntry& entry : entries) {
      const bool folder = entry.mode == mode_folder;
      const bool ours = std::ranges::count(folder ? forge_folders() : forge_root_files(), entry.name) > 0;
      if (ours) FORGE_TRY(add(entry.name, entry, 0));
    }
    drop_links_without_file();
    return {};
  }

  [[nodiscard]] Result<std::vector<std::string>> list() const override {
    std::vector<std::string> paths;
    for (const auto& [path, entry] : entries_) paths.push_back(path);
    return paths;
  }

  [[nodiscard]] Result<std::string> read(std::string_view path) const override {
    const git::TreeEntry* entry = target_of(path);
    if (entry == nullptr) return fail(Failure::Kind::not_found, fmt::format("There is no `{}`.", path));
    FORGE_TRY_ASSIGN(const git::BlobPtr blob, repository_->objects().blob(entry->id));
    if (blob->size() > max_file_size)
      return fail(Failure::Kind::invalid, fmt::format("`{}` is larger than {} MiB.", path, max_file_size >> 20U));
    return *blob;
  }

  [[nodiscard]] std::uint32_t mode(std::string_view path) const override {
    const auto found = entries_.find(path);
    return found == entries_.end() ? mode_file : found->second.mode;
  }

  [[nodiscard]] std::optional<std::string> identity(std::string_view path) const override {
    const git::TreeEntry* entry = target_of(path);
    return entry == nullptr ? std::nullopt : std::optional(entry->id.hex());
  }

 private:
  static constexpr std::uint32_t mode_folder = 0040000;
  static constexpr int deepest = 64;

  Result<void> add(const std::string& path, const git::TreeEntry& entry, int depth) {
    if (entry.mode != mode_folder) {
      if (entry.mode == mode_file || entry.mode == mode_program || entry.mode == mode_link)
        entries_.emplace(path, entry);
      if (entries_.size() > max_files)
        return fail(Failure::Kind::invalid, fmt::format("The forge has more than {} files.", max_files));
      return {};
    }
    if (depth >= deepest) return fail(Failure::Kind::invalid, fmt::format("`{}` is too deep a folder.", path));
    FORGE_TRY_ASSIGN(const std::vector<git::TreeEntry> below, repository_->objects().list(entry.id));
    for (const git::TreeEntry& one : below) FORGE_TRY(add(path + "/" + one.name, one, depth + 1));
    return {};
  }

  /// As on disk, where a link to a folder or out of the forge is not listed.
  void drop_links_without_file() {
    std::erase_if(entries_, [this](const auto& item) { return target_of(item.first) == nullptr; });
  }

  /// The file itself, or the one that a link leads to; null where there is none.
  [[nodiscard]] const git::TreeEntry* target_of(std::string_view path) const {
    std::string at(path);
    for (int links = 0; links < deepest; ++links) {
      const auto found = entries_.find(at);
      if (found == entries_.end()) return nullptr;
      if (found->second.mode != mode_link) return &found->second;
      const Result<git::BlobPtr> target = repository_->objects().blob(found->second.id);
      if (!target || (*target)->starts_with('/')) return nullptr;
      at = (fs::path(at).parent_path() / **target).lexically_normal().generic_string();
    }
    return nullptr;
  }

  git::ForgeRepositoryPtr repository_;
  std::map<std::string, git::TreeEntry, std::less<>> entries_;
};

}  // namespace

const std::vector<std::string>& forge_paths() {
  static const std::vector<std::string> paths = [] {
    const auto folders = forge_folders();
    const auto root_files = forge_root_files();
    std::vector<std::string> all(folders.begin(), folders.end());
    all.insert(all.end(), root_files.begin(), root_files.end());
    std::ranges::sort(all);
    return all;
  }();
  return paths;
}

Result<FileStorePtr> commit_files(git::ForgeRepositoryPtr repository, const git::ObjectId& commit) {
  auto files = std::make_shared<CommitFiles>(std::move(repository));
  FORGE_TRY(files->list_commit(commit));
  return files;
}

FileStorePtr disk_files(const std::string& root) {
  return std::make_shared<DiskFiles>(root);
}

FileStorePtr memory_files(std::map<std::string, std::string, std::less<>> files) {
  return std::make_shared<MemoryFiles>(nullptr, std::move(files));
}

FileStorePtr overlay_files(FileStorePtr below, std::map<std::string, std::string, std::less<>> files) {
  return std::make_shared<MemoryFiles>(std::move(below), std::move(files));
}

}  // namespace forge::workspace
