/// What every reader of an HTTP source behind the disk cache does alike: freshness, validators, `file:` URLs.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "engine/index/disk_cache.hpp"
#include "engine/index/http_client.hpp"

namespace forge::index {

/// For how many seconds an answer holds without being asked again, a day at most. `unsaid` where it neither says so nor
/// can be asked about again.
[[nodiscard]] std::int64_t freshness(const HttpAnswer& answer, std::int64_t unsaid);
inline constexpr std::int64_t longest_freshness = 86'400;

/// Whether the entry need not be asked about at this moment. None holds longer than a day: one that says so was written
/// by a clock that went wrong.
[[nodiscard]] bool is_fresh(const CacheEntry& entry, std::int64_t now);

/// Why a question stays open while offline.
[[nodiscard]] tl::unexpected<Failure> not_in_cache(std::string_view url);

/// Lets the server answer 304 where the entry still holds.
void add_validators(const CacheEntry& entry, HttpRequest& request);

/// The path of a `file:` URL; nothing for another.
[[nodiscard]] std::optional<std::string> local_path(std::string_view url);
/// Nothing where it can't be read or is larger.
[[nodiscard]] std::optional<std::string> read_local(const std::string& path, std::size_t most);

}  // namespace forge::index
