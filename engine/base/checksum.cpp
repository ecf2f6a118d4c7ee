#include "engine/base/checksum.hpp"

#include <array>
#include <bit>
#include <cstddef>
#include <cstring>

namespace forge {

namespace {

// Odd, so that multiplying loses nothing; the fraction of the golden ratio.
constexpr std::uint64_t factor = 0x9e3779b97f4a7c15;

constexpr std::uint64_t mixed(std::uint64_t sum, std::uint64_t word) {
  return std::rotl((sum ^ word) * factor, 29);
}

}  // namespace

std::uint64_t checksum(std::string_view bytes) {
  // Several sums at once, for the processor to work on side by side.
  std::array<std::uint64_t, 8> sums{1, 2, 3, 4, 5, 6, 7, 8};
  constexpr std::size_t block = sizeof sums;
  std::uint64_t all = bytes.size();
  for (; bytes.size() >= block; bytes.remove_prefix(block)) {
    std::array<std::uint64_t, sums.size()> words;
    std::memcpy(words.data(), bytes.data(), block);
    for (std::size_t i = 0; i < sums.size(); ++i) sums[i] = mixed(sums[i], words[i]);
  }
  std::array<std::uint64_t, sums.size()> rest{};
  std::memcpy(rest.data(), bytes.data(), bytes.size());
  for (std::size_t i = 0; i < sums.size(); ++i) all = mixed(all, mixed(sums[i], rest[i]));
  return all ^ (all >> 32U);
}

}  // namespace forge
