#include "engine/plan/source_export.hpp"

#include <algorithm>
#include <iterator>
#include <map>
#include <optional>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "engine/base/sha256.hpp"
#include "engine/base/text.hpp"
#include "engine/formats/python_project.hpp"
#include "engine/model/image_graph.hpp"
#include "engine/model/linked_trees.hpp"
#include "engine/model/patch_series.hpp"
#include "engine/model/tree_state.hpp"
#include "engine/plan/export_record.hpp"
#include "engine/plan/plan_sources.hpp"

namespace forge::plan {

namespace {

using model::TreeState;
using workspace::PatchSeries;
using Json = nlohmann::ordered_json;

tl::unexpected<Failure> refuse(const PlanSource& source, std::string_view why) {
  return fail(Failure::Kind::invalid,
              fmt::format("`{}` of {} can't be exported: {}.", source.component, source.release, why));
}

/// One repository's part of an export: the component's own tree, or one that it links.
struct TreePart {
  git::RepositoryPtr repository;
  git::ObjectId commit;
  std::string folder;  ///< empty for the component's own
  const PatchSeries* series = nullptr;
  std::vector<model::PatchText> patches;

  TreePart(git::RepositoryPtr from, const git::ObjectId& at, std::string to, const PatchSeries* with)
      : repository(std::move(from)), commit(at), folder(std::move(to)), series(with) {
    if (series != nullptr) patches = model::patch_texts(*series);
  }
};

Result<void> apply_patches(TreeState& tree, const PlanSource& source, const TreePart& part) {
  model::RunMemory memory;
  const std::vector<model::PatchText>& patches = part.patches;
  const std::vector<model::ParsedPatchPtr> parsed = model::read_run(patches);
  for (std::size_t i = 0; i < patches.size(); ++i) {
    const bool applies =
        !parsed[i]->value.refused &&
        model::attempt_patch(tree, memory, patches[i].text, parsed[i]->value, model::Direction::forward).applies;
    if (tree.failure()) return tl::unexpected(*tree.failure());
    if (!applies) return refuse(source, fmt::format("{} does not apply", part.series->patches[i]->file->path()));
  }
  return {};
}

bool is_safe_path(std::string_view path) {
  return std::ranges::none_of(split(path, '/'), [](std::string_view part) {
    return part.empty() || part == "." || part == ".." || to_lower(part) == ".git" || part.find('\0') != part.npos;
  });
}

/// What stands in the repository for a file that is kept elsewhere.
bool is_lfs_pointer(std::string_view content) {
  return content.size() < 1024 && content.starts_with("version https://git-lfs.github.com/spec/") &&
         content.find("\noid sha256:") != std::string_view::npos;
}

/// A file's place and kind; its content is still to come.
Result<ExportedFile> new_file(const PlanSource& source, std::string path, std::uint32_t mode) {
  if (!is_safe_path(path)) return refuse(source, fmt::format("`{}` is no path that could be written safely", path));
  if (mode == git::mode_submodule) return refuse(source, fmt::format("`{}` is a submodule of a submodule", path));
  const std::uint32_t written = mode == git::mode_link ? git::mode_link : (mode & 0111U) != 0 ? 0755U : 0644U;
  return ExportedFile{std::move(path), written, nullptr};
}

Result<void> check_content(const PlanSource& source, const ExportedFile& file) {
  const bool is_link = file.mode == git::mode_link;
  if (is_link && (file.content->empty() || file.content->find('\0') != std::string::npos))
    return refuse(source, fmt::format("the link `{}` leads nowhere", file.path));
  if (!is_link && is_lfs_pointer(*file.content))
    return refuse(source,
                  fmt::format("the content of `{}` is in Git LFS, and only a pointer to it is here", file.path));
  return {};
}

/// A file whose content is to be read from the repository.
struct Unread {
  std::size_t file = 0;  ///< its place in the list of files
  git::ObjectId id;
};

/// Reads in parallel; the first failure by the order of files counts.
Result<void> read_contents(const git::Repository& repository, const std::vector<Unread>& unread,
                           std::vector<ExportedFile>& files, const TaskPool& pool) {
  constexpr std::size_t at_once = 64;
  const std::size_t batches = (unread.size() + at_once - 1) / at_once;
  std::vector<std::optional<Failure>> failures(batches);
  pool.for_each(batches, [&](std::size_t batch) {
    const std::size_t end = std::min(unread.size(), (batch + 1) * at_once);
    for (std::size_t i = batch * at_once; i < end && !failures[batch]; ++i) {
      Result<git::BlobPtr> blob = repository.blob(unread[i].id);
      if (blob)
        files[unread[i].file].content = std::move(*blob);
      else
        failures[batch] = blob.error();
    }
  });
  for (const std::optional<Failure>& failure : failures)
    if (failure) return tl::unexpected(*failure);
  return {};
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

/// The folder in which setuptools keeps a project's metadata; empty where the name is none that it would take.
std::string egg_info_folder(std::string_view name) {
  std::string out;
  for (const char c : name) {
    if (is_alnum(c) || c == '.')
      out += c;
    else if (c != '-' && c != '_' && c != ' ')
      return {};
    else if (!out.ends_with('_'))
      out += '_';
  }
  if (out.empty() || out.front() == '.') return {};
  return out + ".egg-info";
}

/// What a released sdist has, and what pbr and setuptools read where there is no git: the version, and the list of
/// files. `name` is what git in a full clone would tell pbr of the commit.
void add_build_files(std::vector<ExportedFile>& files, const PlanSource& source, const git::CommitName& name) {
  const auto project = formats::python_project(text_of(files, "setup.cfg"), text_of(files, "setup.py"),
                                               text_of(files, "pyproject.toml"));
  if (!project || !(project->uses_pbr || project->asks_git)) return;
  const std::string folder = egg_info_folder(project->name);
  if (folder.empty()) return;
  std::string list;
  for (const ExportedFile& file : files)
    if (file.path.find('\n') == std::string::npos) list += file.path + "\n";
  put_file(files, "PKG-INFO",
           fmt::format("Metadata-Version: 2.1\nName: {}\nVersion: {}\n", project->name, source.version));
  put_file(files, folder + "/SOURCES.txt", std::move(list));
  if (!project->uses_pbr) return;
  // So pbr reads the answer of `git describe`.
  const bool release =
      name.annotated_tag.find('.') != std::string::npos && name.annotated_tag.find('-') == std::string::npos;
  put_file(files, folder + "/pbr.json",
           fmt::format("{{\"git_version\": \"{}\", \"is_release\": {}}}", name.abbreviated, release));
}

/// Where a link of the tree leads.
enum class LinkEnd { inside, outside, absolute };

class Links {
 public:
  explicit Links(const std::vector<ExportedFile>& files) {
    for (const ExportedFile& file : files)
      if (file.mode == git::mode_link) targets_.emplace(file.path, *file.content);
  }

  /// Follows other links of the tree on the way. A circle leads nowhere, hence not outside.
  [[nodiscard]] LinkEnd end_of(const ExportedFile& link) const {
    constexpr std::size_t most_steps = 4096;
    std::vector<std::string> todo = steps(*link.content);
    std::vector<std::string> at = split_strings(link.path);
    at.pop_back();
    if (link.content->starts_with('/')) return LinkEnd::absolute;
    for (std::size_t done = 0; !todo.empty() && done < most_steps; ++done) {
      const std::string step = std::move(todo.back());
      todo.pop_back();
      if (step.empty() || step == ".") continue;
      if (step == "..") {
        if (at.empty()) return LinkEnd::outside;
        at.pop_back();
        continue;
      }
      at.push_back(step);
      const auto other = targets_.find(join(at, "/"));
      if (other == targets_.end()) continue;
      if (other->second.starts_with('/')) return LinkEnd::absolute;
      at.pop_back();
      std::ranges::move(steps(other->second), std::back_inserter(todo));
    }
    return LinkEnd::inside;
  }

 private:
  static std::vector<std::string> split_strings(std::string_view path) {
    std::vector<std::string> out;
    for (const std::string_view part : split(path, '/')) out.emplace_back(part);
    return out;
  }
  /// The next one at the end.
  static std::vector<std::string> steps(std::string_view target) {
    std::vector<std::string> out = split_strings(target);
    std::ranges::reverse(out);
    return out;
  }

  std::map<std::string, std::string> targets_;
};

/// What is true of the tree as a whole, and notes of what may surprise.
Result<void> check_tree(ExportedTree& tree) {
  const Links links(tree.files);
  std::map<std::string, std::string> by_lower;
  for (const ExportedFile& file : tree.files) {
    for (std::size_t slash = file.path.find('/'); slash != std::string::npos; slash = file.path.find('/', slash + 1)) {
      const std::string folder = file.path.substr(0, slash);
      if (std::ranges::binary_search(tree.files, folder, {}, &ExportedFile::path))
        return refuse(tree.source, fmt::format("`{}` is a file, and `{}` would be in it", folder, file.path));
    }
    const auto [other, added] = by_lower.emplace(to_lower(file.path), file.path);
    if (!added)
      tree.notes.push_back(
          fmt::format("`{}` and `{}` are one file where case makes no difference", other->second, file.path));
    if (file.mode != git::mode_link) continue;
    const LinkEnd end = links.end_of(file);
    if (end == LinkEnd::outside) return refuse(tree.source, fmt::format("the link `{}` leaves the tree", file.path));
    if (end == LinkEnd::absolute)
      tree.notes.push_back(
          fmt::format("the link `{}` leads to `{}`, whatever that is where it is used", file.path, *file.content));
  }
  if (std::ranges::binary_search(tree.files, ".dockerignore", {}, &ExportedFile::path))
    tree.notes.emplace_back(
        "a build leaves out what its `.dockerignore` says, when it takes the tree as a folder; as an OCI layout "
        "(`--sources oci`) it is whole");
  return {};
}

/// Each item with its length in front, so that no two lists of files have one digest.
std::string digest_of(const std::vector<ExportedFile>& files) {
  std::string list;
  for (const ExportedFile& file : files)
    list += fmt::format("{} {} {:o} {}\n", file.path.size(), file.path, file.mode, sha256_hex(*file.content));
  return "sha256:" + sha256_hex(list);
}

Json patches_json(const TreePart& part) {
  Json applied = Json::array();
  for (std::size_t i = 0; i < part.patches.size(); ++i)
    applied.push_back(Json{{"file", part.series->patches[i]->file->path()},
                           {"digest", "sha256:" + sha256_hex(part.patches[i].text)}});
  return applied;
}

std::string manifest_of(const ExportedTree& tree, const std::string& inputs, const std::vector<TreePart>& parts) {
  Json out{{"version", 1},
           {"component", tree.source.component},
           {"release", tree.source.release},
           {"ref", tree.source.ref},
           {"commit", tree.source.commit},
           {"source-version", tree.source.version},
           {"time", tree.source.time},
           {"inputs", inputs},
           {"digest", tree.digest},
           {"files", tree.files.size()},
           {"patches", patches_json(parts.front())}};
  if (!tree.notes.empty()) out["notes"] = tree.notes;
  for (const TreePart& part : parts)
    if (!part.folder.empty())
      out["linked"].push_back(
          Json{{"folder", part.folder}, {"commit", part.commit.hex()}, {"patches", patches_json(part)}});
  return out.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

/// The tree behind a submodule. Its commit is read from the line that stands for it, which a patch may have changed.
Result<TreePart> linked_part(const workspace::Snapshot& snapshot, const PlanSource& source, TreeState& tree,
                             const std::string& path) {
  constexpr std::string_view prefix = "Subproject commit ";
  const git::BlobPtr line = tree.content(path)->text();
  const std::string_view text = trim_space(*line);
  const auto commit =
      text.starts_with(prefix) ? git::ObjectId::from_hex(text.substr(prefix.size())) : std::optional<git::ObjectId>();
  if (!commit) return refuse(source, fmt::format("the submodule `{}` names no commit", path));
  const model::LinkedTree linked{path, model::linked_component(path), *commit};
  FORGE_TRY_ASSIGN(git::RepositoryPtr repository, model::open_linked(snapshot, source.component, linked));
  const std::string series = model::linked_series_name(source.component, linked.component);
  // A component may be called so by itself; then its patches are for its own tree.
  const bool of_copy = model::linked_name(snapshot, series).has_value();
  return TreePart(std::move(repository), *commit, path,
                  of_copy ? snapshot.patch_series(series, source.release) : nullptr);
}

/// What an export reads from.
struct Inputs {
  const workspace::Snapshot& snapshot;
  const TaskPool& pool;
};

/// Adds the files of one part. A submodule of the component's own tree becomes a part at the end of `parts`.
Result<void> add_files(const Inputs& in, std::vector<TreePart>& parts, std::size_t which, ExportedTree& out) {
  const git::RepositoryPtr repository = parts[which].repository;
  const std::string folder = parts[which].folder.empty() ? "" : parts[which].folder + "/";
  FORGE_TRY_ASSIGN(const git::CommitInfo commit, repository->commit(parts[which].commit));
  TreeState state(*repository, commit.tree);
  FORGE_TRY(apply_patches(state, out.source, parts[which]));
  const std::size_t first = out.files.size();
  std::vector<Unread> unread;
  for (const std::string& path : state.paths()) {
    const model::TreeFile& at = *state.find(path);
    if (at.mode == git::mode_submodule && folder.empty()) {
      FORGE_TRY_ASSIGN(TreePart part, linked_part(in.snapshot, out.source, state, path));
      parts.push_back(std::move(part));
      continue;
    }
    FORGE_TRY_ASSIGN(ExportedFile file, new_file(out.source, folder + path, at.mode));
    if (at.content != nullptr || at.changed)
      file.content = state.content(path)->text();
    else
      unread.push_back({out.files.size(), at.id});
    out.files.push_back(std::move(file));
  }
  if (state.failure()) return tl::unexpected(*state.failure());
  FORGE_TRY(read_contents(*repository, unread, out.files, in.pool));
  for (std::size_t i = first; i < out.files.size(); ++i) FORGE_TRY(check_content(out.source, out.files[i]));
  return {};
}

/// Each library's tree in a folder of its name.
Result<ExportedTree> exported_libraries(const Inputs& in, const PlanSource& source) {
  ExportedTree all;
  all.source = source;
  Json manifests = Json::array();
  for (const std::string& library : model::patched_libraries(in.snapshot, source.release)) {
    FORGE_TRY_ASSIGN(const PlanSource its, plan_source(in.snapshot, library, source.release));
    FORGE_TRY_ASSIGN(ExportedTree tree, exported_tree(in.snapshot, its, in.pool));
    for (ExportedFile& file : tree.files) {
      file.path.insert(0, library + "/");
      all.files.push_back(std::move(file));
    }
    manifests.push_back(Json::parse(tree.manifest));
    for (const std::string& note : tree.notes) all.notes.push_back(library + ": " + note);
  }
  std::ranges::sort(all.files, {}, &ExportedFile::path);
  all.digest = digest_of(all.files);
  FORGE_TRY_ASSIGN(const std::string inputs, export_inputs(in.snapshot, source));
  Json manifest{
      {"version", 1},         {"component", source.component}, {"release", source.release},        {"inputs", inputs},
      {"digest", all.digest}, {"files", all.files.size()},     {"libraries", std::move(manifests)}};
  if (!all.notes.empty()) manifest["notes"] = all.notes;
  all.manifest = manifest.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
  return all;
}

}  // namespace

Result<ExportedTree> exported_tree(const workspace::Snapshot& snapshot, const PlanSource& source,
                                   const TaskPool& pool) {
  const Inputs in{snapshot, pool};
  if (source.component == model::libraries_context) return exported_libraries(in, source);
  FORGE_TRY_ASSIGN(git::RepositoryPtr repository, snapshot.upstreams().open(source.component));
  const auto id = git::ObjectId::from_hex(source.commit);
  if (!id) return refuse(source, "its commit is not known");
  ExportedTree tree;
  tree.source = source;
  const git::CommitName name = repository->commit_name(*id);
  std::vector<TreePart> parts;
  parts.emplace_back(std::move(repository), *id, "", snapshot.patch_series(source.component, source.release));
  for (std::size_t i = 0; i < parts.size(); ++i) FORGE_TRY(add_files(in, parts, i, tree));
  std::ranges::sort(tree.files, {}, &ExportedFile::path);
  add_build_files(tree.files, source, name);
  FORGE_TRY(check_tree(tree));
  tree.digest = digest_of(tree.files);
  FORGE_TRY_ASSIGN(const std::string inputs, export_inputs(snapshot, source));
  tree.manifest = manifest_of(tree, inputs, parts);
  return tree;
}

}  // namespace forge::plan
