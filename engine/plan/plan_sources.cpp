#include "engine/plan/plan_sources.hpp"

#include <fmt/format.h>

#include "engine/model/ref_status.hpp"
#include "engine/model/upstream_refs.hpp"

namespace forge::plan {

std::string source_folder(std::string_view component, std::string_view release) {
  return fmt::format("build/src/{}-{}", component, release);
}

std::string constraints_folder(std::string_view release) {
  return fmt::format("build/constraints/{}", release);
}

Result<PlanSource> plan_source(const workspace::Snapshot& snapshot, std::string_view component,
                               std::string_view release) {
  const Result<model::UpstreamRefs>& upstream = model::upstream_refs(snapshot, component);
  if (!upstream) return fail(Failure::Kind::unavailable, upstream.error().message, upstream.error().hints);
  const model::RefStatus& status = model::ref_status(snapshot, release, component);
  if (status.failure) return tl::unexpected(*status.failure);
  if (status.entry == nullptr || !status.entry->ref || !status.commit)
    return fail(Failure::Kind::not_found, fmt::format("`{}` has no ref in {}.", component, release));
  PlanSource source;
  FORGE_TRY_ASSIGN(source.version, model::built_version(*upstream, status.commit->id));
  source.component = component;
  source.release = release;
  source.ref = status.entry->ref->value;
  source.commit = status.commit->id.hex();
  source.time = status.commit->commit_time.seconds;
  const workspace::PatchSeries* series = snapshot.patch_series(component, release);
  source.patches = series == nullptr ? 0 : series->patches.size();
  source.path = source_folder(component, release);
  return source;
}

}  // namespace forge::plan
