#include "lsp/environment.hpp"

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <map>
#include <memory>
#include <mutex>
#include <system_error>
#include <thread>
#include <utility>

#include "cli/user/user_folders.hpp"
#include "engine/git/fetch_time.hpp"
#include "engine/git/locations.hpp"

namespace forge::lsp {

namespace fs = std::filesystem;
using std::chrono::steady_clock;

namespace {

constexpr std::chrono::seconds between_looks{1};

/// When the refs of a repository changed last: git replaces files, so folders tell. Zero where there is none.
std::uint64_t stamp_of(const fs::path& repository) {
  std::error_code error;
  std::uint64_t sum = 0;
  const auto see = [&](const fs::path& path) {
    const auto time = fs::last_write_time(path, error);
    // A sum that may wrap around, so that an older time in the place of a newer one is a change too.
    if (!error) sum += static_cast<std::uint64_t>(time.time_since_epoch().count());
  };
  for (const fs::path& base : {repository, repository / ".git"}) {
    for (const char* name : {"HEAD", "packed-refs", "refs", "shallow"}) see(base / name);
    for (auto entry = fs::recursive_directory_iterator(base / "refs", error);
         !error && entry != fs::recursive_directory_iterator(); entry.increment(error))
      if (entry->is_directory(error)) see(entry->path());
  }
  return sum;
}

/// Upstreams that know whether a repository that was asked for has changed since.
class KeptUpstreams : public git::Upstreams {
 public:
  KeptUpstreams(formats::ForgeConfig config, git::LocationOptions options)
      : config_(std::move(config)), options_(std::move(options)), below_(git::located_upstreams(config_, options_)) {}

  [[nodiscard]] Result<git::RepositoryPtr> open(std::string_view component) const override {
    const auto location = git::locate(config_, options_, component);
    if (location) note(location->path);
    Result<git::RepositoryPtr> repository = below_->open(component);
    if (location && repository) note(location->path, *repository);
    return repository;
  }

  [[nodiscard]] bool serve(const formats::ForgeConfig& config) const {
    return config.upstream == config_.upstream && config.upstreams == config_.upstreams && !changed();
  }

  /// Once it is true it stays so: whoever asks first may not be the one who makes new upstreams.
  [[nodiscard]] bool changed() const {
    const std::scoped_lock lock(mutex_);
    const auto now = steady_clock::now();
    if (changed_ || now - looked_ < between_looks) return changed_;
    looked_ = now;
    changed_ = std::ranges::any_of(stamps_, [](const auto& seen) { return stamp_of(seen.first) != seen.second; });
    return changed_;
  }

  [[nodiscard]] bool rest() const {
    std::map<std::string, git::RepositoryPtr> opened;
    {
      const std::scoped_lock lock(mutex_);
      opened = opened_;
    }
    bool gave = false;
    for (const auto& [path, repository] : opened) {
      const auto* on_disk = dynamic_cast<const git::RepositoryOnDisk*>(repository.get());
      if (on_disk != nullptr && on_disk->rest()) gave = true;
    }
    return gave;
  }

 private:
  void note(const std::string& path) const {
    const std::scoped_lock lock(mutex_);
    if (!stamps_.contains(path)) stamps_.emplace(path, stamp_of(path));
  }
  void note(const std::string& path, const git::RepositoryPtr& repository) const {
    const std::scoped_lock lock(mutex_);
    opened_.try_emplace(path, repository);
  }

  formats::ForgeConfig config_;
  git::LocationOptions options_;
  std::shared_ptr<const git::Upstreams> below_;
  mutable std::mutex mutex_;
  mutable std::map<std::string, std::uint64_t> stamps_;
  mutable std::map<std::string, git::RepositoryPtr> opened_;
  mutable steady_clock::time_point looked_;
  mutable bool changed_ = false;
};

}  // namespace

git::LocationOptions local_locations(const std::string& mirror) {
  git::LocationOptions shared;
  shared.mirror_folder = mirror.empty() ? environment::cache_folder() + "/mirrors" : mirror;
  shared.repository.cache_folder = environment::cache_folder() + "/history";
  shared.repository.jobs = std::max(1U, std::thread::hardware_concurrency());
  return shared;
}

RootUpstreams local_upstreams(const git::LocationOptions& shared) {
  return [shared](const std::string& root) -> workspace::UpstreamsFactory {
    git::LocationOptions options = shared;
    options.root = root;
    return
        [options, kept = std::make_shared<std::shared_ptr<const KeptUpstreams>>()](const formats::ForgeConfig& config) {
          if (!*kept || !(*kept)->serve(config)) *kept = std::make_shared<const KeptUpstreams>(config, options);
          return *kept;
        };
  };
}

bool have_changed(const git::Upstreams& upstreams) {
  const auto* kept = dynamic_cast<const KeptUpstreams*>(&upstreams);
  return kept != nullptr && kept->changed();
}

bool give_back_memory(const git::Upstreams& upstreams) {
  const auto* kept = dynamic_cast<const KeptUpstreams*>(&upstreams);
  return kept != nullptr && kept->rest();
}

}  // namespace forge::lsp
