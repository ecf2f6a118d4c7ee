/// Whether what a commit brought went again without a word: decided by the content of the files, not by messages.
#pragma once

#include <optional>

#include "engine/base/result.hpp"
#include "engine/model/upstream_line.hpp"

namespace forge::model {

/// How a commit's change fares on the line up to the ref (for a commit ahead of it, up to the head of the series).
struct ChangeFate {
  /// Right after the commit its change could be put in once more, such as a line among equal ones: that a tree takes
  /// the change then says nothing.
  bool fits_again = false;
  /// The commit with which the whole change was gone, every line as it was before. Later commits that only built on the
  /// change, or replaced it, have not undone it.
  std::optional<git::ObjectId> undone_by{};
};

/// Nothing is known of a commit whose diff can't be had.
[[nodiscard]] Result<ChangeFate> fate_of_change(const UpstreamLine& line, UpstreamLine::Number commit);

}  // namespace forge::model
