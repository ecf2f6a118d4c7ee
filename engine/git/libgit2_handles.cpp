#include "engine/git/libgit2_handles.hpp"

#include <algorithm>
#include <array>
#include <cstring>
#include <set>

#include <fmt/format.h>

namespace forge::git {

namespace {

bool set_up_libgit2() {
  git_libgit2_init();
  // We only read, and run no hooks, so a repository of another user is as good as our own.
  git_libgit2_opts(GIT_OPT_SET_OWNER_VALIDATION, 0);
  // As git: what a pack holds is guarded by zlib's checksums and not hashed again each time it is read.
  git_libgit2_opts(GIT_OPT_ENABLE_STRICT_HASH_VERIFICATION, 0);
  // Whoever reads an object twice keeps it; a walk over all of history would fill libgit2's 256 MiB in vain.
  git_libgit2_opts(GIT_OPT_ENABLE_CACHING, 0);
  // Answers must not depend on the configuration of who asks.
  for (const int level :
       {GIT_CONFIG_LEVEL_SYSTEM, GIT_CONFIG_LEVEL_GLOBAL, GIT_CONFIG_LEVEL_XDG, GIT_CONFIG_LEVEL_PROGRAMDATA})
    git_libgit2_opts(GIT_OPT_SET_SEARCH_PATH, level, "");
  // Extensions that change nothing for a reader.
  std::array<const char*, 3> extensions{"partialclone", "preciousobjects", "worktreeconfig"};
  git_libgit2_opts(GIT_OPT_SET_EXTENSIONS, extensions.data(), extensions.size());
  return true;
}

}  // namespace

bool libgit2_is_ready() {
  static const bool ready = set_up_libgit2();
  return ready;
}

std::string last_libgit2_error() {
  const git_error* error = git_error_last();
  return error == nullptr || error->message == nullptr ? "no reason given" : error->message;
}

git_oid to_oid(const ObjectId& id) {
  git_oid oid;
  std::memcpy(oid.id, id.bytes.data(), id.bytes.size());
  return oid;
}

ObjectId from_oid(const git_oid& oid) {
  ObjectId id;
  std::memcpy(id.bytes.data(), oid.id, id.bytes.size());
  return id;
}

Result<RepositoryHandle> open_handle(const std::string& path) {
  git_repository* handle = nullptr;
  if (!libgit2_is_ready() ||
      git_repository_open_ext(&handle, path.c_str(), GIT_REPOSITORY_OPEN_NO_SEARCH, nullptr) != 0) {
    return fail(Failure::Kind::unavailable,
                fmt::format("`{}` can't be opened as a git repository: {}.", path, last_libgit2_error()));
  }
  return RepositoryHandle(handle);
}

/// The pools that have handles, in use or idle.
class OpenedPools {
 public:
  static OpenedPools& all() {
    static OpenedPools pools;
    return pools;
  }

  /// Where there are too many, closes what is idle of the one that was used longest ago.
  void add(HandlePool& pool) {
    const std::scoped_lock lock(mutex_);
    touch(pool);
    pool.is_counted_ = true;
    pools_.insert(&pool);
    if (pools_.size() <= most_opened) return;
    const auto oldest =
        std::ranges::min_element(pools_, {}, [](const HandlePool* one) { return one->last_use_.load(); });
    (*oldest)->is_counted_ = false;  // before: a handle that comes back meanwhile counts again
    (*oldest)->close_idle();
    pools_.erase(oldest);
  }
  void remove(HandlePool& pool) {
    const std::scoped_lock lock(mutex_);
    pools_.erase(&pool);
  }
  void touch(HandlePool& pool) { pool.last_use_ = ++uses_; }

 private:
  static constexpr std::size_t most_opened = 24;

  std::atomic<std::uint64_t> uses_ = 0;
  std::mutex mutex_;
  std::set<HandlePool*> pools_;
};

HandlePool::HandlePool(std::string path, RepositoryHandle first) : path_(std::move(path)) {
  idle_.push_back(std::move(first));
  OpenedPools::all().add(*this);
}

HandlePool::~HandlePool() {
  OpenedPools::all().remove(*this);
}

Result<HandlePool::Lease> HandlePool::lease() {
  RepositoryHandle handle;
  {
    const std::lock_guard lock(mutex_);
    if (!idle_.empty()) {
      handle = std::move(idle_.back());
      idle_.pop_back();
    }
  }
  if (!handle) {
    FORGE_TRY_ASSIGN(handle, open_handle(path_));
    OpenedPools::all().add(*this);
  }
  git_odb* odb = nullptr;
  if (git_repository_odb(&odb, handle.get()) != 0)
    return fail(Failure::Kind::unavailable,
                fmt::format("The objects of `{}` can't be read: {}.", path_, last_libgit2_error()));
  return Lease(*this, std::move(handle), OdbHandle(odb));
}

bool HandlePool::close_idle() {
  std::vector<RepositoryHandle> closed;
  {
    const std::lock_guard lock(mutex_);
    closed.swap(idle_);
  }
  return !closed.empty();
}

HandlePool::Lease::~Lease() {
  if (!handle_) return;
  odb_.reset();
  OpenedPools::all().touch(*pool_);
  {
    const std::lock_guard lock(pool_->mutex_);
    pool_->idle_.push_back(std::move(handle_));
  }
  if (!pool_->is_counted_) OpenedPools::all().add(*pool_);
}

}  // namespace forge::git
