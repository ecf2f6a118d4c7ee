#include "engine/ide/code_lens.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "engine/base/text.hpp"
#include "engine/workspace/forge_layout.hpp"

namespace forge::ide {

using model::PatchVerdict;
using workspace::DocumentKind;
using workspace::DocumentPath;
using workspace::PatchSeries;
using workspace::Snapshot;

namespace {

constexpr std::string_view separator = " · ";

std::string counted(std::size_t count, std::string_view noun, std::string_view plural = "s") {
  return fmt::format("{} {}{}", count, noun, count == 1 ? "" : plural);
}

/// The least sure of several answers decides for all of them.
Certainty weaker(Certainty a, Certainty b) {
  return std::min(a, b);
}

void put(CodeLens& lens, std::string title, Certainty certainty) {
  lens.certainty = certainty;
  if (certainty != Certainty::unknown) lens.title = std::move(title);
  if (certainty == Certainty::stale) lens.title += " …";
}

/// The span of the first line of a text.
TextSpan first_line(const SourceFile& file) {
  return file.line_at(0);
}

// releases/<release>/source-refs.yaml

/// Entries that count: of a component that stands twice the last one.
std::vector<const formats::SourceRef*> counting_entries(const formats::SourceRefs& refs) {
  std::vector<const formats::SourceRef*> out;
  for (const formats::SourceRef& entry : refs.entries) {
    if (refs.find(entry.component.value) == &entry) out.push_back(&entry);
  }
  return out;
}

CodeLens release_lens(const Recollection& known, const workspace::Document<formats::SourceRefs>& refs) {
  CodeLens lens{.kind = CodeLens::Kind::release, .span = first_line(*refs.file)};
  const auto entries = counting_entries(*refs);
  std::size_t outdated = 0;
  std::size_t floating = 0;
  Certainty certainty = Certainty::exact;
  std::size_t told = 0;
  for (const formats::SourceRef* entry : entries) {
    if (!entry->ref) continue;
    const Recalled<RefFact> fact = known.ref(refs.release, entry->component.value);
    certainty = weaker(certainty, fact.fact == nullptr ? Certainty::stale : fact.certainty);
    if (fact.fact == nullptr) continue;
    ++told;
    if (fact.fact->has_newer) ++outdated;
    if (fact.fact->kind == git::RefKind::branch) ++floating;
  }
  std::string title = counted(entries.size(), "component");
  if (outdated > 0) title += fmt::format("{}{} outdated", separator, outdated);
  if (floating > 0) title += fmt::format("{}{} floating", separator, floating);
  put(lens, std::move(title), told == 0 && certainty == Certainty::stale ? Certainty::unknown : certainty);
  return lens;
}

/// `1 applies, 1 merged upstream`.
std::string tally(const SeriesFact& fact) {
  std::size_t counts[5] = {};
  for (const PatchFact& patch : fact.patches) {
    switch (patch.verdict) {
      case PatchVerdict::applies:
        ++counts[0];
        break;
      case PatchVerdict::already_applied:
        ++counts[patch.merged_as.empty() ? 2 : 1];
        break;
      case PatchVerdict::conflict:
        ++counts[3];
        break;
      case PatchVerdict::malformed:
        ++counts[4];
        break;
    }
  }
  std::vector<std::string> parts;
  const auto add = [&](std::size_t count, std::string_view one, std::string_view many) {
    if (count > 0) parts.push_back(fmt::format("{} {}", count, count == 1 ? one : many));
  };
  add(counts[0], "applies", "apply");
  add(counts[1], "merged upstream", "merged upstream");
  add(counts[2], "in the tree already", "in the tree already");
  add(counts[3], "does not apply", "do not apply");
  add(counts[4], "malformed", "malformed");
  return join(parts, ", ");
}

CodeLens series_lens(const Recollection& known, const PatchSeries& series, const formats::SourceRef& entry) {
  CodeLens lens{.kind = CodeLens::Kind::series, .span = entry.component.span, .component = entry.component.value};
  const Recalled<SeriesFact> fact = known.series(series);
  if (fact.fact == nullptr) return lens;
  const std::string what = counted(series.patches.size(), "patch", "es");
  const std::string how = fact.fact->patches.empty() ? std::string("not examined") : tally(*fact.fact);
  put(lens, fmt::format("{}: {}", what, how), fact.certainty);
  return lens;
}

std::vector<CodeLens> refs_lenses(const Snapshot& snapshot, const Recollection& known, const std::string& release) {
  const auto* refs = snapshot.source_refs(release);
  if (refs == nullptr || (*refs)->entries.empty()) return {};
  std::vector<CodeLens> lenses = {release_lens(known, *refs)};
  for (const formats::SourceRef* entry : counting_entries(**refs)) {
    const PatchSeries* series = snapshot.patch_series(entry->component.value, release);
    if (series != nullptr && !series->patches.empty()) lenses.push_back(series_lens(known, *series, *entry));
  }
  return lenses;
}

// patches/<component>/<release>/*.patch

std::string target_of(const PatchSeries& series, const std::string& ref) {
  return ref.empty() ? series.component : fmt::format("{}@{}", series.component, ref);
}

std::string conflict_words(const PatchFact& fact) {
  std::string title = fact.partly_applied ? "does not apply: part of it is in the tree" : "does not apply";
  if (fact.obstacle && fact.hunks > 0)
    title += fmt::format("{}hunk {} of {}", separator, *fact.obstacle + 1, fact.hunks);
  return title;
}

std::string patch_words(const PatchSeries& series, const SeriesFact& whole, const PatchFact& fact) {
  switch (fact.verdict) {
    case PatchVerdict::applies: {
      std::string title = fmt::format("applies to {}", target_of(series, whole.ref));
      if (fact.hunks > 0) title += fmt::format("{}{}", separator, counted(fact.hunks, "hunk"));
      if (fact.offset != 0) title += fmt::format("{}offset {:+}", separator, fact.offset);
      return title;
    }
    case PatchVerdict::already_applied:
      return fact.merged_as.empty() ? fmt::format("is in {} already", target_of(series, whole.ref))
                                    : fmt::format("merged upstream as {}", fact.merged_as);
    case PatchVerdict::conflict:
      return conflict_words(fact);
    case PatchVerdict::malformed:
      return "malformed: git apply refuses it";
  }
  return {};
}

std::vector<CodeLens> patch_lenses(const Snapshot& snapshot, const Recollection& known, const DocumentPath& at,
                                   std::string_view path) {
  const PatchSeries* series = snapshot.patch_series(at.component, at.release);
  const SourceFilePtr file = snapshot.file(path);
  if (series == nullptr || !file) return {};
  CodeLens lens{.kind = CodeLens::Kind::patch, .span = first_line(*file), .component = at.component};
  const Recalled<SeriesFact> whole = known.series(*series);
  const Recalled<PatchFact> fact = known.patch(*series, path);
  if (fact.fact != nullptr)
    put(lens, patch_words(*series, *whole.fact, *fact.fact), fact.certainty);
  else if (whole.certainty == Certainty::exact)
    put(lens, "not examined: the source is not to be had", Certainty::exact);
  return {std::move(lens)};
}

}  // namespace

std::vector<CodeLens> code_lenses(const Snapshot& snapshot, const Recollection& known, std::string_view path) {
  const DocumentPath at = workspace::classify(path);
  if (at.kind == DocumentKind::source_refs) return refs_lenses(snapshot, known, at.release);
  if (at.kind == DocumentKind::patch) return patch_lenses(snapshot, known, at, path);
  return {};
}

}  // namespace forge::ide
