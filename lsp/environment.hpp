/// The outside of the server: where its upstreams are. The only part of it that looks at the environment.
#pragma once

#include <functional>
#include <string>

#include "engine/git/locations.hpp"
#include "engine/workspace/workspace.hpp"

namespace forge::lsp {

/// For one root. The upstreams of one state serve the next one too, with all they have read, until the configuration
/// or one of the repositories is another. Not to be called from two threads at once.
using RootUpstreams = std::function<workspace::UpstreamsFactory(const std::string& root)>;

/// Where upstreams are for every root, but for the root itself. `mirror`: the folder of --mirror; empty: the user's
/// cache folder.
[[nodiscard]] git::LocationOptions local_locations(const std::string& mirror);
/// Never touches the network.
[[nodiscard]] RootUpstreams local_upstreams(const git::LocationOptions& shared);

/// Whether a repository that these upstreams were asked for is another by now; the next state then gets new ones.
/// Looks at the disk once a second at most. From any thread.
[[nodiscard]] bool have_changed(const git::Upstreams& upstreams);

/// What these upstreams can read again leaves the memory; false where there was nothing. From any thread.
bool give_back_memory(const git::Upstreams& upstreams);

}  // namespace forge::lsp
