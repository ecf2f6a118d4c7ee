#include <algorithm>

#include "engine/base/text.hpp"
#include "engine/model/effective_pins.hpp"
#include "engine/model/upstream_constraints.hpp"
#include "engine/rules/catalog.hpp"
#include "engine/rules/override_fixes.hpp"

namespace forge::rules {

namespace {

using formats::Pin;
using model::ConstraintsDrift;
using model::EditedPin;
using model::MovedPin;
using model::PinLines;
using Constraints = workspace::Document<formats::Constraints>;

/// More edited packages than this are told in one finding.
constexpr std::size_t most_told = 20;

/// Calls `visit(document, drift)` for each release whose constraints could be compared with upstream's.
template <class Visit>
void for_each_drift(const RuleContext& context, const Visit& visit) {
  for (const std::string& release : context.snapshot.releases()) {
    if (!context.selects(release, {})) continue;
    const auto& drift = model::constraints_drift(context.snapshot, release);
    if (drift && drift->has_value()) visit(*context.snapshot.upper_constraints(release), **drift);
  }
}

std::string quoted(const PinLines& lines) {
  return "`" + join(lines, "`, `") + "`";
}

PinLines lines_of(const std::vector<const Pin*>& pins) {
  PinLines out;
  for (const Pin* pin : pins) out.push_back(pin->line());
  return out;
}

/// `a`, `b` and 3 more.
std::string first_few(const std::vector<std::string>& texts) {
  constexpr std::size_t few = 3;
  const std::size_t told = std::min(texts.size(), few);
  const std::vector<std::string> first(texts.begin(), texts.begin() + static_cast<std::ptrdiff_t>(told));
  return join(first, ", ") + (texts.size() > few ? fmt::format(" and {} more", texts.size() - few) : "");
}

/// Puts `lines` in the place of the first of `pins` and takes the others away.
void replace_pins(const Constraints& document, const std::vector<const Pin*>& pins, const PinLines& lines, Fix& fix) {
  for (const Pin* pin : pins) {
    if (pin == pins.front() && !lines.empty())
      fix.edits.push_back({{document.file, pin->span}, join(lines, "\n")});
    else
      fix.edits.push_back({{document.file, document.file->full_line_at(pin->span.begin)}, ""});
  }
}

Fix take_file(const Constraints& document, const ConstraintsDrift& drift) {
  return {fmt::format("Take the file of {}", drift.branch),
          {{{document.file, span_of(0, document.file->text().size())}, *drift.newest.text}},
          {},
          false};
}

std::string state_words(const model::ConstraintsState& state) {
  return fmt::format("commit {} of {}", state.commit.id.abbreviated(),
                     to_rfc3339(state.commit.commit_time).substr(0, 10));
}

// pin-edited-in-place

/// Upstream's lines come back, the forge's go to the override file unless an entry there decides the package anyway.
Fix move_to_overrides(const workspace::Snapshot& snapshot, const Constraints& document, const EditedPin& edited) {
  Fix fix{"Move the change to the override file", {}, {}, false};
  const PinLines entry = edited.now.empty() ? PinLines{"-" + edited.name} : lines_of(edited.now);
  const auto name = PackageName::parse(edited.name);
  const auto* overrides = snapshot.overrides(document.release);
  const bool decided = overrides != nullptr && std::ranges::any_of((*overrides)->entries, [&](const auto& one) {
                         return name && one.name == *name;
                       });
  if (!decided) fix = add_override(snapshot, document.release, join(entry, "\n"));
  fix.title = decided ? "Put upstream's lines back" : "Move the change to the override file";
  if (!edited.now.empty()) {
    replace_pins(document, edited.now, edited.upstream, fix);
  } else if (edited.at != nullptr) {
    const std::uint32_t at = document.file->full_line_at(edited.at->span.begin).begin;
    fix.edits.push_back({{document.file, {at, at}}, join(edited.upstream, "\n") + "\n"});
  }
  return fix;
}

std::string edit_message(const EditedPin& edited, const ConstraintsDrift& drift) {
  if (edited.now.empty())
    return fmt::format("{} of upstream's {} was taken out here.", quoted(edited.upstream), drift.branch);
  const std::string upstream =
      edited.upstream.empty() ? fmt::format("pins no `{}`", edited.name) : "has " + quoted(edited.upstream);
  return fmt::format("{} was never in upstream's {}; the state it is nearest to ({}) {}.", quoted(lines_of(edited.now)),
                     drift.branch, state_words(drift.nearest), upstream);
}

TextSpan span_at(const Constraints& document, const EditedPin& edited) {
  return edited.at == nullptr ? document.file->line_at(0) : edited.at->span;
}

void add_edited(const workspace::Snapshot& snapshot, const Constraints& document, const EditedPin& edited,
                const ConstraintsDrift& drift, Report& report) {
  Added added = report.add_message(document.file, span_at(document, edited), edit_message(edited, drift));
  added.about(document.release);
  for (const Pin* pin : edited.now) {
    if (pin != edited.at) added.related(document.file, pin->span, "another line of this package");
  }
  added.fix(move_to_overrides(snapshot, document, edited));
}

void check_edited_in_place(const RuleContext& context, Report& report) {
  for_each_drift(context, [&](const Constraints& document, const ConstraintsDrift& drift) {
    if (drift.better) return;
    if (drift.edited.size() <= most_told) {
      for (const EditedPin& edited : drift.edited) add_edited(context.snapshot, document, edited, drift, report);
      return;
    }
    std::vector<std::string> names;
    for (const EditedPin& edited : drift.edited) names.push_back("`" + edited.name + "`");
    report
        .add(document.file, span_at(document, drift.edited.front()),
             "{} packages are pinned as upstream's {} never did: {}.", names.size(), drift.branch, first_few(names))
        .about(document.release)
        .fix(take_file(document, drift));
  });
}

// pin-behind-upstream

void check_behind_upstream(const RuleContext& context, Report& report) {
  constexpr std::size_t most_related = 5;
  for_each_drift(context, [&](const Constraints& document, const ConstraintsDrift& drift) {
    if (drift.better || drift.moved.empty()) return;
    std::vector<std::string> changes;
    Fix pins{"Take upstream's newest pins", {}, {}, false};
    for (const MovedPin& moved : drift.moved) {
      changes.push_back(moved.newest.empty()
                            ? fmt::format("{} is gone", quoted(lines_of(moved.now)))
                            : fmt::format("{} became {}", quoted(lines_of(moved.now)), quoted(moved.newest)));
      replace_pins(document, moved.now, moved.newest, pins);
    }
    Added added =
        report.add(document.file, drift.moved.front().now.front()->span, "Upstream's {} has moved on from {}: {}.",
                   drift.branch, state_words(drift.nearest), first_few(changes));
    added.about(document.release);
    for (std::size_t i = 1; i < std::min(drift.moved.size(), most_related); ++i)
      added.related(document.file, drift.moved[i].now.front()->span, changes[i]);
    const bool whole = drift.foreign == 0 && drift.missing == 0;
    added.fix(whole ? take_file(document, drift) : std::move(pins));
  });
}

// pin-series-mismatch

void check_series_mismatch(const RuleContext& context, Report& report) {
  for_each_drift(context, [&](const Constraints& document, const ConstraintsDrift& drift) {
    if (!drift.better) return;
    const TextSpan span = document->pins.empty() ? document.file->line_at(0) : document->pins.front().span;
    report
        .add(document.file, span,
             "These are constraints of {}, not of {}: {} of {} lines are not in upstream's {}, {} not in {}.",
             drift.better->name, document.release, drift.foreign, drift.lines, drift.branch, drift.better->foreign,
             drift.better->name)
        .about(document.release)
        .fix(take_file(document, drift));
  });
}

constexpr Rule rules[] = {
    {.name = "pin-edited-in-place",
     .severity = Severity::warning,
     .needs = Needs::upstream,
     .summary = "line of upper-constraints.txt that upstream never had",
     .doc =
         "The file is upstream's, of openstack/requirements, and this line is in none of its states in the release's "
         "series: it was changed by hand. The next time upstream's file is taken the change is lost, and nobody "
         "sees it. Move it to overrides/<release>/constraints.txt, which is made for that. Compared is where the "
         "upstream of a component `requirements` is at hand: run `forge-analyze mirror sync requirements`, or name "
         "it under `upstreams` in forge.yaml; named there, it is missed when it is not.",
     .bad = "# releases/2025.2/upper-constraints.txt, where upstream had click===8.2.2\nclick===8.3.1\n",
     .good = "# overrides/2025.2/constraints.txt\nclick===8.3.1\n",
     .check = check_edited_in_place},
    {.name = "pin-behind-upstream",
     .severity = Severity::info,
     .needs = Needs::upstream,
     .summary = "pins that upstream has moved since the file was taken",
     .doc =
         "openstack/requirements has newer pins for this series, often because of a security fix in a stable branch. "
         "Take upstream's file. Where its repository comes from: see pin-edited-in-place.",
     .bad = "# releases/2025.2/upper-constraints.txt, where stable/2025.2 has cryptography===43.0.3\n"
            "cryptography===43.0.1\n",
     .good = "# releases/2025.2/upper-constraints.txt\n"
             "cryptography===43.0.3\n",
     .check = check_behind_upstream},
    {.name = "pin-series-mismatch",
     .needs = Needs::upstream,
     .summary = "upper-constraints.txt of another series",
     .doc = "Many lines were never in upstream's file of the release's series, and most of them are in that of another "
            "one: the file was copied to the wrong folder, or from the wrong branch. Take the file of the release's "
            "own series. Where its repository comes from: see pin-edited-in-place.",
     .bad = "# releases/2025.2/upper-constraints.txt, with the file of stable/2025.1\noslo.config===9.7.0\n",
     .good = "# releases/2025.2/upper-constraints.txt, with the file of stable/2025.2\noslo.config===10.0.0\n",
     .check = check_series_mismatch},
};

}  // namespace

std::span<const Rule> upstream_pin_rules() {
  return rules;
}

}  // namespace forge::rules
