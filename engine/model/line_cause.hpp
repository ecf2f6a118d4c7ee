/// Why upstream does not have the lines that a hunk expects: the commit that changed them, or the one that brings them.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "engine/model/file_content.hpp"
#include "engine/model/upstream_past.hpp"

namespace forge::model {

struct LineCause {
  enum class Kind {
    changed_by,  ///< the ref's past had the lines until this commit
    brought_by,  ///< the ref's past never had them; this commit, which it lacks, brings them
    never_there  ///< no commit that a ref reaches ever had them
  };
  Kind kind = Kind::never_there;
  std::optional<KnownCommit> commit{};
  std::string path{};  ///< the file's name in that commit
};
[[nodiscard]] std::string_view to_string(LineCause::Kind kind);

/// What is looked for in the states of a file: the hunk's whole old image, else the line that differs between its
/// neighbours, else that line alone.
struct ExpectedLines {
  Lines before;               ///< the old image
  std::size_t culprit = 0;    ///< in it, the first line that differs
  bool inserted = false;      ///< the file has a line more in front of it
  bool at_beginning = false;  ///< as a whole only at the first line
  bool at_end = false;        ///< as a whole only at the last lines
};

/// One answer for each; nothing where the bound (2,000 states of the file in each direction) or the history's end was
/// reached before one was found. Fails where the repository does.
[[nodiscard]] Result<std::vector<std::optional<LineCause>>> line_causes(const UpstreamPast& past, std::string_view path,
                                                                        std::span<const ExpectedLines> hunks);

}  // namespace forge::model
