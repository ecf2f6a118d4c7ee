#include "engine/model/series_clash.hpp"

#include <algorithm>
#include <set>
#include <string>
#include <string_view>

#include "engine/base/text.hpp"

namespace forge::model {

namespace {

using formats::LineKind;
using formats::Section;

/// What a patch trips over: a file that is not there, or a line of one.
struct Stumble {
  std::string path;
  std::string_view line{};  ///< empty: the file is missing
  std::optional<LineOrigin> found_from{};
};

class Blame {
 public:
  Blame(const SeriesUpTo& series, const PatchPlacement& failed) : series_(series), failed_(failed) {}

  std::optional<SeriesClash> find() {
    if (const std::optional<std::size_t> breaker = broken_by())
      return SeriesClash{SeriesClash::Kind::broken_by, *breaker};
    const std::optional<Stumble> stumble = stumbles();
    if (!stumble) return std::nullopt;
    if (stumble->found_from && was_added(*stumble->found_from))
      return SeriesClash{SeriesClash::Kind::made_by, stumble->found_from->patch};
    for (std::size_t i = number(); i-- > 0;) {
      const PatchVerdict verdict = series_.placed[i].verdict;
      if (verdict == PatchVerdict::applies && has_line(i, *stumble, LineKind::removed))
        return SeriesClash{SeriesClash::Kind::taken_by, i};
      if (verdict == PatchVerdict::conflict && supplies(i, *stumble)) return SeriesClash{SeriesClash::Kind::needs, i};
    }
    return supplied_by(*stumble);
  }

 private:
  [[nodiscard]] std::size_t number() const { return series_.number; }
  [[nodiscard]] const formats::Patch& patch(std::size_t i) const { return series_.parsed[i]->value; }

  bool applies(TreeState& tree, const RunMemory& memory, std::size_t i) const {
    RunMemory scratch = memory;
    return attempt_patch(tree, scratch, series_.patches[i].text, patch(i), Direction::forward).applies;
  }
  bool would_apply(TreeState& tree, const RunMemory& memory, std::size_t i) const {
    const std::size_t mark = tree.mark();
    const bool out = applies(tree, memory, i);
    tree.rollback(mark);
    return out;
  }

  [[nodiscard]] std::set<std::string_view> paths_of(std::size_t i) const {
    std::set<std::string_view> out;
    for (const Section& section : patch(i).sections) {
      if (section.old_path) out.insert(section.old_path->value);
      if (section.new_path) out.insert(section.new_path->value);
    }
    return out;
  }

  /// Goes through the series again, with the patch tried after each one that shares a file with it.
  std::optional<std::size_t> broken_by() const {
    TreeState tree(series_.repository, series_.base);
    RunMemory memory;
    if (!would_apply(tree, memory, number())) return std::nullopt;
    const std::set<std::string_view> paths = paths_of(number());
    for (std::size_t i = 0; i < number(); ++i) {
      if (series_.placed[i].verdict != PatchVerdict::applies) continue;
      (void)attempt_patch(tree, memory, series_.patches[i].text, patch(i), Direction::forward);
      const std::set<std::string_view> touched = paths_of(i);
      const bool shares = std::ranges::any_of(touched, [&](std::string_view path) { return paths.contains(path); });
      if (shares && !would_apply(tree, memory, number())) return i;
    }
    return std::nullopt;
  }

  [[nodiscard]] std::optional<Stumble> stumbles() const {
    const std::optional<std::size_t> at = failed_.first_obstacle();
    if (!at) return std::nullopt;
    const Section& section = patch(number()).sections[*at];
    const SectionPlacement& placement = failed_.sections[*at];
    if (!section.old_path) return std::nullopt;
    if (placement.obstacle == Obstacle::target_missing) return Stumble{section.old_path->value};
    for (const HunkPlacement& hunk : placement.hunks) {
      const auto* mismatch = std::get_if<Mismatch>(&hunk);
      if (mismatch == nullptr) continue;
      if (mismatch->size == 0) return std::nullopt;
      const std::string_view text = series_.patches[number()].text;
      const std::string_view line = text.substr(mismatch->culprit.begin, mismatch->culprit.size());
      if (trim(line).size() < 3 && !mismatch->found_from) return std::nullopt;
      return Stumble{section.old_path->value, line, mismatch->found_from};
    }
    return std::nullopt;
  }

  /// Not only as context.
  [[nodiscard]] bool was_added(const LineOrigin& origin) const {
    const std::vector<formats::HunkLine>& lines = patch(origin.patch).lines;
    const auto at =
        std::ranges::find(lines, origin.offset, [](const formats::HunkLine& line) { return line.text.begin; });
    return at != lines.end() && at->kind == LineKind::added;
  }

  [[nodiscard]] bool has_line(std::size_t i, const Stumble& stumble, LineKind kind) const {
    if (trim(stumble.line).size() < 3) return false;
    const std::string_view text = series_.patches[i].text;
    return std::ranges::any_of(patch(i).sections, [&](const Section& section) {
      if (section.path().value != stumble.path) return false;
      return std::ranges::any_of(patch(i).hunks_of(section), [&](const formats::Hunk& hunk) {
        return std::ranges::any_of(patch(i).lines_of(hunk), [&](const formats::HunkLine& line) {
          return line.kind == kind && text.substr(line.text.begin, line.text.size()) == stumble.line;
        });
      });
    });
  }

  [[nodiscard]] bool supplies(std::size_t i, const Stumble& stumble) const {
    if (!stumble.line.empty()) return has_line(i, stumble, LineKind::added);
    return std::ranges::any_of(patch(i).sections, [&](const Section& section) {
      const bool makes = section.creates != formats::Certainty::no || section.renames || section.copies;
      return makes && section.new_path && section.new_path->value == stumble.path;
    });
  }

  /// Only where it was seen to apply then.
  std::optional<SeriesClash> supplied_by(const Stumble& stumble) {
    constexpr std::size_t most_tried = 8;
    std::size_t tried = 0;
    for (std::size_t i = number() + 1; i < series_.patches.size() && tried < most_tried; ++i) {
      if (patch(i).refused || !supplies(i, stumble)) continue;
      ++tried;
      const std::size_t mark = series_.tree.mark();
      RunMemory memory = series_.memory;
      const bool both =
          attempt_patch(series_.tree, memory, series_.patches[i].text, patch(i), Direction::forward).applies &&
          applies(series_.tree, memory, number());
      series_.tree.rollback(mark);
      if (both) return SeriesClash{SeriesClash::Kind::supplied_by, i};
    }
    return std::nullopt;
  }

  const SeriesUpTo& series_;
  const PatchPlacement& failed_;
};

}  // namespace

std::string_view to_string(SeriesClash::Kind kind) {
  switch (kind) {
    case SeriesClash::Kind::broken_by:
      return "broken-by";
    case SeriesClash::Kind::made_by:
      return "made-by";
    case SeriesClash::Kind::taken_by:
      return "taken-by";
    case SeriesClash::Kind::needs:
      return "needs";
    case SeriesClash::Kind::supplied_by:
      return "supplied-by";
  }
  return "broken-by";
}

std::optional<SeriesClash> find_clash(const SeriesUpTo& series, const PatchPlacement& failed) {
  return Blame(series, failed).find();
}

}  // namespace forge::model
