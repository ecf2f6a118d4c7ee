#include "engine/model/file_fate.hpp"

#include <algorithm>

#include "engine/git/object_hash.hpp"

namespace forge::model {

using git::ChangeHistory;

namespace {

constexpr std::size_t most_commits = 200;
constexpr std::size_t most_hops = 8;

class Search {
 public:
  Search(const UpstreamPast& past, PastBudget& budget) : past_(past), budget_(budget) {}

  /// Whether the ref's tree has the file.
  [[nodiscard]] Result<bool> is_there(std::string_view path) const {
    FORGE_TRY_ASSIGN(const std::optional<git::TreeEntry> entry, past_.repository().entry(past_.tree(), path));
    return entry && entry->mode != git::mode_folder;
  }

  Result<std::optional<FileFate>> gone(std::string_view path) {
    FileFate fate{.kind = FileFate::Kind::deleted, .path = std::string(path)};
    std::optional<KnownCommit> last;
    for (std::size_t hop = 0; hop < most_hops; ++hop) {
      FORGE_TRY_ASSIGN(const std::optional<ChangeHistory::Number> commit, removal_of(fate.path));
      if (!commit) return std::optional<FileFate>();
      FORGE_TRY_ASSIGN(last, past_.describe(*commit));
      if (!fate.commit) fate.commit = last;
      FORGE_TRY_ASSIGN(const std::optional<std::string> next, new_name(*commit, fate.path));
      if (!next) {
        fate.commit = last;
        return std::optional(fate);
      }
      if (fate.path != path) fate.names.push_back(fate.path);
      if (*next == path || std::ranges::find(fate.names, *next) != fate.names.end()) return std::optional<FileFate>();
      fate.path = *next;
      FORGE_TRY_ASSIGN(const bool there, is_there(fate.path));
      if (!there) continue;
      fate.kind = FileFate::Kind::renamed;
      return std::optional(fate);
    }
    return std::optional<FileFate>();
  }

  Result<std::optional<FileFate>> later(std::string_view path) {
    std::optional<FileFate> fate;
    FORGE_TRY_ASSIGN(const bool complete,
                     past_.walk_ahead(path, most_commits, [&](const FileStep& step) -> Result<bool> {
                       if (!budget_.take_step()) return false;
                       if (!step.after || step.before) return true;
                       FORGE_TRY_ASSIGN(KnownCommit commit, past_.describe(step.commit));
                       fate = FileFate{FileFate::Kind::not_yet, std::string(path), std::move(commit), {}};
                       return false;
                     }));
    if (!fate && complete && !budget_.is_spent() && !past_.is_incomplete()) fate = FileFate{};
    return fate;
  }

  /// With `diff.noprefix` git takes a real folder off; with one folder too many in front none is enough.
  Result<std::optional<FileFate>> misnamed(std::string_view path, std::string_view written) {
    for (const std::string_view name : {written, path.substr(std::min(path.find('/'), path.size() - 1) + 1)}) {
      if (name.empty() || name == path) continue;
      FORGE_TRY_ASSIGN(const bool there, is_there(name));
      if (there) return std::optional(FileFate{FileFate::Kind::misnamed, std::string(name), std::nullopt, {}});
    }
    return std::optional<FileFate>();
  }

 private:
  /// The newest commit in the ref's past after which the file is not there.
  Result<std::optional<ChangeHistory::Number>> removal_of(std::string_view path) {
    std::optional<ChangeHistory::Number> found;
    FORGE_TRY(past_.walk_back(path, most_commits, [&](const FileStep& step) -> Result<bool> {
      if (!budget_.take_step()) return false;
      if (!step.before || step.after || step.path != path) return step.path == path;
      found = step.commit;
      return false;
    }));
    return found;
  }

  Result<std::optional<std::string>> new_name(ChangeHistory::Number commit, std::string_view path) {
    FORGE_TRY_ASSIGN(const std::vector<git::PathChange> changed,
                     past_.repository().changed_paths(past_.history().id(commit)));
    for (const git::PathChange& change : changed) {
      if (change.kind == git::PathChange::Kind::rename && change.old_path == path)
        return std::optional(change.new_path);
    }
    return std::optional<std::string>();
  }

  const UpstreamPast& past_;
  PastBudget& budget_;
};

}  // namespace

std::string_view to_string(FileFate::Kind kind) {
  switch (kind) {
    case FileFate::Kind::renamed:
      return "renamed";
    case FileFate::Kind::deleted:
      return "deleted";
    case FileFate::Kind::not_yet:
      return "not-yet";
    case FileFate::Kind::misnamed:
      return "misnamed";
    case FileFate::Kind::unknown:
      return "unknown";
  }
  return "unknown";
}

Result<std::optional<FileFate>> file_fate(const UpstreamPast& past, std::string_view path, std::string_view written,
                                          PastBudget& budget) {
  if (budget.is_spent()) return std::optional<FileFate>();
  Search search(past, budget);
  FORGE_TRY_ASSIGN(std::optional<FileFate> gone, search.gone(path));
  if (gone) return gone;
  FORGE_TRY_ASSIGN(std::optional<FileFate> misnamed, search.misnamed(path, written));
  if (misnamed) return misnamed;
  return search.later(path);
}

}  // namespace forge::model
