/// The outside of the server: where its upstreams are. The only part of it that looks at the environment.
#pragma once

#include <string>

#include "engine/workspace/workspace.hpp"

namespace forge::lsp {

/// `mirror`: the folder of --mirror; empty: the user's cache folder. Never touches the network.
[[nodiscard]] workspace::UpstreamsFactory local_upstreams(const std::string& mirror);

}  // namespace forge::lsp
