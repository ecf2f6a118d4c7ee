/// Why upstream does not have the lines that a hunk expects: the commit that changed them, or the one that brings them.
#pragma once

#include <bitset>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <tuple>
#include <unordered_map>
#include <vector>

#include "engine/model/file_content.hpp"
#include "engine/model/upstream_past.hpp"

namespace forge::model {

struct LineCause {
  enum class Kind {
    changed_by,  ///< the ref's past had the lines until this commit
    brought_by,  ///< the ref's past never had them; this commit, which it lacks, brings them
    never_there  ///< no commit that a ref reaches ever had them
  };
  Kind kind = Kind::never_there;
  std::optional<KnownCommit> commit{};
  std::string path{};  ///< the file's name in that commit
};
[[nodiscard]] std::string_view to_string(LineCause::Kind kind);

/// What is looked for in the states of a file: the hunk's whole old image, else the line that differs between its
/// neighbours, else that line alone.
struct ExpectedLines {
  Lines before;               ///< the old image
  std::size_t culprit = 0;    ///< in it, the first line that differs
  bool inserted = false;      ///< the file has a line more in front of it
  bool at_beginning = false;  ///< as a whole only at the first line
  bool at_end = false;        ///< as a whole only at the last lines
};

/// One answer for each; nothing where the bound (2,000 states of the file in each direction, or the budget) or the
/// history's end was reached before one was found. A state is read once, for all hunks together. Fails where the
/// repository does.
[[nodiscard]] Result<std::vector<std::optional<LineCause>>> line_causes(const UpstreamPast& past, std::string_view path,
                                                                        std::span<const ExpectedLines> hunks,
                                                                        PastBudget& budget);

/// Texts of whole lines that are looked for in other texts, all in one pass.
class LineNeedles {
 public:
  /// Its number. Equal ones have the same. Bound to the beginning or the end it must stand there.
  std::size_t add(std::string text, bool at_beginning = false, bool at_end = false);
  /// By number, whether it begins with a line of `text` and goes on as that does. Adds to `looked_at` the bytes that
  /// were compared.
  [[nodiscard]] std::vector<bool> found_in(std::string_view text, std::uint64_t& looked_at) const;

 private:
  struct Needle {
    std::string text;
    std::size_t key = 0;  ///< where the line begins that it is found by
    bool at_beginning = false;
    bool at_end = false;
  };
  using Key = std::tuple<std::string_view, bool, bool>;

  std::deque<Needle> needles_;  ///< stay where they are
  std::map<Key, std::size_t> numbers_;
  std::unordered_map<std::string_view, std::vector<std::size_t>> by_line_;
  std::bitset<256> sizes_;          ///< of those lines, by the last bits
  std::vector<std::size_t> plain_;  ///< bound ones, and those without a whole line
};

}  // namespace forge::model
