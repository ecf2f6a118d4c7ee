#include "engine/rules/upstream_words.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "engine/base/text.hpp"
#include "engine/rules/conflict_words.hpp"

namespace forge::rules {

using model::UpstreamChange;
using model::UpstreamState;
using model::Witness;

namespace {

/// More commits than a sentence takes.
constexpr std::size_t max_named_commits = 3;

std::string_view difference(const UpstreamChange& change) {
  if (change.same_content) return "";
  return change.by == Witness::change_id ? ", which has the same Change-Id and another text"
                                         : ", of which one names the other as its origin, and the texts differ";
}

}  // namespace

std::string upstream_words(const UpstreamChange& change) {
  const std::string commit = commit_words(change.commit);
  switch (change.state) {
    case UpstreamState::merged:
      return fmt::format("Its change is upstream with {}{}", commit, difference(change));
    case UpstreamState::ahead:
      return fmt::format("Its change comes upstream after this ref, with {}{}", commit, difference(change));
    case UpstreamState::reverted:
      break;
  }
  return fmt::format("Its change was upstream with {}, and was taken back{}", commit,
                     change.reverted_by ? fmt::format(" by commit {}", change.reverted_by->hex().substr(0, 12)) : "");
}

std::string part_words(const std::vector<model::PartialOrigin>& parts) {
  std::vector<std::string> commits;
  for (const model::PartialOrigin& part : parts) {
    std::string words = commit_words(part.commit);
    if (std::ranges::count(commits, words) == 0) commits.push_back(std::move(words));
  }
  if (commits.empty()) return {};
  const std::size_t more = commits.size() > max_named_commits ? commits.size() - max_named_commits : 0;
  commits.resize(commits.size() - more);
  return fmt::format("The lines that are there came with {}{}", join(commits, "; "),
                     more > 0 ? fmt::format("; and {} more", more) : "");
}

}  // namespace forge::rules
