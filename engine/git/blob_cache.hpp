/// Blobs by id, the longest unused ones dropped above a budget. An id's content never changes, so nothing goes stale.
#pragma once

#include <list>
#include <map>
#include <mutex>

#include "engine/git/upstreams.hpp"

namespace forge::git {

class BlobCache {
 public:
  explicit BlobCache(std::size_t budget_bytes) : budget_(budget_bytes) {}

  /// Null where it is not here.
  [[nodiscard]] BlobPtr find(const ObjectId& id);
  /// A blob over the budget is not kept.
  void add(const ObjectId& id, BlobPtr blob);
  void clear();

 private:
  struct Entry {
    ObjectId id;
    BlobPtr blob;
  };
  std::mutex mutex_;
  std::size_t budget_;
  std::size_t size_ = 0;
  std::list<Entry> by_use_;  // most recently used first
  std::map<ObjectId, std::list<Entry>::iterator> by_id_;
};

}  // namespace forge::git
