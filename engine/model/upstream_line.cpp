#include "engine/model/upstream_line.hpp"

#include <algorithm>
#include <map>
#include <tuple>

#include <fmt/format.h>

#include "engine/formats/commit_message.hpp"
#include "engine/model/ref_status.hpp"

namespace forge::model {

using git::ObjectId;

namespace {

/// A revert of a revert of a revert is rare enough.
constexpr std::size_t max_reverts = 16;

}  // namespace

Result<std::optional<ObjectId>> series_tip(const UpstreamRefs& upstream, const ObjectId& commit,
                                           std::string_view release) {
  if (const Series* series = release.empty() ? nullptr : series_of_release(upstream, release)) return series->tip;
  FORGE_TRY_ASSIGN(const git::ChangeHistoryPtr history, upstream.repository->changes());
  const auto wanted = history->find(commit);
  if (!wanted) return std::nullopt;
  const git::ChangeHistory::Reach holders = history->holders(*wanted);
  const auto holds = [&](const ObjectId& tip) {
    const auto number = history->find(tip);
    return number && holders.contains(*number);
  };
  for (const Series& series : upstream.series) {
    if (holds(series.tip)) return series.tip;
  }
  if (upstream.main_branch && holds(upstream.main_branch->commit)) return upstream.main_branch->commit;
  return std::nullopt;
}

Result<UpstreamLine> UpstreamLine::open(const UpstreamRefs& upstream, const ObjectId& ref,
                                        const std::optional<ObjectId>& tip) {
  FORGE_TRY_ASSIGN(git::ChangeHistoryPtr history, upstream.repository->changes());
  const auto number = history->find(ref);
  if (!number)
    return fail(Failure::Kind::not_found, fmt::format("No tag or branch reaches the commit `{}`.", ref.hex()));
  UpstreamLine line(upstream, history, *number);
  if (tip) {
    if (const auto head = history->find(*tip)) line.after_ = history->reach(*head);
  }
  line.list_tags();
  return line;
}

void UpstreamLine::list_tags() {
  std::map<std::string_view, std::pair<std::size_t, bool>> versions;
  for (std::size_t i = 0; i < upstream_->versions.size(); ++i)
    versions.emplace(upstream_->versions[i].name, std::pair(i, !upstream_->versions[i].version.is_prerelease()));
  for (const git::NamedRef& ref : *upstream_->refs) {
    const auto commit = ref.kind == git::RefKind::tag ? history_->find(ref.commit) : std::nullopt;
    if (!commit || !(before_.contains(*commit) || after_.contains(*commit))) continue;
    const auto version = versions.find(ref.name);
    const bool is_version = version != versions.end();
    tags_.push_back({*commit, is_version ? version->second.first : versions.size(),
                     is_version && version->second.second, ref.name});
  }
  std::ranges::stable_sort(tags_, {}, [](const Tag& tag) { return std::tuple(tag.commit, tag.rank); });
}

std::string UpstreamLine::first_tag(Number commit) const {
  return first_tag(commit, false);
}

std::string UpstreamLine::first_final_tag(Number commit) const {
  return first_tag(commit, true);
}

std::string UpstreamLine::first_tag(Number commit, bool final) const {
  const git::ChangeHistory::Reach holders = history_->holders(commit);
  const Tag* later = nullptr;
  for (const Tag& tag : tags_) {
    if (!holders.contains(tag.commit) || (final && !tag.final)) continue;
    if (before_.contains(tag.commit)) return std::string(tag.name);
    if (later == nullptr) later = &tag;
  }
  return later == nullptr ? std::string() : std::string(later->name);
}

Result<std::optional<ObjectId>> UpstreamLine::reverted_by(Number commit) const {
  return reverted_by(commit, 0);
}

Result<std::optional<ObjectId>> UpstreamLine::reverted_by(Number commit, std::size_t depth) const {
  if (depth > max_reverts) return std::nullopt;
  const ObjectId id = history_->id(commit);
  FORGE_TRY_ASSIGN(const git::CommitInfo info, repository().commit(id));
  // On a stable branch the revert is picked as well, and names the commit that ours was picked from.
  std::vector<std::string> names = formats::read_change_origin(info.message).picked_from;
  names.push_back(id.hex());
  std::vector<Number> reverts;
  for (const std::string& name : names) {
    const auto named = ObjectId::from_hex(name);
    if (!named) continue;
    for (const Number revert : history_->reverting(*named)) {
      if (revert > commit && (in_ref(commit) ? in_ref(revert) : is_ahead(revert))) reverts.push_back(revert);
    }
  }
  for (const Number revert : reverts) {
    FORGE_TRY_ASSIGN(const git::CommitInfo by, repository().commit(history_->id(revert)));
    const std::vector<std::string> reverted = formats::read_change_origin(by.message).reverts;
    const bool meant = std::ranges::any_of(reverted, [&](const std::string& what) {
      return std::ranges::any_of(names, [&](const std::string& name) { return name.starts_with(what); });
    });
    if (!meant) continue;
    FORGE_TRY_ASSIGN(const std::optional<ObjectId> back, reverted_by(revert, depth + 1));
    if (!back) return std::optional(by.id);
  }
  return std::nullopt;
}

}  // namespace forge::model
