/// What the plans of tests are asked for.
#pragma once

#include <string>

#include "engine/plan/build_plan.hpp"

namespace forge::support {

inline const std::string forge_commit = "4f9c2d17b0e84a5c9a1f6e3d2b7c8091a2b3c4d5";

/// A push to the main branch, for two platforms.
[[nodiscard]] inline plan::BuildRequest push_request() {
  plan::BuildRequest request;
  request.event = plan::Event::push;
  request.push = true;
  request.branch = "main";
  request.commit = forge_commit;
  request.registry = "ghcr.io/c5c3";
  request.forge_platforms = {"linux/amd64", "linux/arm64"};
  request.python = "3.12";
  request.distro = "ubuntu:noble";
  return request;
}

}  // namespace forge::support
