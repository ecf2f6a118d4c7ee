/// A forge of a few files with upstreams in memory, for tests of the plan.
#pragma once

#include <map>
#include <memory>
#include <string>

#include "engine/workspace/snapshot.hpp"
#include "tests/support/memory_repository.hpp"

namespace forge::support {

using ForgeFiles = std::map<std::string, std::string, std::less<>>;

/// keystone in 2025.1 (27.0.0) and 2025.2 (28.0.0), nova in 2025.2 alone, a patched oslo.messaging in 2025.2, the bases
/// python-base and venv-builder, in the style of the forge's own Dockerfiles.
[[nodiscard]] ForgeFiles small_forge();

/// Repositories with the tags that small_forge() names.
[[nodiscard]] std::shared_ptr<MemoryUpstreams> small_upstreams();

[[nodiscard]] workspace::SnapshotPtr snapshot_of(ForgeFiles files, std::shared_ptr<const git::Upstreams> upstreams);
[[nodiscard]] workspace::SnapshotPtr snapshot_of(ForgeFiles files);

}  // namespace forge::support
