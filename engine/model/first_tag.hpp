/// Which version has a commit first.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "engine/git/change_history.hpp"
#include "engine/model/upstream_refs.hpp"

namespace forge::model {

/// The answer for every commit of a history at once: linear in its size, so make it once and keep it.
class FirstTags {
 public:
  /// Counts tags that are versions (pre-releases too) and that one of the commits of `line` reaches; all of them where
  /// `line` is empty. The first is the one whose commit is the oldest; of several at one commit, the lowest version.
  [[nodiscard]] static FirstTags make(const git::ChangeHistory& history, std::span<const VersionTag> versions,
                                      std::span<const git::ObjectId> line = {});

  /// Empty where none of the tags has it.
  [[nodiscard]] std::string_view of(git::ChangeHistory::Number commit) const;

 private:
  std::vector<std::string> names_;     ///< the first is for commits in no tag
  std::vector<std::uint32_t> tag_of_;  ///< in names_, by commit
};

/// The commits that reach this one, itself included, by number. Linear in the history.
[[nodiscard]] std::vector<bool> holders_of(const git::ChangeHistory& history, git::ChangeHistory::Number commit);

/// The series whose branch (or last tag) reaches the commit, the oldest of them; else the main branch where that does.
/// Nothing where neither does.
[[nodiscard]] std::optional<git::NamedRef> series_head(const UpstreamRefs& upstream, const git::ChangeHistory& history,
                                                       const git::ObjectId& commit);

/// What a ref's line reaches: the ref itself and the head of its series. For FirstTags::make.
[[nodiscard]] std::vector<git::ObjectId> line_of(const UpstreamRefs& upstream, const git::ChangeHistory& history,
                                                 const git::ObjectId& commit);

}  // namespace forge::model
