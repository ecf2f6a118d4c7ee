#include "engine/model/line_cause.hpp"

#include <algorithm>
#include <array>
#include <map>
#include <utility>

#include "engine/base/text.hpp"

namespace forge::model {

namespace {

constexpr std::size_t most_states = 2'000;
constexpr std::size_t levels = 3;  // whole image, line with neighbours, line
using Present = std::bitset<levels>;

std::string text_of(const Lines& lines, std::size_t begin, std::size_t end) {
  std::string text;
  for (std::size_t i = begin; i < end; ++i) text += lines[i];
  return text;
}

/// Blanks and brackets alone are everywhere.
bool tells_something(std::string_view text) {
  return std::ranges::count_if(text, [](char c) { return is_alnum(c); }) >= 3;
}

/// What one hunk looks for, and what was found so far.
struct Search {
  std::array<std::optional<std::size_t>, levels> needles;
  std::array<std::optional<FileStep>, levels> changed{};
  std::array<std::optional<FileStep>, levels> brought{};

  Search(const ExpectedLines& hunk, LineNeedles& all) {
    const std::size_t size = hunk.before.size();
    const std::size_t begin = hunk.culprit == 0 ? 0 : hunk.culprit - 1;
    const std::size_t end = std::min(size, hunk.culprit + (hunk.inserted ? 1U : 2U));
    std::string whole = text_of(hunk.before, 0, size);
    if (hunk.at_beginning || hunk.at_end || tells_something(whole))
      needles[0] = all.add(std::move(whole), hunk.at_beginning, hunk.at_end);
    if (end - begin < size) look_for(1, text_of(hunk.before, begin, end), all);
    if (!hunk.inserted && size > 1) look_for(2, text_of(hunk.before, hunk.culprit, hunk.culprit + 1), all);
  }

  void look_for(std::size_t level, std::string text, LineNeedles& all) {
    if (tells_something(text)) needles[level] = all.add(std::move(text));
  }

  [[nodiscard]] Present present(const std::vector<bool>& found) const {
    Present out;
    for (std::size_t i = 0; i < levels; ++i) out[i] = needles[i] && found[*needles[i]];
    return out;
  }
};

using Searches = std::vector<Search>;

/// Which lines each state of the file has; a state is read once.
class States {
 public:
  States(const git::Repository& repository, const Searches& searches, const LineNeedles& needles, PastBudget& budget)
      : repository_(repository), searches_(searches), needles_(needles), budget_(budget) {}

  [[nodiscard]] PastBudget& budget() { return budget_; }

  Result<const std::vector<Present>*> at(const std::optional<git::ObjectId>& blob) {
    if (!blob) return &nothing();
    const auto known = states_.find(*blob);
    if (known != states_.end()) return &known->second;
    FORGE_TRY_ASSIGN(const git::BlobPtr text, repository_.blob(*blob));
    std::uint64_t looked_at = text->size();
    const std::vector<bool> found = needles_.found_in(*text, looked_at);
    budget_.take_bytes(looked_at);
    std::vector<Present> out;
    for (const Search& search : searches_) out.push_back(search.present(found));
    return &states_.emplace(*blob, std::move(out)).first->second;
  }

 private:
  const std::vector<Present>& nothing() {
    if (nothing_.empty()) nothing_.resize(searches_.size());
    return nothing_;
  }

  const git::Repository& repository_;
  const Searches& searches_;
  const LineNeedles& needles_;
  PastBudget& budget_;
  std::map<git::ObjectId, std::vector<Present>> states_;
  std::vector<Present> nothing_;
};

using Found = std::array<std::optional<FileStep>, levels> Search::*;

/// Keeps the first step after which lines that were `there` on its one side are not on the other.
Result<bool> note(States& states, Searches& searches, const FileStep& step, Found found,
                  const std::optional<git::ObjectId>& with, const std::optional<git::ObjectId>& without) {
  if (!states.budget().take_step()) return false;
  FORGE_TRY_ASSIGN(const std::vector<Present>* there, states.at(with));
  FORGE_TRY_ASSIGN(const std::vector<Present>* gone, states.at(without));
  bool all_whole = true;
  for (std::size_t i = 0; i < searches.size(); ++i) {
    for (std::size_t level = 0; level < levels; ++level) {
      std::optional<FileStep>& place = (searches[i].*found)[level];
      if (!place && (*there)[i][level] && !(*gone)[i][level]) place = step;
    }
    all_whole = all_whole && ((searches[i].*found)[0] || searches[i].changed[0]);
  }
  return !all_whole;
}

Result<std::optional<LineCause>> answer(const UpstreamPast& past, const Search& search, bool complete) {
  for (std::size_t level = 0; level < levels; ++level) {
    for (const auto& [found, kind] : {std::pair(&search.changed, LineCause::Kind::changed_by),
                                      std::pair(&search.brought, LineCause::Kind::brought_by)}) {
      const std::optional<FileStep>& step = (*found)[level];
      if (!step) continue;
      FORGE_TRY_ASSIGN(KnownCommit commit, past.describe(step->commit));
      return std::optional(LineCause{kind, std::move(commit), step->path});
    }
  }
  if (!complete) return std::optional<LineCause>();
  return std::optional(LineCause{});
}

}  // namespace

std::string_view to_string(LineCause::Kind kind) {
  switch (kind) {
    case LineCause::Kind::changed_by:
      return "changed-by";
    case LineCause::Kind::brought_by:
      return "brought-by";
    case LineCause::Kind::never_there:
      return "never-there";
  }
  return "never-there";
}

std::size_t LineNeedles::add(std::string text, bool at_beginning, bool at_end) {
  const auto known = numbers_.find({text, at_beginning, at_end});
  if (known != numbers_.end()) return known->second;
  const std::size_t number = needles_.size();
  Needle& needle = needles_.emplace_back(Needle{std::move(text), 0, at_beginning, at_end});
  const std::string_view all = needle.text;
  numbers_.emplace(Key{all, at_beginning, at_end}, number);
  std::string_view longest;
  for (std::size_t at = 0, end = all.find('\n'); end != std::string_view::npos;
       at = end + 1, end = all.find('\n', at)) {
    if (end + 1 - at > longest.size()) longest = all.substr(at, end + 1 - at);
  }
  if (at_beginning || at_end || longest.empty()) {
    plain_.push_back(number);
    return number;
  }
  needle.key = static_cast<std::size_t>(longest.data() - all.data());
  by_line_[longest].push_back(number);
  sizes_.set(longest.size() % sizes_.size());
  return number;
}

namespace {

/// A text of lines that is bound to an end of the other, or has no line with its LF.
bool stands_plainly(std::string_view text, std::string_view wanted, bool at_beginning, bool at_end) {
  if (at_beginning) return text.starts_with(wanted) && (!at_end || text.size() == wanted.size());
  if (at_end)
    return text.ends_with(wanted) && (text.size() == wanted.size() || text[text.size() - wanted.size() - 1] == '\n');
  for (std::size_t at = text.find(wanted); at != std::string_view::npos; at = text.find(wanted, at + 1)) {
    if (at == 0 || text[at - 1] == '\n') return true;
  }
  return false;
}

}  // namespace

std::vector<bool> LineNeedles::found_in(std::string_view text, std::uint64_t& looked_at) const {
  constexpr std::size_t first_bytes = 64;  // compared before the rest is
  std::vector<bool> found(needles_.size());
  for (const std::size_t number : plain_) {
    const Needle& needle = needles_[number];
    looked_at += needle.at_beginning || needle.at_end ? needle.text.size() : text.size();
    found[number] = stands_plainly(text, needle.text, needle.at_beginning, needle.at_end);
  }
  if (by_line_.empty()) return found;
  for (std::size_t at = 0, end = text.find('\n'); end != std::string_view::npos;
       at = end + 1, end = text.find('\n', at)) {
    const std::string_view line = text.substr(at, end + 1 - at);
    if (!sizes_[line.size() % sizes_.size()]) continue;
    const auto same = by_line_.find(line);
    if (same == by_line_.end()) continue;
    for (const std::size_t number : same->second) {
      const Needle& needle = needles_[number];
      if (found[number] || needle.key > at) continue;
      const std::size_t begin = at - needle.key;
      if (begin > 0 && text[begin - 1] != '\n') continue;
      looked_at += first_bytes;
      const std::string_view all = needle.text;
      if (text.compare(begin, std::min(first_bytes, all.size()), all.substr(0, first_bytes)) != 0) continue;
      looked_at += all.size();
      found[number] = text.substr(begin).starts_with(all);
    }
  }
  return found;
}

Result<std::vector<std::optional<LineCause>>> line_causes(const UpstreamPast& past, std::string_view path,
                                                          std::span<const ExpectedLines> hunks, PastBudget& budget) {
  LineNeedles needles;
  Searches searches;
  for (const ExpectedLines& hunk : hunks) searches.emplace_back(hunk, needles);
  States states(past.repository(), searches, needles, budget);
  FORGE_TRY_ASSIGN(bool complete, past.walk_back(path, most_states, [&](const FileStep& step) {
    return note(states, searches, step, &Search::changed, step.before, step.after);
  }));
  if (std::ranges::any_of(searches, [](const Search& search) { return !search.changed[0]; })) {
    FORGE_TRY_ASSIGN(const bool all_ahead, past.walk_ahead(path, most_states, [&](const FileStep& step) {
      return note(states, searches, step, &Search::brought, step.after, step.before);
    }));
    complete = complete && all_ahead && !past.is_incomplete();
  }
  complete = complete && !budget.is_spent();
  std::vector<std::optional<LineCause>> out;
  for (const Search& search : searches) {
    FORGE_TRY_ASSIGN(std::optional<LineCause> cause, answer(past, search, complete));
    out.push_back(std::move(cause));
  }
  return out;
}

}  // namespace forge::model
