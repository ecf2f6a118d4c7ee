#include "engine/audit/audit_release.hpp"

#include <algorithm>
#include <string>

#include <doctest/doctest.h>

#include "engine/audit/checks.hpp"
#include "engine/rules/catalog.hpp"
#include "engine/rules/run_rules.hpp"
#include "engine/workspace/workspace.hpp"
#include "tests/support/memory_index.hpp"
#include "tests/support/small_forge.hpp"

namespace {

using namespace forge;
using namespace forge::audit;

/// keystone and nova in an index that has what they are pinned to, on a distribution without package lists to ask.
workspace::SnapshotPtr with_index(support::ForgeFiles files, const std::shared_ptr<support::MemoryIndex>& index) {
  workspace::Workspace workspace([](const formats::ForgeConfig&) { return support::small_upstreams(); },
                                 [index](const formats::ForgeConfig&) { return index; });
  return *workspace.load(workspace::memory_files(std::move(files)), TaskPool(1));
}

Finding finding(const std::string& rule, Severity severity, const std::string& component,
                const std::string& path = "releases/2025.2/source-refs.yaml", const std::string& release = "2025.2") {
  Finding one;
  one.rule = rule;
  one.severity = severity;
  one.message = "about " + rule;
  one.component = component;
  one.release = release;
  one.place = {SourceFile::make(path, "x\n"), {0, 1}};
  return one;
}

Audit audit_of(const workspace::SnapshotPtr& snapshot, std::vector<Finding> findings = {},
               std::vector<Remark> remarks = {}) {
  return audit_release(*snapshot, "2025.2", std::move(findings), std::move(remarks), TaskPool(1));
}

const Row& row(const Audit& audit, const std::string& component) {
  const auto found = std::ranges::find(audit.rows, component, &Row::component);
  REQUIRE(found != audit.rows.end());
  return *found;
}

workspace::SnapshotPtr clean() {
  static const auto index = std::make_shared<support::MemoryIndex>();
  support::ForgeFiles files = support::small_forge();
  files["releases/2025.2/extra-packages.yaml"] = "keystone: {}\n";
  for (const char* image : {"python-base", "venv-builder", "keystone", "nova"})
    files[std::string("images/") + image + "/Dockerfile"] =
        std::string(image) == "python-base" ? "FROM scratch\n" : "FROM python-base\n";
  files["images/keystone/Dockerfile"] += "RUN --mount=type=bind,from=oslo.messaging,target=/src true\n";
  return with_index(std::move(files), index);
}

}  // namespace

TEST_CASE("audit: a row for each component, each base that is built from, and what is shared") {
  const Audit audit = audit_of(clean());
  std::vector<std::string> names;
  for (const Row& one : audit.rows) names.push_back(one.component);
  CHECK(names == std::vector<std::string>{"keystone", "nova", "oslo.messaging", "python-base", "(release)"});
  CHECK(row(audit, "oslo.messaging").kind == RowKind::library);
  CHECK(row(audit, "python-base").kind == RowKind::base);
  CHECK(row(audit, "oslo.messaging").cell(Check::plan).state == State::not_applicable);
}

TEST_CASE("audit: nothing found is ready, a warning a risk, an error not ready; infos change nothing") {
  const workspace::SnapshotPtr snapshot = clean();
  CHECK(audit_of(snapshot).verdict == Verdict::ready);
  CHECK(audit_of(snapshot, {finding("ref-behind", Severity::info, "nova")}).verdict == Verdict::ready);
  const Audit risky = audit_of(snapshot, {finding("ref-behind", Severity::warning, "nova")});
  CHECK(risky.verdict == Verdict::ready_with_risks);
  CHECK(row(risky, "nova").cell(Check::refs).state == State::risk);
  CHECK(row(risky, "keystone").verdict == Verdict::ready);
  const Audit bad = audit_of(snapshot, {finding("requirement-unsatisfied", Severity::error, "nova")});
  CHECK(bad.verdict == Verdict::not_ready);
  CHECK(row(bad, "nova").cell(Check::requirements).state == State::fail);
  CHECK(row(bad, "nova").reasons.front().finding == std::optional<std::size_t>(0));
  CHECK(row(bad, "nova").cell(Check::plan).state == State::fail);  // the plan is blocked by it
  CHECK(row(bad, "keystone").verdict == Verdict::ready);
}

TEST_CASE("audit: what could not be examined is never ready") {
  support::ForgeFiles files = support::small_forge();
  const Audit without_index = audit_of(support::snapshot_of(files));
  CHECK(row(without_index, "nova").cell(Check::closure).state == State::not_examined);
  CHECK(row(without_index, "nova").verdict == Verdict::ready_with_risks);
  const Audit without_sources = audit_of(support::snapshot_of(files, std::make_shared<support::MemoryUpstreams>()));
  const Row& keystone = row(without_sources, "keystone");
  for (const Check check : {Check::refs, Check::requirements, Check::closure, Check::python, Check::plan})
    CHECK(keystone.cell(check).state == State::not_examined);
  CHECK(keystone.verdict >= Verdict::ready_with_risks);
  CHECK(row(without_sources, "oslo.messaging").cell(Check::patches).state == State::not_examined);
  auto broken = std::make_shared<support::MemoryIndex>();
  broken->break_down({Failure::Kind::unavailable, "The index is away."});
  files["releases/2025.2/upper-constraints.txt"] = "requests===1\n";
  files["releases/2025.2/extra-packages.yaml"] = "nova:\n  pip_packages: [requests]\n";
  const Audit without_answers = audit_of(with_index(files, broken));
  CHECK(row(without_answers, "nova").cell(Check::closure).state == State::not_examined);
}

TEST_CASE("audit: something unavailable is not examined, and as an error not ready as `check` has it") {
  const workspace::SnapshotPtr snapshot = clean();
  const Audit offline = audit_of(snapshot, {finding("upstream-unavailable", Severity::warning, "nova")});
  CHECK(row(offline, "nova").cell(Check::refs).state == State::not_examined);
  CHECK(offline.verdict == Verdict::ready_with_risks);
  const Audit online = audit_of(snapshot, {finding("upstream-unavailable", Severity::error, "nova")});
  CHECK(row(online, "nova").cell(Check::refs).state == State::not_examined);
  CHECK(online.verdict == Verdict::not_ready);
}

TEST_CASE("audit: findings of other releases, and of images that this one has not, do not count") {
  support::ForgeFiles files = support::small_forge();
  files["images/glance/Dockerfile"] = "FROM python-base\n";
  const auto snapshot = support::snapshot_of(files);
  const Audit audit = audit_of(
      snapshot, {finding("ref-not-found", Severity::error, "keystone", "releases/2025.1/source-refs.yaml", "2025.1"),
                 finding("dockerfile-user-root", Severity::error, "glance", "images/glance/Dockerfile", ""),
                 finding("dockerfile-user-root", Severity::warning, "nova", "images/nova/Dockerfile", "")});
  REQUIRE(audit.findings.size() == 1);
  CHECK(audit.findings.front().component == "nova");
  CHECK(row(audit, "nova").cell(Check::images).word == "user root");
}

TEST_CASE("audit: a finding on a pin stands with every component that installs it, else with what is shared") {
  auto index = std::make_shared<support::MemoryIndex>();
  index->add("requests", "1", {});
  support::ForgeFiles files = support::small_forge();
  files["releases/2025.2/upper-constraints.txt"] = "unused===1\nrequests===1\n";
  files["releases/2025.2/extra-packages.yaml"] = "nova:\n  pip_packages: [requests]\n";
  const auto snapshot = with_index(files, index);
  Finding on_pin = finding("pin-unavailable", Severity::error, "", "releases/2025.2/upper-constraints.txt");
  on_pin.place.span = {11, 22};
  Finding on_unused = finding("pin-duplicate", Severity::error, "", "releases/2025.2/upper-constraints.txt");
  const Audit audit = audit_of(snapshot, {on_unused, on_pin});
  CHECK(row(audit, "nova").cell(Check::closure).state == State::fail);
  CHECK(row(audit, "keystone").cell(Check::closure).state != State::fail);
  CHECK(row(audit, "(release)").cell(Check::requirements).word == "pin duplicate");
}

TEST_CASE("audit: what stops the plan alone joins the findings") {
  support::ForgeFiles files = support::small_forge();
  files["images/keystone/Dockerfile"] += "RUN --mount=type=bind,from=nowhere,target=/x true\n";
  const Audit audit = audit_of(support::snapshot_of(files));
  CHECK(row(audit, "keystone").cell(Check::plan).state == State::fail);
  CHECK(std::ranges::count(audit.findings, "dockerfile-context-undefined", &Finding::rule) == 1);
}

TEST_CASE("audit: remarks of a proposal are risks of their component; of state ok they change nothing") {
  const workspace::SnapshotPtr snapshot = clean();
  const Audit risky = audit_of(snapshot, {}, {{"nova", Check::refs, State::risk, "a branch"}});
  CHECK(row(risky, "nova").cell(Check::refs).word == "to decide");
  CHECK(risky.verdict == Verdict::ready_with_risks);
  const Audit known = audit_of(snapshot, {}, {{"", Check::patches, State::ok, "merged"}});
  CHECK(known.verdict == Verdict::ready);
  CHECK(known.remarks.size() == 1);
}

TEST_CASE("audit: the worst reason comes first, and more of its kind are counted") {
  const Audit audit = audit_of(clean(), {finding("ref-behind", Severity::warning, "nova"),
                                         finding("patch-does-not-apply", Severity::error, "nova"),
                                         finding("patch-malformed", Severity::error, "nova")});
  const Row& nova = row(audit, "nova");
  CHECK(nova.reasons.front().state == State::fail);
  CHECK(nova.reasons.back().state == State::risk);
  CHECK(nova.cell(Check::patches).word == "does not apply +1");
}

TEST_CASE("audit: which check a finding belongs to") {
  const auto check = [](const std::string& rule, const std::string& path = "") {
    return check_of(finding(rule, Severity::error, "", path));
  };
  CHECK(check("ovn-ovs-series-mismatch") == Check::refs);
  CHECK(check("pin-unavailable") == Check::closure);
  CHECK(check("pin-edited-in-place") == Check::requirements);
  CHECK(check("requirement-transitive-conflict") == Check::closure);
  CHECK(check("requires-python-mismatch") == Check::python);
  CHECK(check("runtime-build-tools") == Check::packages);
  CHECK(check("file-syntax", "overrides/2025.2/constraints.txt") == Check::requirements);
  CHECK(check("file-syntax", "images/nova/Dockerfile") == Check::images);
  CHECK(check("config-invalid", "forge.yaml") == Check::plan);
  for (const rules::Rule* rule : rules::all_rules()) CHECK_FALSE(short_words(rule->name).empty());
}
