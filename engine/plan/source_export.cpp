#include "engine/plan/source_export.hpp"

#include <algorithm>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "engine/base/sha256.hpp"
#include "engine/base/text.hpp"
#include "engine/formats/python_project.hpp"
#include "engine/model/patch_series.hpp"
#include "engine/model/tree_state.hpp"

namespace forge::plan {

namespace {

using model::TreeState;
using workspace::PatchSeries;
using Json = nlohmann::ordered_json;

tl::unexpected<Failure> refuse(const PlanSource& source, std::string_view why) {
  return fail(Failure::Kind::invalid,
              fmt::format("`{}` of {} can't be exported: {}.", source.component, source.release, why));
}

Result<void> apply_patches(TreeState& tree, const PlanSource& source, const PatchSeries& series,
                           const std::vector<model::PatchText>& patches) {
  model::RunMemory memory;
  const std::vector<model::ParsedPatchPtr> parsed = model::read_run(patches);
  for (std::size_t i = 0; i < patches.size(); ++i) {
    const bool applies =
        !parsed[i]->value.refused &&
        model::attempt_patch(tree, memory, patches[i].text, parsed[i]->value, model::Direction::forward).applies;
    if (tree.failure()) return tl::unexpected(*tree.failure());
    if (!applies) return refuse(source, fmt::format("{} does not apply", series.patches[i]->file->path()));
  }
  return {};
}

bool is_safe_path(std::string_view path) {
  return std::ranges::none_of(split(path, '/'), [](std::string_view part) {
    return part.empty() || part == "." || part == ".." || to_lower(part) == ".git" || part.find('\0') != part.npos;
  });
}

/// Whether a relative link stays inside of the tree.
bool stays_inside(std::string_view path, std::string_view target) {
  if (target.starts_with('/')) return true;  // of the image, where it will mean something
  auto depth = std::ranges::count(path, '/');
  for (const std::string_view part : split(target, '/')) {
    if (part == "..")
      --depth;
    else if (!part.empty() && part != ".")
      ++depth;
    if (depth < 0) return false;
  }
  return true;
}

Result<ExportedFile> read_file(TreeState& tree, const PlanSource& source, const std::string& path) {
  const std::uint32_t mode = tree.find(path)->mode;
  if (!is_safe_path(path)) return refuse(source, fmt::format("`{}` is no path that could be written safely", path));
  if (mode == git::mode_submodule) return refuse(source, fmt::format("`{}` is a submodule", path));
  ExportedFile file{path, 0644, tree.content(path)->text()};
  if (tree.failure()) return tl::unexpected(*tree.failure());
  if (mode == git::mode_link) {
    file.mode = git::mode_link;
    if (!stays_inside(path, *file.content)) return refuse(source, fmt::format("the link `{}` leaves the tree", path));
  } else if ((mode & 0111U) != 0) {
    file.mode = 0755;
  }
  return file;
}

void put_file(std::vector<ExportedFile>& files, std::string path, std::string content) {
  const auto at = std::ranges::lower_bound(files, path, {}, &ExportedFile::path);
  ExportedFile file{std::move(path), 0644, std::make_shared<const std::string>(std::move(content))};
  if (at != files.end() && at->path == file.path)
    *at = std::move(file);
  else
    files.insert(at, std::move(file));
}

std::string_view text_of(const std::vector<ExportedFile>& files, std::string_view path) {
  const auto at = std::ranges::lower_bound(files, path, {}, &ExportedFile::path);
  const bool there = at != files.end() && at->path == path && at->mode != git::mode_link;
  return there ? std::string_view(*at->content) : std::string_view();
}

/// What a released sdist has, and what pbr reads where there is no git: the version, and the list of files.
void add_pbr_files(std::vector<ExportedFile>& files, const PlanSource& source) {
  const auto project = formats::python_project(text_of(files, "setup.cfg"), text_of(files, "setup.py"),
                                               text_of(files, "pyproject.toml"));
  if (!project || !project->uses_pbr) return;
  std::string folder = project->name;
  std::ranges::replace(folder, '-', '_');
  folder += ".egg-info";
  std::string list;
  for (const ExportedFile& file : files) list += file.path + "\n";
  const bool release = source.version.find(".dev") == std::string::npos;
  put_file(files, "PKG-INFO",
           fmt::format("Metadata-Version: 2.1\nName: {}\nVersion: {}\n", project->name, source.version));
  put_file(files, folder + "/SOURCES.txt", std::move(list));
  put_file(files, folder + "/pbr.json",
           fmt::format("{{\"git_version\": \"{}\", \"is_release\": {}}}", source.commit.substr(0, 7), release));
}

/// Each item with its length in front, so that no two lists of files have one digest.
std::string digest_of(const std::vector<ExportedFile>& files) {
  std::string list;
  for (const ExportedFile& file : files)
    list += fmt::format("{} {} {:o} {}\n", file.path.size(), file.path, file.mode, sha256_hex(*file.content));
  return "sha256:" + sha256_hex(list);
}

std::string manifest_of(const ExportedTree& tree, const std::vector<model::PatchText>& patches,
                        const PatchSeries* series) {
  Json applied = Json::array();
  for (std::size_t i = 0; i < patches.size(); ++i)
    applied.push_back(
        Json{{"file", series->patches[i]->file->path()}, {"digest", "sha256:" + sha256_hex(patches[i].text)}});
  const Json out{{"version", 1},
                 {"component", tree.source.component},
                 {"release", tree.source.release},
                 {"ref", tree.source.ref},
                 {"commit", tree.source.commit},
                 {"source-version", tree.source.version},
                 {"time", tree.source.time},
                 {"digest", tree.digest},
                 {"files", tree.files.size()},
                 {"patches", applied}};
  return out.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

}  // namespace

Result<ExportedTree> exported_tree(const workspace::Snapshot& snapshot, const PlanSource& source) {
  FORGE_TRY_ASSIGN(const git::RepositoryPtr repository, snapshot.upstreams().open(source.component));
  const auto id = git::ObjectId::from_hex(source.commit);
  if (!id) return refuse(source, "its commit is not known");
  FORGE_TRY_ASSIGN(const git::CommitInfo commit, repository->commit(*id));
  TreeState state(*repository, commit.tree);
  const PatchSeries* series = snapshot.patch_series(source.component, source.release);
  const std::vector<model::PatchText> patches =
      series == nullptr ? std::vector<model::PatchText>{} : model::patch_texts(*series);
  if (series != nullptr) FORGE_TRY(apply_patches(state, source, *series, patches));
  ExportedTree tree;
  tree.source = source;
  for (const std::string& path : state.paths()) {
    FORGE_TRY_ASSIGN(ExportedFile file, read_file(state, source, path));
    tree.files.push_back(std::move(file));
  }
  if (state.failure()) return tl::unexpected(*state.failure());
  add_pbr_files(tree.files, source);
  tree.digest = digest_of(tree.files);
  tree.manifest = manifest_of(tree, patches, series);
  return tree;
}

}  // namespace forge::plan
