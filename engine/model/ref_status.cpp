#include "engine/model/ref_status.hpp"

#include <algorithm>
#include <tuple>

#include <fmt/format.h>

#include "engine/base/names.hpp"
#include "engine/base/text.hpp"

namespace forge::model {

using formats::Version;
using git::NamedRef;
using git::ObjectId;
using git::RefKind;

namespace {

constexpr std::int64_t clock_slop_seconds = 86'400;

/// Whether `tip` holds a commit; most tips are told by their date alone.
Result<bool> holds(const UpstreamRefs& upstream, const ObjectId& tip, const git::CommitInfo& commit) {
  if (tip == commit.id) return true;
  FORGE_TRY_ASSIGN(const git::CommitInfo head, upstream.repository->commit(tip));
  if (head.commit_time.seconds + clock_slop_seconds < commit.commit_time.seconds) return false;
  return upstream.repository->is_ancestor(commit.id, tip);
}

Result<std::string> series_of(const UpstreamRefs& upstream, const git::ResolvedRef& ref, const git::CommitInfo& commit,
                              std::string_view name) {
  if (ref.kind == RefKind::branch) {
    if (std::string of_branch = series_of_branch(name); !of_branch.empty()) return of_branch;
    if (upstream.main_branch && upstream.main_branch->name == name) return std::string(name);
  }
  for (const Series& series : upstream.series) {
    FORGE_TRY_ASSIGN(const bool held, holds(upstream, series.tip, commit));
    if (held) return series.name;
  }
  if (!upstream.main_branch) return std::string();
  FORGE_TRY_ASSIGN(const bool on_main, holds(upstream, upstream.main_branch->commit, commit));
  return on_main ? upstream.main_branch->name : std::string();
}

bool is_final(const VersionTag& tag) {
  return !tag.version.is_prerelease();
}

/// The last version on the way back from `tip`. Not the highest in reach: versions of 2015 were years.
Result<std::optional<VersionTag>> newest_on(const UpstreamRefs& upstream, const ObjectId& tip) {
  std::map<ObjectId, const VersionTag*> by_commit;
  for (const VersionTag& tag : upstream.versions) {
    if (is_final(tag)) by_commit[tag.commit] = &tag;
  }
  std::optional<VersionTag> newest;
  if (by_commit.empty()) return newest;
  FORGE_TRY(upstream.repository->walk(tip, {}, [&](const git::CommitInfo& commit) {
    const auto found = by_commit.find(commit.id);
    if (found != by_commit.end()) newest = *found->second;
    return !newest;
  }));
  return newest;
}

/// For a component without series: point releases share the first number, and of those only what has the ref's commit
/// in its history comes after it (`v3.7.1` of Open vSwitch does not come after `v3.5.4`, from another branch).
Result<std::optional<VersionTag>> newest_of_major(const UpstreamRefs& upstream, const Version& version,
                                                  const std::optional<git::CommitInfo>& commit) {
  const auto same = [&](const VersionTag& tag) {
    return is_final(tag) && tag.version.epoch() == version.epoch() &&
           tag.version.release().front() == version.release().front();
  };
  for (auto tag = upstream.versions.rbegin(); tag != upstream.versions.rend(); ++tag) {
    if (!same(*tag)) continue;
    bool after = !commit;
    if (commit) {
      FORGE_TRY_ASSIGN(after, holds(upstream, tag->commit, *commit));
    }
    if (after) return *tag;
  }
  return std::optional<VersionTag>();
}

/// The head that the ref is measured against.
std::optional<ObjectId> reference_tip(const UpstreamRefs& upstream, std::string_view release, const RefStatus& status) {
  if (const Series* series = series_of_release(upstream, release)) return series->tip;
  if (const Series* series = upstream.find_series(status.series)) return series->tip;
  if (upstream.main_branch && status.series == upstream.main_branch->name) return upstream.main_branch->commit;
  return std::nullopt;
}

Result<void> measure(const UpstreamRefs& upstream, std::string_view release, RefStatus& status) {
  status.tip = reference_tip(upstream, release, status);
  const std::optional<ObjectId>& tip = status.tip;
  const std::optional<Version> named = status.named_version();
  if (tip) {
    FORGE_TRY_ASSIGN(status.newest, newest_on(upstream, *tip));
  } else if (named) {
    FORGE_TRY_ASSIGN(status.newest, newest_of_major(upstream, *named, status.commit));
  }
  if (!status.commit) return {};
  if (tip) {
    FORGE_TRY_ASSIGN(const bool on_the_way, holds(upstream, *tip, *status.commit));
    if (on_the_way) {
      FORGE_TRY_ASSIGN(status.behind, upstream.repository->count_between(status.commit->id, *tip));
    }
  }
  if (!status.newest || status.newest->commit == status.commit->id) return {};
  if (named && status.newest->version <= *named) return {};
  FORGE_TRY_ASSIGN(status.has_newer, upstream.repository->is_ancestor(status.commit->id, status.newest->commit));
  return {};
}

Result<void> look_up(const UpstreamRefs& upstream, const std::string& name, std::string_view release,
                     RefStatus& status) {
  const Result<git::ResolvedRef> resolved = upstream.repository->resolve(name);
  if (resolved) {
    status.resolved = *resolved;
    FORGE_TRY_ASSIGN(status.commit, upstream.repository->commit(resolved->commit));
    FORGE_TRY_ASSIGN(status.series, series_of(upstream, *resolved, *status.commit, name));
  } else {
    status.failure = resolved.error();
  }
  return measure(upstream, release, status);
}

RefStatus compute(const workspace::Snapshot& snapshot, std::string_view release, std::string_view component) {
  RefStatus status;
  const auto* refs = snapshot.source_refs(release);
  status.entry = refs == nullptr ? nullptr : (*refs)->find(component);
  const Result<UpstreamRefs>& upstream = upstream_refs(snapshot, component);
  if (!upstream) {
    status.failure = upstream.error();
    return status;
  }
  const bool has_ref = status.entry != nullptr && status.entry->ref;
  const Result<void> looked =
      has_ref ? look_up(*upstream, status.entry->ref->value, release, status) : measure(*upstream, release, status);
  if (!looked) status.failure = looked.error();
  return status;
}

std::vector<ForgeRef> list_forge_refs(const workspace::Snapshot& snapshot) {
  std::vector<ForgeRef> all;
  for (const std::string& release : snapshot.releases()) {
    const auto* refs = snapshot.source_refs(release);
    if (refs == nullptr) continue;
    std::map<std::string_view, const formats::SourceRef*> last;
    for (const formats::SourceRef& entry : (*refs)->entries) last[entry.component.value] = &entry;
    for (const formats::SourceRef& entry : (*refs)->entries)
      if (last[entry.component.value] == &entry) all.push_back({release, refs, &entry});
  }
  return all;
}

/// How far apart two versions are, number by number; what is equal in front weighs most.
std::vector<std::uint64_t> gaps(const Version& a, const Version& b) {
  std::vector<std::uint64_t> all;
  for (std::size_t i = 0; i < std::max(a.release().size(), b.release().size()); ++i) {
    const auto part = [&](const Version& v) { return i < v.release().size() ? v.release()[i].value().value_or(0) : 0; };
    const std::uint64_t x = part(a);
    const std::uint64_t y = part(b);
    all.push_back(x > y ? x - y : y - x);
  }
  all.resize(std::max<std::size_t>(all.size(), 3));
  return all;
}

constexpr std::size_t max_near_refs = 3;

/// Keeps the order of what is added, without repeating.
class NearRefs {
 public:
  void add(const std::string& name) {
    if (names_.size() < max_near_refs && std::ranges::count(names_, name) == 0) names_.push_back(name);
  }
  std::vector<std::string> take() { return std::move(names_); }

 private:
  std::vector<std::string> names_;
};

/// The same version in another spelling, else versions that differ in the third number at most, the nearest first.
bool add_near_versions(const UpstreamRefs& upstream, std::string_view typed, NearRefs& near) {
  const auto version = Version::parse(typed);
  if (!version) return false;
  std::vector<std::pair<std::vector<std::uint64_t>, const VersionTag*>> ranked;
  for (const VersionTag& tag : upstream.versions) {
    auto apart = gaps(tag.version, *version);
    if (apart[0] != 0 || apart[1] != 0) continue;
    // A final version is likelier meant than its candidates, unless a candidate was typed.
    apart.push_back(tag.version.is_prerelease() == version->is_prerelease() ? 0 : 1);
    ranked.emplace_back(std::move(apart), &tag);
  }
  std::ranges::stable_sort(ranked, {}, [](const auto& entry) { return entry.first; });
  const bool same = !ranked.empty() && ranked.front().second->version == *version;
  for (const auto& [apart, tag] : ranked) {
    if (!same || tag->version == *version) near.add(tag->name);
  }
  return !ranked.empty();
}

void add_near_spellings(const UpstreamRefs& upstream, const RefStatus& status, std::string_view typed, NearRefs& near) {
  constexpr std::size_t longest = 100;
  if (typed.size() > longest) return;
  const std::size_t bound = std::max<std::size_t>(1, typed.size() / 3);
  std::vector<std::tuple<std::size_t, bool, const NamedRef*>> ranked;
  for (const NamedRef& ref : *upstream.refs) {
    const std::size_t distance = edit_distance(typed, ref.name, bound);
    if (distance > bound) continue;
    const auto version = Version::parse(ref.name);
    const bool of_series =
        version && status.newest && version->release().front() == status.newest->version.release().front();
    ranked.emplace_back(distance, !of_series, &ref);
  }
  std::ranges::stable_sort(ranked, {},
                           [](const auto& entry) { return std::tuple(std::get<0>(entry), std::get<1>(entry)); });
  for (const auto& [distance, foreign, ref] : ranked) near.add(ref->name);
}

}  // namespace

std::optional<Version> RefStatus::named_version() const {
  if (entry == nullptr || !entry->ref || (resolved && resolved->kind != RefKind::tag)) return std::nullopt;
  return Version::parse(entry->ref->value);
}

const RefStatus& ref_status(const workspace::Snapshot& snapshot, std::string_view release, std::string_view component) {
  return snapshot.once<RefStatus>(fmt::format("{}/{}", release, component),
                                  [&] { return compute(snapshot, release, component); });
}

const std::vector<ForgeRef>& forge_refs(const workspace::Snapshot& snapshot, const TaskPool& pool) {
  return snapshot.once<std::vector<ForgeRef>>("forge_refs", [&] {
    return forge_refs(snapshot, pool, [](std::string_view, std::string_view) { return true; });
  });
}

std::vector<ForgeRef> forge_refs(const workspace::Snapshot& snapshot, const TaskPool& pool,
                                 const std::function<bool(std::string_view, std::string_view)>& wanted) {
  std::vector<ForgeRef> all = list_forge_refs(snapshot);
  std::erase_if(all, [&](const ForgeRef& ref) { return !wanted(ref.release, ref.entry->component.value); });
  std::map<std::string_view, std::vector<ForgeRef*>> by_component;  // its releases share what is read of it
  for (ForgeRef& ref : all) by_component[ref.entry->component.value].push_back(&ref);
  std::vector<std::vector<ForgeRef*>> work;
  for (auto& [component, refs] : by_component) work.push_back(std::move(refs));
  pool.for_each(work.size(), [&](std::size_t i) {
    for (ForgeRef* ref : work[i]) ref->status = &ref_status(snapshot, ref->release, ref->entry->component.value);
  });
  return all;
}

Result<bool> is_on_any_ref(const UpstreamRefs& upstream, const git::CommitInfo& commit) {
  for (const NamedRef& ref : *upstream.refs) {
    FORGE_TRY_ASSIGN(const bool held, holds(upstream, ref.commit, commit));
    if (held) return true;
  }
  return false;
}

const Series* series_of_release(const UpstreamRefs& upstream, std::string_view release) {
  for (const std::string& name : series_names(release)) {
    if (const Series* series = upstream.find_series(name)) return series;
  }
  return nullptr;
}

std::vector<std::string> near_refs(const UpstreamRefs& upstream, const RefStatus& status, std::string_view typed) {
  NearRefs near;
  if (const std::string series = series_of_branch(typed); !series.empty()) {
    if (const Series* known = upstream.find_series(series)) near.add(known->ref);
  }
  if (!add_near_versions(upstream, typed, near)) add_near_spellings(upstream, status, typed, near);
  return near.take();
}

}  // namespace forge::model
