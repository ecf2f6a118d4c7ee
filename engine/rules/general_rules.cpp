#include <algorithm>
#include <array>
#include <iterator>
#include <set>

#include "engine/base/names.hpp"
#include "engine/base/text.hpp"
#include "engine/rules/catalog.hpp"

namespace forge::rules {

namespace {

using workspace::Snapshot;

void check_file_syntax(const RuleContext& context, Report& report) {
  const Snapshot& snapshot = context.snapshot;
  report.add_problems(snapshot.config_document());
  for (const std::string& release : snapshot.releases()) {
    report.add_problems(snapshot.source_refs(release));
    report.add_problems(snapshot.test_refs(release));
    report.add_problems(snapshot.extra_packages(release));
  }
  for (const std::string& image : snapshot.images()) report.add_problems(snapshot.dockerfile(image));
  for (const auto* workflow : snapshot.workflows()) report.add_problems(workflow);
}

void check_file_unreadable(const RuleContext& context, Report& report) {
  for (const workspace::UnreadableFile& unreadable : context.snapshot.unreadable_files())
    report.add_message(unreadable.file, {}, unreadable.reason);
}

void check_config_invalid(const RuleContext& context, Report& report) {
  const auto* config = context.snapshot.config_document();
  if (config == nullptr) return;
  report.add_problems(config);
  std::vector<std::string> names;
  for (const Rule* rule : all_rules()) names.emplace_back(rule->name);
  for (const auto& [name, span] : (*config)->rule_keys) {
    if (find_rule(name) != nullptr) continue;
    const auto meant = nearest(name, names);
    Added added = report.add(
        config->file, span, "There is no rule `{}`{}", name,
        meant ? fmt::format("; did you mean `{}`?", *meant) : std::string("; `forge-analyze rules` lists them."));
    if (meant) added.fix(fmt::format("Write `{}`", *meant), span, *meant);
  }
}

/// The nearest release that is there, for a name that is none.
std::optional<std::string> near_release(const Snapshot& snapshot, std::string_view name) {
  return nearest(name, snapshot.releases());
}

std::vector<std::string> files_below(const Snapshot& snapshot, const std::string& folder) {
  std::vector<std::string> out;
  std::ranges::copy_if(snapshot.paths(), std::back_inserter(out),
                       [&](const std::string& path) { return path.starts_with(folder + "/"); });
  return out;
}

/// Nothing where a file would be overwritten.
std::optional<Fix> rename_folder(const Snapshot& snapshot, const std::string& folder, const std::string& to) {
  Fix fix{fmt::format("Rename it to `{}`", to)};
  for (const std::string& path : files_below(snapshot, folder)) {
    std::string target = to + path.substr(folder.size());
    if (snapshot.file(target)) return std::nullopt;
    fix.files.push_back({.kind = FileEdit::Kind::rename, .path = path, .new_path = std::move(target)});
  }
  return fix;
}

Fix remove_folder(const Snapshot& snapshot, const std::string& folder) {
  Fix fix{fmt::format("Remove `{}`", folder)};
  for (std::string& path : files_below(snapshot, folder))
    fix.files.push_back({.kind = FileEdit::Kind::remove, .path = std::move(path)});
  return fix;
}

/// `parent/release` is the folder.
void add_orphan(Report& report, const Snapshot& snapshot, const SourceFilePtr& file, const std::string& parent,
                const std::string& release) {
  const std::string folder = fmt::format("{}/{}", parent, release);
  const auto meant = near_release(snapshot, release);
  Added added =
      report.add(file, {}, "`{}` is for release `{}`, which has no folder below releases/{}", folder, release,
                 meant ? fmt::format("; did you mean `{}`?", *meant) : std::string("; nothing here is ever used."));
  added.about(release);
  if (meant) {
    if (auto fix = rename_folder(snapshot, folder, fmt::format("{}/{}", parent, *meant))) added.fix(std::move(*fix));
  }
  added.fix(remove_folder(snapshot, folder));
}

void check_release_orphan(const RuleContext& context, Report& report) {
  const Snapshot& snapshot = context.snapshot;
  const auto exists = [&](const std::string& release) { return std::ranges::count(snapshot.releases(), release) > 0; };
  for (const workspace::PatchSeries& series : snapshot.patch_series()) {
    if (exists(series.release)) continue;
    const SourceFilePtr& file = series.patches.empty() ? series.strays.front() : series.patches.front()->file;
    add_orphan(report, snapshot, file, fmt::format("patches/{}", series.component), series.release);
  }
  for (const auto* overrides : snapshot.all_overrides()) {
    if (!exists(overrides->release)) add_orphan(report, snapshot, overrides->file, "overrides", overrides->release);
  }
}

constexpr std::array release_files = {"source-refs.yaml", "upper-constraints.txt", "extra-packages.yaml",
                                      "test-refs.yaml"};

/// The newest other release that has the file: what a new one is best made from.
SourceFilePtr sibling_with(const Snapshot& snapshot, std::string_view release, std::string_view name) {
  for (auto other = snapshot.releases().rbegin(); other != snapshot.releases().rend(); ++other) {
    if (*other == release) continue;
    if (auto file = snapshot.file(fmt::format("releases/{}/{}", *other, name))) return file;
  }
  return nullptr;
}

void check_release_incomplete(const RuleContext& context, Report& report) {
  const Snapshot& snapshot = context.snapshot;
  for (const std::string& release : snapshot.releases()) {
    for (const std::string_view name : release_files) {
      const std::string path = fmt::format("releases/{}/{}", release, name);
      if (snapshot.file(path)) continue;
      const SourceFilePtr sibling = sibling_with(snapshot, release, name);
      const bool required = name == "source-refs.yaml" || name == "upper-constraints.txt";
      if (!sibling && !required) continue;
      Added added = report.add(SourceFile::make(path, ""), {}, "releases/{} has no {}{}", release, name,
                               sibling ? fmt::format(", which {} has.", sibling->path()) : std::string("."));
      added.about(release);
      if (sibling && !sibling->text().empty())
        added.fix(Fix{fmt::format("Create it from {}", sibling->path()),
                      {},
                      {{FileEdit::Kind::create, path, {}, std::string(sibling->text())}}});
    }
  }
}

void check_extra_packages_schema(const RuleContext& context, Report& report) {
  const Snapshot& snapshot = context.snapshot;
  for (const std::string& release : snapshot.releases()) {
    const auto* extras = snapshot.extra_packages(release);
    if (extras == nullptr) continue;
    report.add_problems(extras);
    for (const formats::ServiceExtras& service : (*extras)->services) {
      const std::string& name = service.service.value;
      if (snapshot.is_service(name)) continue;
      const auto meant = nearest(name, snapshot.images());
      Added added =
          report.add(extras->file, service.service.span, "`{}` is no service: there is no images/{}/Dockerfile{}", name,
                     name, meant ? fmt::format("; did you mean `{}`?", *meant) : std::string("."));
      added.about(release, name);
      if (meant) added.fix(fmt::format("Write `{}`", *meant), service.service.span, *meant);
    }
  }
}

/// The findings come with the suppressions, when all rules have run: suppressions.cpp.
void check_nothing(const RuleContext&, Report&) {}

constexpr Rule rules[] = {
    {.name = "ignore-unused",
     .severity = Severity::hint,
     .summary = "comment that ignores a finding which is not there",
     .doc =
         R"md(A finding that was looked at and is accepted is ignored by a comment with its rule, on its line or on a line of its own
above: `# forge: ignore[ref-is-branch]`, with several rules separated by commas. In a patch it is a line
`Forge-Ignore: patch-offset` above the first diff, for the whole file. One that ignores nothing (any more) hides the next
finding of that kind: remove it. Looked for where the whole forge was examined and
parses, and of a rule only that had what it needs: all upstreams' repositories, the package index.)md",
     .bad = "# releases/2025.2/source-refs.yaml\n# forge: ignore[ref-is-branch]\nkeystone: \"28.0.1\"\n",
     .good = "# releases/2025.2/source-refs.yaml\n# forge: ignore[ref-is-branch]\nkeystone: \"stable/2025.2\"\n",
     .check = check_nothing},
    {.name = "file-syntax",
     .summary = "input file that does not parse, is of the wrong shape, or has a key twice",
     .doc =
         "A YAML input does not parse, is no mapping, or has a key twice; a Dockerfile breaks the grammar. Readers of "
         "YAML silently take the last of two equal keys, and what follows a broken line may be lost. Correct the line, "
         "or remove the duplicate.",
     .bad = "# releases/2025.2/source-refs.yaml\nkeystone: \"28.0.0\"\nkeystone: \"28.0.1\"\n",
     .good = "# releases/2025.2/source-refs.yaml\nkeystone: \"28.0.1\"\n",
     .check = check_file_syntax},
    {.name = "file-unreadable",
     .summary = "input file that can't be read",
     .doc = "The file is there, but permission or its size forbids to read it, so nothing in it was examined.",
     .bad = "# ls -l overrides/2025.2/constraints.txt, checked by another user\n"
            "-rw------- 1 root root 97 overrides/2025.2/constraints.txt\n",
     .good = "# ls -l overrides/2025.2/constraints.txt\n"
             "-rw-r--r-- 1 root root 97 overrides/2025.2/constraints.txt\n",
     .check = check_file_unreadable},
    {.name = "config-invalid",
     .summary = "key or value of forge.yaml that means nothing",
     .doc = "forge.yaml has a key that nothing reads, a value of the wrong kind, or a level for a rule that does not "
            "exist. The setting has no effect. `forge-analyze rules` lists the rules.",
     .bad = "# forge.yaml\nrules:\n  ref-is-brnch: off\n",
     .good = "# forge.yaml\nrules:\n  ref-is-branch: off\n",
     .check = check_config_invalid},
    {.name = "release-incomplete",
     .summary = "release without a file that its siblings have",
     .doc =
         "The folder of a release lacks source-refs.yaml, upper-constraints.txt, or a file that another release has. "
         "The build of that release fails, or silently leaves its packages out. Create the file from the newest "
         "sibling.",
     .bad = "# files\n"
            "releases/2025.1/source-refs.yaml\n"
            "releases/2025.1/upper-constraints.txt\n"
            "releases/2025.2/source-refs.yaml\n",
     .good = "# files\n"
             "releases/2025.1/source-refs.yaml\n"
             "releases/2025.1/upper-constraints.txt\n"
             "releases/2025.2/source-refs.yaml\n"
             "releases/2025.2/upper-constraints.txt\n",
     .check = check_release_incomplete},
    {.name = "release-orphan",
     .severity = Severity::warning,
     .summary = "patches or overrides for a release that does not exist",
     .doc =
         "A folder below patches/<component>/ or overrides/ is named for a release that has no folder below releases/. "
         "Nothing in it is ever used. Rename the folder to the release that was meant, or remove it.",
     .bad = "# files\n"
            "releases/2025.2/source-refs.yaml\n"
            "overrides/2052.2/constraints.txt\n",
     .good = "# files\n"
             "releases/2025.2/source-refs.yaml\n"
             "overrides/2025.2/constraints.txt\n",
     .check = check_release_orphan},
    {.name = "extra-packages-schema",
     .summary = "unknown key or service, or a malformed entry, in extra-packages.yaml",
     .doc =
         "extra-packages.yaml maps a service to the lists pip_extras, pip_packages and apt_packages. An unknown key or "
         "service is silently read as an empty list, an entry with a blank is split, and `name[extra]` in pip_extras "
         "becomes a broken requirement.",
     .bad = "# releases/2025.2/extra-packages.yaml\nkeystone:\n  pip_extra: [ldap]\n",
     .good = "# releases/2025.2/extra-packages.yaml\nkeystone:\n  pip_extras: [ldap]\n",
     .check = check_extra_packages_schema},
};

}  // namespace

std::span<const Rule> general_rules() {
  return rules;
}

}  // namespace forge::rules
