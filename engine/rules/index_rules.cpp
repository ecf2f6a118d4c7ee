/// What the package index knows of the pins that the forge's images need. Pins that nobody needs are not looked at.
#include "engine/rules/index_rules.hpp"

#include <algorithm>
#include <map>
#include <set>
#include <tuple>

#include "engine/base/text.hpp"
#include "engine/model/closure_words.hpp"
#include "engine/model/component_closure.hpp"
#include "engine/model/image_installs.hpp"
#include "engine/rules/catalog.hpp"
#include "engine/rules/override_fixes.hpp"

namespace forge::rules {

namespace {

using model::ClosureConflict;
using model::ClosurePackage;
using model::ComponentClosure;
using model::ConflictKind;
using model::EffectivePin;
using workspace::Snapshot;

struct Question {
  std::string release;
  std::string component;
  std::string platform;
};

std::vector<Question> questions_of(const RuleContext& context) {
  std::vector<Question> questions;
  const Snapshot& snapshot = context.snapshot;
  if (snapshot.index() == nullptr) return questions;
  for (const std::string& release : snapshot.releases()) {
    for (const std::string& image : model::images_of(snapshot, release)) {
      if (!context.selects(release, image)) continue;
      for (const std::string& platform : snapshot.config().platforms) {
        if (!formats::machine_of_platform(platform).empty()) questions.push_back({release, image, platform});
      }
    }
  }
  return questions;
}

/// Those that could be computed; why others could not, rules on refs and trees say.
std::vector<const ComponentClosure*> closures_of(const RuleContext& context) {
  std::vector<const ComponentClosure*> closures;
  for (const Question& one : questions_of(context)) {
    const auto& answer = model::component_closure(context.snapshot, one.release, one.component, one.platform);
    if (answer) closures.push_back(&*answer);
  }
  return closures;
}

/// One defect, which several components and platforms may meet.
struct Met {
  Place place;
  std::string message;
  std::string release;
  Severity level = Severity::error;
  std::set<std::string> components{};
  std::set<std::string> platforms{};
  std::optional<RelatedPlace> related{};
  std::vector<Fix> fixes{};
};

/// Merges what is the same and reports in the order of first sight.
class Gathering {
 public:
  Met& meet(const ComponentClosure& closure, Place place, std::string message, Severity level) {
    const auto key = std::make_tuple(place.file->path(), place.span.begin, message);
    const auto [known, is_new] = index_.emplace(key, met_.size());
    if (is_new)
      met_.push_back(
          {.place = std::move(place), .message = std::move(message), .release = closure.release, .level = level});
    Met& met = met_[known->second];
    met.components.insert(closure.component);
    met.platforms.insert(closure.platform);
    return met;
  }

  void report(const RuleContext& context, Report& report) const {
    for (const Met& met : met_) {
      Added added = report.add_message(met.place.file, met.place.span, met.message + circumstances(context, met));
      added.about(met.release, met.components.size() == 1 ? *met.components.begin() : std::string()).level(met.level);
      if (met.related) added.related(met.related->place.file, met.related->place.span, met.related->message);
      for (const Fix& fix : met.fixes) added.fix(fix);
    }
  }

 private:
  /// ` (for keystone, nova; on linux/arm64)`
  static std::string circumstances(const RuleContext& context, const Met& met) {
    std::string text = fmt::format(" It is needed by {}", join(met.components, ", "));
    if (met.platforms.size() < context.snapshot.config().platforms.size())
      text += fmt::format(", and this is so on {}", join(met.platforms, ", "));
    return text + ".";
  }

  std::vector<Met> met_;
  std::map<std::tuple<std::string, std::uint32_t, std::string>, std::size_t> index_;
};

/// Calls `visit` with every conflict of one of these kinds.
template <class Visit>
void for_each_conflict(const RuleContext& context, std::initializer_list<ConflictKind> kinds, const Visit& visit) {
  for (const ComponentClosure* closure : closures_of(context)) {
    for (const ClosureConflict& conflict : closure->closure.conflicts) {
      if (std::ranges::count(kinds, conflict.kind) > 0) visit(*closure, conflict);
    }
  }
}

Fix use_version(const Snapshot& snapshot, const std::string& release, const EffectivePin& pin,
                const std::string& version) {
  const std::string line = fmt::format("{}==={}", pin.pin->spelling.value, version);
  if (pin.origin == model::PinOrigin::override_file)
    return Fix{fmt::format("Pin `{}`", line), {{{pin.file, pin.pin->version.span}, version}}, {}, false};
  return add_override(snapshot, release, line);
}

// pin-unavailable

void check_pin_unavailable(const RuleContext& context, Report& report) {
  Gathering all;
  for_each_conflict(context,
                    {ConflictKind::not_published, ConflictKind::no_usable_file, ConflictKind::spelled_otherwise},
                    [&](const ComponentClosure& closure, const ClosureConflict& conflict) {
                      Met& met = all.meet(closure, conflict.pin->place(), model::words_for(conflict),
                                          conflict.stops ? Severity::error : Severity::warning);
                      if (!met.fixes.empty()) return;
                      for (auto version = conflict.nearest.rbegin(); version != conflict.nearest.rend(); ++version)
                        met.fixes.push_back(use_version(context.snapshot, closure.release, *conflict.pin, *version));
                    });
  for (const ComponentClosure* closure : closures_of(context)) {
    for (const ClosurePackage& package : closure->closure.packages) {
      if (package.pin == nullptr || !package.file || !package.file->yanked) continue;
      const std::string& reason = package.file->yanked_reason;
      all.meet(
          *closure, package.pin->place(),
          fmt::format("`{}` `{}` was withdrawn from the index{}; a pin installs it all the same.", package.spelling,
                      package.version, reason.empty() ? std::string() : fmt::format(" (\"{}\")", reason)),
          Severity::warning);
    }
  }
  all.report(context, report);
}

// requirement-transitive-conflict

/// The line that a reader can change: the excluded pin; else the pin of who excludes it; else the requirement itself.
std::optional<Place> place_of(const ComponentClosure& closure, const ClosureConflict& conflict,
                              const EffectivePin* requirer) {
  if (conflict.pin != nullptr) return conflict.pin->place();
  if (requirer != nullptr) return requirer->place();
  if (conflict.requirer->place) return conflict.requirer->place;
  for (const ClosurePackage& package : closure.closure.packages) {
    for (const model::Requirer& by : package.required_by) {
      if (by.place) return by.place;
    }
  }
  return std::nullopt;
}

const EffectivePin* pin_of(const ComponentClosure& closure, const std::string& name) {
  const auto parsed = PackageName::parse(name);
  const ClosurePackage* package = parsed ? closure.closure.find(*parsed) : nullptr;
  return package == nullptr ? nullptr : package->pin;
}

void check_transitive_conflict(const RuleContext& context, Report& report) {
  Gathering all;
  for_each_conflict(context, {ConflictKind::requirement_excludes, ConflictKind::nothing_fits},
                    [&](const ComponentClosure& closure, const ClosureConflict& conflict) {
                      const bool by_tree =
                          conflict.kind == ConflictKind::requirement_excludes && conflict.requirer->from_source;
                      if (by_tree) return;  // requirement-unsatisfied and requirement-newer-sibling have those
                      const EffectivePin* requirer = pin_of(closure, conflict.requirer->name);
                      const auto place = place_of(closure, conflict, requirer);
                      if (!place) return;
                      Met& met = all.meet(closure, *place, model::words_for(conflict), Severity::error);
                      if (requirer != nullptr && requirer != conflict.pin && conflict.pin != nullptr)
                        met.related = RelatedPlace{requirer->place(), "the pin whose metadata says so"};
                    });
  all.report(context, report);
}

// pin-sdist-legacy-build, pin-metadata-unsettled

void check_legacy_build(const RuleContext& context, Report& report) {
  Gathering all;
  for (const ComponentClosure* closure : closures_of(context)) {
    for (const ClosurePackage& package : closure->closure.packages) {
      if (package.pin == nullptr || !package.needs_pkg_resources) continue;
      all.meet(*closure, package.pin->place(),
               fmt::format("`{}` `{}` is built from its sdist, whose setup.py imports pkg_resources; setuptools 82 and "
                           "later have it no more, so the build fails unless a build constraint asks for an older one.",
                           package.spelling, package.version),
               Severity::warning);
    }
  }
  all.report(context, report);
}

/// One finding for a release: each alone asks for nothing to be done.
void check_metadata_unsettled(const RuleContext& context, Report& report) {
  struct Unsettled {
    Place first;
    std::map<std::string, std::string> why;  ///< by package
  };
  std::map<std::string, Unsettled> by_release;
  for (const ComponentClosure* closure : closures_of(context)) {
    for (const ClosurePackage& package : closure->closure.packages) {
      const bool unclear = package.as_recorded || (!package.unknown.empty() && package.file && !package.failure);
      if (package.pin == nullptr || !unclear) continue;
      Unsettled& release = by_release[closure->release];
      const Place place = package.pin->place();
      const bool earlier = !release.first.file || place.file->path() < release.first.file->path() ||
                           (place.file == release.first.file && place.span.begin < release.first.span.begin);
      if (earlier) release.first = place;
      release.why.emplace(fmt::format("`{}` `{}`", package.spelling, package.version), package.unknown);
    }
  }
  constexpr std::size_t most_named = 5;
  for (const auto& [name, release] : by_release) {
    std::vector<std::string> shown;
    for (const auto& [package, why] : release.why)
      if (shown.size() < most_named) shown.push_back(package);
    const std::size_t more = release.why.size() - shown.size();
    report
        .add(release.first.file, release.first.span, "What {}{} {} is not certain: {}.", join(shown, ", "),
             more == 0 ? std::string() : fmt::format(" and {} more", more),
             release.why.size() == 1 ? "requires" : "require", release.why.begin()->second)
        .about(name);
  }
}

// index-unavailable

/// One finding for one cause, at the first pin that it keeps from being looked at.
void check_index_unavailable(const RuleContext& context, Report& report) {
  std::set<std::string> names;
  std::optional<Place> place;
  std::string cause;
  for (const ComponentClosure* closure : closures_of(context)) {
    for (const ClosurePackage& package : closure->closure.packages) {
      if (!package.failure) continue;
      names.insert(package.name.str());
      if (cause.empty()) cause = package.failure->message;
      if (!place && package.pin != nullptr) place = package.pin->place();
    }
  }
  if (names.empty()) return;
  if (!place) place = Place{SourceFile::make("forge.yaml", ""), {}};
  constexpr std::size_t most_named = 3;
  std::vector<std::string> shown(names.begin(), names.end());
  const std::size_t more = shown.size() > most_named ? shown.size() - most_named : 0;
  shown.resize(shown.size() - more);
  report
      .add(place->file, place->span,
           "The package index could not be asked about {}{}, so their pins were not examined: {}", join(shown, ", "),
           more == 0 ? std::string() : fmt::format(" and {} more", more), cause)
      .level(context.offline ? Severity::warning : Severity::error);
}

constexpr Rule rules[] = {
    {.name = "pin-unavailable",
     .needs = Needs::index,
     .summary = "pinned version that the package index does not have, or that nothing on the target can install",
     .doc =
         "An image needs the pinned version, and the index has no such version or no file of it that fits the target "
         "(wheels of other platforms, no sdist). A version that was withdrawn (\"yanked\") is a warning: an exact pin "
         "still installs it, and its reason is told. A pin spelled unlike the published version (`1.0`, `1.0.0`) "
         "installs with uv and not with pip. Pin a version that there is, by an override.",
     .bad = "# releases/2025.2/upper-constraints.txt, where the index has 1.0 and 2.0\n"
            "alpha===1.5\n",
     .good = "# overrides/2025.2/constraints.txt\n"
             "alpha===2.0\n",
     .check = check_pin_unavailable},
    {.name = "requirement-transitive-conflict",
     .needs = Needs::index,
     .summary = "published package that requires another version than the one that is pinned",
     .doc = "The metadata of a package that an image installs excludes the version that the constraints pin, with "
            "markers and extras applied, or asks for an unpinned package of which no version fits. The install stops. "
            "Override one of the two pins.",
     .bad = "# releases/2025.2/upper-constraints.txt, where alpha 1.0 requires beta<2\n"
            "alpha===1.0\n"
            "beta===3.0\n",
     .good = "# overrides/2025.2/constraints.txt\n"
             "beta===1.9\n",
     .check = check_transitive_conflict},
    {.name = "pin-sdist-legacy-build",
     .severity = Severity::warning,
     .needs = Needs::index,
     .summary = "pinned version that can only be built, by code that current setuptools no longer runs",
     .doc =
         "The index has no wheel of the pinned version for the target, so it is built, in an isolated environment with "
         "the newest setuptools: constraints do not count there. Its setup.py imports pkg_resources, which setuptools "
         "82 dropped. Give the install a build constraint (`setuptools<82` by `--build-constraint`), or pin a version "
         "with a wheel.",
     .bad = "# images/almanac/Dockerfile, where the sdist of a pin imports pkg_resources\n"
            "RUN uv pip install --constraint /upper-constraints.txt /src/almanac\n",
     .good = "# images/almanac/Dockerfile, with a file that says setuptools<82\n"
             "RUN uv pip install --constraint /upper-constraints.txt --build-constraint /build-constraints.txt "
             "/src/almanac\n",
     .check = check_legacy_build},
    {.name = "pin-metadata-unsettled",
     .severity = Severity::hint,
     .needs = Needs::index,
     .summary = "pinned version whose requirements only a build can tell",
     .doc =
         "The index has no wheel of the pinned version, and its sdist does not settle what it requires (PEP 643). What "
         "was recorded when the sdist was made is taken; a build on the target may come to something else.",
     .bad = "# releases/2025.2/upper-constraints.txt, for a version of which there is an sdist alone\n"
            "alpha===1.0\n",
     .good = "# overrides/2025.2/constraints.txt: a version with a wheel\n"
             "alpha===1.1\n",
     .check = check_metadata_unsettled},
    {.name = "index-unavailable",
     .needs = Needs::index,
     .summary = "the package index could not be asked",
     .doc =
         "A page or a file of the package index could not be read: no network, no permission, an answer that makes no "
         "sense, or `--offline` while it is not in the cache. What needs it was not examined. The index is the one "
         "that pip and uv are configured with, or `index` of forge.yaml. With `--offline` this is a warning.",
     .bad = "# forge.yaml, with an index that nobody reaches from here\n"
            "index: \"http://localhost:3141/root/mirror/\"\n",
     .good = "# forge.yaml: what pip and uv are configured with\n"
             "index: \"\"\n",
     .check = check_index_unavailable},
};

}  // namespace

void prepare_closures(const RuleContext& context) {
  std::vector<Question> questions = questions_of(context);
  std::ranges::stable_sort(questions, {}, &Question::component);  // whose repository is then opened once for all
  context.pool.for_each(questions.size(), [&](std::size_t i) {
    const Question& one = questions[i];
    (void)model::component_closure(context.snapshot, one.release, one.component, one.platform);
  });
}

void check_pinned_pythons(const RuleContext& context, Report& report) {
  Gathering all;
  for_each_conflict(context, {ConflictKind::requires_python},
                    [&](const ComponentClosure& closure, const ClosureConflict& conflict) {
                      all.meet(closure, conflict.pin->place(), model::words_for(conflict),
                               conflict.stops ? Severity::error : Severity::warning);
                    });
  all.report(context, report);
}

void check_dependency_extras(const RuleContext& context, Report& report) {
  Gathering all;
  for (const ComponentClosure* closure : closures_of(context)) {
    for (const model::UnknownExtra& extra : closure->closure.unknown_extras) {
      const ClosurePackage* package = closure->closure.find(extra.name);
      if (package == nullptr || package->from == model::PackageFrom::source) continue;  // trees are looked at anyway
      const bool in_forge = extra.requirer.name.empty();
      const bool in_tree = !in_forge && extra.requirer.from_source;
      const EffectivePin* requirer = pin_of(*closure, extra.requirer.name);
      std::optional<Place> place = extra.requirer.place;
      if (!place && requirer != nullptr) place = requirer->place();
      if (!place) continue;
      all.meet(*closure, *place, model::words_for(extra),
               in_forge  ? Severity::error
               : in_tree ? Severity::warning
                         : Severity::info);
    }
  }
  all.report(context, report);
}

std::span<const Rule> index_rules() {
  return rules;
}

}  // namespace forge::rules
