/// What the engine makes of changes, as git's own commands would print it.
#pragma once

#include <iosfwd>
#include <string>

namespace forge::conform {

/// `git patch-id --stable`: a line `<patch-id> <commit>` for each change of the text, zeros where no commit is named.
void print_patch_ids(std::istream& text, std::ostream& out);

/// For each line of `commits` (40 digits) a line `commit …`, then its diff as Repository::diff words it. Throws where
/// the repository can't be opened; of a commit without a diff only the first line is printed.
void print_diffs(const std::string& repository, std::istream& commits, std::ostream& out);

}  // namespace forge::conform
