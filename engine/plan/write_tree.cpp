#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <optional>
#include <set>
#include <string>
#include <system_error>
#include <vector>

#include <fmt/format.h>

#include "engine/base/atomic_file.hpp"
#include "engine/base/folder_writer.hpp"
#include "engine/plan/source_export.hpp"

namespace forge::plan {

namespace {

namespace fs = std::filesystem;

/// Every folder of the tree, parents before children.
std::set<std::string> folders_of(const ExportedTree& tree) {
  std::set<std::string> folders;
  for (const ExportedFile& file : tree.files)
    for (std::size_t slash = file.path.find('/'); slash != std::string::npos; slash = file.path.find('/', slash + 1))
      folders.insert(file.path.substr(0, slash));
  return folders;
}

/// Times are the commit's, for those who copy them: wheels, archives, .pyc files.
Result<void> write_one(const FolderWriter& writer, const ExportedFile& file, std::int64_t time) {
  if (file.mode != git::mode_link) return writer.write_file(file.path, *file.content, file.mode, time);
  FORGE_TRY(writer.make_link(file.path, *file.content));
  return writer.set_time(file.path, time);
}

Result<void> fill(const FolderWriter& writer, const ExportedTree& tree, const TaskPool& pool) {
  const std::set<std::string> folders = folders_of(tree);
  for (const std::string& folder : folders) FORGE_TRY(writer.make_folder(folder));
  constexpr std::size_t at_once = 64;
  const std::size_t batches = (tree.files.size() + at_once - 1) / at_once;
  std::vector<std::optional<Failure>> failures(batches);
  pool.for_each(batches, [&](std::size_t batch) {
    const std::size_t end = std::min(tree.files.size(), (batch + 1) * at_once);
    for (std::size_t i = batch * at_once; i < end && !failures[batch]; ++i)
      if (const Result<void> done = write_one(writer, tree.files[i], tree.source.time); !done)
        failures[batch] = done.error();
  });
  for (const std::optional<Failure>& failure : failures)
    if (failure) return tl::unexpected(*failure);
  for (const std::string& folder : folders) FORGE_TRY(writer.set_time(folder, tree.source.time));
  return writer.set_time("", tree.source.time);
}

std::string read_text(const std::string& path) {
  std::ifstream stream(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(stream), {}};
}

}  // namespace

Result<Written> write_tree(const ExportedTree& tree, const std::string& folder, const TaskPool& pool) {
  const std::string manifest = folder + ".json";
  if (fs::is_directory(fs::symlink_status(folder)) && read_text(manifest) == tree.manifest) return Written::unchanged;
  {
    FORGE_TRY_ASSIGN(FolderWriter writer, FolderWriter::beside(folder));
    FORGE_TRY(fill(writer, tree, pool));
    std::error_code ignored;
    fs::remove(manifest, ignored);  // while the folder changes, nothing says that it is complete
    FORGE_TRY(writer.replace());
  }  // the old folder is gone, and has made room
  FORGE_TRY(write_file_atomically(manifest, tree.manifest));
  return Written::changed;
}

Result<void> make_empty_folder(const std::string& folder) {
  std::error_code error;
  fs::create_directories(folder, error);
  if (error) return fail(Failure::Kind::io, fmt::format("`{}` can't be written: {}.", folder, error.message()));
  if (!fs::is_empty(folder, error) || error)
    return fail(Failure::Kind::invalid, fmt::format("`{}` must be empty, but it holds something.", folder));
  return {};
}

}  // namespace forge::plan
