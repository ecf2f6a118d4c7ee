#include "engine/model/first_tag.hpp"

#include <algorithm>
#include <tuple>

namespace forge::model {

using git::ChangeHistory;
using Number = ChangeHistory::Number;

namespace {

struct Tag {
  Number commit = 0;
  const VersionTag* version = nullptr;
};

std::vector<bool> commits_of(const ChangeHistory& history, std::span<const git::ObjectId> line) {
  std::vector<bool> reached(history.size(), line.empty());
  for (const git::ObjectId& tip : line) {
    const std::optional<Number> number = history.find(tip);
    if (!number) continue;
    const ChangeHistory::Reach reach = history.reach(*number);
    for (Number commit = 0; commit <= *number; ++commit) {
      if (reach.contains(commit)) reached[commit] = true;
    }
  }
  return reached;
}

std::vector<Tag> tags_on(const ChangeHistory& history, std::span<const VersionTag> versions,
                         std::span<const git::ObjectId> line) {
  const std::vector<bool> reached = commits_of(history, line);
  std::vector<Tag> tags;
  for (const VersionTag& version : versions) {
    const std::optional<Number> number = history.find(version.commit);
    if (number && reached[*number]) tags.push_back({*number, &version});
  }
  std::ranges::stable_sort(tags, [&](const Tag& a, const Tag& b) {
    const auto date = [&](const Tag& tag) { return std::tuple(history.time(tag.commit), tag.commit); };
    return date(a) != date(b) ? date(a) < date(b) : a.version->version < b.version->version;
  });
  return tags;
}

}  // namespace

FirstTags FirstTags::make(const ChangeHistory& history, std::span<const VersionTag> versions,
                          std::span<const git::ObjectId> line) {
  FirstTags out;
  out.names_.emplace_back();
  out.tag_of_.resize(history.size(), 0);
  std::vector<Number> todo;
  for (const Tag& tag : tags_on(history, versions, line)) {
    const auto index = static_cast<std::uint32_t>(out.names_.size());
    out.names_.push_back(tag.version->name);
    todo.push_back(tag.commit);
    while (!todo.empty()) {
      const Number commit = todo.back();
      todo.pop_back();
      if (out.tag_of_[commit] != 0) continue;
      out.tag_of_[commit] = index;
      for (const Number parent : history.parents(commit)) todo.push_back(parent);
    }
  }
  return out;
}

std::string_view FirstTags::of(Number commit) const {
  return commit < tag_of_.size() ? std::string_view(names_[tag_of_[commit]]) : std::string_view();
}

std::optional<git::NamedRef> series_head(const UpstreamRefs& upstream, const ChangeHistory& history,
                                         const git::ObjectId& commit) {
  const std::optional<Number> number = history.find(commit);
  if (!number) return std::nullopt;
  const ChangeHistory::Reach holders = history.holders(*number);
  const auto holds = [&](const git::ObjectId& tip) {
    const std::optional<Number> at = history.find(tip);
    return at && holders.contains(*at);
  };
  for (const Series& series : upstream.series) {
    if (holds(series.tip)) return git::NamedRef{series.kind, series.ref, series.tip};
  }
  return upstream.main_branch && holds(upstream.main_branch->commit) ? upstream.main_branch : std::nullopt;
}

std::vector<git::ObjectId> line_of(const UpstreamRefs& upstream, const ChangeHistory& history,
                                   const git::ObjectId& commit) {
  std::vector<git::ObjectId> line{commit};
  if (const std::optional<git::NamedRef> head = series_head(upstream, history, commit)) line.push_back(head->commit);
  return line;
}

}  // namespace forge::model
