#include "engine/model/undone_change.hpp"

#include <algorithm>
#include <memory>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "engine/formats/patch.hpp"
#include "engine/model/patch_series.hpp"

namespace forge::model {

using git::ObjectId;
using Number = UpstreamLine::Number;

namespace {

std::vector<std::string> paths_of(const formats::Patch& patch) {
  std::vector<std::string> paths;
  for (const formats::Section& section : patch.sections) {
    if (section.new_path) paths.push_back(section.new_path->value);
    if (section.old_path) paths.push_back(section.old_path->value);
  }
  std::ranges::sort(paths);
  paths.erase(std::ranges::unique(paths).begin(), paths.end());
  return paths;
}

class Fate {
 public:
  Fate(const UpstreamLine& line, Number commit, PatchText change)
      : line_(line), commit_(commit), change_(std::move(change)) {}

  Result<ChangeFate> run() const {
    ChangeFate fate;
    FORGE_TRY_ASSIGN(const PatchVerdict at_first, verdict_at(commit_));
    fate.fits_again = at_first == PatchVerdict::applies;
    if (at_first != PatchVerdict::already_applied) return fate;
    FORGE_TRY_ASSIGN(const std::optional<Number> left, where_it_left());
    if (!left) return fate;
    FORGE_TRY_ASSIGN(const PatchVerdict then, verdict_at(*left));
    if (then == PatchVerdict::applies) fate.undone_by = line_.history().id(*left);
    return fate;
  }

 private:
  /// Commits of the line that have ours and touch one of its files. Those of a side branch that was cut before ours
  /// have trees without it, which says nothing.
  [[nodiscard]] std::vector<Number> later_commits() const {
    const git::ChangeHistory& history = line_.history();
    const git::ChangeHistory::Reach holders = history.holders(commit_);
    const bool ahead = line_.is_ahead(commit_);
    std::vector<Number> out;
    for (const std::string& path : paths_of(change_.parsed->value)) {
      for (const Number later : history.touching(path)) {
        const bool on_line = line_.in_ref(later) || (ahead && line_.is_ahead(later));
        if (later > commit_ && on_line && holders.contains(later)) out.push_back(later);
      }
    }
    std::ranges::sort(out);
    out.erase(std::ranges::unique(out).begin(), out.end());
    return out;
  }

  /// The first commit without the change as a whole, found by halves: one such step, where it came and went.
  [[nodiscard]] Result<std::optional<Number>> where_it_left() const {
    const std::vector<Number> later = later_commits();
    if (later.empty()) return std::nullopt;
    FORGE_TRY_ASSIGN(const PatchVerdict at_end, verdict_at(later.back()));
    if (at_end == PatchVerdict::already_applied) return std::nullopt;
    std::size_t begin = 0;
    std::size_t end = later.size() - 1;
    while (begin < end) {
      const std::size_t middle = begin + (end - begin) / 2;
      FORGE_TRY_ASSIGN(const PatchVerdict verdict, verdict_at(later[middle]));
      if (verdict == PatchVerdict::already_applied)
        begin = middle + 1;
      else
        end = middle;
    }
    return later[begin];
  }

  [[nodiscard]] Result<PatchVerdict> verdict_at(Number commit) const {
    FORGE_TRY_ASSIGN(const SeriesPlacement placed,
                     place_series(line_.repository(), line_.history().id(commit), std::span(&change_, 1)));
    return placed.patches.front().verdict;
  }

  const UpstreamLine& line_;
  Number commit_;
  PatchText change_;
};

}  // namespace

Result<ChangeFate> fate_of_change(const UpstreamLine& line, Number commit) {
  const Result<std::string> diff = line.repository().diff(line.history().id(commit));
  if (!diff) return ChangeFate{};
  return Fate(line, commit, {*diff, std::make_shared<const Parsed<formats::Patch>>(formats::parse_patch(*diff))}).run();
}

}  // namespace forge::model
