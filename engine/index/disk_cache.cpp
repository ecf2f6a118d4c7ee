#include "engine/index/disk_cache.hpp"

#include <algorithm>
#include <charconv>

#include <fmt/format.h>
#include <sys/stat.h>

#include "engine/base/atomic_file.hpp"
#include "engine/base/sha256.hpp"
#include "engine/formats/url.hpp"

namespace forge::index {

namespace {

constexpr std::string_view magic = "forge-analyze index cache 1";
constexpr std::size_t largest_entry = 256U << 20U;

std::string one_line(std::string_view text) {
  std::string out(text);
  std::erase_if(out, [](char c) { return static_cast<unsigned char>(c) < 0x20; });
  return out;
}

template <class Number>
Number number_of(std::string_view text) {
  Number value = 0;
  std::from_chars(text.data(), text.data() + text.size(), value);
  return value;
}

std::string_view next_line(std::string_view& text) {
  const std::size_t end = std::min(text.find('\n'), text.size());
  const std::string_view line = text.substr(0, end);
  text.remove_prefix(std::min(end + 1, text.size()));
  return line;
}

void take_field(std::string_view name, std::string_view value, CacheEntry& into) {
  if (name == "url") into.url = value;
  if (name == "status") into.status = number_of<int>(value);
  if (name == "etag") into.etag = value;
  if (name == "last-modified") into.last_modified = value;
  if (name == "fresh-until") into.fresh_until = number_of<std::int64_t>(value);
}

/// What tells a file that was written since from the same one: as git's index does it. Empty where it can't be told.
std::string identity_of(const std::string& path) {
  struct stat file{};
  if (::stat(path.c_str(), &file) != 0) return {};
  return fmt::format("{} {} {} {}.{} {}.{}", file.st_dev, file.st_ino, file.st_size, file.st_mtim.tv_sec,
                     file.st_mtim.tv_nsec, file.st_ctim.tv_sec, file.st_ctim.tv_nsec);
}

/// Whether the digest fits. A file of many megabytes is looked at as a whole once, and again when it is another one.
bool is_whole(const std::string& path, std::string_view content, std::string_view digest) {
  constexpr std::size_t large = 1U << 20U;
  if (content.size() < large) return sha256_hex(content) == digest;
  const std::string note = path + ".checked";
  const std::string identity = identity_of(path);
  const auto checked = SharedText::of_file(note, 4096);
  if (!identity.empty() && checked && checked->view() == identity) return true;
  if (sha256_hex(content) != digest) return false;
  if (!identity.empty()) (void)write_file_atomically(note, identity);
  return true;
}

/// What it is, the digest of all that follows, the head's lines, an empty one, the body.
std::optional<CacheEntry> parse_entry(const std::string& path, const SharedText& text) {
  std::string_view left = text.view();
  if (next_line(left) != magic) return std::nullopt;
  if (const std::string_view digest = next_line(left); !is_whole(path, left, digest)) return std::nullopt;
  CacheEntry entry;
  for (std::string_view line = next_line(left); !line.empty(); line = next_line(left)) {
    const std::size_t colon = line.find(": ");
    if (colon != std::string_view::npos) take_field(line.substr(0, colon), line.substr(colon + 2), entry);
  }
  entry.body = text.from(text.view().size() - left.size());
  return entry;
}

std::string text_of(const CacheEntry& entry) {
  const std::string content = fmt::format("url: {}\nstatus: {}\netag: {}\nlast-modified: {}\nfresh-until: {}\n\n{}",
                                          one_line(entry.url), entry.status, one_line(entry.etag),
                                          one_line(entry.last_modified), entry.fresh_until, entry.body.view());
  return fmt::format("{}\n{}\n{}", magic, sha256_hex(content), content);
}

}  // namespace

std::string DiskCache::path_of(std::string_view kind, const std::string& url) const {
  const std::string key = sha256_hex(formats::without_credentials(url));
  return fmt::format("{}/{}/{}/{}", folder_, kind, key.substr(0, 2), key.substr(2));
}

std::optional<CacheEntry> DiskCache::load(std::string_view kind, const std::string& url) const {
  if (folder_.empty()) return std::nullopt;
  const std::string path = path_of(kind, url);
  const auto text = SharedText::of_file(path, largest_entry);
  if (!text) return std::nullopt;
  auto entry = parse_entry(path, *text);
  // The name is a digest of the URL, so another URL in it is somebody's mistake or malice.
  if (!entry || entry->url != one_line(formats::without_credentials(url))) return std::nullopt;
  return entry;
}

void DiskCache::store(std::string_view kind, const CacheEntry& entry) const {
  if (folder_.empty()) return;
  CacheEntry shown = entry;
  shown.url = formats::without_credentials(entry.url);
  (void)write_file_atomically(path_of(kind, entry.url), text_of(shown));
}

}  // namespace forge::index
