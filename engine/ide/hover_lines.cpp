#include "engine/ide/hover_lines.hpp"

#include <map>
#include <optional>
#include <utility>

#include <fmt/format.h>

#include "engine/git/fetch_time.hpp"
#include "engine/ide/ref_candidates.hpp"

namespace forge::ide {

using Style = HoverPiece::Style;

void add_plain(HoverLines& lines, std::string text) {
  lines.push_back({{Style::plain, std::move(text)}});
}

void add_code(HoverLines& lines, std::string words, std::string code, std::string after) {
  lines.push_back({{Style::plain, std::move(words)}, {Style::code, std::move(code)}, {Style::plain, std::move(after)}});
}

void add_failure(HoverLines& lines, const Failure& failure) {
  add_plain(lines, failure.message);
  for (const std::string& hint : failure.hints) add_plain(lines, hint);
}

void add_commit(HoverLines& lines, const git::CommitInfo& commit) {
  lines.push_back({{Style::plain, "commit "},
                   {Style::code, commit.id.abbreviated()},
                   {Style::plain, fmt::format(" · {} · \"{}\"", day_of(commit.commit_time), commit.subject())}});
}

void add_fetched(HoverLines& lines, const HoverContext& context, const git::Repository& repository) {
  const auto* on_disk = dynamic_cast<const git::RepositoryOnDisk*>(&repository);
  const auto fetched = on_disk == nullptr ? std::nullopt : on_disk->fetched();
  if (!fetched || context.options.now < fetched->seconds) return;
  const std::int64_t minutes = (context.options.now - fetched->seconds) / 60;
  constexpr std::int64_t hour = 60;
  constexpr std::int64_t day = 24 * hour;
  const std::string age = minutes < hour      ? fmt::format("{} min", minutes)
                          : minutes < 2 * day ? fmt::format("{} h", minutes / hour)
                                              : fmt::format("{} days", minutes / day);
  add_plain(lines, fmt::format("mirror fetched {} ago", age));
}

std::string counted(std::size_t count, std::string_view noun, std::string_view plural) {
  return fmt::format("{} {}{}", count, noun, count == 1 ? "" : plural);
}

std::optional<NearestTag> nearest_tag(const model::UpstreamRefs& upstream, const git::ObjectId& commit) {
  constexpr std::size_t farthest = 3000;  // a walk that a person waits for
  std::map<git::ObjectId, const model::VersionTag*> by_commit;
  for (const model::VersionTag& tag : upstream.versions) by_commit[tag.commit] = &tag;
  const model::VersionTag* found = nullptr;
  std::size_t seen = 0;
  (void)upstream.repository->walk(commit, {}, [&](const git::CommitInfo& at) {
    const auto tag = by_commit.find(at.id);
    if (tag != by_commit.end()) found = tag->second;
    return found == nullptr && ++seen < farthest;
  });
  if (found == nullptr) return std::nullopt;
  return NearestTag{found->name, upstream.repository->count_between(found->commit, commit).value_or(0)};
}

}  // namespace forge::ide
