/// What the distribution's package lists know of the system packages that the forge names.
#include <algorithm>
#include <map>
#include <set>

#include "engine/base/text.hpp"
#include "engine/model/apt_installs.hpp"
#include "engine/model/distribution_packages.hpp"
#include "engine/model/image_installs.hpp"
#include "engine/model/package_set.hpp"
#include "engine/rules/catalog.hpp"

namespace forge::rules {

namespace {

using model::AptCache;
using model::AptTarget;
using workspace::Snapshot;

/// A package that the forge names, once for each place.
struct NamedPackage {
  std::string name;
  Place place;
  std::string component{};
  std::set<std::string> releases{};
};

class NamedPackages {
 public:
  void add(const std::string& name, const SourceFilePtr& file, TextSpan span, const std::string& component,
           const std::string& release) {
    const auto [known, is_new] = index_.emplace(std::pair(file->path(), span.begin), all_.size());
    if (is_new) all_.push_back({.name = name, .place = {file, span}, .component = component});
    if (!release.empty()) all_[known->second].releases.insert(release);
  }
  [[nodiscard]] const std::vector<NamedPackage>& all() const { return all_; }

 private:
  std::vector<NamedPackage> all_;
  std::map<std::pair<std::string, std::uint32_t>, std::size_t> index_;
};

/// In bindep.txt and extra-packages.yaml for the target, and in the Dockerfiles.
NamedPackages named_packages(const RuleContext& context) {
  NamedPackages named;
  const Snapshot& snapshot = context.snapshot;
  for (const std::string& image : snapshot.images()) {
    if (!context.selects({}, image)) continue;
    if (const auto* document = snapshot.dockerfile(image)) {
      for (const formats::Stage& stage : (*document)->stages)
        for (const auto& package : model::apt_installs(stage, document->file->text()))
          named.add(package.value, document->file, package.span, image, {});
    }
  }
  for (const std::string& release : snapshot.releases()) {
    for (const std::string& image : model::images_of(snapshot, release)) {
      if (!context.selects(release, image)) continue;
      for (const auto phase : {model::PackagePhase::build, model::PackagePhase::runtime})
        for (const model::SystemPackage& package : model::forge_packages(snapshot, release, image, phase))
          named.add(package.name, package.file, package.span, image, release);
    }
  }
  return named;
}

/// The packages of a platform, or null where they are not known.
const AptCache* packages_for(const Snapshot& snapshot, const std::string& platform) {
  const auto* packages = model::distribution_packages(snapshot, platform);
  return packages == nullptr || !*packages ? nullptr : &**packages;
}

bool has_choice(const std::vector<AptTarget>& targets) {
  return !targets.front().by_name && std::ranges::any_of(targets, [&](const AptTarget& target) {
    return target.version.package.name != targets.front().version.package.name;
  });
}

std::string providers_of(const std::vector<AptTarget>& targets) {
  constexpr std::size_t most_named = 4;
  std::set<std::string> names;
  for (const AptTarget& target : targets) names.insert(fmt::format("`{}`", target.version.package.name));
  std::vector<std::string> shown(names.begin(), names.end());
  const std::size_t more = shown.size() - std::min(shown.size(), most_named);
  shown.resize(shown.size() - more);
  return join(shown, ", ") + (more == 0 ? std::string() : fmt::format(" and {} more", more));
}

void report_unknown(const RuleContext& context, const NamedPackage& named, const std::vector<std::string>& platforms,
                    bool everywhere, Report& report) {
  const AptCache& packages = *packages_for(context.snapshot, platforms.front());
  const auto successor = model::successor_of(packages, named.name);
  const std::string& distro = context.snapshot.config().distro;
  std::string message = fmt::format("`{}` is no package of {}{}.", named.name, distro,
                                    everywhere ? std::string() : fmt::format(" for {}", join(platforms, ", ")));
  if (successor)
    message += successor->is_likely ? fmt::format(" `{}` took its place.", successor->name)
                                    : fmt::format(" Did you mean `{}`?", successor->name);
  Added added = report.add_message(named.place.file, named.place.span, std::move(message));
  added.about(named.releases.size() == 1 ? *named.releases.begin() : std::string(), named.component);
  if (successor)
    added.fix(fmt::format("Write `{}`", successor->name), named.place.span, successor->name, successor->is_likely);
}

void check_package(const RuleContext& context, const NamedPackage& named, Report& report) {
  std::vector<std::string> missing;
  std::size_t looked_at = 0;
  for (const std::string& platform : context.snapshot.config().platforms) {
    const AptCache* packages = packages_for(context.snapshot, platform);
    if (packages == nullptr) continue;
    ++looked_at;
    const std::vector<AptTarget> targets = packages->candidates_for(named.name);
    if (targets.empty()) {
      missing.push_back(platform);
    } else if (has_choice(targets)) {
      report
          .add(named.place.file, named.place.span,
               "`{}` is a virtual package of {}, which apt does not choose for you: {} provide it.", named.name,
               context.snapshot.config().distro, providers_of(targets))
          .about({}, named.component);
      return;
    }
  }
  if (!missing.empty()) report_unknown(context, named, missing, missing.size() == looked_at, report);
}

void check_unknown(const RuleContext& context, Report& report) {
  if (context.snapshot.distribution() == nullptr) return;
  const NamedPackages named = named_packages(context);
  for (const NamedPackage& one : named.all()) check_package(context, one, report);
}

/// One finding for all platforms, where the target is written.
void check_unavailable(const RuleContext& context, Report& report) {
  const Snapshot& snapshot = context.snapshot;
  if (snapshot.distribution() == nullptr || named_packages(context).all().empty()) return;
  for (const std::string& platform : snapshot.config().platforms) {
    const auto* packages = model::distribution_packages(snapshot, platform);
    if (packages == nullptr || *packages) continue;
    const auto* config = snapshot.config_document();
    report
        .add(config != nullptr ? config->file : SourceFile::make("forge.yaml", ""), {},
             "The package lists of {} for {} can't be read, so system packages were not examined: {}",
             snapshot.config().distro, platform, packages->error().message)
        .level(context.offline ? Severity::warning : Severity::error);
    return;
  }
}

constexpr Rule rules[] = {
    {.name = "apt-package-unknown",
     .needs = Needs::index,
     .summary = "system package that the target's distribution does not have",
     .doc =
         R"md(Names in bindep.txt, extra-packages.yaml and the apt-get lines of Dockerfiles are looked up in the package lists of
`target.distro`, with its updates, for every platform. A name that another package provides is known; where several
provide it, apt refuses to choose. Packages change their names from release to release (`libldap-2.5-0` of jammy is
`libldap2` in noble; the 64-bit time transition added `t64`): the likely successor is offered.)md",
     .bad = "# images/keystone/bindep.txt\nlibldap-2.5-0 [platform:dpkg]\n",
     .good = "# images/keystone/bindep.txt\nlibldap2 [platform:dpkg]\n",
     .check = check_unknown},
    {.name = "distribution-unavailable",
     .needs = Needs::index,
     .summary = "the distribution's package lists could not be read",
     .doc =
         "A package list of the target's distribution could not be read: no network, a file that is not there, or "
         "`--offline` while it is not in the cache. What needs it was not examined. The lists are those of the public "
         "archives, or of `target.apt` in forge.yaml: lines of sources.list, `Packages` files, a folder such as "
         "`/var/lib/apt/lists/`. With `--offline` this is a warning.",
     .check = check_unavailable},
};

}  // namespace

std::span<const Rule> apt_rules() {
  return rules;
}

}  // namespace forge::rules
