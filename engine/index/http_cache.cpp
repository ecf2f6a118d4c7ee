#include "engine/index/http_cache.hpp"

#include <algorithm>
#include <charconv>
#include <fstream>

#include <fmt/format.h>

#include "engine/base/text.hpp"
#include "engine/formats/url.hpp"

namespace forge::index {

std::int64_t freshness(const HttpAnswer& answer, std::int64_t unsaid) {
  const bool is_unsaid = answer.cache_control.empty() && answer.etag.empty() && answer.last_modified.empty();
  std::int64_t seconds = is_unsaid ? unsaid : 0;
  for (const std::string_view piece : split(answer.cache_control, ',')) {
    const std::string directive = to_lower(trim(piece));
    if (directive == "no-store" || directive == "no-cache") return 0;
    constexpr std::string_view max_age = "max-age=";
    if (directive.starts_with(max_age))
      std::from_chars(directive.data() + max_age.size(), directive.data() + directive.size(), seconds);
  }
  return std::clamp<std::int64_t>(seconds, 0, longest_freshness);
}

bool is_fresh(const CacheEntry& entry, std::int64_t now) {
  return entry.fresh_until > now && entry.fresh_until <= now + longest_freshness;
}

tl::unexpected<Failure> not_in_cache(std::string_view url) {
  return fail(Failure::Kind::unavailable, fmt::format("`{}` is not in the cache, and the network is not asked.",
                                                      formats::without_credentials(url)));
}

void add_validators(const CacheEntry& entry, HttpRequest& request) {
  if (!entry.etag.empty()) request.headers.push_back("If-None-Match: " + entry.etag);
  if (!entry.last_modified.empty()) request.headers.push_back("If-Modified-Since: " + entry.last_modified);
}

std::optional<std::string> local_path(std::string_view url) {
  if (!url.starts_with("file:")) return std::nullopt;
  url.remove_prefix(5);
  if (url.starts_with("//")) url.remove_prefix(std::min(url.find('/', 2), url.size()));
  return formats::percent_decoded(url);
}

std::optional<std::string> read_local(const std::string& path, std::size_t most) {
  std::ifstream stream(path, std::ios::binary);
  if (!stream) return std::nullopt;
  std::string text;
  for (std::size_t block = std::size_t{64} << 10; stream && text.size() <= most; block *= 2) {
    const std::size_t before = text.size();
    text.resize(before + block);
    stream.read(text.data() + before, static_cast<std::streamsize>(block));
    text.resize(before + static_cast<std::size_t>(stream.gcount()));
  }
  if (stream.bad() || text.size() > most) return std::nullopt;
  return text;
}

}  // namespace forge::index
