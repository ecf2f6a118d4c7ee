/// What a patch's mail header and message name: commits, changes under review, bugs, advisories.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "engine/base/span.hpp"
#include "engine/formats/patch.hpp"

namespace forge::ide {

enum class PatchWordKind {
  own_commit,  ///< of `From 12ab… Mon Sep 17`: the author's own commit, which upstream may not have
  commit,      ///< 40 digits, or at least seven behind the word `commit`
  change_id,   ///< `I` and 40 digits
  bug,         ///< a number on Launchpad
  cve,         ///< `CVE-2025-1234`
  ossa,        ///< `OSSA-2025-001`
  bug_url      ///< an address on Launchpad's bug tracker
};

struct PatchWord {
  PatchWordKind kind = PatchWordKind::commit;
  TextSpan span;
  std::string value;  ///< the commit's digits in lower case, the bug's number, the word itself
};

/// In the order of the text, disjoint. Looks at the mails alone, never into a diff.
[[nodiscard]] std::vector<PatchWord> patch_words(std::string_view text, const formats::Patch& patch);

}  // namespace forge::ide
