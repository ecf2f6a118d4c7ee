/// What every commit of a repository changed: its paths and its Change-Ids, small enough to be kept on disk and quick
/// to ask. Walked once; a repository remembers it (Repository::changes).
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "engine/git/upstreams.hpp"

namespace forge::git {

/// What one commit changed against its first parent. A merge counts as changing nothing: what it brings in stands in
/// the commits that it merges.
struct CommitChange {
  ObjectId id;
  std::vector<ObjectId> parents;
  std::int64_t time = 0;                      ///< of the committer, seconds since the epoch
  std::vector<std::string> change_ids;        ///< values of `Change-Id:` trailers
  std::vector<std::string> paths;             ///< changed, made or removed; a rename is two of them
  std::vector<std::string> picked_from = {};  ///< ids of commits, at least seven digits
  std::vector<std::string> reverted = {};     ///< the same
};

/// A CommitChange with hashes in the place of names.
struct HashedChange {
  ObjectId id;
  std::vector<ObjectId> parents;
  std::int64_t time = 0;
  std::vector<std::uint64_t> change_ids;
  std::vector<std::uint64_t> paths;
  std::vector<std::uint64_t> picked_from;
  std::vector<std::uint64_t> reverted;
};

/// A hash of text that may come in pieces.
class TextHash {
 public:
  TextHash& add(std::string_view text) {
    for (const char c : text) state_ = (state_ ^ static_cast<std::uint8_t>(c)) * 0x100000001B3U;
    return *this;
  }
  /// FNV-1a, its bits mixed once more (the finalizer of MurmurHash3), so that sums of values are hashes of sets.
  [[nodiscard]] std::uint64_t value() const { return mixed(state_); }
  [[nodiscard]] static constexpr std::uint64_t mixed(std::uint64_t bits) {
    bits = (bits ^ (bits >> 33U)) * 0xFF51AFD7ED558CCDU;
    bits = (bits ^ (bits >> 33U)) * 0xC4CEB9FE1A85EC53U;
    return bits ^ (bits >> 33U);
  }

 private:
  std::uint64_t state_ = 0xCBF29CE484222325U;
};

/// The key of a commit that messages name: by its first seven digits, since many write no more.
[[nodiscard]] std::uint64_t named_commit_key(std::string_view hex);

/// Never changes once made, so any number of threads may read it. Names are known by 64-bit hashes; two that share one
/// answer for each other, so whoever must be certain looks at the commit.
class ChangeHistory {
 public:
  /// A commit's place. Parents have smaller numbers than their children.
  using Number = std::uint32_t;

  /// The commits that one of them reaches, itself included.
  class Reach {
   public:
    [[nodiscard]] bool contains(Number commit) const { return commit < bits_.size() && bits_[commit]; }

   private:
    friend class ChangeHistory;
    std::vector<bool> bits_;
  };

  /// Parents come before their children in `commits`; a parent that is not among them (shallow clone) is left out.
  [[nodiscard]] static ChangeHistory build(std::span<const CommitChange> commits);
  [[nodiscard]] static ChangeHistory build(std::span<const HashedChange> commits);
  /// With `added` (parents before children, none of them known) behind the commits that one of `tips` reaches; the
  /// others are dropped.
  [[nodiscard]] ChangeHistory extended(std::span<const HashedChange> added, std::span<const ObjectId> tips) const;

  [[nodiscard]] std::size_t size() const { return ids_.size(); }
  /// How many of the commits `extended` added, the others being remembered.
  [[nodiscard]] std::size_t walked() const { return walked_; }
  [[nodiscard]] std::optional<Number> find(const ObjectId& commit) const;
  [[nodiscard]] ObjectId id(Number commit) const { return ids_[commit]; }
  [[nodiscard]] std::int64_t time(Number commit) const { return times_[commit]; }
  [[nodiscard]] std::span<const Number> parents(Number commit) const;

  /// Linear in the number of commits (a millisecond for 100,000).
  [[nodiscard]] Reach reach(Number tip) const;
  /// The other way: the commits that reach this one, itself included. As cheap.
  [[nodiscard]] Reach holders(Number commit) const;

  /// Commits that change exactly this path (no folder, no pattern), in ascending order.
  [[nodiscard]] std::vector<Number> touching(std::string_view path) const;
  /// Commits that change all of these paths and no other, in ascending order.
  [[nodiscard]] std::vector<Number> changing_exactly(std::span<const std::string> paths) const;
  /// Commits with that Change-Id, in ascending order.
  [[nodiscard]] std::vector<Number> with_change_id(std::string_view change_id) const;
  /// Commits whose message says that they were picked from one whose id begins with the same seven digits.
  [[nodiscard]] std::vector<Number> picked_from(const ObjectId& commit) const;
  /// Commits whose message says that they revert one whose id begins with the same seven digits.
  [[nodiscard]] std::vector<Number> reverting(const ObjectId& commit) const;

  /// Bytes on a boundary of eight, whoever they are read by.
  struct Bytes {
    std::unique_ptr<std::uint64_t[]> words;
    std::size_t size = 0;

    /// Not initialized.
    [[nodiscard]] static Bytes of_size(std::size_t size);
    [[nodiscard]] char* data() const { return reinterpret_cast<char*>(words.get()); }
    [[nodiscard]] std::string_view view() const { return {data(), size}; }
  };

  /// For storage; the format is of this machine (byte order) and of this version.
  [[nodiscard]] std::string_view encoded() const { return bytes_.view(); }
  /// Nothing where `bytes` are not what `encoded` gave, or would let an answer be out of bounds.
  [[nodiscard]] static std::optional<ChangeHistory> decoded(Bytes bytes);

 private:
  /// The commits of each key, both ascending: those of keys[i] are commits[begins[i]] up to commits[begins[i + 1]].
  struct Table {
    std::span<const std::uint64_t> keys;
    std::span<const std::uint32_t> begins;
    std::span<const Number> commits;

    [[nodiscard]] std::vector<Number> find(std::uint64_t key) const;
    [[nodiscard]] bool is_sound(std::size_t commit_count) const;
    template <class Visit>
    void for_each(Visit&& visit) const;
  };

  explicit ChangeHistory(Bytes bytes) : bytes_(std::move(bytes)) {}
  [[nodiscard]] std::vector<HashedChange> commits_reached_from(std::span<const ObjectId> tips) const;
  /// Sets the arrays; false where the bytes end before them or go on behind.
  [[nodiscard]] bool find_arrays();
  [[nodiscard]] bool is_sound() const;

  /// As in the file. Everything below is a view of it, so that reading a history is reading a file.
  Bytes bytes_;
  std::size_t walked_ = 0;
  std::span<const ObjectId> ids_;
  std::span<const std::int64_t> times_;
  std::span<const std::uint32_t> parent_begins_;
  std::span<const Number> parents_;
  std::span<const Number> by_id_;  ///< every number, in the order of the ids
  Table paths_;
  Table path_sets_;
  Table change_ids_;
  Table picks_;
  Table reverts_;
};

using ChangeHistoryPtr = std::shared_ptr<const ChangeHistory>;

}  // namespace forge::git
