/// Files -> snapshots. The one mutable object of the engine: it remembers what it parsed, so that the next
/// snapshot parses only what changed.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>

#include "engine/base/result.hpp"
#include "engine/base/task_pool.hpp"
#include "engine/workspace/file_store.hpp"
#include "engine/workspace/snapshot.hpp"

namespace forge::workspace {

/// Makes the upstreams of a snapshot from its configuration; the caller adds its own options (mirror folder, ...).
using UpstreamsFactory = std::function<std::shared_ptr<const git::Upstreams>(const formats::ForgeConfig&)>;

/// The same for the package index; an empty factory: there is none to ask.
using IndexFactory = std::function<index::PackageIndexPtr(const formats::ForgeConfig&)>;

/// The same for the distribution's package lists.
using DistributionFactory = std::function<index::DistributionPtr(const formats::ForgeConfig&)>;

/// What a user has set goes over the forge's own configuration; empty: nothing does.
using ConfigOverlay = std::function<formats::ForgeConfig(const formats::ForgeConfig&)>;

class Workspace {
 public:
  explicit Workspace(UpstreamsFactory upstreams, IndexFactory index = {}, DistributionFactory distribution = {});
  ~Workspace();

  /// Reads every file of `files` and makes the next snapshot. Fails only where the root itself can't be listed;
  /// a file that can't be read is one of the snapshot's unreadable files. Not to be called from two threads at once.
  [[nodiscard]] Result<SnapshotPtr> load(const FileStorePtr& files, const TaskPool& pool,
                                         const ConfigOverlay& overlay = {});

 private:
  class Cache;
  UpstreamsFactory upstreams_;
  IndexFactory index_;
  DistributionFactory distribution_;
  std::unique_ptr<Cache> cache_;
};

/// The nearest folder at or above `from` that holds `releases/`; nothing where there is none.
[[nodiscard]] std::optional<std::string> find_forge_root(const std::string& from);

}  // namespace forge::workspace
