/// The line of history that a ref stands on: what it holds, what comes after it in its series, which tags lie on it,
/// and what was taken back on the way.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "engine/base/result.hpp"
#include "engine/git/change_history.hpp"
#include "engine/model/first_tag.hpp"
#include "engine/model/upstream_refs.hpp"

namespace forge::model {

/// The head of the release's series where it has one, else series_head of the commit.
[[nodiscard]] Result<std::optional<git::ObjectId>> series_tip(const UpstreamRefs& upstream, const git::ObjectId& commit,
                                                              std::string_view release = {});

class UpstreamLine {
 public:
  using Number = git::ChangeHistory::Number;

  /// `not_found` where `ref` is no commit that a tag or branch reaches.
  [[nodiscard]] static Result<UpstreamLine> open(const UpstreamRefs& upstream, const git::ObjectId& ref,
                                                 const std::optional<git::ObjectId>& tip);

  [[nodiscard]] const git::Repository& repository() const { return *upstream_->repository; }
  [[nodiscard]] const git::ChangeHistory& history() const { return *history_; }
  [[nodiscard]] Number ref() const { return ref_; }
  [[nodiscard]] bool in_ref(Number commit) const { return before_.contains(commit); }
  /// In the series and not in the ref.
  [[nodiscard]] bool is_ahead(Number commit) const { return after_.contains(commit) && !before_.contains(commit); }

  /// The earliest version of the ref's past that holds the commit, else of its series; empty where there is none.
  [[nodiscard]] std::string first_tag(Number commit) const;
  /// The earliest of both that is no pre-release.
  [[nodiscard]] std::string first_final_tag(Number commit) const;

  /// The commit that took this one back on the line up to the ref (or up to the series' head for one ahead of it),
  /// where no later one took that back in turn.
  [[nodiscard]] Result<std::optional<git::ObjectId>> reverted_by(Number commit) const;

 private:
  UpstreamLine(const UpstreamRefs& upstream, git::ChangeHistoryPtr history, Number ref)
      : upstream_(&upstream), history_(std::move(history)), ref_(ref), before_(history_->reach(ref)) {}
  void find_tags(const std::vector<git::ObjectId>& line);
  [[nodiscard]] Result<std::optional<git::ObjectId>> reverted_by(Number commit, std::size_t depth) const;

  const UpstreamRefs* upstream_;
  git::ChangeHistoryPtr history_;
  Number ref_;
  git::ChangeHistory::Reach before_;
  git::ChangeHistory::Reach after_;
  FirstTags in_past_;  ///< on the way to the ref
  FirstTags on_line_;  ///< on the way to the ref or to the head of its series
  FirstTags final_on_line_;
};

}  // namespace forge::model
