#include "tests/support/memory_repository.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "engine/base/names.hpp"
#include "engine/formats/commit_message.hpp"
#include "engine/git/change_history.hpp"
#include "engine/git/object_hash.hpp"

namespace forge::support {

using git::ObjectId;

ObjectId MemoryRepository::add_commit(const Files& files, std::string message, std::vector<ObjectId> parents) {
  git::CommitInfo info;
  info.tree = add_tree(files, "");
  info.parents = std::move(parents);
  info.author_time.seconds = 1'700'000'000 + 60 * static_cast<std::int64_t>(commits_.size());
  info.commit_time = info.author_time;
  info.author = "A U Thor <author@example.com>";
  info.message = std::move(message);
  std::string content = fmt::format("tree {}\n", info.tree.hex());
  for (const ObjectId& parent : info.parents) content += fmt::format("parent {}\n", parent.hex());
  content += fmt::format("author {0} {1} +0000\ncommitter {0} {1} +0000\n\n{2}", info.author, info.author_time.seconds,
                         info.message);
  info.id = git::hash_object("commit", content);
  const ObjectId id = info.id;
  if (commits_.emplace(id, std::move(info)).second) order_.push_back(id);
  return id;
}

ObjectId MemoryRepository::add_blob(std::string text) {
  const ObjectId id = git::hash_object("blob", text);
  blobs_.emplace(id, std::make_shared<const std::string>(std::move(text)));
  return id;
}

void MemoryRepository::add_ref(git::RefKind kind, std::string name, const ObjectId& commit) {
  refs_.push_back({kind, std::move(name), commit});
  std::ranges::sort(refs_, {}, &git::NamedRef::name);
}

ObjectId MemoryRepository::add_tree(const Files& files, const std::string& prefix) {
  std::vector<git::TreeEntry> entries;
  for (const auto& [path, file] : files) {
    if (!path.starts_with(prefix)) continue;
    const std::string rest = path.substr(prefix.size());
    const std::size_t slash = rest.find('/');
    const std::string name = rest.substr(0, slash);
    if (!entries.empty() && entries.back().name == name) continue;
    if (slash != std::string::npos) {
      entries.push_back({name, git::mode_folder, add_tree(files, prefix + name + "/")});
    } else if (file.mode == git::mode_submodule) {
      entries.push_back({name, file.mode, ObjectId::from_hex(file.text).value()});
    } else {
      entries.push_back({name, file.mode, add_blob(file.text)});
    }
  }
  std::ranges::sort(entries, git::before_in_tree);
  const ObjectId id = git::hash_tree(entries);
  trees_.emplace(id, std::move(entries));
  return id;
}

Result<git::ResolvedRef> MemoryRepository::resolve(std::string_view ref) const {
  for (const git::RefKind kind : {git::RefKind::tag, git::RefKind::branch}) {
    const std::string folder = kind == git::RefKind::tag ? "refs/tags/" : "refs/heads/";
    for (const git::NamedRef& named : refs_) {
      if (named.kind == kind && named.name == ref)
        return git::ResolvedRef{kind, named.commit, folder + std::string(ref)};
    }
  }
  std::vector<ObjectId> found;
  if (is_full_commit(ref) || is_abbreviated_commit(ref)) {
    for (const auto& [id, info] : commits_) {
      if (id.hex().starts_with(ref)) found.push_back(id);
    }
  }
  if (found.size() != 1) return fail(Failure::Kind::not_found, fmt::format("there is no ref `{}`", ref));
  return git::ResolvedRef{git::RefKind::commit, found.front()};
}

Result<std::shared_ptr<const std::vector<git::NamedRef>>> MemoryRepository::refs() const {
  return std::make_shared<const std::vector<git::NamedRef>>(refs_);
}

Result<git::CommitInfo> MemoryRepository::commit(const ObjectId& id) const {
  const auto at = commits_.find(id);
  if (at == commits_.end()) return fail(Failure::Kind::not_found, fmt::format("there is no commit {}", id.hex()));
  return at->second;
}

git::CommitName MemoryRepository::commit_name(const ObjectId& id) const {
  const auto tag = std::ranges::find_if(
      refs_, [&](const git::NamedRef& ref) { return ref.kind == git::RefKind::tag && ref.commit == id; });
  return {id.abbreviated(), tag == refs_.end() ? "" : tag->name};
}

Result<std::optional<git::TreeEntry>> MemoryRepository::entry(const ObjectId& tree, std::string_view path) const {
  const std::size_t slash = path.find('/');
  FORGE_TRY_ASSIGN(const std::vector<git::TreeEntry> entries, list(tree));
  const auto at = std::ranges::find(entries, path.substr(0, slash), &git::TreeEntry::name);
  if (at == entries.end()) return std::optional<git::TreeEntry>();
  if (slash == std::string_view::npos) return std::optional<git::TreeEntry>(*at);
  if (at->mode != git::mode_folder) return std::optional<git::TreeEntry>();
  return entry(at->id, path.substr(slash + 1));
}

Result<std::vector<git::TreeEntry>> MemoryRepository::list(const ObjectId& tree) const {
  const auto at = trees_.find(tree);
  if (at == trees_.end()) return fail(Failure::Kind::not_found, fmt::format("there is no tree {}", tree.hex()));
  return at->second;
}

Result<git::BlobPtr> MemoryRepository::blob(const ObjectId& id) const {
  const auto at = blobs_.find(id);
  if (at == blobs_.end()) return fail(Failure::Kind::not_found, fmt::format("there is no blob {}", id.hex()));
  return at->second;
}

std::optional<ObjectId> MemoryRepository::find_blob(std::string_view abbreviated_hex) const {
  std::optional<ObjectId> found;
  for (const auto& [id, text] : blobs_) {
    if (!id.hex().starts_with(abbreviated_hex)) continue;
    if (found) return std::nullopt;
    found = id;
  }
  return found;
}

std::set<ObjectId> MemoryRepository::reachable(const std::vector<ObjectId>& from) const {
  std::set<ObjectId> seen;
  std::vector<ObjectId> todo = from;
  while (!todo.empty()) {
    const ObjectId id = todo.back();
    todo.pop_back();
    const auto at = commits_.find(id);
    if (at == commits_.end() || !seen.insert(id).second) continue;
    todo.insert(todo.end(), at->second.parents.begin(), at->second.parents.end());
  }
  return seen;
}

Result<std::size_t> MemoryRepository::count_between(const ObjectId& base, const ObjectId& tip) const {
  const std::set<ObjectId> known = reachable({base});
  std::size_t count = 0;
  for (const ObjectId& id : reachable({tip})) count += known.contains(id) ? 0U : 1U;
  return count;
}

Result<bool> MemoryRepository::is_ancestor(const ObjectId& ancestor, const ObjectId& descendant) const {
  return reachable({descendant}).contains(ancestor);
}

Result<void> MemoryRepository::walk(const ObjectId& from, const std::vector<ObjectId>& hidden,
                                    const std::function<bool(const git::CommitInfo&)>& visit) const {
  const std::set<ObjectId> known = reachable(hidden);
  std::vector<const git::CommitInfo*> order;
  for (const ObjectId& id : reachable({from})) {
    if (!known.contains(id)) order.push_back(&commits_.at(id));
  }
  std::ranges::sort(order, [](const auto* a, const auto* b) { return a->commit_time > b->commit_time; });
  for (const git::CommitInfo* info : order) {
    if (!visit(*info)) break;
  }
  return {};
}

std::map<std::string, ObjectId> MemoryRepository::files_of(const ObjectId& tree, const std::string& prefix) const {
  std::map<std::string, ObjectId> out;
  for (const git::TreeEntry& entry : trees_.at(tree)) {
    if (entry.mode == git::mode_folder)
      out.merge(files_of(entry.id, prefix + entry.name + "/"));
    else
      out.emplace(prefix + entry.name, entry.id);
  }
  return out;
}

Result<std::vector<git::PathChange>> MemoryRepository::changed_paths(const ObjectId& commit) const {
  const git::CommitInfo& info = commits_.at(commit);
  std::map<std::string, ObjectId> before;
  if (!info.parents.empty()) before = files_of(tree_of(info.parents.front()));
  const std::map<std::string, ObjectId> after = files_of(info.tree);
  std::vector<git::PathChange> out;
  for (const auto& [path, id] : before) {
    const auto now = after.find(path);
    if (now == after.end())
      out.push_back({git::PathChange::Kind::remove, path, {}});
    else if (now->second != id)
      out.push_back({git::PathChange::Kind::modify, path, path});
  }
  for (const auto& [path, id] : after) {
    if (before.contains(path)) continue;
    const auto gone = std::ranges::find_if(out, [&](const git::PathChange& change) {
      return change.kind == git::PathChange::Kind::remove && before.at(change.old_path) == id;
    });
    if (gone == out.end())
      out.push_back({git::PathChange::Kind::add, {}, path});
    else
      *gone = {git::PathChange::Kind::rename, gone->old_path, path};
  }
  return out;
}

Result<git::ChangeHistoryPtr> MemoryRepository::changes() const {
  std::vector<git::CommitChange> all;
  for (const ObjectId& id : order_) {
    const git::CommitInfo& info = commits_.at(id);
    git::CommitChange change{.id = id, .parents = info.parents, .time = info.commit_time.seconds};
    formats::ChangeOrigin origin = formats::read_change_origin(info.message);
    change.change_ids = std::move(origin.change_ids);
    change.picked_from = std::move(origin.picked_from);
    change.reverted = std::move(origin.reverts);
    FORGE_TRY_ASSIGN(const std::vector<git::PathChange> changed, changed_paths(id));
    for (const git::PathChange& path : changed) {
      if (!path.old_path.empty()) change.paths.push_back(path.old_path);
      if (!path.new_path.empty() && path.new_path != path.old_path) change.paths.push_back(path.new_path);
    }
    all.push_back(std::move(change));
  }
  return std::make_shared<const git::ChangeHistory>(git::ChangeHistory::build(all));
}

Result<std::string> MemoryRepository::diff(const ObjectId& commit) const {
  return fail(Failure::Kind::not_found, fmt::format("there is no diff of {}", commit.hex()));
}

Result<git::RepositoryPtr> MemoryUpstreams::open(std::string_view component) const {
  const auto at = repositories_.find(component);
  if (at == repositories_.end())
    return fail(Failure::Kind::unavailable, fmt::format("there is no mirror of `{}`", component));
  return at->second;
}

}  // namespace forge::support
