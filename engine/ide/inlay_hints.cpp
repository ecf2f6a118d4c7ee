#include "engine/ide/inlay_hints.hpp"

#include <algorithm>
#include <optional>

#include <fmt/format.h>

#include "engine/base/text.hpp"
#include "engine/model/effective_pins.hpp"
#include "engine/workspace/forge_layout.hpp"

namespace forge::ide {

using workspace::DocumentKind;
using workspace::Snapshot;

namespace {

constexpr std::size_t abbreviated = 7;

std::string short_id(const std::string& commit) {
  return commit.substr(0, abbreviated);
}

std::string ref_label(const RefFact& fact) {
  if (!fact.kind) return {};
  if (fact.has_newer) return fmt::format("-> {}", fact.newest);
  switch (*fact.kind) {
    case git::RefKind::tag:
      return fmt::format("tag, {}", fact.date);
    case git::RefKind::branch:
      return fmt::format("branch, {}", short_id(fact.commit));
    case git::RefKind::commit:
      return fmt::format("commit, {}", fact.date);
  }
  return {};
}

/// In the quotes that stand there.
std::optional<TextEdit> raise_to_newest(const SourceFilePtr& file, const formats::SourceRef& entry,
                                        const RefFact& fact) {
  if (!entry.quoted || entry.ref->span.size() < 2) return std::nullopt;
  const TextSpan inside{entry.ref->span.begin + 1, entry.ref->span.end - 1};
  return TextEdit{{file, inside}, fact.newest};
}

InlayHints ref_hints(const Snapshot& snapshot, const Recollection& known, const std::string& release, TextSpan span) {
  const auto* refs = snapshot.source_refs(release);
  InlayHints found;
  if (refs == nullptr) return found;
  for (const formats::SourceRef& entry : (*refs)->entries) {
    const std::string& component = entry.component.value;
    if (!entry.ref || (*refs)->find(component) != &entry) continue;
    if (entry.ref->span.end < span.begin || entry.ref->span.end > span.end) continue;
    const Recalled<RefFact> fact = known.ref(release, component);
    found.sure = found.sure && fact.certainty == Certainty::exact;
    if (fact.fact == nullptr) continue;
    InlayHint hint{.offset = entry.ref->span.end, .label = ref_label(*fact.fact), .component = component};
    if (hint.label.empty()) continue;
    if (fact.certainty == Certainty::stale) hint.label += " …";
    const bool raises = fact.certainty == Certainty::exact && fact.fact->has_newer;
    if (const auto edit = raises ? raise_to_newest(refs->file, entry, *fact.fact) : std::nullopt)
      hint.edits.push_back(*edit);
    found.hints.push_back(std::move(hint));
  }
  return found;
}

/// `44.0.0`, `44.0.0;python_version=='3.9', 45.0.0`.
std::string versions_of(const std::vector<const formats::Pin*>& pins) {
  std::vector<std::string> words;
  for (const formats::Pin* pin : pins) {
    std::string version = pin->version.value;
    if (pin->marker) version += ";" + pin->marker->value;
    words.push_back(std::move(version));
  }
  return join(words, ", ");
}

std::string override_label(const model::EffectivePins& pins, const formats::Override& entry) {
  for (const model::RemovedPin& removed : pins.removed) {
    if (removed.entry == &entry) return removed.pins.empty() ? "nothing to remove" : "was " + versions_of(removed.pins);
  }
  for (const model::EffectivePin& pin : pins.pins) {
    if (pin.entry == &entry) return pin.replaces.empty() ? "not pinned before" : "was " + versions_of(pin.replaces);
  }
  return {};
}

InlayHints override_hints(const Snapshot& snapshot, const std::string& release, TextSpan span) {
  const auto* overrides = snapshot.overrides(release);
  InlayHints found;
  if (overrides == nullptr || snapshot.upper_constraints(release) == nullptr) return found;
  const model::EffectivePins& pins = model::effective_pins(snapshot, release);
  for (const formats::Override& entry : (*overrides)->entries) {
    if (entry.span.end < span.begin || entry.span.end > span.end) continue;
    std::string label = override_label(pins, entry);
    if (!label.empty()) found.hints.push_back({.offset = entry.span.end, .label = std::move(label)});
  }
  return found;
}

}  // namespace

InlayHints inlay_hints(const Snapshot& snapshot, const Recollection& known, std::string_view path, TextSpan span) {
  const workspace::DocumentPath at = workspace::classify(path);
  if (at.kind == DocumentKind::source_refs) return ref_hints(snapshot, known, at.release, span);
  if (at.kind == DocumentKind::overrides) return override_hints(snapshot, at.release, span);
  return {};
}

std::string inlay_tooltip(const Recollection& known, std::string_view path, const std::string& component) {
  const Recalled<RefFact> found = known.ref(workspace::classify(path).release, component);
  if (found.fact == nullptr) return {};
  const RefFact& fact = *found.fact;
  if (!fact.kind) return fact.problem;
  std::vector<std::string> lines = {
      fmt::format("{} {}: {}", component, fact.ref, git::to_string(*fact.kind)),
      fmt::format("commit {} · {} · \"{}\"", short_id(fact.commit), fact.date, fact.subject)};
  if (!fact.series.empty()) {
    std::string line = fmt::format("on {}", fact.series);
    if (fact.behind && *fact.behind > 0)
      line += fmt::format(", {} commit{} behind its head", *fact.behind, *fact.behind == 1 ? "" : "s");
    if (fact.behind && *fact.behind == 0) line += ", at its head";
    lines.push_back(std::move(line));
  }
  if (fact.has_newer)
    lines.push_back(fact.newest_date.empty()
                        ? fmt::format("newer in this series: {}", fact.newest)
                        : fmt::format("newer in this series: {} ({})", fact.newest, fact.newest_date));
  return join(lines, "\n");
}

}  // namespace forge::ide
