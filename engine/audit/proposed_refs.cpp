#include "engine/audit/proposed_refs.hpp"

#include <algorithm>
#include <array>
#include <map>
#include <optional>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "engine/base/text.hpp"
#include "engine/model/ref_status.hpp"
#include "engine/model/upstream_refs.hpp"

namespace forge::audit {

namespace {

using model::Series;
using model::UpstreamRefs;
using model::VersionTag;

// OpenStack's services were numbered by years until 2015; such a version is no newer than `28.0.0`.
constexpr std::uint64_t first_year = 2000;

std::uint64_t major_of(const formats::Version& version) {
  return version.release().front().value().value_or(0);
}

/// What leads to the release.
struct Line {
  std::string branch;
  git::ObjectId tip;
  std::vector<git::ObjectId> before;  ///< what earlier series have
};

bool comes_after_all(const UpstreamRefs& upstream, std::string_view release) {
  return std::ranges::all_of(upstream.series,
                             [&](const Series& one) { return !is_digit(one.name.front()) || one.name < release; });
}

std::optional<Line> line_of(const UpstreamRefs& upstream, std::string_view from, std::string_view release) {
  const Series* own = model::series_of_release(upstream, release);
  Line line;
  if (own != nullptr)
    line = {own->ref, own->tip, {}};
  else if (upstream.main_branch && comes_after_all(upstream, release))
    line = {upstream.main_branch->name, upstream.main_branch->commit, {}};
  else
    return std::nullopt;
  const Series* previous = nullptr;
  for (const Series& series : upstream.series) {
    if (&series == own) break;
    previous = &series;
  }
  const Series* started_from = model::series_of_release(upstream, from);
  for (const Series* series : {previous, started_from})
    if (series != nullptr && series != own) line.before.push_back(series->tip);
  return line;
}

/// The highest versions of a line that no earlier series has.
struct LineVersions {
  const VersionTag* final = nullptr;
  const VersionTag* pre_release = nullptr;
};

Result<LineVersions> versions_on(const UpstreamRefs& upstream, const Line& line) {
  std::map<git::ObjectId, std::vector<const VersionTag*>> by_commit;
  for (const VersionTag& tag : upstream.versions) by_commit[tag.commit].push_back(&tag);
  LineVersions found;
  FORGE_TRY(upstream.repository->walk(line.tip, line.before, [&](const git::CommitInfo& commit) {
    const auto here = by_commit.find(commit.id);
    if (here == by_commit.end()) return true;
    for (const VersionTag* tag : here->second) {
      const VersionTag*& best = tag->version.is_prerelease() ? found.pre_release : found.final;
      if (best == nullptr || best->version < tag->version) best = tag;
    }
    return true;
  }));
  return found;
}

/// Of a component that follows no series.
const VersionTag* highest_version(const UpstreamRefs& upstream, const std::optional<formats::Version>& before) {
  const bool counts_in_years = before && major_of(*before) >= first_year;
  for (auto tag = upstream.versions.rbegin(); tag != upstream.versions.rend(); ++tag) {
    if (tag->version.is_prerelease() || (!counts_in_years && major_of(tag->version) >= first_year)) continue;
    return before && tag->version < *before ? nullptr : &*tag;
  }
  return nullptr;
}

void choose(ProposedRef& proposal, RefChoice choice, std::string ref, std::string reason) {
  proposal.choice = choice;
  proposal.ref = std::move(ref);
  proposal.reason = std::move(reason);
}

/// Where the series has no version: the newest of the release before for a library, the branch for a service.
void choose_without_version(const workspace::Snapshot& snapshot, const std::string& from, const std::string& release,
                            const Line& line, ProposedRef& proposal) {
  const model::RefStatus& before = model::ref_status(snapshot, from, proposal.component);
  if (!snapshot.is_service(proposal.component) && before.newest)
    return choose(proposal, RefChoice::earlier, before.newest->name,
                  fmt::format("`{}` has no version of {} yet; `{}` is the newest before it.", proposal.component,
                              release, before.newest->name));
  choose(proposal, RefChoice::branch, line.branch,
         fmt::format("`{}` has no version of {} yet; the branch `{}` leads to it, and moves.", proposal.component,
                     release, line.branch));
}

void choose_on_line(const workspace::Snapshot& snapshot, const UpstreamRefs& upstream, const std::string& from,
                    const std::string& release, const Line& line, ProposedRef& proposal) {
  const Result<LineVersions> versions = versions_on(upstream, line);
  if (!versions)
    return choose(proposal, RefChoice::kept, proposal.before,
                  fmt::format("The history of `{}` can't be read, so its ref stays: {}", proposal.component,
                              versions.error().message));
  if (versions->final != nullptr)
    return choose(
        proposal, RefChoice::newest, versions->final->name,
        fmt::format("`{}` is the newest version of `{}` in {}.", versions->final->name, proposal.component, release));
  if (versions->pre_release != nullptr)
    return choose(proposal, RefChoice::pre_release, versions->pre_release->name,
                  fmt::format("`{}` has only pre-releases of {}; `{}` is the newest.", proposal.component, release,
                              versions->pre_release->name));
  choose_without_version(snapshot, from, release, line, proposal);
}

}  // namespace

std::string_view to_string(RefChoice choice) {
  constexpr std::array<std::string_view, 5> words = {"newest", "pre-release", "earlier", "branch", "kept"};
  return words[static_cast<std::size_t>(choice)];
}

ProposedRef propose_ref(const workspace::Snapshot& snapshot, const std::string& from, const std::string& release,
                        const std::string& component) {
  ProposedRef proposal{.component = component};
  const model::RefStatus& before = model::ref_status(snapshot, from, component);
  if (before.entry != nullptr && before.entry->ref) proposal.before = before.entry->ref->value;
  const Result<UpstreamRefs>& upstream = model::upstream_refs(snapshot, component);
  if (!upstream) {
    choose(proposal, RefChoice::kept, proposal.before,
           fmt::format("`{}` was not examined, so its ref stays: {}", component, upstream.error().message));
    return proposal;
  }
  if (upstream->series.empty()) {
    if (const VersionTag* highest = highest_version(*upstream, before.named_version()))
      choose(proposal, RefChoice::newest, highest->name,
             fmt::format("`{}` follows no series; `{}` is its newest version.", component, highest->name));
    else
      choose(proposal, RefChoice::kept, proposal.before,
             fmt::format("`{}` follows no series and has no newer version.", component));
    return proposal;
  }
  if (const std::optional<Line> line = line_of(*upstream, from, release))
    choose_on_line(snapshot, *upstream, from, release, *line, proposal);
  else
    choose(proposal, RefChoice::kept, before.newest ? before.newest->name : proposal.before,
           fmt::format("`{}` has no series {}; proposed is what {} has.", component, release, from));
  return proposal;
}

}  // namespace forge::audit
