/// Where runs of lines stand in a file, in a time that stays near linear however alike the lines are.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "engine/model/file_content.hpp"

namespace forge::model {

/// Git's own hash of a line, blanks left out: it decides together with the bytes where a last line without LF fits.
[[nodiscard]] std::uint32_t blankless_hash(std::string_view line);

/// All runs of `length` numbers in a sequence, equal ones together, each kind in order of its place. Runs are told
/// apart by a hash of 61 bits: who needs to be sure compares.
class NumberRuns {
 public:
  /// Consecutive indices of equal runs.
  struct Group {
    std::size_t begin = 0;
    std::size_t end = 0;
  };

  /// Runs that one reader does not want to find again. Of each one further on, or further up; paths are shortened
  /// when they are walked. Those of `previous` are one higher: 0 stands for none.
  class Strikes {
    friend class NumberRuns;
    using Links = std::unordered_map<std::uint32_t, std::uint32_t>;
    Links next;
    Links previous;
  };

  NumberRuns(std::span<const std::uint32_t> numbers, std::size_t length);

  [[nodiscard]] Group find(std::span<const std::uint32_t> want) const;
  [[nodiscard]] std::size_t place(std::size_t run) const { return runs_[run].place; }
  /// The first run of the group that begins at `place` or behind it, those that were struck left out.
  [[nodiscard]] std::optional<std::size_t> at_or_after(Group group, std::size_t place, Strikes& strikes) const;
  /// The last one that begins before `place`.
  [[nodiscard]] std::optional<std::size_t> before(Group group, std::size_t place, Strikes& strikes) const;
  static void strike(std::size_t run, Strikes& strikes);
  [[nodiscard]] std::size_t size() const { return runs_.size(); }

 private:
  struct Run {
    std::uint64_t hash = 0;
    std::uint32_t place = 0;
  };
  [[nodiscard]] std::size_t first_at(Group group, std::size_t place) const;

  [[nodiscard]] static std::uint32_t last_link(Strikes::Links& links, std::size_t at);

  std::vector<Run> runs_;
};

/// Numbers for the distinct lines of a file, and where each stands.
class LineIndex {
 public:
  explicit LineIndex(const Lines& base);

  [[nodiscard]] std::optional<std::uint32_t> id(std::string_view line) const;
  [[nodiscard]] std::span<const std::uint32_t> places(std::uint32_t id) const {
    return std::span(places_).subspan(starts_[id], starts_[id + 1] - starts_[id]);
  }
  [[nodiscard]] std::span<const std::uint32_t> ids() const { return ids_; }

 private:
  /// Of a table with open addressing; `number` is one higher, 0: the slot is free.
  struct Slot {
    std::uint32_t tag = 0;  ///< bits of the hash
    std::uint32_t number = 0;
  };
  /// Of the line, or the free one that it would take.
  [[nodiscard]] std::size_t slot_of(std::string_view line, std::uint64_t hash) const;

  std::vector<Slot> slots_;  ///< a power of two, at least half of them free
  std::vector<std::string_view> distinct_;
  std::vector<std::uint32_t> ids_;
  std::vector<std::uint32_t> starts_;
  std::vector<std::uint32_t> places_;
};

/// Calls `visit` with every place of `want` in `text`, in linear time (Knuth, Morris, Pratt).
template <class Visit>
void for_each_place(std::span<const std::uint32_t> text, std::span<const std::uint32_t> want, Visit&& visit) {
  std::vector<std::size_t> border(want.size(), 0);  // the longest proper end of a prefix that is also its beginning
  for (std::size_t i = 1, size = 0; i < want.size(); ++i) {
    while (size > 0 && want[i] != want[size]) size = border[size - 1];
    if (want[i] == want[size]) ++size;
    border[i] = size;
  }
  std::size_t size = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    while (size > 0 && text[i] != want[size]) size = border[size - 1];
    if (text[i] == want[size]) ++size;
    if (size < want.size()) continue;
    visit(i + 1 - size);
    size = border[size - 1];
  }
}

}  // namespace forge::model
