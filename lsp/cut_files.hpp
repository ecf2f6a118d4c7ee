/// Files that are cut off while they are mapped: git's packs in a mirror that somebody overwrites in place.
#pragma once

namespace forge::lsp {

/// Reading such a file behind its new end is a SIGBUS, whose default is the end of the process. From now on zeros are
/// read instead; git's checksums then make an unreadable repository of it, which is a finding.
void read_zeros_behind_cut_files();

}  // namespace forge::lsp
