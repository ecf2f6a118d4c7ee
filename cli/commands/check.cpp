#include <algorithm>
#include <array>
#include <fstream>
#include <map>

#include <nlohmann/json.hpp>

#include "cli/commands/table.hpp"
#include "cli/environment.hpp"
#include "cli/forge_watch.hpp"
#include "cli/package_index.hpp"
#include "cli/render/ci.hpp"
#include "cli/render/diff.hpp"
#include "cli/render/json.hpp"
#include "cli/render/sarif.hpp"
#include "cli/render/status_line.hpp"
#include "cli/render/text.hpp"
#include "engine/base/atomic_file.hpp"
#include "engine/base/text.hpp"
#include "engine/rules/fingerprints.hpp"
#include "engine/rules/run_rules.hpp"
#include "engine/rules/safe_fixes.hpp"

namespace forge::cli {

namespace {

constexpr std::array<std::string_view, 5> levels = {"hint", "info", "warning", "error", "never"};
constexpr std::array<std::string_view, 5> formats = {"text", "json", "sarif", "github", "markdown"};
constexpr std::array options = {
    Option{"--release", "R", "only what concerns this release"},
    Option{"--component", "C", "only what concerns this component"},
    Option{
        "--apt",
        "SOURCE",
        "the distribution's package lists: a line of sources.list, a Packages file, a folder of them; may be repeated",
        {},
        true},
    Option{"--fix", "", "first apply the safe fixes, then check again"},
    Option{"--dry-run", "", "with --fix: write nothing, show what would change as a unified diff"},
    Option{"--baseline", "FILE", "leave out the findings that FILE lists"},
    Option{"--write-baseline", "FILE", "list all findings in FILE, for --baseline"},
    Option{"--watch", "", "check again whenever a file of the forge changes, until interrupted"},
    Option{"--fail-on", "LEVEL", "the lowest level that makes the exit code 1 (default error)", levels},
};

bool fails(const std::vector<Finding>& findings, const std::string& level) {
  const auto lowest = severity_from(level);
  return lowest && std::ranges::any_of(findings, [&](const Finding& f) { return f.severity >= *lowest; });
}

std::string text_of(const std::vector<Finding>& findings, bool color) {
  std::string text;
  for (const Finding& finding : findings) text += finding_text(finding, color) + "\n";
  return text;
}

// Fixes

std::string diff_of(const std::vector<rules::MendedFile>& files, bool color) {
  std::string text;
  for (const rules::MendedFile& one : files)
    text += file_diff(one.file->path(), one.file->text(), one.text, true, color);
  return text;
}

/// Each file whole or not at all. A file that changed meanwhile is somebody's work, and left alone.
void write_fixes(const Invocation& invocation, const std::vector<rules::MendedFile>& files) {
  const std::string root = forge_root(invocation);
  const auto store = workspace::disk_files(root);
  for (const rules::MendedFile& one : files) {
    const auto now = store->read(one.file->path());
    if (!now || *now != one.file->text())
      throw NotDone(fmt::format("`{}` has changed while it was checked.", one.file->path()), {"run the command again"});
    value_or_stop(write_file_atomically(root + "/" + one.file->path(), one.text).map([] { return true; }));
    say(invocation, fmt::format("fixed {} in {}\n", one.fixes, one.file->path()));
  }
}

// Baselines: `{"version": 1, "findings": {"<fingerprint>": "<rule> <file>"}}`

void write_baseline(const std::string& path, const std::vector<Finding>& findings) {
  const std::vector<std::string> prints = rules::fingerprints(findings);
  std::map<std::string, std::string> sorted;
  for (std::size_t i = 0; i < findings.size(); ++i)
    sorted[prints[i]] = fmt::format("{} {}", findings[i].rule, findings[i].place.file->path());
  const nlohmann::ordered_json json = {{"version", 1}, {"findings", sorted}};
  value_or_stop(write_file_atomically(path, to_text(json)).map([] { return true; }));
}

void leave_out_baseline(const std::string& path, std::vector<Finding>& findings) {
  std::ifstream stream(path, std::ios::binary);
  const auto json = nlohmann::json::parse(stream, nullptr, false);
  if (!stream.is_open() || !json.is_object() || !json.contains("findings") || !json["findings"].is_object())
    throw NotDone(fmt::format("`{}` is no baseline.", path), {"`forge-analyze check --write-baseline FILE` makes one"});
  const std::vector<std::string> prints = rules::fingerprints(findings);
  std::vector<Finding> left;
  for (std::size_t i = 0; i < findings.size(); ++i)
    if (!json["findings"].contains(prints[i])) left.push_back(std::move(findings[i]));
  findings = std::move(left);
}

ExitCode check_once(const Invocation& invocation) {
  const TaskPool pool = task_pool(invocation);
  StatusLine progress(show_progress(invocation), "checking");
  const auto show = [&](std::size_t done, std::size_t total, std::string_view what) {
    progress.update(done, total, what);
  };
  workspace::SnapshotPtr snapshot =
      load_forge(invocation, pool, index_factory(invocation, show), distribution_factory(invocation, show));
  const rules::RunOptions run_options{.release = invocation.value("--release").value_or(""),
                                      .component = invocation.value("--component").value_or(""),
                                      .offline = is_offline(invocation),
                                      .progress = show};
  require_known_release(*snapshot, run_options.release);
  const Stopwatch watch;
  std::vector<Finding> findings = rules::run_rules(*snapshot, run_options, pool);
  const std::vector<rules::MendedFile> mended =
      invocation.has("--fix") ? rules::safe_fixes(findings) : std::vector<rules::MendedFile>();
  if (invocation.has("--dry-run")) {
    progress.clear();
    emit(invocation, diff_of(mended, use_color(invocation, 1)));
    return fails(findings, invocation.value("--fail-on").value_or("error")) ? exit_findings : exit_done;
  }
  if (!mended.empty()) {
    write_fixes(invocation, mended);
    snapshot = load_forge(invocation, pool, index_factory(invocation, show), distribution_factory(invocation, show));
    findings = rules::run_rules(*snapshot, run_options, pool);
  }
  if (const auto file = invocation.value("--write-baseline")) write_baseline(*file, findings);
  if (const auto file = invocation.value("--baseline")) leave_out_baseline(*file, findings);
  snapshot.reset();  // findings keep the files they are in; the rest may be large, and so may be what is written now
  progress.clear();
  note(invocation, fmt::format("ran {} rules in {} ms", rules::all_rules().size(), watch.milliseconds()));
  if (invocation.format() == "json") {
    emit(invocation, to_text(findings_json(findings)));
  } else if (invocation.format() == "sarif") {
    emit(invocation, to_text(findings_sarif(findings)));
  } else if (invocation.format() == "markdown") {
    emit(invocation, findings_markdown(findings));
  } else if (invocation.format() == "github") {
    emit(invocation, findings_github(findings));
    add_to_job_summary(findings_markdown(findings));
  } else {
    emit(invocation, text_of(findings, use_color(invocation, 1)));
    say(invocation, summary_text(findings) + "\n");
  }
  return fails(findings, invocation.value("--fail-on").value_or("error")) ? exit_findings : exit_done;
}

/// What can't be checked now may be mended by the next change.
[[noreturn]] void check_for_ever(const Invocation& invocation) {
  ForgeWatch watch(forge_root(invocation));
  while (true) {
    try {
      (void)check_once(invocation);
    } catch (const NotDone& failure) {
      say(invocation, fmt::format("forge-analyze: {}\n", failure.what()));
      for (const std::string& hint : failure.hints) say(invocation, fmt::format("  hint: {}\n", hint));
    }
    say(invocation, "waiting for changes; Ctrl-C ends\n");
    watch.wait();
  }
}

ExitCode run(const Invocation& invocation) {
  if (invocation.has("--dry-run") && !invocation.has("--fix")) throw NotDone("--dry-run goes with --fix.");
  if (!invocation.has("--watch")) return check_once(invocation);
  for (const char* option : {"--fix", "--write-baseline"})
    if (invocation.has(option)) throw NotDone(fmt::format("--watch does not go with {}.", option));
  check_for_ever(invocation);
}

}  // namespace

extern const Command check_command = {
    .name = "check",
    .summary = "all analyses on the forge",
    .description =
        "Resolves pins, overrides and refs, proves for every patch whether it applies, and checks every other "
        "input of the forge. What could not be examined is a finding of its own.",
    .options = options,
    .formats = formats,
    .run = run,
};

}  // namespace forge::cli
