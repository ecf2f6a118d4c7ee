#include <algorithm>
#include <initializer_list>

#include "engine/base/text.hpp"
#include "engine/model/hunk_landing.hpp"
#include "engine/rules/catalog.hpp"

namespace forge::rules {

namespace {

using model::OddLanding;
using model::ScopedLine;
using workspace::PatchSeries;
using Kind = OddLanding::Kind;

/// `line 12 (in `Listener.stop`)`
std::string place_text(const ScopedLine& place) {
  return place.scope.empty() ? fmt::format("line {}", place.line)
                             : fmt::format("line {} (in `{}`)", place.line, place.scope);
}

std::string places_text(const std::vector<ScopedLine>& places) {
  std::string out;
  for (std::size_t i = 0; i < places.size(); ++i) {
    if (i > 0) out += i + 1 == places.size() ? " and " : ", ";
    out += place_text(places[i]);
  }
  return out;
}

/// ``puts it at line 12 of `f` (in `x`), 3 lines further down than it says``
std::string landing_text(const OddLanding& odd) {
  const std::int64_t count = odd.lines < 0 ? -odd.lines : odd.lines;
  const std::string where = odd.at.scope.empty() ? std::string() : fmt::format(" (in `{}`)", odd.at.scope);
  const std::string moved = odd.lines == 0
                                ? std::string()
                                : fmt::format(", {} {} {} than it says", count, count == 1 ? "line" : "lines",
                                              odd.lines < 0 ? "further up" : "further down");
  return fmt::format("`git apply` puts it at line {} of `{}`{}{}", odd.at.line, odd.path, where, moved);
}

std::string message_of(const OddLanding& odd) {
  switch (odd.kind) {
    case Kind::ambiguous:
      return fmt::format("This hunk fits as well at {}: {}. Nothing in the patch decides between them.",
                         places_text(odd.others), landing_text(odd));
    case Kind::elsewhere:
      return fmt::format("This hunk is for `{}`, which is at {}, and lands outside of it: {}.", odd.named,
                         fmt::format("line {}", odd.others.front().line), landing_text(odd));
    case Kind::out_of_order:
      return fmt::format("This hunk lands above the one before it, which is at {}: {}.", places_text(odd.others),
                         landing_text(odd));
    case Kind::end_of_file:
      return fmt::format("This hunk adds lines and has no context, so they go to the end of the file: {}.",
                         landing_text(odd));
    case Kind::again:
      return fmt::format(
          "What this hunk makes stands at {} already, nearer to where it says; it is made once more: {}.",
          places_text(odd.others), landing_text(odd));
    case Kind::repeated:
      return fmt::format("The same change has been made at {} already; it is made once more: {}.",
                         places_text(odd.others), landing_text(odd));
    case Kind::joins_lines:
      return fmt::format(
          "This line has no line end in the patch, but is not the last one of `{}`: line {} and the one after it "
          "become "
          "one.",
          odd.path, odd.at.line);
    case Kind::overwrites:
      return fmt::format("The patch names another file as its source, so `{}`, which exists, is overwritten.",
                         odd.path);
    case Kind::submodule:
      return fmt::format(
          "`{}` is a submodule: `git apply` in a checkout takes this part without a word and changes nothing.",
          odd.path);
  }
  return {};
}

void report_landings(const RuleContext& context, Report& report, std::initializer_list<Kind> kinds) {
  for (const PatchSeries& series : context.snapshot.patch_series()) {
    if (series.patches.empty() || !context.selects(series.release, series.component)) continue;
    const Result<std::vector<OddLanding>>& landings = model::odd_landings(context.snapshot, series);
    if (!landings) continue;  // the rules on refs report why
    for (const OddLanding& odd : *landings) {
      if (std::ranges::find(kinds, odd.kind) == kinds.end()) continue;
      report.add_message(series.patches[odd.patch]->file, odd.span, message_of(odd))
          .about(series.release, series.component);
    }
  }
}

void check_place_ambiguous(const RuleContext& context, Report& report) {
  report_landings(context, report, {Kind::ambiguous});
}

void check_lands_elsewhere(const RuleContext& context, Report& report) {
  report_landings(context, report, {Kind::elsewhere, Kind::out_of_order, Kind::end_of_file});
}

void check_applied_twice(const RuleContext& context, Report& report) {
  report_landings(context, report, {Kind::again, Kind::repeated});
}

void check_joins_lines(const RuleContext& context, Report& report) {
  report_landings(context, report, {Kind::joins_lines});
}

void check_overwrites_file(const RuleContext& context, Report& report) {
  report_landings(context, report, {Kind::overwrites});
}

void check_without_effect(const RuleContext& context, Report& report) {
  report_landings(context, report, {Kind::submodule});
}

std::string dropped_message(const model::DroppedText& dropped, std::string_view text) {
  if (dropped.hunk.empty())
    return "The file ends right behind this header: git does not see it and applies what comes before.";
  const auto lines = static_cast<std::size_t>(std::ranges::count(text, '\n')) + (text.ends_with('\n') ? 0U : 1U);
  return fmt::format("{} behind the hunk, which is complete by its counts: `git apply` leaves {} out without a word.{}",
                     lines == 1 ? std::string("A line stands") : fmt::format("{} lines stand", lines),
                     lines == 1 ? "it" : "them", dropped.changes ? "" : " They are context only, so nothing is lost.");
}

void check_drops_content(const RuleContext& context, Report& report) {
  for (const PatchSeries& series : context.snapshot.patch_series()) {
    if (!context.selects(series.release, series.component)) continue;
    for (const auto& document : series.patches) {
      for (const model::DroppedText& dropped : model::dropped_text(document->file->text(), **document)) {
        Added added = report.add_message(document->file, dropped.span,
                                         dropped_message(dropped, document->file->text(dropped.span)));
        added.about(series.release, series.component);
        if (!dropped.changes) added.level(Severity::info);
        if (!dropped.hunk.empty()) added.related(document->file, dropped.hunk, "The hunk's counts.");
      }
    }
  }
}

constexpr Rule rules[] = {
    {.name = "patch-place-ambiguous",
     .severity = Severity::warning,
     .needs = Needs::upstream,
     .summary = "hunk that has moved and fits at several places",
     .doc =
         "The lines around the hunk have moved, and what it expects stands at several places of the file. `git apply` "
         "takes the nearest one, which after a change of the ref may be the wrong one; its status is 0 all the same. "
         "Neither the function after `@@` nor the hunks around tell which one is meant.\n\nLook at the places, and "
         "make the patch again for this ref (`git format-patch`, with more context: `-U10`).",
     .bad = "# a hunk whose lines have moved and stand in three methods of the class\n"
            "@@ -8,4 +8,4 @@ class Listener:\n"
            "         a = 1\n"
            "         b = 2\n"
            "-        c = 3\n"
            "+        c = 4\n",
     .good = "# with enough lines around it to tell which one is meant\n"
             "@@ -9,6 +9,6 @@ class Listener:\n"
             " \n"
             "     def two(self):\n"
             "         a = 1\n"
             "         b = 2\n"
             "-        c = 3\n"
             "+        c = 4\n",
     .check = check_place_ambiguous},
    {.name = "patch-lands-elsewhere",
     .severity = Severity::warning,
     .needs = Needs::upstream,
     .summary = "hunk that applies in another place than the one it names",
     .doc = "The hunk applies, but outside of the function or class that it names after `@@` and that is still in the "
            "file, or above the hunk before it; or it adds lines without any context, which `git apply` puts at the "
            "end of the file whatever line it says. Such a hunk most often changes the wrong code, with status "
            "0.\n\nLook at the place, and make the patch again for this ref.",
     .bad = "# a hunk for New.stop, while the same lines stand nearer in the class Old\n"
            "@@ -10,4 +10,4 @@ class New:\n"
            "         a = 1\n"
            "         b = 2\n"
            "-        c = 3\n"
            "+        c = 4\n",
     .good = "# the same, with the line that it has at this ref\n"
             "@@ -17,4 +17,4 @@ class New:\n"
             "         a = 1\n"
             "         b = 2\n"
             "-        c = 3\n"
             "+        c = 4\n",
     .check = check_lands_elsewhere},
    {.name = "patch-applied-twice",
     .severity = Severity::warning,
     .needs = Needs::upstream,
     .summary = "hunk whose change is made a second time",
     .doc = "What the hunk makes stands in the file already, nearer to where the hunk says than the place where it "
            "applies: upstream, or an earlier hunk, has made the change, and similar lines nearby take it once "
            "more.\n\nIf the change is there, remove the hunk, or the patch.",
     .bad = "# a hunk of patches/keystone/2025.2/0001-x.patch, with `check(port)` in the tree at line 5\n"
            "@@ -5,3 +5,4 @@\n"
            "+    check(port)\n"
            "     listen(port)\n"
            "     log(\"started\")\n"
            "     return port\n",
     .good = "# the hunk is gone: the tree has what it makes\n",
     .check = check_applied_twice},
    {.name = "patch-joins-lines",
     .severity = Severity::warning,
     .needs = Needs::upstream,
     .summary = "hunk that makes one line of two",
     .doc = "A line of the hunk is followed by `\\ No newline at end of file`, but the file goes on there. `git apply` "
            "is content with a line that begins like it and replaces it whole, its end included: the next line is "
            "appended to it.\n\nRemove the marker, or make the patch again for this ref.",
     .bad = "# a hunk for etc/list, which has a line `four` behind `three`\n"
            "@@ -2,2 +2,3 @@\n"
            " two\n"
            "+two and a half\n"
            " three\n"
            "\\ No newline at end of file\n",
     .good = "# the same without the marker\n"
             "@@ -2,2 +2,3 @@\n"
             " two\n"
             "+two and a half\n"
             " three\n",
     .check = check_joins_lines},
    {.name = "patch-drops-content",
     .severity = Severity::warning,
     .summary = "part of a patch that git leaves out without a word",
     .doc = "`git apply` reads a hunk until its counts are used up and skips what stands behind it, and it does not "
            "look at a header that the end of the file follows at once. Lines of a patch that was edited by hand, or "
            "cut off, are lost with status 0. It is a mere note where only context is left out.\n\nCorrect the counts "
            "(`rediff`, or make the patch again).",
     .bad = "# patches/nova/2025.2/0001-x.patch\n--- a/x\n+++ b/x\n@@ -1,1 +1,1 @@\n-b\n+c\n-d\n+e\n",
     .good = "# patches/nova/2025.2/0001-x.patch\n--- a/x\n+++ b/x\n@@ -1,2 +1,2 @@\n-b\n+c\n-d\n+e\n",
     .check = check_drops_content},
    {.name = "patch-overwrites-file",
     .severity = Severity::warning,
     .needs = Needs::upstream,
     .summary = "patch that overwrites a file which it does not name as its source",
     .doc = "The names after `---` and `+++` differ and there are no `rename` lines. `git apply` moves the file and "
            "does not ask whether the target exists: its content is lost.\n\nWrite the same name twice, or `rename "
            "from` and `rename to`, with which git asks.",
     .bad = "# patches/keystone/2025.2/0001-x.patch, with etc/other in the tree\n"
            "--- a/etc/list\n"
            "+++ b/etc/other\n",
     .good = "# patches/keystone/2025.2/0001-x.patch\n"
             "--- a/etc/list\n"
             "+++ b/etc/list\n",
     .check = check_overwrites_file},
    {.name = "patch-without-effect",
     .severity = Severity::warning,
     .needs = Needs::upstream,
     .summary = "part of a patch that changes nothing in a checkout",
     .doc = "The patch changes the commit of a submodule. `git apply` in a checkout accepts that whatever the "
            "submodule is at, and changes nothing.\n\nRemove that part, and set the submodule where the source is "
            "checked out.",
     .bad = "# patches/keystone/2025.2/0001-x.patch\n"
            "--- a/lib\n"
            "+++ b/lib\n"
            "@@ -1 +1 @@\n"
            "-Subproject commit 0123456789abcdef0123456789abcdef01234567\n"
            "+Subproject commit 89abcdef0123456789abcdef0123456789abcdef\n",
     .good = "# the part is gone: the commit of `lib` is set where the source is checked out\n",
     .check = check_without_effect},
};

}  // namespace

std::span<const Rule> patch_landing_rules() {
  return rules;
}

}  // namespace forge::rules
