#include "engine/plan/plan_sources.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "engine/model/declared_requirements.hpp"
#include "engine/model/image_graph.hpp"
#include "engine/model/linked_trees.hpp"
#include "engine/model/ref_status.hpp"
#include "engine/model/upstream_refs.hpp"

namespace forge::plan {

std::string source_folder(std::string_view component, std::string_view release) {
  return fmt::format("build/src/{}-{}", component, release);
}

std::string constraints_folder(std::string_view release) {
  return fmt::format("build/constraints/{}", release);
}

namespace {

Result<PlanSource> make_source(const workspace::Snapshot& snapshot, std::string_view component,
                               std::string_view release) {
  const Result<model::UpstreamRefs>& upstream = model::upstream_refs(snapshot, component);
  if (!upstream) return fail(Failure::Kind::unavailable, upstream.error().message, upstream.error().hints);
  const model::RefStatus& status = model::ref_status(snapshot, release, component);
  if (status.failure) return tl::unexpected(*status.failure);
  if (status.entry == nullptr || !status.entry->ref || !status.commit)
    return fail(Failure::Kind::not_found, fmt::format("`{}` has no ref in {}.", component, release));
  PlanSource source;
  const std::string& ref = status.entry->ref->value;
  FORGE_TRY_ASSIGN(source.version,
                   model::tree_version(snapshot, std::string(release), std::string(component), ref, status.commit->id));
  source.component = component;
  source.release = release;
  source.ref = ref;
  source.kind = status.resolved ? status.resolved->kind : git::RefKind::commit;
  source.commit = status.commit->id.hex();
  source.time = status.commit->commit_time.seconds;
  for (const workspace::PatchSeries& series : snapshot.patch_series())
    if (series.release == release && model::patched_component(snapshot, series.component) == component)
      source.patches += series.patches.size();
  source.path = source_folder(component, release);
  return source;
}

}  // namespace

const Result<PlanSource>& plan_source(const workspace::Snapshot& snapshot, std::string_view component,
                                      std::string_view release) {
  return snapshot.once<Result<PlanSource>>(fmt::format("{}/{}", release, component),
                                           [&] { return make_source(snapshot, component, release); });
}

PlanSource libraries_source(std::string_view release, std::span<const PlanSource> libraries) {
  PlanSource all;
  all.component = model::libraries_context;
  all.release = release;
  all.path = source_folder(all.component, release);
  for (const PlanSource& library : libraries) {
    all.time = std::max(all.time, library.time);
    all.patches += library.patches;
  }
  return all;
}

}  // namespace forge::plan
