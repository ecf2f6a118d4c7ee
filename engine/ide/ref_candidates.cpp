#include "engine/ide/ref_candidates.hpp"

#include <algorithm>
#include <ranges>

#include <fmt/format.h>

#include "engine/model/ref_status.hpp"

namespace forge::ide {

using model::UpstreamRefs;
using model::VersionTag;
using workspace::Snapshot;

namespace {

constexpr std::size_t most_series_tags = 60;
constexpr std::size_t most_commits = 20;

/// Versions of 2015 were years, which are higher than all that came after them.
bool is_year(const VersionTag& tag) {
  return tag.version.release().front().value().value_or(0) > 2000;
}

/// The line that a release's tags are on, and what of it belongs to the series before.
struct Line {
  std::optional<git::ObjectId> tip{};
  std::optional<git::ObjectId> before{};
};

Line line_of(const UpstreamRefs& upstream, std::string_view release) {
  Line line;
  const model::Series* series = model::series_of_release(upstream, release);
  if (series != nullptr) {
    line.tip = series->tip;
    if (series != upstream.series.data()) line.before = (series - 1)->tip;
  } else if (upstream.main_branch) {
    line.tip = upstream.main_branch->commit;
    if (!upstream.series.empty()) line.before = upstream.series.back().tip;
  }
  return line;
}

bool holds(const UpstreamRefs& upstream, const git::ObjectId& tip, const git::ObjectId& commit) {
  return tip == commit || upstream.repository->is_ancestor(commit, tip).value_or(false);
}

class Listing {
 public:
  Listing(const UpstreamRefs& upstream, std::string_view release)
      : upstream_(upstream), line_(line_of(upstream, release)) {}

  RefCandidates run() {
    add_tags();
    add_branches();
    add_commits();
    return std::move(out_);
  }

 private:
  /// From the highest version down, until some belong to the series before. A component without a series has all.
  void add_tags() {
    constexpr std::size_t enough_older = 3;
    std::size_t older = 0;
    const bool only_years = std::ranges::all_of(upstream_.versions, is_year);
    std::vector<const VersionTag*> years;
    for (const VersionTag& tag : std::views::reverse(upstream_.versions)) {
      if (!only_years && is_year(tag)) {
        years.push_back(&tag);
        continue;
      }
      const bool look = older < enough_older && out_.series.size() < most_series_tags;
      if (!look || !belongs(tag, older)) out_.other.push_back(&tag);
    }
    out_.other.insert(out_.other.end(), years.begin(), years.end());
  }

  bool belongs(const VersionTag& tag, std::size_t& older) {
    if (line_.tip) {
      if (!holds(upstream_, *line_.tip, tag.commit)) return false;
      if (line_.before && holds(upstream_, *line_.before, tag.commit)) {
        ++older;
        return false;
      }
    }
    SeriesTag found{&tag, {}, {}};
    if (const auto commit = upstream_.repository->commit(tag.commit)) found.day = day_of(commit->commit_time);
    if (line_.tip) {
      if (const auto behind = upstream_.repository->count_between(tag.commit, *line_.tip)) found.behind = *behind;
    }
    out_.series.push_back(std::move(found));
    return true;
  }

  void add_branches() {
    const auto rank = [&](const git::NamedRef& branch) {
      if (line_.tip && branch.commit == *line_.tip && !model::series_of_branch(branch.name).empty()) return 0;
      return upstream_.main_branch && branch.name == upstream_.main_branch->name ? 1 : 2;
    };
    for (const int wanted : {0, 1, 2}) {
      for (const git::NamedRef& ref : *upstream_.refs)
        if (ref.kind == git::RefKind::branch && rank(ref) == wanted) out_.branches.push_back(&ref);
    }
  }

  void add_commits() {
    if (!line_.tip) return;
    (void)upstream_.repository->walk(*line_.tip, {}, [&](const git::CommitInfo& commit) {
      out_.commits.push_back(commit);
      return out_.commits.size() < most_commits;
    });
  }

  const UpstreamRefs& upstream_;
  Line line_;
  RefCandidates out_;
};

}  // namespace

const RefCandidates& ref_candidates(const Snapshot& snapshot, const std::string& release,
                                    const std::string& component) {
  return snapshot.once<RefCandidates>(fmt::format("{}/{}", release, component), [&]() -> RefCandidates {
    const auto& upstream = model::upstream_refs(snapshot, component);
    return upstream ? Listing(*upstream, release).run() : RefCandidates();
  });
}

std::string day_of(const git::Timestamp& time) {
  return git::to_rfc3339(time).substr(0, 10);
}

}  // namespace forge::ide
