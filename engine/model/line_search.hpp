/// What is known of a file's lines once something is looked for in them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string_view>
#include <utility>
#include <vector>

#include "engine/model/line_index.hpp"

namespace forge::model {

/// Each part is made when it is first asked for and kept as long as the content is, so that a thousand sections that
/// fail on one file do not read it a thousand times. Not for use by several threads.
class LineSearch {
 public:
  /// `lines` must outlive it and stay as they are.
  explicit LineSearch(const Lines& lines) : lines_(lines) {}

  [[nodiscard]] const LineIndex& index();
  [[nodiscard]] bool has_index() const { return index_.has_value(); }
  /// All runs of `length` lines, or of lines told apart by blankless_hash only. Good until the next call.
  [[nodiscard]] const NumberRuns& runs(std::size_t length, bool loose);
  void forget_runs();
  /// Where lines stand that are equal to `line` but for blanks; ascending.
  [[nodiscard]] std::span<const std::uint32_t> places_without_blanks(std::string_view line);

  /// Plain looks at the lines are the cheapest way to an answer as long as there are few: whether all that were noted
  /// come to less than `times` looks at each line.
  [[nodiscard]] bool may_scan(std::uint64_t times) const { return scanned_ < times * lines_.size(); }
  void note_scan(std::uint64_t looks) { scanned_ += looks; }
  /// What making the parts has cost since this was last asked, in looks at a line.
  [[nodiscard]] std::uint64_t take_work() { return std::exchange(work_, 0); }

 private:
  const Lines& lines_;
  std::optional<LineIndex> index_;
  std::vector<std::uint32_t> loose_;
  std::map<std::pair<bool, std::size_t>, NumberRuns> runs_;
  std::size_t run_count_ = 0;
  /// Sorted, with the place of each.
  std::vector<std::uint64_t> blankless_hashes_;
  std::vector<std::uint32_t> blankless_places_;
  std::uint64_t scanned_ = 0;
  std::uint64_t work_ = 0;
};

}  // namespace forge::model
