#include "engine/git/change_history.hpp"

#include <algorithm>

namespace forge::git {

ChangeHistory ChangeHistory::build(std::span<const CommitChange> commits) {
  ChangeHistory out;
  for (const CommitChange& change : commits) {
    const auto number = static_cast<Number>(out.commits_.size());
    Commit commit{.id = change.id, .time = change.time, .parents = {}};
    for (const ObjectId& parent : change.parents) {
      if (const auto known = out.find(parent)) commit.parents.push_back(*known);
    }
    out.commits_.push_back(std::move(commit));
    out.numbers_.emplace(change.id, number);
    for (const std::string& id : change.change_ids) out.by_change_id_[id].push_back(number);
    if (change.parents.size() > 1 || change.paths.empty()) continue;
    std::vector<std::string> paths = change.paths;
    std::ranges::sort(paths);
    paths.erase(std::ranges::unique(paths).begin(), paths.end());
    for (const std::string& path : paths) out.by_path_[path].push_back(number);
    out.by_paths_[std::move(paths)].push_back(number);
  }
  return out;
}

std::size_t ChangeHistory::size() const {
  return commits_.size();
}

std::optional<ChangeHistory::Number> ChangeHistory::find(const ObjectId& commit) const {
  const auto at = numbers_.find(commit);
  if (at == numbers_.end()) return std::nullopt;
  return at->second;
}

ObjectId ChangeHistory::id(Number commit) const {
  return commits_[commit].id;
}

std::int64_t ChangeHistory::time(Number commit) const {
  return commits_[commit].time;
}

std::span<const ChangeHistory::Number> ChangeHistory::parents(Number commit) const {
  return commits_[commit].parents;
}

ChangeHistory::Reach ChangeHistory::reach(Number tip) const {
  Reach out;
  out.bits_.resize(tip + 1);
  out.bits_[tip] = true;
  for (Number commit = tip + 1; commit-- > 0;) {
    if (!out.bits_[commit]) continue;
    for (const Number parent : commits_[commit].parents) out.bits_[parent] = true;
  }
  return out;
}

std::vector<ChangeHistory::Number> ChangeHistory::touching(std::string_view path) const {
  const auto at = by_path_.find(path);
  return at == by_path_.end() ? std::vector<Number>() : at->second;
}

std::vector<ChangeHistory::Number> ChangeHistory::changing_exactly(std::span<const std::string> paths) const {
  std::vector<std::string> sorted(paths.begin(), paths.end());
  std::ranges::sort(sorted);
  const auto at = by_paths_.find(sorted);
  return at == by_paths_.end() ? std::vector<Number>() : at->second;
}

std::vector<ChangeHistory::Number> ChangeHistory::with_change_id(std::string_view change_id) const {
  const auto at = by_change_id_.find(change_id);
  return at == by_change_id_.end() ? std::vector<Number>() : at->second;
}

}  // namespace forge::git
