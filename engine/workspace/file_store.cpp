#include "engine/workspace/file_store.hpp"

#include <algorithm>
#include <array>
#include <filesystem>
#include <fstream>
#include <optional>
#include <system_error>

#include <fmt/format.h>

namespace forge::workspace {

namespace {

namespace fs = std::filesystem;

constexpr std::size_t max_file_size = 64U << 20U;
constexpr std::size_t max_files = 500'000;
constexpr std::array folders = {".github", "images", "overrides", "patches", "releases", "scripts"};
constexpr std::array root_files = {"bindep.txt", "forge.yaml"};

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
    for (const char* name : root_files) {
      if (fs::is_regular_file(root_ / name, error)) paths.emplace_back(name);
    }
    for (const char* name : folders) FORGE_TRY(list_folder(name, paths));
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

 private:
  [[nodiscard]] bool inside_root(const fs::path& path) const {
    std::error_code error;
    const fs::path real = fs::canonical(path, error);
    if (error) return false;
    const auto [root_end, ignored] = std::ranges::mismatch(root_, real);
    return root_end == root_.end();
  }

  Result<void> list_folder(const char* name, std::vector<std::string>& paths) const {
    std::error_code error;
    // Folders are not followed through links: a link to a parent would never end.
    auto entry = fs::recursive_directory_iterator(root_ / name, fs::directory_options::skip_permission_denied, error);
    for (; !error && entry != fs::recursive_directory_iterator(); entry.increment(error)) {
      if (!entry->is_regular_file(error)) continue;
      if (entry->is_symlink(error) && !inside_root(entry->path())) continue;
      if (paths.size() >= max_files)
        return fail(Failure::Kind::invalid, fmt::format("The forge has more than {} files.", max_files));
      paths.push_back(entry->path().lexically_relative(root_).generic_string());
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

 private:
  FileStorePtr below_;
  std::map<std::string, std::string, std::less<>> files_;
};

}  // namespace

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
