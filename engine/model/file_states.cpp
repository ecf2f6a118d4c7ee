#include "engine/model/file_states.hpp"

#include <algorithm>
#include <set>
#include <utility>

namespace forge::model {

namespace {

constexpr std::size_t most_states = 300;
constexpr std::size_t most_renames = 16;
constexpr std::size_t most_commits_asked_for_renames = 64;

}  // namespace

Result<void> FileStates::load() {
  if (history_) return {};
  FORGE_TRY_ASSIGN(history_, repository_.changes());
  if (const std::optional<Number> tip = history_->find(commit_)) reach_ = history_->reach(*tip);
  return {};
}

std::vector<FileStates::Number> FileStates::by_distance(std::string_view path) const {
  std::vector<Number> numbers = history_->touching(path);
  const auto others = std::ranges::stable_partition(numbers, [this](Number n) { return reach_.contains(n); });
  std::reverse(numbers.begin(), others.begin());
  return numbers;
}

Result<std::optional<FileMove>> FileStates::one_move(std::string_view path) const {
  std::vector<Number> numbers = by_distance(path);
  if (numbers.size() > most_commits_asked_for_renames) numbers.resize(most_commits_asked_for_renames);
  for (const Number number : numbers) {
    FORGE_TRY_ASSIGN(const std::vector<git::PathChange> changes, repository_.changed_paths(history_->id(number)));
    const bool before_ours = reach_.contains(number);
    for (const git::PathChange& change : changes) {
      if (change.kind != git::PathChange::Kind::rename) continue;
      if (before_ours && change.old_path == path) return FileMove{change.new_path, history_->id(number)};
      if (!before_ours && change.new_path == path) return FileMove{change.old_path, history_->id(number)};
    }
  }
  return std::nullopt;
}

Result<std::optional<FileMove>> FileStates::moved(std::string_view path, const Exists& exists) {
  FORGE_TRY(load());
  std::set<std::string, std::less<>> seen = {std::string(path)};
  std::string at(path);
  for (std::size_t hop = 0; hop < most_renames; ++hop) {
    FORGE_TRY_ASSIGN(const std::optional<FileMove> move, one_move(at));
    if (!move || !seen.insert(move->path).second) break;
    if (exists(move->path)) return move;
    at = move->path;
  }
  return std::nullopt;
}

Result<std::optional<git::ObjectId>> FileStates::removed_by(std::string_view path) {
  FORGE_TRY(load());
  for (const Number number : by_distance(path)) {
    if (!reach_.contains(number)) break;
    FORGE_TRY_ASSIGN(const git::CommitInfo info, repository_.commit(history_->id(number)));
    FORGE_TRY_ASSIGN(const std::optional<git::TreeEntry> entry, repository_.entry(info.tree, path));
    if (!entry) return info.id;
  }
  return std::nullopt;
}

Result<void> FileStates::for_each_state(const std::vector<std::string>& paths, const Visit& visit) {
  FORGE_TRY(load());
  std::set<git::ObjectId> seen;
  for (const std::string& path : paths) {
    for (const Number number : by_distance(path)) {
      if (seen.size() >= most_states) return {};
      FORGE_TRY_ASSIGN(const git::CommitInfo info, repository_.commit(history_->id(number)));
      FORGE_TRY_ASSIGN(const std::optional<git::TreeEntry> entry, repository_.entry(info.tree, path));
      if (!entry || !seen.insert(entry->id).second) continue;
      const Result<git::BlobPtr> blob = repository_.blob(entry->id);
      if (!blob) continue;  // a folder, or over the bound
      if (!visit(*blob, info.id)) return {};
    }
  }
  return {};
}

}  // namespace forge::model
