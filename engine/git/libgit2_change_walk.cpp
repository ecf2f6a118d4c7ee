#include "engine/git/libgit2_change_walk.hpp"

#include <algorithm>
#include <charconv>
#include <cstring>
#include <queue>
#include <unordered_map>

#include <fmt/format.h>

#include "engine/base/cancellation.hpp"
#include "engine/formats/commit_message.hpp"
#include "engine/git/object_hash.hpp"

namespace forge::git {

namespace {

constexpr std::size_t max_commits = 20'000'000;
constexpr std::size_t max_paths_of_commit = 2'000'000;
constexpr std::size_t max_depth = 500;
/// Of folders that one thread keeps; neighbours in history share nearly all of theirs.
constexpr std::size_t folder_cache_bytes = 24U << 20;
/// Commits that one thread takes at a time.
constexpr std::size_t chunk_commits = 1024;

struct IdHash {
  std::size_t operator()(const ObjectId& id) const noexcept {
    std::size_t hash = 0;
    std::memcpy(&hash, id.bytes.data(), sizeof hash);
    return hash;
  }
};

Failure unreadable(std::string_view what, const ObjectId& id) {
  return {Failure::Kind::invalid,
          fmt::format("The {} `{}` can't be read: {}.", what, id.hex(), last_libgit2_error()),
          {"a clone that leaves folders out (`--filter=tree:0`) has no history to look through"}};
}

std::string_view bytes_of(const OdbObjectHandle& object) {
  return {static_cast<const char*>(git_odb_object_data(object.get())), git_odb_object_size(object.get())};
}

/// Null where there is no such object of that type.
OdbObjectHandle read_object(git_odb* odb, const ObjectId& id, git_object_t type) {
  const git_oid oid = to_oid(id);
  git_odb_object* raw = nullptr;
  if (git_odb_read(&raw, odb, &oid) != 0) return nullptr;
  OdbObjectHandle object(raw);
  return git_odb_object_type(raw) == type ? std::move(object) : nullptr;
}

struct WalkedCommit {
  ObjectId tree;
  HashedChange change;
};

std::string_view take_line(std::string_view& text) {
  const std::size_t end = text.find('\n');
  const std::string_view line = text.substr(0, end);
  text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
  return line;
}

/// The seconds of `committer Name <mail> 1735689600 +0000`.
std::int64_t time_on(std::string_view line) {
  std::int64_t time = 0;
  const std::size_t at = line.rfind("> ");
  if (at != std::string_view::npos) std::from_chars(line.data() + at + 2, line.data() + line.size(), time);
  return time;
}

template <class Key>
std::vector<std::uint64_t> keys_of(const std::vector<std::string>& names, Key&& key) {
  std::vector<std::uint64_t> out;
  out.reserve(names.size());
  for (const std::string& name : names) out.push_back(key(name));
  return out;
}

/// Nothing where the commit names no tree.
std::optional<WalkedCommit> parse_commit(const ObjectId& id, std::string_view text) {
  WalkedCommit commit;
  commit.change.id = id;
  bool has_tree = false;
  for (std::string_view line = take_line(text); !line.empty(); line = take_line(text)) {
    constexpr std::string_view tree = "tree ";
    constexpr std::string_view parent = "parent ";
    if (line.starts_with("committer ")) commit.change.time = time_on(line);
    const bool is_tree = line.starts_with(tree);
    if (!is_tree && !line.starts_with(parent)) continue;
    const auto named = ObjectId::from_hex(line.substr(is_tree ? tree.size() : parent.size()));
    if (!named) return std::nullopt;
    has_tree = has_tree || is_tree;
    if (is_tree)
      commit.tree = *named;
    else
      commit.change.parents.push_back(*named);
  }
  if (!has_tree) return std::nullopt;
  const formats::ChangeOrigin origin = formats::read_change_origin(text);
  commit.change.change_ids = keys_of(origin.change_ids, [](std::string_view t) { return TextHash().add(t).value(); });
  commit.change.picked_from = keys_of(origin.picked_from, named_commit_key);
  commit.change.reverted = keys_of(origin.reverts, named_commit_key);
  return commit;
}

/// One entry of a folder, as stored: `100644 name\0<20 bytes>`.
struct RawEntry {
  std::string_view mode;
  std::string_view name;
  std::string_view id;

  [[nodiscard]] bool is_folder() const { return mode == "40000"; }
  [[nodiscard]] ObjectId object() const {
    ObjectId out;
    std::memcpy(out.bytes.data(), id.data(), id.size());
    return out;
  }
};

/// Walks the entries of one folder.
class Entries {
 public:
  explicit Entries(std::string_view bytes) : rest_(bytes) { next(); }

  [[nodiscard]] bool at_end() const { return entry_.name.empty(); }
  [[nodiscard]] const RawEntry& entry() const { return entry_; }
  /// A cut off entry ends the folder.
  void next() {
    entry_ = {};
    const std::size_t space = rest_.find(' ');
    const std::size_t zero = rest_.find('\0');
    if (space == std::string_view::npos || zero == std::string_view::npos || space > zero ||
        rest_.size() - zero - 1 < GIT_OID_RAWSZ)
      return;
    entry_ = {rest_.substr(0, space), rest_.substr(space + 1, zero - space - 1), rest_.substr(zero + 1, GIT_OID_RAWSZ)};
    rest_.remove_prefix(zero + 1 + GIT_OID_RAWSZ);
  }

 private:
  std::string_view rest_;
  RawEntry entry_;
};

/// Negative: `a` comes first in git's order; 0 for two of the same name and both or none a folder.
int order_of(const RawEntry& a, const RawEntry& b) {
  const std::size_t common = std::min(a.name.size(), b.name.size());
  if (const int order = std::memcmp(a.name.data(), b.name.data(), common); order != 0) return order;
  const auto behind = [common](const RawEntry& entry) {
    if (entry.name.size() > common) return static_cast<int>(static_cast<unsigned char>(entry.name[common]));
    return entry.is_folder() ? static_cast<int>('/') : 0;
  };
  return behind(a) - behind(b);
}

/// Compares trees on one thread.
class TreeComparison {
 public:
  explicit TreeComparison(git_odb* odb) : odb_(odb) {}

  /// The hashes of the paths that differ. A null tree is an empty one.
  Result<std::vector<std::uint64_t>> compare(const ObjectId* before, const ObjectId& after) {
    paths_.clear();
    failure_.reset();
    if (cached_bytes_ > folder_cache_bytes) {
      folders_.clear();
      cached_bytes_ = 0;
    }
    if (before == nullptr)
      add_all(after, TextHash(), 0);
    else if (*before != after)
      compare_folders(*before, after, TextHash(), 0);
    if (failure_) return tl::unexpected<Failure>(*failure_);
    return paths_;
  }

 private:
  /// Empty where it can't be read. Folders of one comparison all stay, so that views into them do.
  std::string_view folder(const ObjectId& id) {
    const auto known = folders_.find(id);
    if (known != folders_.end()) return bytes_of(known->second);
    OdbObjectHandle object = read_object(odb_, id, GIT_OBJECT_TREE);
    if (!object) {
      failure_ = unreadable("folder", id);
      return {};
    }
    const std::string_view bytes = bytes_of(object);
    cached_bytes_ += bytes.size();
    folders_.emplace(id, std::move(object));
    return bytes;
  }

  void compare_folders(const ObjectId& before, const ObjectId& after, const TextHash& prefix, std::size_t depth) {
    if (is_over_bound(after, depth)) return;
    Entries old_side(folder(before));
    Entries new_side(folder(after));
    while (!failure_ && !(old_side.at_end() && new_side.at_end())) {
      const int order = new_side.at_end() ? -1 : old_side.at_end() ? 1 : order_of(old_side.entry(), new_side.entry());
      if (order < 0) {
        add(old_side.entry(), prefix, depth);
      } else if (order > 0) {
        add(new_side.entry(), prefix, depth);
      } else {
        compare_entries(old_side.entry(), new_side.entry(), prefix, depth);
      }
      if (order <= 0) old_side.next();
      if (order >= 0) new_side.next();
    }
  }

  void compare_entries(const RawEntry& before, const RawEntry& after, const TextHash& prefix, std::size_t depth) {
    if (before.id == after.id && before.mode == after.mode) return;
    TextHash path = prefix;
    path.add(after.name);
    if (after.is_folder()) {
      if (before.id != after.id) compare_folders(before.object(), after.object(), path.add("/"), depth + 1);
    } else {
      paths_.push_back(path.value());
    }
  }

  /// What is on one side only.
  void add(const RawEntry& entry, const TextHash& prefix, std::size_t depth) {
    TextHash path = prefix;
    path.add(entry.name);
    if (entry.is_folder())
      add_all(entry.object(), path.add("/"), depth + 1);
    else
      paths_.push_back(path.value());
  }

  void add_all(const ObjectId& id, const TextHash& prefix, std::size_t depth) {
    if (is_over_bound(id, depth)) return;
    for (Entries entries(folder(id)); !failure_ && !entries.at_end(); entries.next())
      add(entries.entry(), prefix, depth);
  }

  /// Folders in folders can be named so that a small repository unfolds without end.
  bool is_over_bound(const ObjectId& id, std::size_t depth) {
    if (!failure_ && (depth > max_depth || paths_.size() > max_paths_of_commit))
      failure_ =
          Failure{Failure::Kind::invalid, fmt::format("A commit with the folder `{}` changes too much.", id.hex())};
    return failure_.has_value();
  }

  git_odb* odb_;
  std::unordered_map<ObjectId, OdbObjectHandle, IdHash> folders_;
  std::size_t cached_bytes_ = 0;
  std::vector<std::uint64_t> paths_;
  std::optional<Failure> failure_;
};

class Walk {
 public:
  Walk(HandlePool& handles, const std::set<ObjectId>& shallow, const ChangeHistory& known)
      : handles_(handles), shallow_(shallow), known_(known) {}

  Result<std::vector<HashedChange>> run(std::span<const ObjectId> tips, const TaskPool& pool) {
    FORGE_TRY(read_commits(tips));
    put_in_order();
    FORGE_TRY(compare_all(pool));
    std::vector<HashedChange> out;
    out.reserve(order_.size());
    for (const std::size_t i : order_) out.push_back(std::move(commits_[i].change));
    return out;
  }

 private:
  Result<void> read_commits(std::span<const ObjectId> tips) {
    FORGE_TRY_ASSIGN(const HandlePool::Lease lease, handles_.lease());
    std::vector<ObjectId> open;
    const auto meet = [&](const ObjectId& id) {
      if (known_.find(id) || !places_.try_emplace(id, 0).second) return;
      open.push_back(id);
    };
    for (const ObjectId& tip : tips) meet(tip);
    while (!open.empty()) {
      throw_if_cancelled();
      const ObjectId id = open.back();
      open.pop_back();
      const OdbObjectHandle object = read_object(lease.odb(), id, GIT_OBJECT_COMMIT);
      std::optional<WalkedCommit> commit = object ? parse_commit(id, bytes_of(object)) : std::nullopt;
      if (!commit || commits_.size() >= max_commits) return tl::unexpected<Failure>(unreadable("commit", id));
      if (shallow_.contains(id)) commit->change.parents.clear();
      for (const ObjectId& parent : commit->change.parents) meet(parent);
      places_[id] = commits_.size();
      commits_.push_back(std::move(*commit));
    }
    return {};
  }

  /// A commit comes when all its parents have come; of those that can, the oldest.
  void put_in_order() {
    std::vector<std::vector<std::size_t>> children(commits_.size());
    std::vector<std::size_t> missing(commits_.size());
    using Ready = std::pair<std::int64_t, std::size_t>;
    std::priority_queue<Ready, std::vector<Ready>, std::greater<>> ready;
    for (std::size_t i = 0; i < commits_.size(); ++i) {
      for (const ObjectId& parent : commits_[i].change.parents) {
        const auto at = places_.find(parent);
        if (at == places_.end()) continue;
        children[at->second].push_back(i);
        ++missing[i];
      }
      if (missing[i] == 0) ready.emplace(commits_[i].change.time, i);
    }
    while (!ready.empty()) {
      const std::size_t i = ready.top().second;
      ready.pop();
      order_.push_back(i);
      for (const std::size_t child : children[i]) {
        if (--missing[child] == 0) ready.emplace(commits_[child].change.time, child);
      }
    }
  }

  Result<void> compare_all(const TaskPool& pool) {
    const std::size_t chunks = (order_.size() + chunk_commits - 1) / chunk_commits;
    std::vector<Result<void>> done(chunks);
    pool.for_each(chunks, [&](std::size_t chunk) { done[chunk] = compare_chunk(chunk); });
    for (const Result<void>& one : done) FORGE_TRY(one);
    return {};
  }

  Result<void> compare_chunk(std::size_t chunk) {
    FORGE_TRY_ASSIGN(const HandlePool::Lease lease, handles_.lease());
    TreeComparison comparison(lease.odb());
    const std::size_t end = std::min(order_.size(), (chunk + 1) * chunk_commits);
    for (std::size_t at = chunk * chunk_commits; at < end; ++at) {
      throw_if_cancelled();
      WalkedCommit& commit = commits_[order_[at]];
      if (commit.change.parents.size() > 1 || shallow_.contains(commit.change.id)) continue;
      std::optional<ObjectId> before;
      if (!commit.change.parents.empty()) {
        FORGE_TRY_ASSIGN(before, tree_of(lease.odb(), commit.change.parents.front()));
      }
      FORGE_TRY_ASSIGN(commit.change.paths, comparison.compare(before ? &*before : nullptr, commit.tree));
    }
    return {};
  }

  Result<ObjectId> tree_of(git_odb* odb, const ObjectId& commit) const {
    if (const auto at = places_.find(commit); at != places_.end()) return commits_[at->second].tree;
    const OdbObjectHandle object = read_object(odb, commit, GIT_OBJECT_COMMIT);
    const std::optional<WalkedCommit> read = object ? parse_commit(commit, bytes_of(object)) : std::nullopt;
    if (!read) return tl::unexpected<Failure>(unreadable("commit", commit));
    return read->tree;
  }

  HandlePool& handles_;
  const std::set<ObjectId>& shallow_;
  const ChangeHistory& known_;
  std::vector<WalkedCommit> commits_;
  std::unordered_map<ObjectId, std::size_t, IdHash> places_;  ///< in commits_
  std::vector<std::size_t> order_;
};

}  // namespace

Result<std::vector<HashedChange>> walk_changes(HandlePool& handles, const std::set<ObjectId>& shallow,
                                               std::span<const ObjectId> tips, const ChangeHistory& known,
                                               const TaskPool& pool) {
  return Walk(handles, shallow, known).run(tips, pool);
}

}  // namespace forge::git
