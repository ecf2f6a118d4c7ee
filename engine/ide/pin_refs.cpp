#include "engine/ide/pin_refs.hpp"

#include <algorithm>
#include <string>

#include <fmt/format.h>

#include "engine/formats/yaml_tree.hpp"
#include "engine/workspace/forge_layout.hpp"

namespace forge::ide {

namespace {

/// Nothing but the ref changes; quotes are added where YAML would read something else than text.
TextEdit replace_ref(const SourceFilePtr& file, const formats::SourceRef& entry, const std::string& value) {
  const TextSpan span = entry.ref->span;
  if (entry.quoted && span.size() >= 2) return {{file, {span.begin + 1, span.end - 1}}, value};
  const bool is_text = formats::yaml_type_of_plain(value).empty();
  return {{file, span}, is_text ? value : fmt::format("\"{}\"", value)};
}

}  // namespace

std::optional<PinnedRefs> pin_branches(const workspace::Snapshot& snapshot, const Recollection& known,
                                       std::string_view path, PinTo to) {
  const workspace::DocumentPath at = workspace::classify(path);
  const auto* refs = snapshot.source_refs(at.release);
  if (at.kind != workspace::DocumentKind::source_refs || refs == nullptr) return std::nullopt;
  PinnedRefs out{.certainty = Certainty::exact};
  for (const formats::SourceRef& entry : (*refs)->entries) {
    if (!entry.ref) continue;
    const Recalled<RefFact> fact = known.ref(at.release, entry.component.value);
    out.certainty = std::min(out.certainty, fact.certainty);
    if (fact.fact == nullptr || fact.fact->kind != git::RefKind::branch) continue;
    ++out.branches;
    const std::string& value = to == PinTo::commit ? fact.fact->commit : fact.fact->newest;
    if (fact.certainty == Certainty::exact && !value.empty())
      out.fix.edits.push_back(replace_ref(refs->file, entry, value));
  }
  if (out.certainty != Certainty::exact) out.fix.edits.clear();
  out.fix.title = to == PinTo::commit ? "Pin every branch to the commit that it is at"
                                      : "Pin every branch to the newest version of its series";
  return out;
}

}  // namespace forge::ide
