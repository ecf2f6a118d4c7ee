/// What a snapshot is made of. Only workspace/ fills it; everyone else reads it through Snapshot.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "engine/workspace/file_store.hpp"
#include "engine/workspace/snapshot.hpp"

namespace forge::workspace {

template <class T>
using DocumentMap = std::map<std::string, DocumentPtr<T>, std::less<>>;

struct SnapshotParts {
  DocumentPtr<formats::ForgeConfig> config;                 ///< null without forge.yaml
  formats::ForgeConfig settings;                            ///< what counts: forge.yaml and what goes over it
  DocumentMap<formats::SourceRefs> source_refs;             ///< by release
  DocumentMap<formats::SourceRefs> test_refs;               ///< by release
  DocumentMap<formats::Constraints> upper_constraints;      ///< by release
  DocumentMap<formats::Overrides> overrides;                ///< by release
  DocumentMap<formats::ExtraPackages> extra_packages;       ///< by release
  DocumentMap<formats::Dockerfile> dockerfiles;             ///< by image
  DocumentMap<formats::Bindep> bindeps;                     ///< by image; the empty name for the root's
  DocumentMap<formats::Workflow> workflows;                 ///< by path; actions too
  DocumentMap<formats::UpdateConfig> update_configs;        ///< by path
  std::vector<PatchSeries> patch_series;                    ///< sorted by component, then release
  std::map<std::string, SourceFilePtr, std::less<>> files;  ///< by path
  std::vector<UnreadableFile> unreadable;
  std::vector<std::string> releases;
  std::vector<std::string> images;
  std::vector<std::string> paths;
  FileStorePtr store;
  std::shared_ptr<const git::Upstreams> upstreams;
  index::PackageIndexPtr index;         ///< null: none to ask
  index::DistributionPtr distribution;  ///< likewise
};

}  // namespace forge::workspace
