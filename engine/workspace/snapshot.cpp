#include "engine/workspace/snapshot.hpp"

#include <algorithm>
#include <tuple>
#include <utility>

#include "engine/workspace/snapshot_parts.hpp"

namespace forge::workspace {

namespace {

template <class T>
const Document<T>* find(const DocumentMap<T>& documents, std::string_view key) {
  const auto found = documents.find(key);
  return found == documents.end() ? nullptr : found->second.get();
}

}  // namespace

Snapshot::Snapshot(SnapshotParts parts) : parts_(std::make_unique<const SnapshotParts>(std::move(parts))) {}
Snapshot::~Snapshot() = default;

const formats::ForgeConfig& Snapshot::config() const {
  return parts_->settings;
}

const Document<formats::ForgeConfig>* Snapshot::config_document() const {
  return parts_->config.get();
}
const std::vector<std::string>& Snapshot::releases() const {
  return parts_->releases;
}
const std::vector<std::string>& Snapshot::images() const {
  return parts_->images;
}
const std::vector<std::string>& Snapshot::paths() const {
  return parts_->paths;
}
Result<std::string> Snapshot::read(std::string_view path) const {
  if (!parts_->store) return fail(Failure::Kind::not_found, "There are no files.");
  return parts_->store->read(path);
}
std::uint32_t Snapshot::mode(std::string_view path) const {
  return parts_->store ? parts_->store->mode(path) : 0100644;
}
const std::vector<PatchSeries>& Snapshot::patch_series() const {
  return parts_->patch_series;
}
const std::vector<UnreadableFile>& Snapshot::unreadable_files() const {
  return parts_->unreadable;
}
const git::Upstreams& Snapshot::upstreams() const {
  return *parts_->upstreams;
}
const index::Distribution* Snapshot::distribution() const {
  return parts_->distribution.get();
}
const index::PackageIndex* Snapshot::index() const {
  return parts_->index.get();
}

const Document<formats::SourceRefs>* Snapshot::test_refs(std::string_view release) const {
  return find(parts_->test_refs, release);
}
const Document<formats::SourceRefs>* Snapshot::source_refs(std::string_view release) const {
  return find(parts_->source_refs, release);
}

const Document<formats::Constraints>* Snapshot::upper_constraints(std::string_view release) const {
  return find(parts_->upper_constraints, release);
}

const Document<formats::Overrides>* Snapshot::overrides(std::string_view release) const {
  return find(parts_->overrides, release);
}

const Document<formats::ExtraPackages>* Snapshot::extra_packages(std::string_view release) const {
  return find(parts_->extra_packages, release);
}

const Document<formats::Dockerfile>* Snapshot::dockerfile(std::string_view image) const {
  return find(parts_->dockerfiles, image);
}

const Document<formats::Bindep>* Snapshot::bindep(std::string_view image) const {
  return find(parts_->bindeps, image);
}

const PatchSeries* Snapshot::patch_series(std::string_view component, std::string_view release) const {
  const auto key = [](const PatchSeries& series) {
    return std::pair<std::string_view, std::string_view>(series.component, series.release);
  };
  const auto found = std::ranges::lower_bound(parts_->patch_series, std::pair(component, release), {}, key);
  const bool here = found != parts_->patch_series.end() && key(*found) == std::pair(component, release);
  return here ? &*found : nullptr;
}

std::vector<const Document<formats::Overrides>*> Snapshot::all_overrides() const {
  std::vector<const Document<formats::Overrides>*> all;
  for (const auto& [release, document] : parts_->overrides) all.push_back(document.get());
  return all;
}

const Document<formats::Workflow>* Snapshot::workflow(std::string_view path) const {
  return find(parts_->workflows, path);
}

std::vector<const Document<formats::Workflow>*> Snapshot::workflows() const {
  std::vector<const Document<formats::Workflow>*> all;
  for (const auto& [path, document] : parts_->workflows) all.push_back(document.get());
  return all;
}

std::vector<const Document<formats::UpdateConfig>*> Snapshot::update_configs() const {
  std::vector<const Document<formats::UpdateConfig>*> all;
  for (const auto& [path, document] : parts_->update_configs) all.push_back(document.get());
  return all;
}

SourceFilePtr Snapshot::file(std::string_view path) const {
  const auto found = parts_->files.find(path);
  return found == parts_->files.end() ? nullptr : found->second;
}

Snapshot::Slot& Snapshot::slot_for(std::type_index type, const std::string& key) const {
  const std::scoped_lock lock(slots_mutex_);
  std::unique_ptr<Slot>& slot = slots_[{type, key}];
  if (!slot) slot = std::make_unique<Slot>();
  return *slot;
}

}  // namespace forge::workspace
