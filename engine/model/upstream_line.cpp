#include "engine/model/upstream_line.hpp"

#include <algorithm>
#include <span>

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
  const std::optional<git::NamedRef> head = series_head(upstream, *history, commit);
  return head ? std::optional(head->commit) : std::nullopt;
}

Result<UpstreamLine> UpstreamLine::open(const UpstreamRefs& upstream, const ObjectId& ref,
                                        const std::optional<ObjectId>& tip) {
  FORGE_TRY_ASSIGN(const git::ChangeHistoryPtr history, upstream.repository->changes());
  const auto number = history->find(ref);
  if (!number)
    return fail(Failure::Kind::not_found, fmt::format("No tag or branch reaches the commit `{}`.", ref.hex()));
  UpstreamLine line(upstream, history, *number);
  std::vector<ObjectId> ends{ref};
  if (const auto head = tip ? history->find(*tip) : std::nullopt) {
    line.after_ = history->reach(*head);
    ends.push_back(*tip);
  }
  line.find_tags(ends);
  return line;
}

void UpstreamLine::find_tags(const std::vector<ObjectId>& line) {
  std::vector<VersionTag> finals = upstream_->versions;
  std::erase_if(finals, [](const VersionTag& tag) { return tag.version.is_prerelease(); });
  in_past_ = FirstTags::make(*history_, upstream_->versions, std::span(line).first(1));
  on_line_ = FirstTags::make(*history_, upstream_->versions, line);
  final_on_line_ = FirstTags::make(*history_, finals, line);
}

std::string UpstreamLine::first_tag(Number commit) const {
  const std::string_view in_past = in_past_.of(commit);
  return std::string(in_past.empty() ? on_line_.of(commit) : in_past);
}

std::string UpstreamLine::first_final_tag(Number commit) const {
  return std::string(final_on_line_.of(commit));
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
