#include "engine/model/line_index.hpp"

#include <algorithm>
#include <bit>
#include <functional>
#include <tuple>

namespace forge::model {

namespace {

__extension__ using Wide = unsigned __int128;

constexpr std::uint64_t modulus = (std::uint64_t{1} << 61) - 1;
constexpr std::uint64_t factor = 0x1B873593CC9E2D51ULL % modulus;

std::uint64_t reduced(Wide value) {
  const auto sum = static_cast<std::uint64_t>(value & modulus) + static_cast<std::uint64_t>(value >> 61);
  return sum >= modulus ? sum - modulus : sum;
}
std::uint64_t times(std::uint64_t a, std::uint64_t b) {
  return reduced(static_cast<Wide>(a) * b);
}
std::uint64_t next_hash(std::uint64_t hash, std::uint32_t number) {
  return reduced(static_cast<Wide>(times(hash, factor)) + number + 1);
}

}  // namespace

std::uint32_t blankless_hash(std::string_view line) {
  constexpr std::uint32_t kept_bits = 0xFFFFFF;
  std::uint32_t hash = 0;
  for (const char c : line) {
    if (c != ' ' && c != '\t' && c != '\r' && c != '\n') hash = hash * 3 + static_cast<unsigned char>(c);
  }
  return hash & kept_bits;
}

NumberRuns::NumberRuns(std::span<const std::uint32_t> numbers, std::size_t length) {
  if (length == 0 || numbers.size() < length) return;
  std::uint64_t leaving = 1;  // what the first number of a run counts when it leaves
  for (std::size_t i = 0; i < length; ++i) leaving = times(leaving, factor);
  std::uint64_t hash = 0;
  runs_.reserve(numbers.size() - length + 1);
  for (std::size_t i = 0; i < numbers.size(); ++i) {
    hash = next_hash(hash, numbers[i]);
    if (i >= length) hash = reduced(static_cast<Wide>(hash) + modulus - times(leaving, numbers[i - length] + 1ULL));
    if (i + 1 >= length) runs_.push_back({hash, static_cast<std::uint32_t>(i + 1 - length)});
  }
  std::ranges::sort(runs_, {}, [](const Run& run) { return std::tuple(run.hash, run.place); });
}

NumberRuns::Group NumberRuns::find(std::span<const std::uint32_t> want) const {
  std::uint64_t hash = 0;
  for (const std::uint32_t number : want) hash = next_hash(hash, number);
  const auto equal = std::ranges::equal_range(runs_, hash, {}, &Run::hash);
  const auto begin = static_cast<std::size_t>(equal.begin() - runs_.begin());
  return {begin, begin + equal.size()};
}

std::size_t NumberRuns::first_at(Group group, std::size_t place) const {
  const auto runs = std::span(runs_).subspan(group.begin, group.end - group.begin);
  const auto at = std::ranges::lower_bound(runs, place, {}, &Run::place);
  return group.begin + static_cast<std::size_t>(at - runs.begin());
}

std::uint32_t NumberRuns::last_link(Strikes::Links& links, std::size_t from) {
  auto at = static_cast<std::uint32_t>(from);
  for (auto link = links.find(at); link != links.end(); link = links.find(at)) {
    if (const auto further = links.find(link->second); further != links.end()) link->second = further->second;
    at = link->second;
  }
  return at;
}

std::optional<std::size_t> NumberRuns::at_or_after(Group group, std::size_t place, Strikes& strikes) const {
  const std::size_t run = last_link(strikes.next, first_at(group, place));
  return run < group.end ? std::optional(run) : std::nullopt;
}

std::optional<std::size_t> NumberRuns::before(Group group, std::size_t place, Strikes& strikes) const {
  const std::size_t above = last_link(strikes.previous, first_at(group, place));
  return above > group.begin ? std::optional(above - 1) : std::nullopt;
}

void NumberRuns::strike(std::size_t run, Strikes& strikes) {
  strikes.next[static_cast<std::uint32_t>(run)] = static_cast<std::uint32_t>(run + 1);
  strikes.previous[static_cast<std::uint32_t>(run + 1)] = static_cast<std::uint32_t>(run);
}

LineIndex::LineIndex(const Lines& base) {
  slots_.resize(2 * std::bit_ceil(base.size() + 1));
  ids_.reserve(base.size());
  for (const std::string_view line : base) {
    const std::uint64_t hash = std::hash<std::string_view>{}(line);
    Slot& slot = slots_[slot_of(line, hash)];
    if (slot.number == 0) {
      distinct_.push_back(line);
      slot = {static_cast<std::uint32_t>(hash >> 32), static_cast<std::uint32_t>(distinct_.size())};
    }
    ids_.push_back(slot.number - 1);
  }
  starts_.assign(distinct_.size() + 1, 0);
  for (const std::uint32_t id : ids_) ++starts_[id + 1];
  for (std::size_t i = 1; i < starts_.size(); ++i) starts_[i] += starts_[i - 1];
  places_.resize(ids_.size());
  std::vector<std::uint32_t> next(starts_.begin(), starts_.end() - 1);
  for (std::size_t i = 0; i < ids_.size(); ++i) places_[next[ids_[i]]++] = static_cast<std::uint32_t>(i);
}

std::optional<std::uint32_t> LineIndex::id(std::string_view line) const {
  const std::uint32_t number = slots_[slot_of(line, std::hash<std::string_view>{}(line))].number;
  if (number == 0) return std::nullopt;
  return number - 1;
}

std::size_t LineIndex::slot_of(std::string_view line, std::uint64_t hash) const {
  const auto tag = static_cast<std::uint32_t>(hash >> 32);
  for (std::size_t at = hash & (slots_.size() - 1);; at = (at + 1) & (slots_.size() - 1)) {
    const Slot& slot = slots_[at];
    if (slot.number == 0 || (slot.tag == tag && distinct_[slot.number - 1] == line)) return at;
  }
}

}  // namespace forge::model
