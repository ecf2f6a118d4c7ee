/// The words of a document that lead somewhere: a page of a well-known host, or another file of the forge.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/workspace/snapshot.hpp"

namespace forge::ide {

struct Link {
  TextSpan span;
  std::string url{};   ///< of a page; else empty
  std::string path{};  ///< of a file of the forge, relative to its root; else empty
  std::string tooltip{};
};

/// Refs; commits, Change-Ids, bugs and advisories of a patch's header; files that a Dockerfile copies from its own
/// folder. Pages are those of the upstream's own host as far as its layout is known (opendev.org, GitHub, GitLab), of
/// Launchpad, OpenStack's Gerrit and its security site. May read refs and commits of mirrors.
[[nodiscard]] std::vector<Link> document_links(const workspace::Snapshot& snapshot, std::string_view path);

/// Where a person can read about that commit; empty where the upstream's host has no page that is known.
[[nodiscard]] std::string commit_page(const formats::ForgeConfig& config, std::string_view component,
                                      std::string_view commit);

}  // namespace forge::ide
