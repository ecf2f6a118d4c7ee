/// What the distribution's package lists know of the system packages that the forge names.
#include <algorithm>
#include <map>
#include <optional>
#include <set>

#include "engine/base/text.hpp"
#include "engine/model/apt_installs.hpp"
#include "engine/model/component_closure.hpp"
#include "engine/model/distribution_packages.hpp"
#include "engine/model/image_installs.hpp"
#include "engine/model/native_needs.hpp"
#include "engine/model/package_set.hpp"
#include "engine/model/stage_packages.hpp"
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

// apt-build-dep-missing, runtime-library-missing

/// A package that an image installs by compiling it.
struct Compiled {
  const model::NativeNeeds* needs = nullptr;
  std::string name;
  std::string release;
  std::string image;
  std::string platform;
  bool by_index = false;  ///< the index has no wheel of it for the platform; else nobody's index has one
};

/// What the index knows of the image's closure; without one, and for what the images below install, packages of which
/// there are no wheels anywhere.
std::vector<Compiled> compiled_packages(const Snapshot& snapshot, const std::string& release, const std::string& image,
                                        const std::string& platform) {
  std::vector<Compiled> out;
  std::set<std::string> seen;
  const auto add = [&](const PackageName& name, bool by_index) {
    const model::NativeNeeds* needs = model::native_needs(name);
    if (needs == nullptr || (!by_index && !needs->has_no_wheels) || !seen.insert(name.str()).second) return;
    out.push_back({needs, name.str(), release, image, platform, by_index});
  };
  if (snapshot.index() != nullptr) {
    const auto& answer = model::component_closure(snapshot, release, image, platform);
    if (answer)
      for (const model::ClosurePackage& package : answer->closure.packages)
        if (package.file && package.file->distribution.kind == formats::FileKind::sdist) add(package.name, true);
  }
  for (const auto* packages :
       {&model::image_installs(snapshot, release, image).packages, &model::inherited_installs(snapshot, image)})
    for (const model::InstalledPackage& package : *packages) add(package.requirement.name, false);
  return out;
}

/// What a stage lacks, on which platforms, and for which packages.
struct Lacking {
  std::set<std::string> platforms;
  std::set<std::string> packages;
};
/// By the name to add, for one image and release.
using Lacks = std::map<std::string, Lacking>;

std::vector<std::string_view> alternatives(std::string_view group) {
  return split(group, '|');
}

void find_lacking(const Snapshot& snapshot, const Compiled& one, const AptCache& cache, Lacks& headers,
                  Lacks& libraries) {
  const model::ImagePackages& there = model::image_packages(snapshot, cache, one.release, one.image, one.platform);
  if (!there.is_known) return;
  const auto note = [&](Lacks& lacks, std::string_view name) {
    Lacking& lacking = lacks[std::string(name)];
    lacking.platforms.insert(one.platform);
    lacking.packages.insert(one.name);
  };
  for (const std::string_view group : one.needs->headers) {
    const std::vector<std::string_view> names = alternatives(group);
    const auto used = std::ranges::find_if(names, [&](std::string_view name) { return there.build.contains(name); });
    if (used == names.end()) {
      const auto known = std::ranges::find_if(names, [&](std::string_view name) { return cache.has(name); });
      if (known != names.end()) note(headers, *known);
      continue;
    }
    for (const std::string_view library : model::libraries_behind(cache, *used))
      if (!there.runtime.contains(library)) note(libraries, library);
  }
}

/// Both rules look at the same; computed once per snapshot.
struct ImageLacks {
  std::string release;
  std::string image;
  Lacks headers;
  Lacks libraries;
};

const std::vector<ImageLacks>& lacks_of(const RuleContext& context) {
  const Snapshot& snapshot = context.snapshot;
  return snapshot.once<std::vector<ImageLacks>>("", [&] {
    std::vector<ImageLacks> all;
    if (snapshot.distribution() == nullptr) return all;
    for (const std::string& release : snapshot.releases()) {
      for (const std::string& image : model::images_of(snapshot, release)) {
        ImageLacks lacks{release, image, {}, {}};
        for (const std::string& platform : snapshot.config().platforms) {
          const AptCache* cache = packages_for(snapshot, platform);
          if (cache == nullptr) continue;
          for (const Compiled& one : compiled_packages(snapshot, release, image, platform))
            find_lacking(snapshot, one, *cache, lacks.headers, lacks.libraries);
        }
        if (!lacks.headers.empty() || !lacks.libraries.empty()) all.push_back(std::move(lacks));
      }
    }
    return all;
  });
}

std::string on_platforms(const Snapshot& snapshot, const Lacking& lacking) {
  return lacking.platforms.size() == snapshot.config().platforms.size()
             ? std::string()
             : fmt::format(" on {}", join(lacking.platforms, ", "));
}

/// The place of the image's last FROM, and of its first one.
TextSpan base_of(const workspace::Document<formats::Dockerfile>& document, bool last) {
  const auto& stages = document->stages;
  return (last ? stages.back() : stages.front()).base.span;
}

void check_build_dependencies(const RuleContext& context, Report& report) {
  for (const ImageLacks& lacks : lacks_of(context)) {
    if (!context.selects(lacks.release, lacks.image)) continue;
    const auto* document = context.snapshot.dockerfile(lacks.image);
    for (const auto& [name, lacking] : lacks.headers)
      report
          .add(document->file, base_of(*document, false),
               "{} {} compiled{}, and `{}` is not where that happens: no stage and no image below installs it.",
               join(lacking.packages, ", "), lacking.packages.size() == 1 ? "is" : "are",
               on_platforms(context.snapshot, lacking), name)
          .about(lacks.release, lacks.image);
  }
}

/// Adds `package` to the image's `apt_packages`, where the service has such a list.
std::optional<Fix> add_to_extra_packages(const Snapshot& snapshot, const ImageLacks& lacks,
                                         const std::string& package) {
  const auto* document = snapshot.extra_packages(lacks.release);
  const formats::ServiceExtras* extras = document == nullptr ? nullptr : (*document)->find(lacks.image);
  if (extras == nullptr || extras->apt_packages.empty()) return std::nullopt;
  const TextSpan last = extras->apt_packages.back().span;
  // A list in brackets goes on with a comma; the other form is left to people.
  const std::string_view text = document->file->text();
  const std::size_t next = text.find_first_not_of(" \t", last.end);
  if (next == std::string_view::npos || (text[next] != ']' && text[next] != ',')) return std::nullopt;
  return Fix{fmt::format("Add `{}` to the apt_packages of {}", package, lacks.image),
             {{{document->file, {last.end, last.end}}, fmt::format(", \"{}\"", package)}}};
}

void check_runtime_libraries(const RuleContext& context, Report& report) {
  for (const ImageLacks& lacks : lacks_of(context)) {
    if (!context.selects(lacks.release, lacks.image)) continue;
    const auto* document = context.snapshot.dockerfile(lacks.image);
    for (const auto& [name, lacking] : lacks.libraries) {
      Added added = report.add(document->file, base_of(*document, true),
                               "{} {} compiled against `{}`{}, which the final stage does not install: it can't be "
                               "loaded there.",
                               join(lacking.packages, ", "), lacking.packages.size() == 1 ? "is" : "are", name,
                               on_platforms(context.snapshot, lacking));
      added.about(lacks.release, lacks.image);
      if (auto fix = add_to_extra_packages(context.snapshot, lacks, name)) added.fix(*std::move(fix));
    }
  }
}

// runtime-library-unused

/// The package that would be compiled against a library, and the headers that it would need; nothing where none that
/// always is compiled has to do with it, or where the build stage has its headers.
struct MissingUser {
  std::string_view package;
  std::string_view headers;
};
std::optional<MissingUser> missing_user(const AptCache& cache, const model::PackageNames& build,
                                        std::string_view library) {
  std::optional<MissingUser> found;
  for (const model::NativeNeeds& needs : model::all_native_needs()) {
    if (!needs.has_no_wheels) continue;
    for (const std::string_view group : needs.headers) {
      for (const std::string_view headers : alternatives(group)) {
        if (std::ranges::count(model::libraries_behind(cache, headers), library) == 0) continue;
        if (build.contains(headers)) return std::nullopt;
        if (!found) found = MissingUser{needs.package, headers};
      }
    }
  }
  return found;
}

void check_unused_libraries(const RuleContext& context, Report& report) {
  const Snapshot& snapshot = context.snapshot;
  if (snapshot.distribution() == nullptr || snapshot.config().platforms.empty()) return;
  const std::string& platform = snapshot.config().platforms.front();
  const AptCache* cache = packages_for(snapshot, platform);
  if (cache == nullptr) return;
  std::set<std::pair<std::string, std::uint32_t>> seen;
  for (const std::string& release : snapshot.releases()) {
    for (const std::string& image : model::images_of(snapshot, release)) {
      if (!context.selects(release, image)) continue;
      const auto* document = snapshot.dockerfile(image);
      const model::ImagePackages& there = model::image_packages(snapshot, *cache, release, image, platform);
      if (!there.is_known || (*document)->stages.size() < 2) continue;
      for (const auto& package : model::apt_installs((*document)->stages.back(), document->file->text())) {
        const auto user = missing_user(*cache, there.build, package.value);
        if (!user || !seen.emplace(document->file->path(), package.span.begin).second) continue;
        report
            .add(
                document->file, package.span,
                "`{}` is here, but nothing of the environment is compiled against it: the build stage lacks `{}`. `{}` "
                "would be; install it, with the extra that brings it, or drop the library.",
                package.value, user->headers, user->package)
            .about({}, image);
      }
    }
  }
}

constexpr Rule rules[] = {
    {.name = "runtime-library-unused",
     .severity = Severity::info,
     .needs = Needs::index,
     .summary = "library in an image for a package that is not compiled against it",
     .doc =
         R"md(The final stage installs a library that Python packages are compiled against, and the build stage has no headers of
it, so none of them was: keystone's image with libldap and libsasl, but without the extra `ldap` and its python-ldap,
can't speak LDAP. Other programs may use the library; then say so with an ignore comment.)md",
     .bad = "# images/keystone/Dockerfile, whose build stage has no libsasl2-dev\nRUN apt-get install -y libsasl2-2\n",
     .good = "# images/venv-builder/Dockerfile\nRUN apt-get install -y libldap2-dev libsasl2-dev\n",
     .check = check_unused_libraries},
    {.name = "apt-build-dep-missing",
     .needs = Needs::index,
     .summary = "package that is compiled where its headers are missing",
     .doc =
         R"md(A Python package without a wheel for a platform of the target is compiled where it is installed, and some need headers
of system libraries there (python-ldap those of libldap and libsasl). What the packages of OpenStack need is known here;
what the stage has is what its apt-get lines bring, with those of the images below, the build packages of bindep.txt and
all that they depend on. Images from elsewhere are not judged: what they hold is not known.)md",
     .bad = "# images/venv-builder/Dockerfile, while keystone is installed with its extra `ldap`\n"
            "RUN apt-get install -y build-essential python3-dev\n",
     .good = "# images/venv-builder/Dockerfile\n"
             "RUN apt-get install -y build-essential libldap2-dev libsasl2-dev python3-dev\n",
     .check = check_build_dependencies},
    {.name = "runtime-library-missing",
     .needs = Needs::index,
     .summary = "package compiled against a library that the image does not have",
     .doc =
         R"md(What is compiled in the build stage is linked with the libraries behind its headers (`libldap2` behind `libldap2-dev`).
The virtual environment is copied into the final stage, and the libraries have to be installed there: by its apt-get
lines, those of the images below, extra-packages.yaml or bindep.txt. uwsgi is linked with libpython.)md",
     .bad = "# images/python-base/Dockerfile, while uwsgi is compiled in venv-builder\n"
            "RUN apt-get install -y ca-certificates python3\n",
     .good = "# images/python-base/Dockerfile\nRUN apt-get install -y ca-certificates libpython3.12t64 python3\n",
     .check = check_runtime_libraries},
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
     .bad = "# forge.yaml, with no such file\n"
            "target:\n"
            "  distro: \"ubuntu:noble\"\n"
            "  apt: [\"packages/nobel\"]\n",
     .good = "# forge.yaml\n"
             "target:\n"
             "  distro: \"ubuntu:noble\"\n"
             "  apt: [\"packages/noble\"]\n",
     .check = check_unavailable},
};

}  // namespace

std::span<const Rule> apt_rules() {
  return rules;
}

}  // namespace forge::rules
