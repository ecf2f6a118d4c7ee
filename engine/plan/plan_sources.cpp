#include "engine/plan/plan_sources.hpp"

#include <fmt/format.h>

#include "engine/git/upstreams.hpp"

namespace forge::plan {

std::string source_folder(std::string_view component, std::string_view release) {
  return fmt::format("build/src/{}-{}", component, release);
}

std::string constraints_folder(std::string_view release) {
  return fmt::format("build/constraints/{}", release);
}

namespace {

const formats::SourceRef* find_ref(const workspace::Snapshot& snapshot, std::string_view component,
                                   std::string_view release) {
  const auto* refs = snapshot.source_refs(release);
  return refs == nullptr ? nullptr : (*refs)->find(component);
}

}  // namespace

Result<PlanSource> plan_source(const workspace::Snapshot& snapshot, std::string_view component,
                               std::string_view release) {
  const formats::SourceRef* entry = find_ref(snapshot, component, release);
  if (entry == nullptr || !entry->ref)
    return fail(Failure::Kind::not_found, fmt::format("`{}` has no ref in {}.", component, release));
  FORGE_TRY_ASSIGN(const git::RepositoryPtr repository, snapshot.upstreams().open(component));
  FORGE_TRY_ASSIGN(const git::ResolvedRef resolved, repository->resolve(entry->ref->value));
  FORGE_TRY_ASSIGN(const git::CommitInfo commit, repository->commit(resolved.commit));
  PlanSource source;
  source.component = component;
  source.release = release;
  source.ref = entry->ref->value;
  source.commit = resolved.commit.hex();
  source.version = resolved.kind == git::RefKind::tag ? source.ref : "0.0.0";
  source.time = commit.commit_time.seconds;
  const workspace::PatchSeries* series = snapshot.patch_series(component, release);
  source.patches = series == nullptr ? 0 : series->patches.size();
  source.path = source_folder(component, release);
  return source;
}

}  // namespace forge::plan
