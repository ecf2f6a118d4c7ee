#include "engine/model/line_cause.hpp"

#include <algorithm>
#include <array>
#include <bitset>
#include <functional>
#include <map>
#include <memory>

#include "engine/base/text.hpp"

namespace forge::model {

namespace {

constexpr std::size_t most_states = 2'000;
constexpr std::size_t levels = 3;  // whole image, line with neighbours, line
using Present = std::bitset<levels>;

/// Whole lines, looked for in a text.
class Needle {
 public:
  explicit Needle(std::string text, bool at_beginning = false, bool at_end = false)
      : text_(std::move(text)), at_beginning_(at_beginning), at_end_(at_end), searcher_(text_.begin(), text_.end()) {}
  Needle(const Needle&) = delete;
  Needle& operator=(const Needle&) = delete;

  [[nodiscard]] bool is_in(std::string_view text) const {
    if (at_beginning_) return text.starts_with(text_) && (!at_end_ || text.size() == text_.size());
    if (at_end_)
      return text.ends_with(text_) && (text.size() == text_.size() || text[text.size() - text_.size() - 1] == '\n');
    for (auto from = text.begin();;) {
      const auto at = std::search(from, text.end(), searcher_);
      if (at == text.end()) return false;
      if (at == text.begin() || *(at - 1) == '\n') return true;
      from = at + 1;
    }
  }

 private:
  std::string text_;
  bool at_beginning_;
  bool at_end_;
  std::boyer_moore_horspool_searcher<std::string::const_iterator> searcher_;
};

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
  std::array<std::unique_ptr<const Needle>, levels> needles;
  std::array<std::optional<FileStep>, levels> changed{};
  std::array<std::optional<FileStep>, levels> brought{};

  explicit Search(const ExpectedLines& hunk) {
    const std::size_t size = hunk.before.size();
    const std::size_t begin = hunk.culprit == 0 ? 0 : hunk.culprit - 1;
    const std::size_t end = std::min(size, hunk.culprit + (hunk.inserted ? 1U : 2U));
    std::string whole = text_of(hunk.before, 0, size);
    if (hunk.at_beginning || hunk.at_end || tells_something(whole))
      needles[0] = std::make_unique<const Needle>(std::move(whole), hunk.at_beginning, hunk.at_end);
    if (end - begin < size) look_for(1, text_of(hunk.before, begin, end));
    if (!hunk.inserted && size > 1) look_for(2, text_of(hunk.before, hunk.culprit, hunk.culprit + 1));
  }

  void look_for(std::size_t level, std::string text) {
    if (tells_something(text)) needles[level] = std::make_unique<const Needle>(std::move(text));
  }

  [[nodiscard]] Present present_in(std::string_view text) const {
    Present out;
    for (std::size_t i = levels; i-- > 0;) {
      if (needles[i]) out[i] = needles[i]->is_in(text);
    }
    return out;
  }
};

using Searches = std::vector<Search>;

/// Which lines each state of the file has; a state is read once.
class States {
 public:
  States(const git::Repository& repository, const Searches& searches) : repository_(repository), searches_(searches) {}

  Result<const std::vector<Present>*> at(const std::optional<git::ObjectId>& blob) {
    if (!blob) return &nothing();
    const auto known = states_.find(*blob);
    if (known != states_.end()) return &known->second;
    FORGE_TRY_ASSIGN(const git::BlobPtr text, repository_.blob(*blob));
    std::vector<Present> out;
    for (const Search& search : searches_) out.push_back(search.present_in(*text));
    return &states_.emplace(*blob, std::move(out)).first->second;
  }

 private:
  const std::vector<Present>& nothing() {
    if (nothing_.empty()) nothing_.resize(searches_.size());
    return nothing_;
  }

  const git::Repository& repository_;
  const Searches& searches_;
  std::map<git::ObjectId, std::vector<Present>> states_;
  std::vector<Present> nothing_;
};

using Found = std::array<std::optional<FileStep>, levels> Search::*;

/// Keeps the first step after which lines that were `there` on its one side are not on the other.
Result<bool> note(States& states, Searches& searches, const FileStep& step, Found found,
                  const std::optional<git::ObjectId>& with, const std::optional<git::ObjectId>& without) {
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

Result<std::vector<std::optional<LineCause>>> line_causes(const UpstreamPast& past, std::string_view path,
                                                          std::span<const ExpectedLines> hunks) {
  Searches searches;
  for (const ExpectedLines& hunk : hunks) searches.emplace_back(hunk);
  States states(past.repository(), searches);
  FORGE_TRY_ASSIGN(bool complete, past.walk_back(path, most_states, [&](const FileStep& step) {
    return note(states, searches, step, &Search::changed, step.before, step.after);
  }));
  if (std::ranges::any_of(searches, [](const Search& search) { return !search.changed[0]; })) {
    FORGE_TRY_ASSIGN(const bool all_ahead, past.walk_ahead(path, most_states, [&](const FileStep& step) {
      return note(states, searches, step, &Search::brought, step.after, step.before);
    }));
    complete = complete && all_ahead && !past.is_incomplete();
  }
  std::vector<std::optional<LineCause>> out;
  for (const Search& search : searches) {
    FORGE_TRY_ASSIGN(std::optional<LineCause> cause, answer(past, search, complete));
    out.push_back(std::move(cause));
  }
  return out;
}

}  // namespace forge::model
