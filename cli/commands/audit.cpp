#include "cli/render/audit.hpp"

#include <algorithm>
#include <array>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "cli/commands/table.hpp"
#include "cli/environment.hpp"
#include "cli/package_index.hpp"
#include "cli/proposal.hpp"
#include "cli/render/json.hpp"
#include "cli/render/sarif.hpp"
#include "cli/render/status_line.hpp"
#include "engine/audit/audit_release.hpp"
#include "engine/audit/render_html.hpp"
#include "engine/rules/run_rules.hpp"

namespace forge::cli {

namespace {

using audit::Audit;
using audit::Verdict;

constexpr std::array<std::string_view, 3> levels = {"warning", "error", "never"};
constexpr std::array<std::string_view, 5> formats = {"text", "json", "sarif", "markdown", "html"};
constexpr std::array options = {
    Option{"--release", "R", "the release to audit (default: the forge's newest)"},
    Option{"--candidate", "", "a release that is not in the forge yet, as `release init` would make it"},
    Option{"--from", "R", "with --candidate: the release that it is made from (default: the newest before it)"},
    Option{"--constraints", "PATH|REF",
           "with --candidate: its upper-constraints.txt, a file or a ref of the requirements repository (default: its "
           "branch there)"},
    Option{
        "--apt",
        "SOURCE",
        "the distribution's package lists: a line of sources.list, a Packages file, a folder of them; may be repeated",
        {},
        true},
    Option{"--fail-on", "LEVEL", "what makes the exit code 1: error, warning (risks too) or never (default error)",
           levels},
};

/// What is looked at, and what is known of it before.
struct Subject {
  std::string release;
  std::string from{};  ///< of a candidate
  workspace::SnapshotPtr snapshot;
  std::vector<audit::Remark> remarks{};
};

Subject candidate(const Invocation& invocation, const TaskPool& pool, const IndexProgress& show) {
  const auto release = invocation.value("--release");
  if (!release) throw NotDone("`audit --candidate` needs --release.", {"for example: --release 2026.1 --candidate"});
  audit::ReleaseProposal proposal = value_or_stop(propose(invocation, *release, pool));
  const auto files = workspace::overlay_files(workspace::disk_files(forge_root(invocation)), proposal.files);
  return {*release, proposal.from,
          value_or_stop(load_files(invocation, files, pool, index_factory(invocation, show),
                                   distribution_factory(invocation, show))),
          std::move(proposal.remarks)};
}

Subject existing(const Invocation& invocation, const TaskPool& pool, const IndexProgress& show) {
  for (const char* option : {"--from", "--constraints"})
    if (invocation.has(option)) throw NotDone(fmt::format("{} goes with --candidate.", option));
  Subject subject;
  subject.snapshot =
      load_forge(invocation, pool, index_factory(invocation, show), distribution_factory(invocation, show));
  const std::vector<std::string>& releases = subject.snapshot->releases();
  const std::string newest = releases.empty() ? std::string() : releases.back();
  subject.release = invocation.value("--release").value_or(newest);
  if (subject.release.empty())
    throw NotDone("There is no release in this forge.", {"`forge-analyze release init` makes one"});
  if (std::ranges::count(releases, subject.release) == 0)
    throw NotDone(fmt::format("There is no release `{}` in this forge.", subject.release),
                  {"for one that is to come: --candidate"});
  return subject;
}

std::string rendered(const Invocation& invocation, const Audit& audit) {
  const std::string format = invocation.format();
  if (format == "json") return to_text(audit_json(audit));
  if (format == "markdown") return audit_markdown(audit);
  if (format == "html") return audit::render_html(audit);
  if (format != "sarif") return audit_text(audit, use_color(invocation, 1));
  nlohmann::ordered_json sarif = findings_sarif(audit.findings);
  sarif["runs"][0]["properties"] = {{"release", audit.release}, {"verdict", to_string(audit.verdict)}};
  return to_text(sarif);
}

ExitCode run(const Invocation& invocation) {
  const TaskPool pool = task_pool(invocation);
  StatusLine progress(show_progress(invocation), "auditing");
  const auto show = [&](std::size_t done, std::size_t total, std::string_view what) {
    progress.update(done, total, what);
  };
  Subject subject =
      invocation.has("--candidate") ? candidate(invocation, pool, show) : existing(invocation, pool, show);
  const Stopwatch watch;
  const rules::RunOptions run_options{.release = subject.release, .offline = is_offline(invocation), .progress = show};
  std::vector<Finding> findings = rules::run_rules(*subject.snapshot, run_options, pool);
  Audit audit =
      audit::audit_release(*subject.snapshot, subject.release, std::move(findings), std::move(subject.remarks), pool);
  audit.proposed_from = subject.from;
  progress.clear();
  note(invocation, fmt::format("audited {} components in {} ms", audit.rows.size(), watch.milliseconds()));
  emit(invocation, rendered(invocation, audit));
  const std::string level = invocation.value("--fail-on").value_or("error");
  const Verdict worst_allowed = level == "warning" ? Verdict::ready : Verdict::ready_with_risks;
  return level != "never" && audit.verdict > worst_allowed ? exit_findings : exit_done;
}

}  // namespace

extern const Command audit_command = {
    .name = "audit",
    .summary = "the pre-release compatibility audit of a release, or of one not in the forge yet",
    .description =
        "Puts together what `check` finds and what is known of every component: refs and how fresh they are, patches, "
        "requirements, what an install brings, Pythons, system packages, images and the build plan. One verdict: "
        "ready, "
        "ready with risks, not ready. What could not be examined is a risk. With --candidate the release need not be "
        "in the forge: its files are proposed from another one and looked at in memory.",
    .options = options,
    .formats = formats,
    .run = run,
};

}  // namespace forge::cli
