#include "engine/ide/code_actions.hpp"

namespace forge::ide {

std::vector<CodeAction> code_actions(const std::vector<Finding>& findings, std::string_view path, TextSpan span) {
  std::vector<CodeAction> actions;
  for (const Finding& finding : findings) {
    const TextSpan at = finding.place.span;
    if (finding.place.file->path() != path || at.begin > span.end || span.begin > at.end) continue;
    for (const Fix& fix : finding.fixes)
      actions.push_back({&finding, &fix, &fix == &finding.fixes.front() && fix.files.empty()});
  }
  return actions;
}

}  // namespace forge::ide
