/// Bare mirrors of remote upstreams: what is there, and bringing them up to date by running `git`, with the credentials
/// and proxies that the user's git has. The only part of the engine that reaches the network for git.
#pragma once

#include <optional>
#include <stop_token>

#include "engine/base/result.hpp"
#include "engine/git/locations.hpp"

namespace forge::git {

struct MirrorStatus {
  bool exists = false;
  std::optional<Timestamp> fetched{};  ///< last time that git fetched into it
  bool shallow = false;
  std::optional<Failure> problem{};  ///< why it can't be read although something is there
};

[[nodiscard]] MirrorStatus mirror_status(const Location& location);

/// Notes on a mirror that it was brought up to date now.
void note_fetch(const std::string& mirror);

struct SyncOptions {
  bool may_prompt = false;  ///< git may ask for a password at the terminal
  std::stop_token cancel{};
};

enum class SyncOutcome { in_place, cloned, fetched };
[[nodiscard]] std::string_view to_string(SyncOutcome outcome);

/// Makes the mirror of a remote URL, or fetches its branches and tags, those gone upstream removed; nothing is done for
/// a local path. Whatever goes wrong on the way, a mirror that was there stays usable. Failures: `unavailable` (host,
/// permission), `io`.
[[nodiscard]] Result<SyncOutcome> sync_mirror(const Location& location, const SyncOptions& options);

}  // namespace forge::git
