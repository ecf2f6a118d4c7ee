/// What was found out about the history of a repository, kept for later processes. Commits are named by their content,
/// so a fact about two of them never changes while nobody cuts the history off.
#pragma once

#include <cstdint>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <tuple>

#include "engine/base/answer_folder.hpp"
#include "engine/git/upstreams.hpp"

namespace forge::git {

class HistoryFacts {
 public:
  enum class Question : std::uint8_t { is_ancestor, count_between };

  /// Of the repository at `path`. `answers` outlives it.
  HistoryFacts(const AnswerFolder& answers, std::string path);
  /// Writes down what is new.
  ~HistoryFacts();
  HistoryFacts(const HistoryFacts&) = delete;
  HistoryFacts& operator=(const HistoryFacts&) = delete;

  /// From any thread. A failure is no fact: the next one asks again.
  template <class Compute>
  Result<std::size_t> get(Question question, const ObjectId& a, const ObjectId& b, const Compute& compute) {
    if (const auto known = find(question, a, b)) return *known;
    Result<std::size_t> found = compute();
    if (found) add(question, a, b, *found);
    return found;
  }

 private:
  using Key = std::tuple<Question, ObjectId, ObjectId>;
  [[nodiscard]] std::optional<std::size_t> find(Question question, const ObjectId& a, const ObjectId& b);
  void add(Question question, const ObjectId& a, const ObjectId& b, std::size_t answer);
  void load();

  const AnswerFolder& answers_;
  const std::string path_;
  std::mutex mutex_;
  std::map<Key, std::size_t> known_;
  bool is_loaded_ = false;
  bool has_news_ = false;
};

}  // namespace forge::git
