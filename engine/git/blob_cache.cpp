#include "engine/git/blob_cache.hpp"

namespace forge::git {

BlobPtr BlobCache::find(const ObjectId& id) {
  const std::lock_guard lock(mutex_);
  const auto found = by_id_.find(id);
  if (found == by_id_.end()) return nullptr;
  by_use_.splice(by_use_.begin(), by_use_, found->second);
  return found->second->blob;
}

void BlobCache::add(const ObjectId& id, BlobPtr blob) {
  const std::lock_guard lock(mutex_);
  if (blob->size() > budget_ || by_id_.contains(id)) return;
  size_ += blob->size();
  by_use_.push_front({id, std::move(blob)});
  by_id_.emplace(id, by_use_.begin());
  while (size_ > budget_) {
    size_ -= by_use_.back().blob->size();
    by_id_.erase(by_use_.back().id);
    by_use_.pop_back();
  }
}

void BlobCache::clear() {
  const std::lock_guard lock(mutex_);
  by_id_.clear();
  by_use_.clear();
  size_ = 0;
}

}  // namespace forge::git
