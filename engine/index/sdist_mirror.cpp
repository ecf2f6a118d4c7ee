#include "engine/index/sdist_mirror.hpp"

#include <algorithm>
#include <filesystem>
#include <vector>

#include <fmt/format.h>

#include "engine/base/cancellation.hpp"
#include "engine/base/text.hpp"
#include "engine/formats/source_archive.hpp"
#include "engine/git/import_tag.hpp"
#include "engine/git/libgit2_repository.hpp"
#include "engine/git/mirror_lock.hpp"

namespace forge::index {

namespace {

namespace fs = std::filesystem;

/// Those without a tag in the mirror.
std::vector<std::string> missing_refs(const git::Location& location, std::span<const std::string> refs) {
  std::vector<std::string> missing(refs.begin(), refs.end());
  const Result<git::RepositoryPtr> repository = git::open_repository(location.path);
  if (repository)
    std::erase_if(missing, [&](const std::string& ref) { return (*repository)->resolve(ref).has_value(); });
  return missing;
}

/// The newest releases, for a message.
std::string newest_releases(const ProjectPage& page) {
  constexpr std::size_t most = 5;
  std::vector<std::string> names;
  const std::vector<formats::Version> versions = page.versions();
  for (auto version = versions.rbegin(); version != versions.rend() && names.size() < most; ++version)
    names.push_back(fmt::format("`{}`", version->str()));
  return join(names, ", ");
}

Result<formats::IndexFile> sdist_of(const git::Location& location, const std::string& ref, const ProjectPage& page) {
  const auto version = formats::Version::parse(ref);
  if (!version)
    return fail(
        Failure::Kind::not_found,
        fmt::format("`{}` is no version, and `{}` has nothing but released versions.", ref, location.url),
        {fmt::format("write a version into source-refs.yaml, or name a git repository of `{}` under `upstreams` "
                     "in forge.yaml",
                     location.component)});
  for (formats::IndexFile& file : page.files(*version)) {
    if (file.distribution.kind == formats::FileKind::sdist) return std::move(file);
  }
  return fail(Failure::Kind::not_found, fmt::format("There is no source archive of `{}` {}.", location.sdist, ref),
              {fmt::format("the newest releases: {}", newest_releases(page))});
}

Result<void> bring(const git::Location& location, const std::string& ref, const formats::IndexFile& file,
                   const PackageIndex& index) {
  FORGE_TRY_ASSIGN(const std::string archive, index.content(file));
  FORGE_TRY_ASSIGN(const std::vector<formats::ArchivedFile> files, formats::read_source_archive(archive));
  git::TagImport import{.tag = ref, .message = fmt::format("{} {}\n", location.sdist, ref)};
  for (const formats::ArchivedFile& archived : files) import.time = std::max(import.time, archived.time);
  const auto fill = [&](const git::AddFile& add) -> Result<void> {
    for (const formats::ArchivedFile& archived : files) FORGE_TRY(add(archived.path, archived.mode, archived.content));
    return {};
  };
  FORGE_TRY(git::import_tag(location.path, import, fill));
  return {};
}

}  // namespace

Result<git::SyncOutcome> sync_sdists(const git::Location& location, std::span<const std::string> refs,
                                     const PackageIndex& index) {
  std::error_code error;
  fs::create_directories(fs::path(location.path).parent_path(), error);
  if (error) return fail(Failure::Kind::io, fmt::format("`{}` can't be made: {}.", location.path, error.message()));
  FORGE_TRY_ASSIGN(const git::MirrorLock lock, git::MirrorLock::take(location.path));
  const bool is_new = !fs::exists(location.path, error);
  const std::vector<std::string> missing = missing_refs(location, refs);
  const auto outcome = is_new ? git::SyncOutcome::cloned : git::SyncOutcome::fetched;
  if (missing.empty()) return outcome;
  const auto project = PackageName::parse(location.sdist);
  if (!project) return fail(Failure::Kind::invalid, fmt::format("`{}` is no package's name.", location.sdist));
  const std::vector<PackageName> projects{*project};
  const std::vector<Result<ProjectPagePtr>> pages = index.pages(projects);
  FORGE_TRY_ASSIGN(const ProjectPagePtr page, pages.front());
  for (const std::string& ref : missing) {
    throw_if_cancelled();
    FORGE_TRY_ASSIGN(const formats::IndexFile file, sdist_of(location, ref, *page));
    FORGE_TRY(bring(location, ref, file, index));
  }
  git::note_fetch(location.path);
  return outcome;
}

Result<git::SyncOutcome> sync_upstream(const git::Location& location, std::span<const std::string> refs,
                                       const git::SyncOptions& options, const PackageIndex& index) {
  return location.sdist.empty() ? git::sync_mirror(location, options) : sync_sdists(location, refs, index);
}

}  // namespace forge::index
