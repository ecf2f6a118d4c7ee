/// Components that are no Python projects: Open vSwitch and OVN.
#include <algorithm>

#include "engine/base/text.hpp"
#include "engine/model/declared_requirements.hpp"
#include "engine/model/linked_series.hpp"
#include "engine/model/linked_trees.hpp"
#include "engine/model/ref_status.hpp"
#include "engine/rules/catalog.hpp"
#include "engine/rules/ref_value.hpp"
#include "engine/rules/selected.hpp"

namespace forge::rules {

namespace {

using model::ForgeRef;
using model::LinkedTree;
using model::UpstreamRefs;
using model::VersionSeries;
using workspace::Snapshot;

constexpr std::string_view outer_name = "ovn";
constexpr std::string_view inner_name = "ovs";

void for_each_ref(const RuleContext& context, const std::function<void(const ForgeRef&)>& visit) {
  for (const ForgeRef& ref : selected_refs_by_component(context))
    if (ref.entry->ref) visit(ref);
}

Added add_at_ref(Report& report, const ForgeRef& ref, std::string message) {
  return report.add_message(ref.document->file, ref.entry->value_span, std::move(message))
      .about(ref.release, ref.entry->component.value);
}

/// A component with a ref has findings of its own where its repository is not here.
bool is_reported_elsewhere(const Snapshot& snapshot, const LinkedTree& linked) {
  const bool has_ref = std::ranges::any_of(snapshot.releases(), [&](const std::string& release) {
    const auto* refs = snapshot.source_refs(release);
    return refs != nullptr && (*refs)->find(linked.component) != nullptr;
  });
  return has_ref && !snapshot.upstreams().open(linked.component);
}

/// What OVN needs of Open vSwitch, as a sentence; empty where it has it.
std::string missing_ovs(const Snapshot& snapshot, const ForgeRef& ref) {
  const std::string& component = ref.entry->component.value;
  if (component != outer_name || !model::is_native(snapshot, ref.release, component)) return {};
  const Result<model::SeriesBase> base = model::series_base(snapshot, component, ref.release);
  if (!base) return {};
  const Result<git::CommitInfo> commit = base->repository->commit(base->commit);
  if (!commit) return {};
  const auto there = base->repository->entry(commit->tree, inner_name);
  if (!there || *there) return {};
  return fmt::format(
      "The tree of `{}` at `{}` has neither a submodule nor a folder `{}`, and OVN is compiled inside of an Open "
      "vSwitch "
      "tree: this is a repository without submodules, or not OVN's.",
      component, ref.entry->ref->value, inner_name);
}

void check_submodule_missing(const RuleContext& context, Report& report) {
  const Snapshot& snapshot = context.snapshot;
  for_each_ref(context, [&](const ForgeRef& ref) {
    const std::string& component = ref.entry->component.value;
    if (std::string words = missing_ovs(snapshot, ref); !words.empty()) add_at_ref(report, ref, std::move(words));
    const auto& trees = model::linked_trees(snapshot, component, ref.release);
    if (!trees) return;
    for (const LinkedTree& linked : *trees) {
      if (is_reported_elsewhere(snapshot, linked)) continue;
      const Result<git::RepositoryPtr> opened = model::open_linked(snapshot, component, linked);
      if (opened) continue;
      const Failure& failure = opened.error();
      std::string message = failure.message + (failure.message.ends_with('.') ? "" : ".");
      if (!failure.hints.empty()) message += fmt::format(" To mend it: {}.", join(failure.hints, "; "));
      add_at_ref(report, ref, std::move(message));
    }
  });
}

// ovn-ovs-series-mismatch

struct Pair {
  const ForgeRef& ovs;
  const ForgeRef& ovn;
  const UpstreamRefs& upstream;  ///< of ovs
  const LinkedTree& linked;
};

std::string linked_words(const Pair& pair) {
  const auto& versions = pair.upstream.versions;
  const auto tag = std::ranges::find(versions, pair.linked.commit, &model::VersionTag::commit);
  return tag != versions.end() ? fmt::format("`{}`", tag->name)
                               : fmt::format("commit `{}`", pair.linked.commit.abbreviated());
}

void report_pair(const Pair& pair, std::string message, const VersionSeries& wanted, Report& report) {
  Added added = add_at_ref(report, pair.ovs, std::move(message));
  added.related(pair.ovn.document->file, pair.ovn.entry->value_span,
                fmt::format("The tree that this ref links is {}.", linked_words(pair)));
  const model::VersionTag* newest = model::newest_of_series(pair.upstream, wanted);
  if (newest == nullptr) return;
  const TextSpan span = pair.ovs.entry->value_span;
  added.fix(fmt::format("Use `{}`, the newest of {}", newest->name, wanted.str()), span,
            requoted_ref(pair.ovs.document->file->text(span), newest->name));
}

void check_pair(const Pair& pair, Report& report) {
  const Result<std::optional<VersionSeries>> linked = model::series_of_commit(pair.upstream, pair.linked.commit);
  if (!linked || !*linked || !pair.ovs.status->resolved) return;
  const std::string& ref = pair.ovs.entry->ref->value;
  const git::ObjectId commit = pair.ovs.status->resolved->commit;
  const bool is_tag = pair.ovs.status->resolved->kind == git::RefKind::tag;
  if (commit == pair.linked.commit && !is_tag)
    return report_pair(
        pair,
        fmt::format("`{}` is the commit that OVN {} links, the lowest that it can be compiled with: what "
                    "runs should be a release of Open vSwitch.",
                    ref.size() > 7 ? ref.substr(0, 7) : ref, pair.ovn.entry->ref->value),
        **linked, report);
  const auto named = pair.ovs.status->named_version();
  const Result<std::optional<VersionSeries>> own =
      named ? model::version_series(*named) : model::series_of_commit(pair.upstream, commit);
  if (!own || !*own || **own >= **linked) return;
  report_pair(pair,
              fmt::format("Open vSwitch `{}` is of the series {}, older than the {} that OVN {} is compiled against.",
                          ref, (*own)->str(), (*linked)->str(), pair.ovn.entry->ref->value),
              **linked, report);
}

void check_series_mismatch(const RuleContext& context, Report& report) {
  const auto of_pair = [&](std::string_view release, std::string_view component) {
    return (component == inner_name || component == outer_name) && context.selects(release, inner_name);
  };
  const std::vector<ForgeRef> refs = model::forge_refs(context.snapshot, context.pool, of_pair);
  if (refs.empty()) return;
  const Result<UpstreamRefs>& upstream = model::upstream_refs(context.snapshot, inner_name);
  if (!upstream) return;
  for (const ForgeRef& ovs : refs) {
    if (ovs.entry->component.value != inner_name || !ovs.entry->ref) continue;
    const auto ovn = std::ranges::find_if(refs, [&](const ForgeRef& other) {
      return other.release == ovs.release && other.entry->component.value == outer_name && other.entry->ref;
    });
    if (ovn == refs.end()) continue;
    const auto& trees = model::linked_trees(context.snapshot, std::string(outer_name), ovs.release);
    if (!trees) continue;
    const auto linked = std::ranges::find(*trees, inner_name, &LinkedTree::component);
    if (linked != trees->end()) check_pair({ovs, *ovn, *upstream, *linked}, report);
  }
}

constexpr Rule rules[] = {
    {.name = "ovn-submodule-missing",
     .needs = Needs::upstream,
     .summary = "submodule of a source tree that can't be put in place",
     .doc =
         "OVN is compiled inside of an Open vSwitch source tree, which it brings as the submodule `ovs`. `source "
         "export` takes the commit from OVN's tree and the files from the mirror of the component `ovs`; this finding "
         "says why it can't: OVN's repository has no such submodule, there is no repository of that name, or it lacks "
         "the commit.\n\nGive `ovs` a ref in source-refs.yaml and its git URL under `upstreams` in forge.yaml, then "
         "run "
         "`forge-analyze mirror sync`. The same holds for a submodule of any other component: the folder's name is "
         "the component.",
     .bad = "# forge.yaml\nupstreams:\n  ovn: \"https://github.com/ovn-org/ovn\"\n",
     .good = "# forge.yaml\nupstreams:\n  ovn: \"https://github.com/ovn-org/ovn\"\n"
             "  ovs: \"https://github.com/openvswitch/ovs\"\n",
     .check = check_submodule_missing},
    {.name = "ovn-ovs-series-mismatch",
     .severity = Severity::warning,
     .needs = Needs::upstream,
     .summary = "Open vSwitch that does not fit the tree OVN is compiled against",
     .doc =
         "OVN's submodule is the lowest commit of Open vSwitch that it needs. What runs should be a release of that "
         "series or of a later one: an older one may lack what OVN relies on, and the submodule's commit itself lacks "
         "the fixes of the series' releases. The series of a commit is that of the first version tag that has it."
         "\n\nTake the newest release of the series that OVN links.",
     .bad = "# releases/2025.1/source-refs.yaml\novs: \"v3.4.3\"\novn: \"v25.03.3\"   # links v3.5.3\n",
     .good = "# releases/2025.1/source-refs.yaml\novs: \"v3.5.4\"\novn: \"v25.03.3\"\n",
     .check = check_series_mismatch},
};

}  // namespace

std::span<const Rule> native_rules() {
  return rules;
}

}  // namespace forge::rules
