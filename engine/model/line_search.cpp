#include "engine/model/line_search.hpp"

#include <algorithm>
#include <functional>
#include <string>

namespace forge::model {

namespace {

/// Runs of all lengths together that are kept.
constexpr std::size_t most_runs = std::size_t{1} << 23;
// Against one look at a line.
constexpr std::uint64_t cost_of_hashing = 16;
constexpr std::uint64_t cost_of_sorting = 32;

std::uint64_t hash_without_blanks(std::string_view line, std::string& scratch) {
  scratch.clear();
  for (const char c : line) {
    if (c != ' ' && c != '\t' && c != '\r' && c != '\n') scratch += c;
  }
  return std::hash<std::string>{}(scratch);
}

}  // namespace

const LineIndex& LineSearch::index() {
  if (!index_) {
    index_.emplace(lines_);
    work_ += cost_of_hashing * lines_.size();
  }
  return *index_;
}

const NumberRuns& LineSearch::runs(std::size_t length, bool loose) {
  const auto known = runs_.find({loose, length});
  if (known != runs_.end()) return known->second;
  if (run_count_ > most_runs) forget_runs();
  if (loose && loose_.empty()) {
    loose_.reserve(lines_.size());
    for (const std::string_view line : lines_) loose_.push_back(blankless_hash(line));
    work_ += cost_of_hashing * lines_.size();
  }
  const std::span<const std::uint32_t> numbers = loose ? loose_ : index().ids();
  const NumberRuns& made = runs_.try_emplace({loose, length}, numbers, length).first->second;
  run_count_ += made.size();
  work_ += cost_of_sorting * numbers.size();
  return made;
}

void LineSearch::forget_runs() {
  runs_.clear();
  run_count_ = 0;
}

std::span<const std::uint32_t> LineSearch::places_without_blanks(std::string_view line) {
  std::string scratch;
  if (blankless_places_.size() != lines_.size()) {
    std::vector<std::pair<std::uint64_t, std::uint32_t>> all;
    all.reserve(lines_.size());
    for (std::size_t i = 0; i < lines_.size(); ++i)
      all.emplace_back(hash_without_blanks(lines_[i], scratch), static_cast<std::uint32_t>(i));
    std::ranges::sort(all);
    blankless_hashes_.reserve(all.size());
    blankless_places_.reserve(all.size());
    for (const auto& [hash, place] : all) {
      blankless_hashes_.push_back(hash);
      blankless_places_.push_back(place);
    }
    work_ += cost_of_sorting * lines_.size();
  }
  const auto equal = std::ranges::equal_range(blankless_hashes_, hash_without_blanks(line, scratch));
  const auto begin = static_cast<std::size_t>(equal.begin() - blankless_hashes_.begin());
  return std::span(blankless_places_).subspan(begin, equal.size());
}

}  // namespace forge::model
