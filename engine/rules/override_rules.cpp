#include <algorithm>
#include <iterator>
#include <map>
#include <set>

#include "engine/base/text.hpp"
#include "engine/model/declared_requirements.hpp"
#include "engine/model/effective_pins.hpp"
#include "engine/model/image_graph.hpp"
#include "engine/rules/catalog.hpp"
#include "engine/rules/override_fixes.hpp"

namespace forge::rules {

namespace {

using formats::Marker;
using formats::Override;
using formats::Pin;
using model::EffectivePin;
using model::EffectivePins;
using model::PinOrigin;
using model::RemovedPin;
using workspace::Snapshot;

void add_problems(const RuleContext& context, Report& report) {
  for (const auto* overrides : context.snapshot.all_overrides()) report.add_problems(overrides);
}

/// Calls `visit(release, pins, upstream)` for each release that has both files.
template <class Visit>
void for_each_overridden(const Snapshot& snapshot, const Visit& visit) {
  for (const std::string& release : snapshot.releases()) {
    const auto* upstream = snapshot.upper_constraints(release);
    if (upstream == nullptr || snapshot.overrides(release) == nullptr) continue;
    visit(release, model::effective_pins(snapshot, release), *upstream);
  }
}

Fix delete_entry(const SourceFilePtr& file, const Override& entry) {
  return {"Delete the entry", {{{file, file->full_line_at(entry.span.begin)}, ""}}, {}, false};
}

// Names that match nothing, or not as they are spelled.

/// An entry, wherever the effective pins keep it, and the upstream lines it takes away.
struct Target {
  const Override& entry;
  const SourceFilePtr& file;
  const std::vector<const Pin*>& pins;
};

/// Letter case is ignored, as the merge script does.
const Pin* spelled_otherwise(const Target& target) {
  const std::string spelling = to_lower(target.entry.spelling.value);
  const auto same = [&](const Pin* pin) { return to_lower(pin->spelling.value) == spelling; };
  return target.pins.empty() || std::ranges::any_of(target.pins, same) ? nullptr : target.pins.front();
}

/// The pinned name that was most likely meant, as upstream spells it.
std::optional<std::string> meant_name(const formats::Constraints& upstream, const PackageName& name) {
  Nearest near(name.str());
  const Pin* meant = nullptr;
  for (const Pin& pin : upstream.pins)
    if (near.offer(pin.name.str())) meant = &pin;
  return meant == nullptr ? std::nullopt : std::optional(meant->spelling.value);
}

std::string did_you_mean(const std::optional<std::string>& name, std::string_view otherwise) {
  return name ? fmt::format("; did you mean `{}`?", *name) : std::string(otherwise);
}

void correct_name(Added& added, const Target& target, const std::string& spelling) {
  added.fix(fmt::format("Write `{}`", spelling), target.entry.spelling.span, spelling);
}

void check_replacement(const std::string& release, const Target& target,
                       const workspace::Document<formats::Constraints>& upstream, Report& report) {
  const std::string& written = target.entry.spelling.value;
  if (const Pin* pin = spelled_otherwise(target)) {
    Added added = report.add(target.file, target.entry.spelling.span,
                             "`{}` is spelled `{}` in upper-constraints.txt: the merge script keeps that pin and adds "
                             "this one beside it.",
                             written, pin->spelling.value);
    added.about(release).level(Severity::error).related(upstream.file, pin->span, "the pin that is meant");
    correct_name(added, target, pin->spelling.value);
  } else if (target.pins.empty()) {
    const auto meant = meant_name(*upstream, target.entry.name);
    Added added = report.add(target.file, target.entry.spelling.span, "`{}` is not pinned, so this adds a pin{}",
                             written, did_you_mean(meant, "."));
    added.about(release);
    if (meant) correct_name(added, target, *meant);
  }
}

void check_no_match(const RuleContext& context, Report& report) {
  for_each_overridden(context.snapshot,
                      [&](const std::string& release, const EffectivePins& pins, const auto& upstream) {
                        for (const EffectivePin& pin : pins.pins) {
                          if (pin.origin == PinOrigin::override_file)
                            check_replacement(release, {*pin.entry, pin.file, pin.replaces}, upstream, report);
                        }
                      });
}

void check_removal(const std::string& release, const Target& target,
                   const workspace::Document<formats::Constraints>& upstream, Report& report) {
  const std::string& written = target.entry.spelling.value;
  if (const Pin* pin = spelled_otherwise(target)) {
    Added added = report.add(target.file, target.entry.spelling.span,
                             "`{}` is spelled `{}` in upper-constraints.txt: the merge script removes nothing.",
                             written, pin->spelling.value);
    added.about(release).related(upstream.file, pin->span, "the pin that is meant");
    correct_name(added, target, pin->spelling.value);
  } else if (target.pins.empty()) {
    const auto meant = meant_name(*upstream, target.entry.name);
    Added added = report.add(target.file, target.entry.spelling.span, "`{}` is not pinned, so this removes nothing{}",
                             written, did_you_mean(meant, "."));
    added.about(release);
    if (meant)
      correct_name(added, target, *meant);
    else
      added.fix(delete_entry(target.file, target.entry));
  }
}

void check_remove_no_match(const RuleContext& context, Report& report) {
  for_each_overridden(context.snapshot,
                      [&](const std::string& release, const EffectivePins& pins, const auto& upstream) {
                        for (const RemovedPin& removed : pins.removed)
                          check_removal(release, {*removed.entry, removed.file, removed.pins}, upstream, report);
                      });
}

// Entries without effect.

std::string marker_text(const Pin& pin) {
  return pin.condition ? pin.condition->str() : std::string();
}

/// The upstream line that the override is the counterpart of: the one with its marker.
const Pin* counterpart(const EffectivePin& pin) {
  const auto same =
      std::ranges::find(pin.replaces, marker_text(*pin.pin), [](const Pin* one) { return marker_text(*one); });
  return same == pin.replaces.end() || !(*same)->exact() ? nullptr : *same;
}

std::string reason_of(const Override& entry) {
  return entry.reason.empty() ? std::string() : fmt::format(" (its reason: {})", entry.reason);
}

/// Whether the entry can go without upstream's other lines coming back: those are taken away by any line of the name.
bool stands_alone(const EffectivePin& pin, const EffectivePins& pins) {
  const auto lines = pins.find(pin.pin->name);
  return pin.replaces.size() == 1 || std::ranges::all_of(lines, [&](const EffectivePin* line) {
           const Pin* same = counterpart(*line);
           return lines.size() == pin.replaces.size() && same != nullptr && *line->pin->parsed == *same->parsed;
         });
}

void check_repeats_pin(const RuleContext& context, Report& report) {
  for_each_overridden(
      context.snapshot, [&](const std::string& release, const EffectivePins& pins, const auto& upstream) {
        for (const EffectivePin& pin : pins.pins) {
          const Pin* same = pin.origin == PinOrigin::override_file ? counterpart(pin) : nullptr;
          if (same == nullptr || *pin.pin->parsed > *same->parsed || !stands_alone(pin, pins)) continue;
          const bool equal = pin.pin->parsed->str() == same->parsed->str();
          const std::string message =
              equal ? fmt::format("`{}` is already pinned to `{}`.", pin.pin->spelling.value, pin.pin->version.value)
                    : fmt::format("`{}` is pinned to `{}` by now; this override holds it at the older `{}`{}.",
                                  pin.pin->spelling.value, same->version.value, pin.pin->version.value,
                                  reason_of(*pin.entry));
          report.add_message(pin.file, pin.pin->span, message)
              .about(release)
              .related(upstream.file, same->span, "upstream's pin")
              .fix(delete_entry(pin.file, *pin.entry));
        }
      });
}

void check_duplicate(const RuleContext& context, Report& report) {
  for (const auto* document : context.snapshot.all_overrides()) {
    const EffectivePins& pins = model::effective_pins(context.snapshot, document->release);
    std::map<std::string_view, const Override*> winners;
    std::set<const Override*> in_force;
    for (const Override& entry : (*document)->entries) winners[entry.name.str()] = &entry;
    for (const EffectivePin& pin : pins.pins) in_force.insert(pin.entry);
    for (const RemovedPin& removed : pins.removed) in_force.insert(removed.entry);
    for (const Override& entry : (*document)->entries) {
      if (in_force.contains(&entry)) continue;
      report
          .add(document->file, entry.span, "A later entry for `{}` wins, so this one has no effect.",
               entry.spelling.value)
          .about(document->release)
          .related(document->file, winners.at(entry.name.str())->span, "the entry that wins")
          .fix(delete_entry(document->file, entry));
    }
  }
}

// Pins per Python.

bool any_active(const std::vector<const Pin*>& pins, const formats::MarkerEnvironment& environment) {
  return std::ranges::any_of(pins, [&](const Pin* pin) { return pin->active(environment); });
}

/// Upstream's lines that count somewhere where none of `now` does.
std::vector<const Pin*> uncovered(const std::vector<const Pin*>& before, const std::vector<const Pin*>& now) {
  constexpr std::size_t most_compared = 64;  // no real file has more than two lines of one name
  if (before.size() + now.size() > most_compared) return {};
  std::vector<const Marker*> markers;
  for (const Pin* pin : before) markers.push_back(pin->condition_or_null());
  for (const Pin* pin : now) markers.push_back(pin->condition_or_null());
  const auto environments = formats::telling_environments(markers);
  std::vector<const Pin*> out;
  if (!environments) return out;
  std::ranges::copy_if(before, std::back_inserter(out), [&](const Pin* pin) {
    return std::ranges::any_of(*environments, [&](const auto& environment) {
      return pin->active(environment) && !any_active(now, environment);
    });
  });
  return out;
}

std::string list_of(const std::vector<const Pin*>& pins) {
  std::vector<std::string> lines;
  for (const Pin* pin : pins) lines.push_back("`" + pin->line() + "`");
  return join(lines, ", ");
}

/// The entry with the marker of the line that counts on the forge's own Python, upstream's other lines as they are.
std::string line_per_marker(const EffectivePin& pin, const formats::MarkerEnvironment& target) {
  std::string out;
  for (const Pin* upstream : pin.replaces) {
    Pin line = *upstream;
    if (upstream->active(target)) line.version = pin.pin->version;
    line.op = formats::SpecifierOperator::identical;
    if (!out.empty()) out += '\n';
    out += line.line();
  }
  return out;
}

void check_markers_of(const std::string& release, const EffectivePin& pin, const EffectivePins& pins,
                      const formats::ForgeConfig& config, Report& report) {
  std::vector<const Pin*> now;
  for (const EffectivePin* line : pins.find(pin.pin->name)) now.push_back(line->pin);
  if (now.back() != pin.pin) return;  // said once for a name, at its last line
  const auto lost = uncovered(pin.replaces, now);
  if (!lost.empty()) {
    std::string kept;
    for (const Pin* line : lost) kept += line->line() + "\n";
    report
        .add(pin.file, pin.pin->span,
             "An override takes all lines of a package away; nothing pins `{}` any more where {} did.",
             pin.pin->spelling.value, list_of(lost))
        .about(release)
        .fix("Keep upstream's other lines", {pin.pin->span.begin, pin.pin->span.begin}, kept);
  } else if (pin.replaces.size() > 1 && now.size() == 1) {
    const auto target = formats::MarkerEnvironment::linux_cpython(config.python, "x86_64");
    report
        .add(pin.file, pin.pin->span, "Upstream pins `{}` for each Python ({}); this override makes one pin of them.",
             pin.pin->spelling.value, list_of(pin.replaces))
        .about(release)
        .fix("Write one line for each marker", pin.pin->span, line_per_marker(pin, target));
  }
}

void check_drops_markers(const RuleContext& context, Report& report) {
  for_each_overridden(context.snapshot, [&](const std::string& release, const EffectivePins& pins, const auto&) {
    for (const EffectivePin& pin : pins.pins) {
      if (!pin.replaces.empty()) check_markers_of(release, pin, pins, context.snapshot.config(), report);
    }
  });
}

// Libraries built from a patched tree.

bool is_patched_library(const Snapshot& snapshot, const workspace::PatchSeries& series) {
  const auto* refs = snapshot.source_refs(series.release);
  return !series.patches.empty() && !snapshot.is_service(series.component) && refs != nullptr &&
         (*refs)->find(series.component) != nullptr && !model::is_native(snapshot, series.release, series.component);
}

/// A constraint with the address of the tree goes with a pin of the very version that the tree builds.
bool goes_with_tree(const Snapshot& snapshot, const workspace::PatchSeries& series, const EffectivePin& pin) {
  const formats::SourceRef* entry = (*snapshot.source_refs(series.release))->find(series.component);
  return entry->ref && pin.pin->exact() && entry->ref->value == pin.pin->version.value &&
         model::is_taken_by_libraries_context(snapshot, series.release, series.component);
}

void check_patch_pin_not_removed(const RuleContext& context, Report& report) {
  const Snapshot& snapshot = context.snapshot;
  for (const workspace::PatchSeries& series : snapshot.patch_series()) {
    const auto name = PackageName::parse(series.component);
    if (!name || !is_patched_library(snapshot, series)) continue;
    for (const EffectivePin* pin : model::effective_pins(snapshot, series.release).find(*name)) {
      if (goes_with_tree(snapshot, series, *pin)) continue;
      const std::string entry = "-" + pin->pin->spelling.value;
      Added added = report.add(pin->file, pin->pin->span,
                               "`{}` is built from its patched tree, and still pinned to a version of the index.",
                               series.component);
      added.about(series.release, series.component).related(series.patches.front()->file, {}, "a patch of that tree");
      if (pin->origin == PinOrigin::override_file)
        added.fix(fmt::format("Write `{}`", entry), pin->pin->span, entry);
      else
        added.fix(add_override(snapshot, series.release, entry));
    }
  }
}

constexpr Rule rules[] = {
    {.name = "override-syntax",
     .summary = "override that is neither `name===version[;marker]` nor `-name`",
     .doc = "The merge script takes each line literally: with a blank, a comment or a CR behind `-name` it removes "
            "nothing and still prints \"Removed\"; with blanks before the name or around `===`, or with a range, it "
            "keeps the old pin beside the new one. `forge-analyze constraints` applies a line whose meaning is plain "
            "and leaves any other out. Rewrite the line; a comment goes above it.",
     .bad = "# overrides/2025.2/constraints.txt\n-horizon  # self pin\nrequests == 2.33.0\n",
     .good = "# overrides/2025.2/constraints.txt\n# self pin\n-horizon\nrequests===2.33.0\n",
     .check = add_problems},
    {.name = "override-no-final-newline",
     .summary = "override file whose last entry does not end with a newline",
     .doc = "The merge script reads the file with the shell's `read`, which skips a last line without a newline: the "
            "entry has no effect, and nothing says so. Add the newline. `forge-analyze constraints` applies the entry.",
     .bad = "# the end of overrides/2025.2/constraints.txt\n"
            "-horizon\n"
            "\\ No newline at end of file\n",
     .good = "# the end of overrides/2025.2/constraints.txt\n"
             "-horizon\n",
     .check = add_problems},
    {.name = "override-no-match",
     .severity = Severity::warning,
     .summary = "override of a package that is not pinned, or not under that spelling",
     .doc =
         "The entry adds a pin instead of replacing one. That may be meant, for a package that upstream leaves "
         "unpinned; often the name is wrong. It is an error where upstream pins the package under another "
         "spelling of the same name (`oslo_messaging` for `oslo.messaging`): the merge script compares spellings, so "
         "it keeps the old pin and adds a second one that contradicts it. Names are compared without regard to "
         "case. `forge-analyze constraints` compares normalised names and replaces the pin. Write the name as "
         "upstream does.",
     .bad = "# overrides/2025.2/constraints.txt\noslo_messaging===17.2.0\n",
     .good = "# overrides/2025.2/constraints.txt\noslo.messaging===17.2.0\n",
     .check = check_no_match},
    {.name = "override-remove-no-match",
     .summary = "removal of a pin that does not exist, or not under that spelling",
     .doc = "`-name` finds no pin. Either the package is not pinned (any more), or upstream spells it differently; the "
            "merge script then removes nothing and still prints \"Removed\". `forge-analyze constraints` compares "
            "normalised names. Write the name as upstream does, or delete the entry.",
     .bad = "# overrides/2025.2/constraints.txt\n-glance-store\n",
     .good = "# overrides/2025.2/constraints.txt\n-glance_store\n",
     .check = check_remove_no_match},
    {.name = "override-repeats-pin",
     .severity = Severity::hint,
     .summary = "override with the version that upstream pins, or an older one",
     .doc = "Upstream has caught up: the override changes nothing, or holds the package back, and it hides the next "
            "update of upstream's file. Delete it unless the older version is meant.",
     .bad = "# overrides/2025.2/constraints.txt\ncryptography===43.0.3\n",
     .good = "# overrides/2025.2/constraints.txt, with cryptography===43.0.3 in upper-constraints.txt\n"
             "cryptography===43.0.4\n",
     .check = check_repeats_pin},
    {.name = "override-drops-markers",
     .severity = Severity::warning,
     .summary = "override that makes one pin of upstream's pins per Python",
     .doc =
         "Upstream pins some packages on several lines told apart by `python_version`. An override takes all lines of "
         "its package away, so one line either pins every Python to one version, or leaves some Pythons without a "
         "pin. Write one line for each marker.",
     .bad = "# overrides/2025.2/constraints.txt\nclick===8.3.1\n",
     .good = "# overrides/2025.2/constraints.txt\nclick===8.1.8;python_version=='3.9'\n"
             "click===8.3.1;python_version>='3.10'\n",
     .check = check_drops_markers},
    {.name = "override-duplicate",
     .severity = Severity::warning,
     .summary = "override that a later entry for the same package undoes",
     .doc = "Entries apply from top to bottom and the last one for a package wins, whatever its spelling; only entries "
            "whose markers exclude each other stand together. Delete the entry that has no effect.",
     .bad = "# overrides/2025.2/constraints.txt\nrequests===2.33.0\nrequests===2.34.0\n",
     .good = "# overrides/2025.2/constraints.txt\nrequests===2.34.0\n",
     .check = check_duplicate},
    {.name = "patch-pin-not-removed",
     .summary = "library built from a patched tree that is still pinned",
     .doc =
         "A library with patches is installed from its own source tree. A pin of it asks for a version of the index: "
         "unless the tree builds exactly that version the installer refuses the pair, and if it does, the next bump "
         "of either side breaks it. Remove the pin with `-name` in the release's override file.\n\nA pin of the very "
         "version that the ref names may stay where the images take the tree by the context `patched-libraries`: they "
         "give the tree's address as a constraint, which goes with such a pin.",
     .bad = "# releases/2025.2/upper-constraints.txt, with patches/oslo.messaging/2025.2/\noslo.messaging===17.1.0\n",
     .good = "# overrides/2025.2/constraints.txt\n-oslo.messaging\n",
     .check = check_patch_pin_not_removed},
};

}  // namespace

std::span<const Rule> override_rules() {
  return rules;
}

}  // namespace forge::rules
