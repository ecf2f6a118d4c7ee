#include "engine/model/upstream_past.hpp"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "engine/git/object_hash.hpp"

namespace forge::model {

using git::ChangeHistory;
using Number = ChangeHistory::Number;

namespace {

constexpr int most_renames = 8;

std::optional<ChangeHistory::Reach> reach_of(const ChangeHistory& history, const std::optional<git::NamedRef>& ref) {
  if (!ref) return std::nullopt;
  const std::optional<Number> number = history.find(ref->commit);
  if (!number) return std::nullopt;
  return history.reach(*number);
}

}  // namespace

Result<UpstreamPast> UpstreamPast::read(const UpstreamRefs& upstream, const git::ObjectId& commit) {
  UpstreamPast out;
  out.upstream_ = &upstream;
  FORGE_TRY_ASSIGN(out.history_, upstream.repository->changes());
  FORGE_TRY_ASSIGN(const git::CommitInfo info, upstream.repository->commit(commit));
  out.tree_ = info.tree;
  const std::optional<Number> tip = out.history_->find(commit);
  if (!tip) return fail(Failure::Kind::not_found, fmt::format("no ref reaches the commit `{}`", commit.abbreviated()));
  out.tip_ = *tip;
  out.past_ = out.history_->reach(*tip);
  out.series_ = reach_of(*out.history_, series_head(upstream, *out.history_, commit));
  out.main_ = reach_of(*out.history_, upstream.main_branch);
  out.on_line_ = FirstTags::make(*out.history_, upstream.versions, line_of(upstream, *out.history_, commit));
  out.anywhere_ = FirstTags::make(*out.history_, upstream.versions);
  return out;
}

Result<std::optional<git::ObjectId>> UpstreamPast::file_at(const git::ObjectId& commit, std::string_view path) const {
  FORGE_TRY_ASSIGN(const git::CommitInfo info, repository().commit(commit));
  FORGE_TRY_ASSIGN(const std::optional<git::TreeEntry> entry, repository().entry(info.tree, path));
  if (!entry || (entry->mode & git::mode_type_mask) != git::mode_file) return std::optional<git::ObjectId>();
  return std::optional(entry->id);
}

Result<FileStep> UpstreamPast::step(Number commit, std::string path) const {
  FileStep out{.commit = commit, .path = std::move(path), .before = {}, .after = {}};
  FORGE_TRY_ASSIGN(out.after, file_at(history_->id(commit), out.path));
  const std::span<const Number> parents = history_->parents(commit);
  if (parents.empty()) {
    // At a shallow boundary nothing tells what was there before.
    if (is_incomplete()) out.before = out.after;
    return out;
  }
  FORGE_TRY_ASSIGN(out.before, file_at(history_->id(parents.front()), out.path));
  return out;
}

Result<bool> UpstreamPast::walk_back(std::string_view path, std::size_t most,
                                     const std::function<Result<bool>(const FileStep&)>& visit) const {
  std::string name(path);
  Number below = tip_ + 1;
  std::size_t seen = 0;
  for (int renames = 0; renames <= most_renames; ++renames) {
    std::optional<std::string> former;
    const std::vector<Number> commits = history_->touching(name);
    for (auto at = commits.rbegin(); at != commits.rend() && !former; ++at) {
      if (*at >= below || !past_.contains(*at)) continue;
      if (seen++ == most) return false;
      FORGE_TRY_ASSIGN(FileStep one, step(*at, name));
      if (one.after && !one.before) {
        FORGE_TRY_ASSIGN(const std::vector<git::PathChange> changed, repository().changed_paths(history_->id(*at)));
        for (const git::PathChange& change : changed) {
          if (change.kind == git::PathChange::Kind::rename && change.new_path == name) former = change.old_path;
        }
        if (former && !history_->parents(*at).empty()) {
          FORGE_TRY_ASSIGN(one.before, file_at(history_->id(history_->parents(*at).front()), *former));
        }
        below = *at;
      }
      FORGE_TRY_ASSIGN(const bool go_on, visit(one));
      if (!go_on) return true;
    }
    if (!former) return true;
    name = *former;
  }
  return false;
}

Result<bool> UpstreamPast::walk_ahead(std::string_view path, std::size_t most,
                                      const std::function<Result<bool>(const FileStep&)>& visit) const {
  std::vector<Number> commits = history_->touching(path);
  std::erase_if(commits, [this](Number commit) { return past_.contains(commit); });
  const auto place = [this](Number commit) {
    if (series_ && series_->contains(commit)) return 0;
    return main_ && main_->contains(commit) ? 1 : 2;
  };
  std::ranges::stable_sort(commits, {}, place);
  std::size_t seen = 0;
  for (const Number commit : commits) {
    if (seen++ == most) return false;
    FORGE_TRY_ASSIGN(const FileStep one, step(commit, std::string(path)));
    FORGE_TRY_ASSIGN(const bool go_on, visit(one));
    if (!go_on) return true;
  }
  return true;
}

Result<KnownCommit> UpstreamPast::describe(Number commit) const {
  FORGE_TRY_ASSIGN(const git::CommitInfo info, repository().commit(history_->id(commit)));
  KnownCommit out{.id = info.id, .subject = std::string(info.subject()), .date = info.commit_time, .tag = {}};
  out.tag = past_.contains(commit) ? on_line_.of(commit) : anywhere_.of(commit);
  return out;
}

const Result<UpstreamPast>& upstream_past(const workspace::Snapshot& snapshot, std::string_view component,
                                          const git::ObjectId& commit) {
  return snapshot.once<Result<UpstreamPast>>(
      fmt::format("past of {} at {}", component, commit.hex()), [&]() -> Result<UpstreamPast> {
        const Result<UpstreamRefs>& upstream = upstream_refs(snapshot, component);
        if (!upstream) return tl::unexpected<Failure>(upstream.error());
        return UpstreamPast::read(*upstream, commit);
      });
}

}  // namespace forge::model
