#include <algorithm>
#include <span>

#include "engine/rules/catalog.hpp"

namespace forge::rules {

namespace {

using formats::Pin;
using workspace::Document;

void check_other_operator(const Document<formats::Constraints>& document, const Pin& pin, Report& report) {
  if (pin.op == formats::SpecifierOperator::identical || pin.op_span.empty() || !pin.usable()) return;
  Pin mended = pin;
  mended.op = formats::SpecifierOperator::identical;
  Added added =
      report.add(document.file, pin.op_span, "`{}` {}.", pin.line(),
                 pin.exact() ? fmt::format("is meant as `{}`; the merge script looks for `===` only", mended.line())
                             : std::string("is a range; a pin is `name===version`"));
  added.about(document.release).level(Severity::info);
  if (pin.exact()) added.fix(fmt::format("Write `{}`", mended.line()), pin.span, mended.line(), true);
}

void check_pin_syntax(const RuleContext& context, Report& report) {
  for (const std::string& release : context.snapshot.releases()) {
    const auto* document = context.snapshot.upper_constraints(release);
    if (document == nullptr) continue;
    report.add_problems(document);
    for (const Pin& pin : (*document)->pins) check_other_operator(*document, pin, report);
  }
}

void add_duplicate(const Document<formats::Constraints>& document, const Pin& earlier, const Pin& later,
                   Report& report) {
  const bool same = *earlier.parsed == *later.parsed;
  const std::string message =
      same ? fmt::format("`{}` is pinned to `{}` twice.", later.spelling.value, later.version.value)
           : fmt::format(
                 "`{}` is pinned to `{}` and to `{}` where both lines count, so whatever needs it can't be "
                 "installed.",
                 later.spelling.value, earlier.version.value, later.version.value);
  report.add_message(document.file, later.span, message)
      .about(document.release)
      .level(same ? Severity::info : Severity::error)
      .related(document.file, earlier.span, "the earlier line")
      .fix("Remove this line", document.file->full_line_at(later.span.begin), "")
      .fix("Remove the earlier line", document.file->full_line_at(earlier.span.begin), "");
}

void add_too_many(const Document<formats::Constraints>& document, const Pin& pin, std::size_t most, Report& report) {
  report
      .add(document.file, pin.span, "`{}` stands on more than {} lines; this and those below were not compared.",
           pin.spelling.value, most)
      .about(document.release);
}

/// Of pins of one name, in file order.
void check_namesakes(const Document<formats::Constraints>& document, std::span<const Pin* const> pins, Report& report) {
  constexpr std::size_t most_compared = 8;  // lines of one name; no real file has more than two
  constexpr std::size_t most_lines = 64;
  for (std::size_t i = 1; i < std::min(pins.size(), most_lines); ++i) {
    const auto earlier = pins.first(std::min(i, most_compared));
    const auto clash = std::ranges::find_if(earlier, [&](const Pin* other) {
      return formats::can_both_hold(other->condition_or_null(), pins[i]->condition_or_null());
    });
    if (clash != earlier.end()) add_duplicate(document, **clash, *pins[i], report);
  }
  if (pins.size() > most_lines) add_too_many(document, *pins[most_lines], most_lines, report);
}

void check_pin_duplicate(const RuleContext& context, Report& report) {
  const auto name = [](const Pin* pin) -> const std::string& { return pin->name.str(); };
  for (const std::string& release : context.snapshot.releases()) {
    const auto* document = context.snapshot.upper_constraints(release);
    if (document == nullptr) continue;
    std::vector<const Pin*> pins;
    pins.reserve((*document)->pins.size());
    for (const Pin& pin : (*document)->pins)
      if (pin.exact() && pin.usable()) pins.push_back(&pin);
    // Mostly sorted already, and then this is quick.
    if (!std::ranges::is_sorted(pins, {}, name)) std::ranges::stable_sort(pins, {}, name);
    for (auto first = pins.begin(); first != pins.end();) {
      const auto last = std::find_if(first, pins.end(), [&](const Pin* pin) { return pin->name != (*first)->name; });
      check_namesakes(*document, {first, last}, report);
      first = last;
    }
  }
}

void check_final_newline(const RuleContext& context, Report& report) {
  for (const std::string& release : context.snapshot.releases()) {
    const auto* document = context.snapshot.upper_constraints(release);
    if (document == nullptr) continue;
    const std::string_view text = document->file->text();
    if (text.empty() || text.ends_with('\n')) continue;
    const TextSpan end = span_of(text.size(), text.size());
    report
        .add(document->file, document->file->line_at(end.begin),
             "The last line does not end with a newline; the merge script glues the next pin to it.")
        .about(release)
        .fix("Add the newline", end, "\n", true);
  }
}

constexpr Rule rules[] = {
    {.name = "pin-syntax",
     .summary = "line of upper-constraints.txt that is not `name===version[;marker]`",
     .doc = "A line is no pin: uv refuses the whole file for most such lines, pip for some, and a version that is none "
            "matches nothing. Another operator than `===` is only information: `==` means nearly the same, but the "
            "merge script does not find the line, and a range leaves the version open. Rewrite the line.",
     .bad = "# releases/2025.2/upper-constraints.txt\noslo.config==10.0.0\nrequests[socks]===2.32.5\n",
     .good = "# releases/2025.2/upper-constraints.txt\noslo.config===10.0.0\nrequests===2.32.5\n",
     .check = check_pin_syntax},
    {.name = "pin-duplicate",
     .summary = "package pinned twice where both lines count",
     .doc = "Two lines pin one package (names are compared in normalised form: `glance-store` is `glance_store`), and "
            "there is a Python for which both markers are true. Different versions contradict each other as soon as "
            "something needs the package; the same version twice is only information. Remove one line, or give the "
            "two markers that exclude each other.",
     .bad = "# releases/2025.2/upper-constraints.txt\nglance-store===5.1.0\nglance_store===5.2.0\n",
     .good = "# releases/2025.2/upper-constraints.txt\nglance_store===5.2.0\n",
     .check = check_pin_duplicate},
    {.name = "constraints-no-final-newline",
     .severity = Severity::warning,
     .summary = "upper-constraints.txt whose last line does not end",
     .doc = "The merge script appends the pins of the override file. Without a newline at the end of the last line it "
            "glues the first of them to that line, and both pins are lost. Add the newline. `forge-analyze "
            "constraints` reads such a file as it is meant.",
     .bad = "# the end of releases/2025.2/upper-constraints.txt\n"
            "zstd===1.5.6\n"
            "\\ No newline at end of file\n",
     .good = "# the end of releases/2025.2/upper-constraints.txt\n"
             "zstd===1.5.6\n",
     .check = check_final_newline},
};

}  // namespace

std::span<const Rule> pin_rules() {
  return rules;
}

}  // namespace forge::rules
