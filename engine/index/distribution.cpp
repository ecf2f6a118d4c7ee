#include "engine/index/distribution.hpp"

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <map>
#include <mutex>
#include <optional>

#include <fmt/format.h>

#include "engine/base/sha256.hpp"
#include "engine/base/text.hpp"
#include "engine/formats/url.hpp"
#include "engine/index/disk_cache.hpp"
#include "engine/index/http_cache.hpp"
#include "engine/index/http_client.hpp"

namespace forge::index {

namespace {

// The number is raised with every change of what is kept.
constexpr std::string_view release_kind = "apt-release-1";
constexpr std::string_view list_kind = "apt-list-1";

constexpr std::size_t largest_release = 16U << 20U;
constexpr std::size_t largest_packed = 384U << 20U;
// Of an archive whose answers neither say how long they hold nor can be asked about again.
constexpr std::int64_t unsaid_freshness = 3600;

/// One file of `dists/`, as the archive's index of indexes names it.
struct IndexedFile {
  std::string path;
  std::string sha256;
};

/// The `SHA256` part of a Release file, signed or not: lines of digest, size and path.
std::vector<IndexedFile> indexed_files(std::string_view release) {
  std::vector<IndexedFile> files;
  bool inside = false;
  for (const std::string_view line : split(release, '\n')) {
    if (!line.starts_with(' ')) {
      inside = trim(line) == "SHA256:";
      continue;
    }
    if (!inside) continue;
    std::vector<std::string_view> words;
    for (const std::string_view word : split(trim(line), ' '))
      if (!word.empty()) words.push_back(word);
    const bool is_digest = !words.empty() && words[0].size() == 64 && std::ranges::all_of(words[0], is_hex);
    if (words.size() == 3 && is_digest) files.push_back({std::string(words[2]), std::string(words[0])});
  }
  return files;
}

bool has_by_hash(std::string_view release) {
  return release.find("\nAcquire-By-Hash: yes") != std::string_view::npos;
}

/// `dists/noble/`, or of a flat archive its own folder.
std::string folder_url(const AptSource& source) {
  if (source.suite == "/") return source.uri + "/";
  return source.suite.ends_with('/') ? fmt::format("{}/{}", source.uri, source.suite)
                                     : fmt::format("{}/dists/{}/", source.uri, source.suite);
}

/// A list to be had: by its digest from the cache, else from `url`.
struct Wanted {
  std::string url;
  std::string sha256;  ///< of the packed file; empty: not known beforehand
  std::size_t place = 0;
};

class HttpDistribution : public Distribution {
 public:
  HttpDistribution(std::vector<AptSource> sources, const IndexSettings& settings, IndexOptions options)
      : sources_(std::move(sources)),
        options_(std::move(options)),
        cache_(options_.cache_folder),
        http_(settings, options_.limits) {}

  [[nodiscard]] Result<std::vector<PackageListPtr>> lists(const std::string& architecture) const override {
    const std::scoped_lock lock(mutex_);
    const auto known = lists_.find(architecture);
    if (known != lists_.end()) return known->second;
    return lists_.emplace(architecture, read(architecture)).first->second;
  }

  [[nodiscard]] std::string name() const override {
    std::vector<std::string> names;
    for (const AptSource& source : sources_) {
      const std::string shown = formats::without_credentials(source.uri);
      names.push_back(source.suite.empty() ? shown : fmt::format("{} {}", shown, source.suite));
    }
    return join(names, ", ");
  }

 private:
  using Lists = std::vector<PackageListPtr>;

  [[nodiscard]] std::int64_t now() const {
    if (options_.now) return options_.now();
    return std::chrono::duration_cast<std::chrono::seconds>(std::chrono::system_clock::now().time_since_epoch())
        .count();
  }

  [[nodiscard]] HttpProgress progress_on(std::string_view what) const {
    if (!options_.progress) return {};
    return [this, what](std::size_t done, std::size_t total) { options_.progress(done, total, what); };
  }

  [[nodiscard]] Result<Lists> read(const std::string& architecture) const {
    std::vector<const AptSource*> serving;
    for (const AptSource& source : sources_)
      if (source.serves(architecture)) serving.push_back(&source);
    if (serving.empty())
      return fail(Failure::Kind::not_found, fmt::format("No source of packages serves `{}`.", architecture));
    FORGE_TRY_ASSIGN(const std::vector<std::string> releases, read_releases(serving));
    Lists lists;
    std::vector<Wanted> wanted;
    for (std::size_t i = 0; i < serving.size(); ++i)
      FORGE_TRY(add_source(*serving[i], architecture, releases[i], lists, wanted));
    FORGE_TRY(fetch(wanted, lists));
    return lists;
  }

  // The archives' indexes

  /// One text for each source; empty for those without.
  [[nodiscard]] Result<std::vector<std::string>> read_releases(const std::vector<const AptSource*>& sources) const {
    std::vector<std::string> texts(sources.size());
    std::vector<HttpRequest> requests;
    std::vector<std::optional<CacheEntry>> entries;
    std::vector<std::size_t> places;
    for (std::size_t i = 0; i < sources.size(); ++i) {
      if (sources[i]->kind != AptSource::Kind::archive) continue;
      const std::string url = folder_url(*sources[i]) + "InRelease";
      if (const auto path = local_path(url)) {
        auto text = read_local(*path, largest_release);
        if (!text) return fail(Failure::Kind::unavailable, fmt::format("`{}` can't be read.", *path));
        texts[i] = *std::move(text);
        continue;
      }
      auto entry = cache_.load(release_kind, url);
      if (entry && (options_.offline || is_fresh(*entry, now()))) {
        texts[i] = entry->body.view();
        continue;
      }
      if (options_.offline) return not_in_cache(url);
      HttpRequest request{.url = url, .most_bytes = largest_release};
      if (entry) add_validators(*entry, request);
      requests.push_back(std::move(request));
      entries.push_back(std::move(entry));
      places.push_back(i);
    }
    if (requests.empty()) return texts;
    std::vector<Result<HttpAnswer>> answers = http_.get(requests, progress_on("archives"));
    for (std::size_t k = 0; k < answers.size(); ++k) {
      FORGE_TRY_ASSIGN(texts[places[k]], take_release(requests[k].url, std::move(answers[k]), std::move(entries[k])));
    }
    return texts;
  }

  [[nodiscard]] Result<std::string> take_release(const std::string& url, Result<HttpAnswer> got,
                                                 std::optional<CacheEntry> entry) const {
    FORGE_TRY_ASSIGN(HttpAnswer answer, std::move(got));
    const std::int64_t fresh_until = now() + freshness(answer, unsaid_freshness);
    CacheEntry made;
    if (answer.status == 304 && entry)
      made = *std::move(entry);
    else if (answer.status == 200)
      made = {url, 200, std::move(answer.etag), std::move(answer.last_modified), 0, SharedText(std::move(answer.body))};
    else
      return gone(url, answer.status);
    made.fresh_until = fresh_until;
    cache_.store(release_kind, made);
    return std::string(made.body.view());
  }

  static tl::unexpected<Failure> gone(std::string_view url, int status) {
    return fail(Failure::Kind::unavailable,
                fmt::format("`{}` is not there (status {}).", formats::without_credentials(url), status));
  }

  // The lists

  /// Puts places for the source's lists into `lists`, filled where no network is needed.
  Result<void> add_source(const AptSource& source, const std::string& architecture, const std::string& release,
                          Lists& lists, std::vector<Wanted>& wanted) const {
    switch (source.kind) {
      case AptSource::Kind::folder:
        return add_folder(source, architecture, lists);
      case AptSource::Kind::file:
        lists.emplace_back();
        wanted.push_back({source.uri, {}, lists.size() - 1});
        return {};
      case AptSource::Kind::archive:
        break;
    }
    const std::vector<IndexedFile> files = indexed_files(release);
    std::vector<std::string> folders;
    folders.reserve(source.components.size());
    for (const std::string& component : source.components)
      folders.push_back(fmt::format("{}/binary-{}/", component, architecture));
    if (folders.empty()) folders.emplace_back();
    for (const std::string& folder : folders) {
      const auto file = best_of(files, folder + "Packages");
      // A pocket may be without a component or an architecture; a list that nothing names is an empty one.
      if (!file) continue;
      lists.emplace_back();
      const std::string base = folder_url(source);
      wanted.push_back(
          {has_by_hash(release) ? fmt::format("{}{}by-hash/SHA256/{}", base, folder, file->sha256) : base + file->path,
           file->sha256, lists.size() - 1});
    }
    if (files.empty())
      return fail(Failure::Kind::invalid, fmt::format("`{}InRelease` names no files.", folder_url(source)));
    return {};
  }

  static std::optional<IndexedFile> best_of(const std::vector<IndexedFile>& files, const std::string& path) {
    for (const std::string_view ending : {".xz", ".gz", ""}) {
      const auto found = std::ranges::find(files, path + std::string(ending), &IndexedFile::path);
      if (found != files.end()) return *found;
    }
    return std::nullopt;
  }

  /// apt keeps its lists as `<archive>_dists_<suite>_<component>_binary-<architecture>_Packages`, packed or not.
  Result<void> add_folder(const AptSource& source, const std::string& architecture, Lists& lists) const {
    namespace fs = std::filesystem;
    const std::string mark = fmt::format("_binary-{}_Packages", architecture);
    std::vector<std::string> paths;
    std::error_code error;
    for (fs::directory_iterator entry(source.uri, error), end; !error && entry != end; entry.increment(error)) {
      const std::string name = entry->path().filename().string();
      if (name.find(mark) != std::string::npos && !name.ends_with(".diff_Index"))
        paths.push_back(entry->path().string());
    }
    if (error)
      return fail(Failure::Kind::unavailable, fmt::format("`{}` can't be read: {}.", source.uri, error.message()));
    if (paths.empty())
      return fail(Failure::Kind::not_found,
                  fmt::format("There are no package lists for `{}` in `{}`.", architecture, source.uri),
                  {"`apt-get update` makes them"});
    // A release stands before its pockets, `noble` before `noble-updates`, as in sources.list.
    const auto pocket = [](const std::string& path) {
      const std::size_t dists = path.find("_dists_");
      const std::size_t suite = dists == std::string::npos ? 0 : dists + 7;
      return path.substr(suite, path.find('_', suite) - suite).find('-') != std::string::npos;
    };
    std::ranges::sort(paths, {}, [&](const std::string& path) { return std::pair(pocket(path), path); });
    for (const std::string& path : paths) {
      FORGE_TRY_ASSIGN(PackageListPtr list, read_file(path));
      lists.push_back(std::move(list));
    }
    return {};
  }

  [[nodiscard]] Result<PackageListPtr> read_file(const std::string& path) const {
    const auto packed = read_local(path, largest_packed);
    if (!packed) return fail(Failure::Kind::unavailable, fmt::format("`{}` can't be read.", path));
    return list_of(path, sha256_hex(*packed), *packed);
  }

  static std::string key_of(std::string_view digest) { return fmt::format("sha256:{}", digest); }

  /// From the cache by the digest of the packed file, else parsed and kept.
  [[nodiscard]] Result<PackageListPtr> list_of(std::string_view name, const std::string& digest,
                                               std::string_view packed) const {
    if (PackageListPtr list = cached(digest)) return list;
    auto list = PackageList::parse(packed);
    if (!list)
      return fail(Failure::Kind::invalid,
                  fmt::format("`{}`: {}", formats::without_credentials(name), list.error().message));
    cache_.store(list_kind,
                 {.url = key_of(digest), .etag = {}, .last_modified = {}, .fresh_until = 0, .body = (*list)->bytes()});
    return *list;
  }

  [[nodiscard]] PackageListPtr cached(const std::string& digest) const {
    auto entry = cache_.load(list_kind, key_of(digest));
    return entry ? PackageList::from_bytes(std::move(entry->body)) : nullptr;
  }

  Result<void> fetch(const std::vector<Wanted>& wanted, Lists& lists) const {
    std::vector<HttpRequest> requests;
    std::vector<const Wanted*> asked;
    for (const Wanted& one : wanted) {
      const auto local = local_path(one.url);
      if (local || one.url.starts_with('/')) {
        FORGE_TRY_ASSIGN(lists[one.place], read_file(local.value_or(one.url)));
      } else if (!one.sha256.empty()) {
        lists[one.place] = cached(one.sha256);
      } else {
        lists[one.place] = unindexed(one);
      }
      if (lists[one.place]) continue;
      if (options_.offline) return not_in_cache(one.url);
      requests.push_back({.url = one.url, .most_bytes = largest_packed, .compressed = false});
      asked.push_back(&one);
    }
    if (requests.empty()) return {};
    std::vector<Result<HttpAnswer>> answers = http_.get(requests, progress_on("package lists"));
    for (std::size_t i = 0; i < asked.size(); ++i) {
      FORGE_TRY_ASSIGN(const HttpAnswer answer, std::move(answers[i]));
      if (answer.status != 200) return gone(asked[i]->url, answer.status);
      FORGE_TRY_ASSIGN(lists[asked[i]->place], take_list(*asked[i], answer));
    }
    return {};
  }

  /// A file that no archive's index names is kept under its URL, as long as its server says.
  [[nodiscard]] PackageListPtr unindexed(const Wanted& one) const {
    const auto entry = cache_.load(release_kind, one.url);
    const bool holds = entry && (options_.offline || is_fresh(*entry, now()));
    return holds ? cached(std::string(entry->body.view())) : nullptr;
  }

  [[nodiscard]] Result<PackageListPtr> take_list(const Wanted& one, const HttpAnswer& answer) const {
    const std::string digest = sha256_hex(answer.body);
    if (!one.sha256.empty() && digest != one.sha256)
      return fail(Failure::Kind::invalid,
                  fmt::format("`{}` is not what its archive's InRelease says.", formats::without_credentials(one.url)));
    FORGE_TRY_ASSIGN(PackageListPtr list, list_of(one.url, digest, answer.body));
    if (one.sha256.empty())
      cache_.store(release_kind, {one.url, 200, answer.etag, answer.last_modified,
                                  now() + freshness(answer, unsaid_freshness), SharedText(digest)});
    return list;
  }

  std::vector<AptSource> sources_;
  IndexOptions options_;
  DiskCache cache_;
  mutable HttpClient http_;
  mutable std::mutex mutex_;
  mutable std::map<std::string, Result<Lists>> lists_;
};

}  // namespace

DistributionPtr http_distribution(std::vector<AptSource> sources, const IndexSettings& settings,
                                  const IndexOptions& options) {
  return std::make_shared<HttpDistribution>(std::move(sources), settings, options);
}

}  // namespace forge::index
