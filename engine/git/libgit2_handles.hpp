/// libgit2's C values with owners, and a pool of opened repositories: one handle serves one thread at a time.
/// Included by libgit2_*.cpp only.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include <git2.h>

#include "engine/base/result.hpp"
#include "engine/git/upstreams.hpp"

namespace forge::git {

template <auto Free>
struct Libgit2Delete {
  template <class T>
  void operator()(T* pointer) const {
    Free(pointer);
  }
};

using RepositoryHandle = std::unique_ptr<git_repository, Libgit2Delete<git_repository_free>>;
using ReferenceHandle = std::unique_ptr<git_reference, Libgit2Delete<git_reference_free>>;
using ReferenceIterator = std::unique_ptr<git_reference_iterator, Libgit2Delete<git_reference_iterator_free>>;
using ObjectHandle = std::unique_ptr<git_object, Libgit2Delete<git_object_free>>;
using CommitHandle = std::unique_ptr<git_commit, Libgit2Delete<git_commit_free>>;
using TreeHandle = std::unique_ptr<git_tree, Libgit2Delete<git_tree_free>>;
using TreeEntryHandle = std::unique_ptr<git_tree_entry, Libgit2Delete<git_tree_entry_free>>;
using DiffHandle = std::unique_ptr<git_diff, Libgit2Delete<git_diff_free>>;
using OdbHandle = std::unique_ptr<git_odb, Libgit2Delete<git_odb_free>>;
using OdbObjectHandle = std::unique_ptr<git_odb_object, Libgit2Delete<git_odb_object_free>>;

/// Sets libgit2 up when first asked; false where that is not to be had.
[[nodiscard]] bool libgit2_is_ready();
/// What libgit2 said last, on this thread.
[[nodiscard]] std::string last_libgit2_error();
[[nodiscard]] git_oid to_oid(const ObjectId& id);
[[nodiscard]] ObjectId from_oid(const git_oid& oid);

/// Opens `path` and nothing above it.
[[nodiscard]] Result<RepositoryHandle> open_handle(const std::string& path);

/// Of one repository. A forge may have hundreds, each with packs that are mapped as long as it is opened, so all pools
/// together keep only the handles of those that were used last.
class HandlePool {
 public:
  HandlePool(std::string path, RepositoryHandle first);
  ~HandlePool();
  HandlePool(const HandlePool&) = delete;
  HandlePool& operator=(const HandlePool&) = delete;

  /// A handle and its object database, back in the pool when it goes.
  class Lease {
   public:
    Lease(HandlePool& pool, RepositoryHandle handle, OdbHandle odb)
        : pool_(&pool), handle_(std::move(handle)), odb_(std::move(odb)) {}
    Lease(Lease&&) = default;
    Lease& operator=(Lease&&) = delete;
    ~Lease();
    [[nodiscard]] git_repository* repository() const { return handle_.get(); }
    [[nodiscard]] git_odb* odb() const { return odb_.get(); }

   private:
    HandlePool* pool_;
    RepositoryHandle handle_;
    OdbHandle odb_;
  };
  [[nodiscard]] Result<Lease> lease();
  /// Closes those that nobody has, and with the last one of a repository its mapped packs; false where there is none.
  bool close_idle();

 private:
  std::string path_;
  std::mutex mutex_;
  std::vector<RepositoryHandle> idle_;
  friend class OpenedPools;
  std::atomic<bool> is_counted_ = false;     ///< among those that have handles
  std::atomic<std::uint64_t> last_use_ = 0;  ///< by a count of all uses
};

}  // namespace forge::git
