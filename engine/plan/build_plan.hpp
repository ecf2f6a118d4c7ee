/// What buildx shall do: one document from which the bake file, the matrix and every other form are printed.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "engine/base/finding.hpp"
#include "engine/git/upstreams.hpp"

namespace forge::plan {

/// What the build is for. Only `push`, `schedule` and `dispatch` may push.
enum class Event { push, pull_request, schedule, dispatch, local };
[[nodiscard]] std::string_view to_string(Event event);
/// GitHub's names of events, and `local`.
[[nodiscard]] std::optional<Event> event_from(std::string_view word);

/// Everything at once, with services on the bases of the same run; or one half of it, as CI does on many machines.
enum class Stage { all, bases, services };
[[nodiscard]] std::optional<Stage> stage_from(std::string_view word);

struct PlanRecord;

/// A source context is a folder, or an OCI image layout that the plan names by digest.
enum class SourceForm { folder, oci };
[[nodiscard]] std::optional<SourceForm> source_form_from(std::string_view word);

/// Where buildx keeps its layers from one run to the next: GitHub's cache, the registry that images are pushed to, a
/// folder below build/, nowhere.
enum class Cache { gha, registry, local, none };
[[nodiscard]] std::optional<Cache> cache_from(std::string_view word);

/// Targets by image and release; the release is empty for an image that is built once for all.
using Cells = std::set<std::pair<std::string, std::string>>;

/// What a plan depends on beside the forge and its upstreams. Nothing else may enter it: no clock, no environment.
struct BuildRequest {
  std::vector<std::string> releases{};  ///< empty: all
  std::vector<std::string> services{};  ///< empty: all
  Event event = Event::local;
  Stage stage = Stage::all;
  SourceForm sources = SourceForm::folder;
  bool push = false;
  bool load = false;             ///< into the local image store, where nothing is pushed
  std::optional<Cache> cache{};  ///< empty: none for a local build, else GitHub's
  std::string branch{};          ///< the forge's branch, `main`; of a pull request `123/merge`
  std::string commit{};          ///< the forge's commit, 40 digits; may be empty where nothing is pushed
  std::string registry{};        ///< `ghcr.io/c5c3`
  std::string source_url{};      ///< the forge's page, for a label; may be empty
  /// `sha256:…` of images that exist already, by folder below images/ or by the reference as Dockerfiles write it.
  std::map<std::string, std::string, std::less<>> digests{};
  std::vector<std::string> platforms{};        ///< empty: what the event asks for
  std::vector<std::string> forge_platforms{};  ///< forge.yaml's
  std::string python{};                        ///< forge.yaml's, for the tags of bases that no FROM names
  std::string distro{};
  /// Adds `fp-` and the first 20 digits of the fingerprint to the tags of a push, so that a registry can be asked
  /// whether this very input was built.
  bool fingerprint_tags = false;
  /// A text that enters every fingerprint: another one makes all targets new, as `2026-W47` does once a week.
  std::string epoch{};
  /// Patterns of paths in the forge (as COPY's); the files that they name count for every target.
  std::vector<std::string> global_inputs{};
  /// What was built before: targets with the same fingerprint are `unchanged`. Null: everything is built.
  std::shared_ptr<const PlanRecord> baseline{};
  /// The targets that can differ from the baseline; the others are `unchanged` without being looked at. Null: any can.
  std::shared_ptr<const Cells> may_differ{};
};

struct PlanContext {
  enum class Kind { source, constraints, base, image, empty };
  std::string name;
  Kind kind = Kind::source;
  std::string value;   ///< as buildx takes it: a relative folder, `target:…`, `docker-image://…`
  bool pinned = true;  ///< false for a `target:`
  std::string base{};  ///< of kind `base`: the other target
};
[[nodiscard]] std::string_view to_string(PlanContext::Kind kind);

/// A component's tree as the build takes it.
struct PlanSource {
  std::string component;
  std::string release;
  std::string ref;
  git::RefKind kind = git::RefKind::tag;
  std::string commit;  ///< 40 digits
  std::string version;
  std::int64_t time = 0;    ///< seconds since the epoch, of the commit
  std::size_t patches = 0;  ///< those of linked trees counted in
  std::string path;         ///< where the exported tree is, relative to the forge's root

  friend bool operator==(const PlanSource&, const PlanSource&) = default;
};

/// One thing that a target is made of and that the plan controls.
struct PlanInput {
  std::string name;   ///< `Dockerfile`, `file policy.yaml`, `context keystone`, `arg PIP_EXTRAS`, `label …`, `image …`
  std::string value;  ///< a digest `sha256:…`, or the value itself where it is short

  friend bool operator==(const PlanInput&, const PlanInput&) = default;
};

/// One input that is not as it was. A side that has none is empty.
struct InputChange {
  std::string name;
  std::string before;
  std::string after;

  friend bool operator==(const InputChange&, const InputChange&) = default;
};

struct PlanTarget {
  enum class Kind { base, service };
  /// `added` and `removed`: the baseline has not, or only the baseline has, a target of that name. Only planned and
  /// added ones are built.
  enum class State { planned, added, unchanged, blocked, removed };

  std::string id;
  Kind kind = Kind::base;
  State state = State::planned;
  std::string image;    ///< folder below images/
  std::string release;  ///< empty for a base
  std::size_t stage = 1;
  bool selected = true;              ///< false: only there because another target builds from it
  bool linked = false;               ///< unchanged, but a target that is built needs it
  std::vector<std::string> needs{};  ///< ids of the targets it builds from
  std::string repository;            ///< `ghcr.io/c5c3/keystone`

  std::string version;  ///< of the own source, or of test-refs.yaml; empty for a base, or where it is not known
  std::string description;
  std::string context;
  std::vector<PlanContext> contexts{};  ///< sorted by name
  std::map<std::string, std::string> args{};
  std::vector<std::string> tags{};        ///< what the target is pushed or loaded as
  std::vector<std::string> image_tags{};  ///< what the image is called in the end; differs where a merge follows
  std::vector<std::pair<std::string, std::string>> labels{};
  std::vector<std::string> platforms{};
  std::string cache_scope;
  std::vector<std::string> cache_from{};
  std::vector<std::string> cache_to{};
  std::vector<std::string> attest{};
  std::vector<std::string> output{};

  std::vector<PlanSource> sources{};  ///< trees that its contexts need, own component first
  std::vector<Finding> findings{};    ///< why it is blocked

  std::vector<PlanInput> inputs{};      ///< sorted by name; platforms and what is under `floating` left out
  std::string fingerprint;              ///< `sha256:…` over inputs and platforms; empty for a removed target
  std::vector<std::string> floating{};  ///< what it takes from outside without a digest: the plan can't tell changes
  std::vector<InputChange> changes{};   ///< against the baseline, sorted by name
  std::string digest{};                 ///< of an unchanged target's image, where the baseline has it

  [[nodiscard]] bool is_built() const { return selected && (state == State::planned || state == State::added); }
  /// Has its place in a bake file, if only because others link to it.
  [[nodiscard]] bool is_in_bake() const { return state == State::planned || state == State::added || linked; }
};
[[nodiscard]] std::string_view to_string(PlanTarget::State state);

/// New names for the image of a target that needs no build.
struct PlanRetag {
  std::string target;
  std::string image;  ///< repository
  std::string from;   ///< the image there is: by digest, or by a tag that does not move
  std::vector<std::string> tags;
};

struct PlanGroup {
  std::string name;
  std::string description;
  std::vector<std::string> targets;  ///< of targets or of other groups
};

struct BuildPlan {
  BuildRequest request;
  /// Each platform of a target is built alone and pushed by digest; a merge gives the image its tags.
  bool split = false;
  std::vector<PlanTarget> targets{};  ///< sorted by stage, then id; blocked ones included
  std::vector<PlanGroup> groups{};
  std::vector<PlanSource> sources{};         ///< to be exported before a build; sorted, each once
  std::vector<std::string> empty_folders{};  ///< contexts of libraries that the release does not patch
  std::vector<PlanRetag> retags{};           ///< of a push, for unchanged targets
  std::vector<std::string> constraints{};    ///< releases whose effective constraints are needed
  std::vector<Finding> findings{};           ///< what stands in the way and belongs to no target

  [[nodiscard]] const PlanTarget* find(std::string_view id) const;
  /// Nothing is blocked.
  [[nodiscard]] bool complete() const;
};

}  // namespace forge::plan
