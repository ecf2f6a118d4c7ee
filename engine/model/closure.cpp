#include "engine/model/closure.hpp"

#include <algorithm>
#include <set>
#include <tuple>

#include <fmt/format.h>

#include "engine/base/text.hpp"
#include "engine/model/published_version.hpp"
#include "engine/model/release_choice.hpp"

namespace forge::model {

namespace {

using formats::Requirement;
using formats::Version;
using index::FileMetadataPtr;
using index::ProjectPagePtr;

constexpr std::size_t most_packages = 20'000;
constexpr std::size_t most_passes = 64;
constexpr std::size_t most_bans = 128;

/// What asks for a package, and what it asks.
struct Wish {
  formats::SpecifierSet specifiers;
  Requirer by;
};

PublishedVersionPtr nothing_published() {
  static const auto nothing = std::make_shared<const PublishedVersion>();
  return nothing;
}

/// One package of the pass under way.
struct Node {
  PackageName name;
  const SourceComponent* source = nullptr;
  std::vector<const EffectivePin*> pins{};
  std::vector<Wish> wishes{};
  std::set<std::string> extras{};
  std::set<std::string> expanded_extras{};
  bool expanded = false;
  bool url = false;      ///< a direct reference: no index has it
  bool decided = false;  ///< its version is chosen, or there is none
  std::optional<Version> version{};
  PublishedVersionPtr published = nothing_published();
  ClosurePackage out{};

  [[nodiscard]] bool floats() const { return source == nullptr && !url && pinned_to(pins) == nullptr; }
  [[nodiscard]] const std::optional<Release>& release() const { return published->release; }
  [[nodiscard]] bool knows_requirements() const { return source != nullptr || published->metadata != nullptr; }
  [[nodiscard]] const std::vector<WrittenRequirement>& requirements() const {
    return source != nullptr ? source->requirements : published->requirements;
  }
  [[nodiscard]] const std::vector<std::string>& provided() const {
    static const std::vector<std::string> none;
    if (source != nullptr) return source->extras;
    return published->metadata != nullptr ? published->metadata->core.provides_extras : none;
  }
};

/// What earlier passes found out about packages that no pin decides.
struct Learned {
  std::map<PackageName, std::vector<Wish>> wishes;
  std::set<std::pair<PackageName, std::string>> banned;  ///< versions that led into a conflict
  std::set<PackageName> given_up;                        ///< every version of it did
};

/// One walk through the graph with what is known so far.
class Pass {
 public:
  Pass(const ClosureRequest& request, const EffectivePins& pins, const index::PackageIndex& index,
       const PublishedVersions& known, const Learned& learned)
      : request_(request), pins_(pins), index_(index), known_(known), learned_(learned) {}

  void run() {
    const Requirer command{.name = {}, .version = {}, .text = {}, .from_source = true};
    for (const WrittenRequirement& root : request_.roots) {
      if (applies(root, {})) ask(root, command);
    }
    while (!frontier_.empty()) {
      std::vector<PackageName> wave;
      wave.swap(frontier_);
      decide(wave);
      for (const PackageName& name : wave) expand(nodes_.at(name));
    }
  }

  [[nodiscard]] std::map<PackageName, Node>& nodes() { return nodes_; }
  [[nodiscard]] const ReleaseChoice& choice() const { return choice_; }
  std::vector<UnknownExtra> unknown_extras;

 private:
  /// Once with no extra and once with each: extras never switch a requirement off.
  [[nodiscard]] bool applies(const WrittenRequirement& written, const std::set<std::string>& extras) const {
    const auto& marker = written.requirement.marker;
    if (!written.extra.empty() && !extras.contains(written.extra)) return false;
    if (!marker || marker->evaluate(request_.environment)) return true;
    return std::ranges::any_of(extras, [&](const std::string& extra) {
      const std::vector<std::string> active = {extra};
      return marker->evaluate(request_.environment, active);
    });
  }

  Node& node_of(const Requirement& requirement) {
    const auto known = nodes_.find(requirement.name);
    if (known != nodes_.end()) return known->second;
    Node& node = nodes_[requirement.name];
    node.name = requirement.name;
    node.out.name = requirement.name;
    node.out.spelling = requirement.spelling.value;
    const auto source = std::ranges::find(request_.sources, requirement.name, &SourceComponent::name);
    if (source != request_.sources.end()) node.source = &*source;
    for (const EffectivePin* pin : pins_.find(requirement.name)) {
      if (pin->pin->active(request_.environment)) node.pins.push_back(pin);
    }
    return node;
  }

  void ask(const WrittenRequirement& written, const Requirer& by) {
    if (nodes_.size() >= most_packages) return;
    const bool is_new = !nodes_.contains(written.requirement.name);
    Node& node = node_of(written.requirement);
    Requirer requirer = by;
    requirer.text = written.text;
    requirer.place = written.place;
    node.wishes.push_back({written.requirement.specifiers, requirer});
    if (written.requirement.url && node.source == nullptr) node.url = true;
    bool grows = is_new;
    for (const std::string& extra : written.requirement.sorted_extras()) grows |= node.extras.insert(extra).second;
    if (grows) frontier_.push_back(node.name);
  }

  /// Chooses versions for all new packages of a wave, with one question to the index for each kind of answer.
  void decide(std::vector<PackageName>& wave) {
    std::ranges::sort(wave);
    const auto doublets = std::ranges::unique(wave);
    wave.erase(doublets.begin(), doublets.end());
    std::vector<Node*> asked;
    for (const PackageName& name : wave) {
      Node& node = nodes_.at(name);
      if (node.decided) continue;
      node.decided = true;
      if (node.source != nullptr)
        take_source(node);
      else if (is_direct(node))
        node.out.unknown = "it is taken from a URL";
      else if (!take_known(node))
        asked.push_back(&node);
    }
    ask_index(asked);
  }

  static bool is_direct(Node& node) {
    if (std::ranges::any_of(node.pins, [](const EffectivePin* pin) { return pin->pin->url.has_value(); }))
      node.url = true;
    return node.url;
  }

  static void take_source(Node& node) {
    node.version = node.source->version;
    node.out.from = PackageFrom::source;
    node.out.version = node.version ? node.version->str() : std::string();
  }

  [[nodiscard]] bool take_known(Node& node) const {
    const formats::Pin* pin = pinned_to(node.pins);
    const PublishedVersionPtr published = pin == nullptr ? nullptr : known_.find(node.name, pin->parsed->str());
    if (published != nullptr) take(node, published);
    return published != nullptr;
  }

  void ask_index(const std::vector<Node*>& nodes) const {
    if (nodes.empty()) return;
    std::vector<PackageName> names;
    names.reserve(nodes.size());
    for (const Node* node : nodes) names.push_back(node->name);
    const auto pages = index_.pages(names);
    std::vector<PublishedVersion> answers(nodes.size());
    for (std::size_t i = 0; i < nodes.size(); ++i) choose(*nodes[i], pages[i], answers[i]);
    ask_metadata(nodes, answers);
    for (std::size_t i = 0; i < nodes.size(); ++i) {
      const auto published = std::make_shared<const PublishedVersion>(std::move(answers[i]));
      if (const formats::Pin* pin = pinned_to(nodes[i]->pins))
        known_.add(nodes[i]->name, pin->parsed->str(), published);
      take(*nodes[i], published);
    }
  }

  void choose(const Node& node, const Result<ProjectPagePtr>& page, PublishedVersion& out) const {
    if (!page) {
      out.unknown = page.error().message;
      if (page.error().kind != Failure::Kind::not_found) out.failure = page.error();
      return;
    }
    out.page = *page;
    const formats::Pin* pin = pinned_to(node.pins);
    out.release = pin != nullptr ? choice_.pinned(*out.page, *pin->parsed) : newest(node, *out.page);
    if (!out.release)
      out.unknown = pin != nullptr ? "the index has no such version" : "the index has no version that fits";
  }

  static void take(Node& node, const PublishedVersionPtr& published) {
    node.published = published;
    if (!node.pins.empty()) node.out.pin = node.pins.front();
    const formats::Pin* pin = pinned_to(node.pins);
    if (pin != nullptr) {
      node.out.from = PackageFrom::pin;
      node.out.spelling = pin->spelling.value;
      node.version = pin->parsed;
    }
    if (const auto& release = published->release) {
      node.version = release->version;
      if (pin == nullptr) node.out.spelling = spelling_of(*release->usable);
      node.out.file = release->usable;
    }
    if (node.version) node.out.version = node.version->str();
    node.out.metadata = published->metadata;
    node.out.unknown = published->unknown;
    node.out.failure = published->failure;
    node.out.as_recorded = published->as_recorded;
    node.out.needs_pkg_resources = published->needs_pkg_resources;
  }

  [[nodiscard]] static std::string spelling_of(const formats::IndexFile& file) {
    return file.file_name.substr(0, file.file_name.find('-'));
  }

  [[nodiscard]] std::optional<Release> newest(const Node& node, const index::ProjectPage& page) const {
    Wanted wanted{.specifiers = {}, .banned = {}};
    bool first_party = false;
    bool any = false;
    const auto take = [&](const std::vector<Wish>& wishes) {
      for (const Wish& wish : wishes) {
        wanted.specifiers.push_back(wish.specifiers);
        const bool names = names_prerelease(wish.specifiers);
        any |= names;
        first_party |= names && wish.by.from_source;
      }
    };
    take(node.wishes);
    if (const auto known = learned_.wishes.find(node.name); known != learned_.wishes.end()) take(known->second);
    for (const EffectivePin* pin : node.pins) {
      wanted.specifiers.push_back(specifiers_of(*pin->pin));
      const bool names = names_prerelease(wanted.specifiers.back());
      any |= names;
      first_party |= names;
    }
    wanted.names_prerelease = request_.installer == Installer::uv ? first_party : any;
    if (!learned_.given_up.contains(node.name)) {
      for (const auto& [name, version] : learned_.banned) {
        if (name == node.name) wanted.banned.insert(version);
      }
    }
    return choice_.newest(page, wanted);
  }

  void ask_metadata(const std::vector<Node*>& nodes, std::vector<PublishedVersion>& answers) const {
    std::vector<index::FileQuestion> questions;
    std::vector<PublishedVersion*> of;
    for (std::size_t i = 0; i < nodes.size(); ++i) {
      const auto& release = answers[i].release;
      if (!release || release->metadata_source == nullptr) continue;
      questions.push_back({nodes[i]->name, *release->metadata_source});
      of.push_back(&answers[i]);
    }
    const auto found = index_.metadata(questions);
    for (std::size_t i = 0; i < of.size(); ++i) take_metadata(found[i], *of[i]);
  }

  static void take_metadata(const Result<FileMetadataPtr>& answer, PublishedVersion& out) {
    if (!answer) {
      out.unknown = answer.error().message;
      if (answer.error().kind == Failure::Kind::unavailable) out.failure = answer.error();
      return;
    }
    const index::FileMetadata& metadata = **answer;
    const IndexFilePtr& file = out.release->usable;
    const bool built = file != nullptr && file->distribution.kind == formats::FileKind::sdist;
    out.needs_pkg_resources = built && metadata.needs_pkg_resources;
    if (!metadata.settled) {
      out.as_recorded = true;
      out.unknown =
          fmt::format("as recorded in `{}`; only a build of it can tell", out.release->metadata_source->file_name);
    }
    out.metadata = *answer;
    out.requirements.reserve(metadata.core.requires_dist.size());
    for (const std::string& text : metadata.core.requires_dist) {
      if (auto requirement = formats::parse_published_requirement(text))
        out.requirements.push_back({.requirement = *std::move(requirement), .text = text});
      else
        out.unknown = fmt::format("`{}` in its metadata is no requirement", text);
    }
  }

  void expand(Node& node) {
    note_unknown_extras(node);
    const Requirer self{
        .name = node.name.str(), .version = node.out.version, .text = {}, .from_source = node.source != nullptr};
    const std::set<std::string> extras = node.extras;
    for (const WrittenRequirement& written : node.requirements()) {
      if (!applies(written, extras)) continue;
      if (node.expanded && applies(written, node.expanded_extras)) continue;  // asked before
      ask(written, self);
    }
    node.expanded = true;
    node.expanded_extras = extras;
  }

  void note_unknown_extras(const Node& node) {
    if (!node.knows_requirements()) return;
    for (const std::string& extra : node.extras) {
      const bool known = std::ranges::binary_search(node.provided(), extra);
      if (known || node.expanded_extras.contains(extra)) continue;
      unknown_extras.push_back({node.name, node.out.version, extra, node.provided(), requirer_of(node, extra)});
    }
  }

  [[nodiscard]] static Requirer requirer_of(const Node& node, const std::string& extra) {
    for (const Wish& wish : node.wishes) {
      const auto requirement = formats::parse_published_requirement(wish.by.text);
      if (requirement && std::ranges::count(requirement->sorted_extras(), extra) > 0) return wish.by;
    }
    return node.wishes.front().by;
  }

  const ClosureRequest& request_;
  const EffectivePins& pins_;
  const index::PackageIndex& index_;
  const PublishedVersions& known_;
  const Learned& learned_;
  ReleaseChoice choice_{request_.target, request_.environment, request_.installer};
  std::map<PackageName, Node> nodes_;
  std::vector<PackageName> frontier_;
};

/// What is wrong in a finished pass.
class Judge {
 public:
  Judge(const ClosureRequest& request, const ReleaseChoice& choice) : request_(request), choice_(choice) {}

  void look_at(const Node& node) {
    judge_pins(node);
    judge_release(node);
    judge_wishes(node);
  }

  std::vector<ClosureConflict> conflicts;

 private:
  void add(const Node& node, ConflictKind kind, ClosureConflict conflict = {}) {
    conflict.kind = kind;
    conflict.name = node.name;
    if (conflict.version.empty()) conflict.version = node.out.version;
    if (conflict.pin == nullptr && !node.pins.empty()) conflict.pin = node.pins.front();
    conflicts.push_back(std::move(conflict));
  }

  void judge_pins(const Node& node) {
    if (!node.version || node.url) return;
    for (const EffectivePin* pin : node.pins) {
      const bool admitted = choice_.admits(specifiers_of(*pin->pin), *node.version);
      const bool same_version = pin->pin->exact() && *pin->pin->parsed == *node.version;
      if (node.source == nullptr && same_version) judge_spelling(node, *pin, admitted);
      if (admitted || (same_version && node.source == nullptr)) continue;
      ClosureConflict conflict;
      (node.source != nullptr ? conflict.pin : conflict.other_pin) = pin;
      add(node, node.source != nullptr ? ConflictKind::pin_excludes_source : ConflictKind::pins_differ,
          std::move(conflict));
    }
  }

  /// pip compares the text behind `===`, so `1.0` does not find what is published as `1.0.0`.
  void judge_spelling(const Node& node, const EffectivePin& pin, bool admitted) {
    const bool as_text = pin.pin->op == formats::SpecifierOperator::identical;
    if (!node.release() || !as_text || to_lower(pin.pin->version.value) == to_lower(node.version->str())) return;
    ClosureConflict conflict{.name = {}, .version = {}, .pin = &pin, .nearest = {node.version->str()}};
    conflict.stops = !admitted;
    add(node, ConflictKind::spelled_otherwise, std::move(conflict));
  }

  void judge_release(const Node& node) {
    if (node.source != nullptr || node.url || (!node.published->page && node.out.failure)) return;
    const bool pinned = node.out.from == PackageFrom::pin;
    const std::optional<Release>& release = node.release();
    if (!release) {
      if (!pinned) {
        add(node, ConflictKind::nothing_fits,
            {.name = {}, .version = {}, .requirer = node.wishes.front().by, .detail = node.out.unknown});
      } else {
        ClosureConflict conflict;
        if (const auto& page = node.published->page) conflict.nearest = ReleaseChoice::neighbours(*page, *node.version);
        add(node, ConflictKind::not_published, std::move(conflict));
      }
      return;
    }
    if (!pinned) return;
    if (release->usable) {
      judge_python(node);
    } else if (release->python_excluded) {
      add(node, ConflictKind::requires_python, {.name = {}, .version = {}, .detail = release->requires_python});
    } else {
      add(node, ConflictKind::no_usable_file);
    }
  }

  /// What one installer takes and the other refuses.
  void judge_python(const Node& node) {
    const std::string& wanted = node.release()->usable->requires_python;
    const auto python = Version::parse(request_.environment[formats::MarkerVariable::python_full_version]);
    if (!python || admits_python(wanted, *python, Installer::pip)) return;
    add(node, ConflictKind::requires_python, {.name = {}, .version = {}, .detail = wanted, .stops = false});
  }

  void judge_wishes(const Node& node) {
    if (!node.version || node.url) return;
    for (const Wish& wish : node.wishes) {
      if (choice_.admits(wish.specifiers, *node.version)) continue;
      add(node, ConflictKind::requirement_excludes, {.name = {}, .version = {}, .requirer = wish.by});
    }
  }

  const ClosureRequest& request_;
  const ReleaseChoice& choice_;
};

/// The floating package that a conflict can be laid at the door of: an older version of it may ask for less.
const Node* culprit(const ClosureConflict& conflict, const std::map<PackageName, Node>& nodes) {
  const auto floating = [&](const std::string& text) -> const Node* {
    const auto name = PackageName::parse(text);
    const auto node = name ? nodes.find(*name) : nodes.end();
    return node != nodes.end() && node->second.floats() && node->second.version ? &node->second : nullptr;
  };
  if (conflict.kind == ConflictKind::requirement_excludes && conflict.requirer)
    return floating(conflict.requirer->name);
  if (conflict.kind != ConflictKind::nothing_fits) return nullptr;
  for (const Wish& wish : nodes.at(conflict.name).wishes) {
    if (const Node* node = floating(wish.by.name)) return node;
  }
  return nullptr;
}

bool has_other_version(const Node& node, const Learned& learned) {
  const auto versions = node.published->page->versions();
  return std::ranges::any_of(versions, [&](const Version& version) {
    return version < *node.version && !learned.banned.contains({node.name, version.str()});
  });
}

/// What a version asked for that nobody will choose again.
void forget_wishes_of(const Node& node, Learned& learned) {
  for (auto& [name, wishes] : learned.wishes) {
    std::erase_if(wishes, [&](const Wish& wish) {
      return wish.by.name == node.name.str() && wish.by.version == node.version->str();
    });
  }
}

/// Bans the versions that led into conflicts. False where nothing is left to try.
bool learn_from(const std::vector<ClosureConflict>& conflicts, const std::map<PackageName, Node>& nodes,
                Learned& learned) {
  bool any = false;
  for (const ClosureConflict& conflict : conflicts) {
    const Node* node = culprit(conflict, nodes);
    if (node == nullptr || learned.given_up.contains(node->name)) continue;
    if (learned.banned.size() < most_bans && has_other_version(*node, learned)) {
      learned.banned.insert({node->name, node->version->str()});
      forget_wishes_of(*node, learned);
    } else {
      learned.given_up.insert(node->name);
    }
    any = true;
  }
  return any;
}

bool is_among(const Wish& wish, const std::vector<Wish>& wishes) {
  return std::ranges::count(wishes, wish.by, &Wish::by) > 0;
}

/// What was asked of the floating packages, for the next pass to choose by. Whether that can change anything: a choice
/// does not fit, or was made by a wish that nobody has any more.
bool learn_wishes(const std::map<PackageName, Node>& nodes, const ReleaseChoice& choice, bool keep, Learned& learned) {
  bool changes = false;
  for (const auto& [name, node] : nodes) {
    if (!node.floats()) continue;
    auto& known = learned.wishes[name];
    changes |= node.version && std::ranges::any_of(node.wishes, [&](const Wish& wish) {
                 return !choice.admits(wish.specifiers, *node.version);
               });
    changes |= !keep && std::ranges::any_of(known, [&](const Wish& wish) { return !is_among(wish, node.wishes); });
    if (!keep) known.clear();
    for (const Wish& wish : node.wishes) {
      if (!is_among(wish, known)) known.push_back(wish);
    }
  }
  return changes;
}

ClosurePackage finished(Node& node) {
  ClosurePackage out = std::move(node.out);
  for (const std::string& extra : node.extras) {
    const bool known = !node.knows_requirements() || std::ranges::binary_search(node.provided(), extra);
    if (known) out.extras.push_back(extra);
  }
  out.required_by.reserve(node.wishes.size());
  for (Wish& wish : node.wishes) {
    if (std::ranges::count(out.required_by, wish.by) == 0) out.required_by.push_back(std::move(wish.by));
  }
  std::ranges::stable_sort(out.required_by, {}, [](const Requirer& by) { return std::tie(by.name, by.text); });
  return out;
}

Closure finish(Pass& pass, std::vector<ClosureConflict> conflicts) {
  Closure done;
  done.packages.reserve(pass.nodes().size());
  for (auto& [name, node] : pass.nodes()) done.packages.push_back(finished(node));
  done.conflicts = std::move(conflicts);
  done.unknown_extras = std::move(pass.unknown_extras);
  return done;
}

}  // namespace

std::string_view to_string(PackageFrom from) {
  switch (from) {
    case PackageFrom::pin:
      return "pin";
    case PackageFrom::source:
      return "source";
    case PackageFrom::index:
      break;
  }
  return "index";
}

const ClosurePackage* Closure::find(const PackageName& name) const {
  const auto found = std::ranges::lower_bound(packages, name, {}, &ClosurePackage::name);
  return found != packages.end() && found->name == name ? &*found : nullptr;
}

bool Closure::succeeds() const {
  return std::ranges::none_of(conflicts, &ClosureConflict::stops);
}

Closure closure(const ClosureRequest& request, const EffectivePins& pins, const index::PackageIndex& index) {
  return closure(request, pins, index, PublishedVersions());
}

/// Passes through the graph until the choice of every floating package agrees with all that is asked of it. After some
/// passes without a new ban what was asked before still counts, so that two packages can't drive each other in circles.
Closure closure(const ClosureRequest& request, const EffectivePins& pins, const index::PackageIndex& index,
                const PublishedVersions& known) {
  constexpr std::size_t patience = 12;
  Learned learned;
  std::size_t last_ban = 0;
  for (std::size_t round = 0;; ++round) {
    Pass pass(request, pins, index, known, learned);
    pass.run();
    Judge judge(request, pass.choice());
    for (const auto& [name, node] : pass.nodes()) judge.look_at(node);
    const bool last = round + 1 >= most_passes + most_bans;
    if (last) return finish(pass, std::move(judge.conflicts));
    const std::size_t since_ban = round - last_ban;
    if (learn_wishes(pass.nodes(), pass.choice(), since_ban >= patience, learned) && since_ban < 2 * patience) continue;
    last_ban = round;
    if (learn_from(judge.conflicts, pass.nodes(), learned)) continue;
    return finish(pass, std::move(judge.conflicts));
  }
}

}  // namespace forge::model
