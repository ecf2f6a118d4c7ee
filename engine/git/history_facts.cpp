#include "engine/git/history_facts.hpp"

#include <charconv>
#include <string_view>
#include <utility>

#include <fmt/format.h>

#include "engine/base/text.hpp"

namespace forge::git {

namespace {

constexpr std::string_view kind = "history-facts-1";
/// About 100 bytes each; a forge asks some ten of each ref.
constexpr std::size_t most = 10'000;

}  // namespace

HistoryFacts::HistoryFacts(const AnswerFolder& answers, std::string path) : answers_(answers), path_(std::move(path)) {}

HistoryFacts::~HistoryFacts() {
  if (!has_news_) return;
  std::string text;
  for (const auto& [key, answer] : known_) {
    const auto& [question, a, b] = key;
    text += fmt::format("{} {} {} {}\n", static_cast<unsigned>(question), a.hex(), b.hex(), answer);
  }
  answers_.store(kind, path_, text);
}

std::optional<std::size_t> HistoryFacts::find(Question question, const ObjectId& a, const ObjectId& b) {
  const std::scoped_lock lock(mutex_);
  if (!std::exchange(is_loaded_, true)) load();
  const auto found = known_.find({question, a, b});
  return found == known_.end() ? std::nullopt : std::optional(found->second);
}

void HistoryFacts::add(Question question, const ObjectId& a, const ObjectId& b, std::size_t answer) {
  const std::scoped_lock lock(mutex_);
  if (known_.size() >= most) known_.clear();
  known_.insert_or_assign({question, a, b}, answer);
  has_news_ = true;
}

void HistoryFacts::load() {
  const std::optional<std::string> text = answers_.load(kind, path_);
  if (!text) return;
  for (const std::string_view line : split(*text, '\n')) {
    const auto words = split(line, ' ');
    if (words.size() != 4 || (words[0] != "0" && words[0] != "1")) continue;
    const auto a = ObjectId::from_hex(words[1]);
    const auto b = ObjectId::from_hex(words[2]);
    std::size_t answer = 0;
    const bool is_number =
        std::from_chars(words[3].data(), words[3].data() + words[3].size(), answer).ec == std::errc();
    const Question question = words[0] == "0" ? Question::is_ancestor : Question::count_between;
    if (a && b && is_number && known_.size() < most) known_.emplace(Key{question, *a, *b}, answer);
  }
}

}  // namespace forge::git
