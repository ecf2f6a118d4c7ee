#include "engine/model/advisories.hpp"

#include <algorithm>
#include <array>
#include <map>
#include <set>

#include "engine/base/text.hpp"
#include "engine/model/ref_status.hpp"

namespace forge::model {

namespace {

/// By name. The commits of a walk come newest first, and the first that names an advisory stays.
using ByName = std::map<std::string, Advisory>;

bool collect(const git::Repository& repository, const git::ObjectId& from, const git::ObjectId& tip, bool released,
             ByName& found) {
  const auto walked = repository.walk(tip, {from}, [&](const git::CommitInfo& commit) {
    for (std::string& name : advisory_names(commit.message)) {
      Advisory advisory{name, commit.id, std::string(commit.subject()), released};
      found.try_emplace(std::move(name), std::move(advisory));
    }
    return true;
  });
  return walked.has_value();
}

std::vector<Advisory> compute(const workspace::Snapshot& snapshot, const std::string& release,
                              const std::string& component) {
  const RefStatus& status = ref_status(snapshot, release, component);
  const Result<UpstreamRefs>& upstream = upstream_refs(snapshot, component);
  if (!upstream || !status.commit) return {};
  ByName found;
  const git::ObjectId& from = status.commit->id;
  bool whole = true;
  if (status.has_newer) whole = collect(*upstream->repository, from, status.newest->commit, true, found);
  if (whole && status.tip && status.behind) whole = collect(*upstream->repository, from, *status.tip, false, found);
  std::vector<Advisory> all;
  if (!whole) return all;
  for (auto& [name, advisory] : found) all.push_back(std::move(advisory));
  return all;
}

}  // namespace

std::vector<std::string> advisory_names(std::string_view text) {
  constexpr std::array<std::string_view, 2> prefixes = {"CVE-", "OSSA-"};
  std::set<std::string> found;
  for (const std::string_view prefix : prefixes) {
    for (std::size_t at = 0; (at = text.find(prefix, at)) != std::string_view::npos; at += prefix.size()) {
      std::size_t end = at + prefix.size();
      while (end < text.size() && (is_digit(text[end]) || text[end] == '-')) ++end;
      while (text[end - 1] == '-') --end;
      const std::string_view name = text.substr(at, end - at);
      if (std::ranges::count(name, '-') == 2) found.emplace(name);
    }
  }
  return {found.begin(), found.end()};
}

const std::vector<Advisory>& advisories_ahead(const workspace::Snapshot& snapshot, const std::string& release,
                                              const std::string& component) {
  return snapshot.once<std::vector<Advisory>>(release + "/" + component,
                                              [&] { return compute(snapshot, release, component); });
}

std::vector<std::string> released_advisories(const std::vector<Advisory>& advisories) {
  std::vector<std::string> names;
  for (const Advisory& advisory : advisories)
    if (advisory.released) names.push_back(advisory.name);
  return names;
}

}  // namespace forge::model
