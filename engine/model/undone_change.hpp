/// Whether what a commit brought went again without a word: decided by the content of the files, not by messages.
#pragma once

#include <optional>

#include "engine/base/result.hpp"
#include "engine/model/upstream_line.hpp"

namespace forge::model {

/// How a commit's change fares on the line up to the ref (for a commit ahead of it, up to the head of the series).
struct ChangeFate {
  /// Right after the commit its change can be seen to be there. Not so where git can't tell, such as lines that could
  /// be put in a second time, or binary files: then nothing follows from a tree that would take the change.
  bool is_visible = false;
  /// The commit with which the whole change was gone, every line as it was before. Later commits that only built on the
  /// change, or replaced it, have not undone it.
  std::optional<git::ObjectId> undone_by{};
};

/// A commit whose diff can't be had has a fate that can't be seen.
[[nodiscard]] Result<ChangeFate> fate_of_change(const UpstreamLine& line, UpstreamLine::Number commit);

}  // namespace forge::model
