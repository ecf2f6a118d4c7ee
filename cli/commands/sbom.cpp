#include <algorithm>
#include <array>
#include <filesystem>
#include <optional>
#include <set>

#include <fmt/format.h>

#include "cli/commands/table.hpp"
#include "cli/environment.hpp"
#include "cli/package_index.hpp"
#include "cli/render/status_line.hpp"
#include "engine/base/atomic_file.hpp"
#include "engine/base/text.hpp"
#include "engine/formats/distribution_file.hpp"
#include "engine/plan/plan_builds.hpp"
#include "engine/sbom/image_sbom.hpp"
#include "engine/sbom/render_cyclonedx.hpp"

namespace forge::cli {

namespace {

using plan::PlanTarget;
using sbom::Sbom;

constexpr std::array<std::string_view, 1> formats_of_answer = {"json"};
constexpr std::array options = {
    Option{"--release", "R", "only images of this release; may be repeated", {}, true},
    Option{"--component", "C", "only this image; may be repeated", {}, true},
    Option{"--platform", "P", "linux/amd64, linux/arm64, ...; default: the first of forge.yaml"},
};

std::string wanted_platform(const Invocation& invocation, const workspace::Snapshot& snapshot) {
  const std::vector<std::string>& known = snapshot.config().platforms;
  const std::string platform = invocation.value("--platform").value_or(known.empty() ? "linux/amd64" : known.front());
  if (formats::machine_of_platform(platform).empty())
    throw NotDone(fmt::format("`{}` is no platform that packages are known for.", platform),
                  {"such as linux/amd64 or linux/arm64"});
  return platform;
}

/// A base belongs to no release: it is there where it is named, or where nothing is.
std::vector<PlanTarget> chosen_targets(const Invocation& invocation, const workspace::Snapshot& snapshot) {
  plan::BuildRequest request = plan::default_request(snapshot.config());
  request.releases = invocation.values("--release");
  for (const std::string& release : request.releases) require_known_release(snapshot, release);
  plan::BuildPlan plan = value_or_stop(plan::plan_builds(snapshot, request, {}));
  const std::vector<std::string> names = invocation.values("--component");
  for (const std::string& name : names) {
    if (std::ranges::count(plan.targets, name, &PlanTarget::image) == 0)
      throw NotDone(fmt::format("There is no image `{}` here.", name),
                    {fmt::format("the forge's images: {}", join(snapshot.images(), ", "))});
  }
  std::erase_if(plan.targets, [&](const PlanTarget& target) {
    if (!names.empty()) return std::ranges::count(names, target.image) == 0;
    return target.kind == PlanTarget::Kind::base && !request.releases.empty();
  });
  if (plan.targets.empty()) throw NotDone("There is no image in this forge.");
  return std::move(plan.targets);
}

std::string file_name(const Sbom& sbom) {
  return fmt::format("{}{}{}.cdx.json", sbom.image, sbom.release.empty() ? "" : "-", sbom.release);
}

/// Whether anything is missing that could have been there, or would stop the build's install.
bool say_problems(const Invocation& invocation, const std::vector<Sbom>& all) {
  const std::string_view level = is_offline(invocation) ? "warning" : "error";
  std::set<std::string> said;  // one cause concerns many images
  bool failed = false;
  for (const Sbom& one : all) {
    for (const sbom::Gap& gap : one.gaps) {
      failed |= gap.failed && !is_offline(invocation);
      if (!said.insert(gap.what + gap.cause).second) continue;
      const std::string head = gap.failed ? fmt::format("{}: not examined", level) : std::string("note: not known");
      say(invocation, fmt::format("{}: {}: {}\n", head, gap.what, gap.cause));
    }
    for (const std::string& conflict : one.conflicts) {
      failed = true;
      say(invocation, fmt::format("error: {} {}: {}\n", one.image, one.release, conflict));
    }
  }
  return failed;
}

void write(const Invocation& invocation, const std::vector<Sbom>& all) {
  const auto output = invocation.value("--output");
  const bool to_folder = output && (all.size() > 1 || output->ends_with('/') || std::filesystem::is_directory(*output));
  if (!to_folder) {
    if (all.size() > 1)
      throw NotDone(fmt::format("{} images are {} documents.", all.size(), all.size()),
                    {"-o DIR writes each into a file of its own", "or name one with --release R and --component C"});
    emit(invocation, sbom::render_cyclonedx(all.front(), FORGE_VERSION));
    return;
  }
  for (const Sbom& one : all) {
    const std::string path = (std::filesystem::path(*output) / file_name(one)).string();
    value_or_stop(write_file_atomically(path, sbom::render_cyclonedx(one, FORGE_VERSION)).map([] { return true; }));
  }
  say(invocation, fmt::format("wrote {} documents to {}\n", all.size(), *output));
}

ExitCode run(const Invocation& invocation) {
  const TaskPool pool = task_pool(invocation);
  StatusLine progress(show_progress(invocation), "asking for packages");
  const auto show = [&](std::size_t done, std::size_t total, std::string_view what) {
    progress.update(done, total, what);
  };
  const workspace::SnapshotPtr snapshot =
      load_forge(invocation, pool, index_factory(invocation, show), distribution_factory(invocation, show));
  const std::vector<PlanTarget> targets = chosen_targets(invocation, *snapshot);
  if (targets.size() > 1 && !invocation.has("--output")) write(invocation, std::vector<Sbom>(targets.size()));
  const sbom::SbomRequest request{.platform = wanted_platform(invocation, *snapshot),
                                  .upstream = location_options(invocation).upstream};
  const Stopwatch watch;
  std::vector<Sbom> all(targets.size());
  pool.for_each(targets.size(), [&](std::size_t i) { all[i] = sbom::image_sbom(*snapshot, targets[i], request); });
  progress.clear();
  note(invocation, fmt::format("{} documents in {} ms", all.size(), watch.milliseconds()));
  write(invocation, all);
  return say_problems(invocation, all) ? exit_findings : exit_done;
}

}  // namespace

extern const Command sbom_command = {
    .name = "sbom",
    .summary = "what each image will hold, as CycloneDX 1.6",
    .description =
        "Before the build: source trees with the pedigree of their patches and the bugs these resolve, the Python "
        "packages that an install brings with the licences that they name, overrides with their reasons, system "
        "packages of the last stage, images below. "
        "One image is one document; several go into the folder of -o, each as IMAGE-RELEASE.cdx.json. The same forge, "
        "upstreams, index and package lists give the same bytes. What could not be examined stands in the document "
        "as `forge:not-examined`, on standard error, and makes the exit code 1 unless --offline was asked for.",
    .options = options,
    .formats = formats_of_answer,
    .run = run,
};

}  // namespace forge::cli
