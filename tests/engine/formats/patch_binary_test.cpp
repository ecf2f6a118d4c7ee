#include "engine/formats/patch_binary.hpp"

#include <string>
#include <utility>

#include <doctest/doctest.h>

using namespace forge::formats;

namespace {

// Made with `git diff --binary`: `a\0b\n` became `a\0b\nmore\n`, both ways as literals.
const std::string blocks = "literal 9\nQcmYdfNaD)PFG}SC01RUSivR!s\n\nliteral 4\nLcmYdfNa6wj0#*Rd\n\n";

BinaryRead read(std::string_view text, Section& section) {
  std::uint64_t left = forge::formats::largest_binary_data;
  return read_binary_blocks(text, 0, left, section);
}

}  // namespace

TEST_CASE("patch binary: both blocks are read and inflated") {
  Section section;
  const BinaryRead both = read(blocks, section);
  CHECK_FALSE(both.problem.has_value());
  CHECK(both.end == blocks.size());
  REQUIRE(section.forward.has_value());
  CHECK(inflate_block(blocks, *section.forward) == std::string("a\0b\nmore\n", 9));
  REQUIRE(section.backward.has_value());
  CHECK(inflate_block(blocks, *section.backward) == std::string("a\0b\n", 4));
}

TEST_CASE("patch binary: a wrong size, digit or length, or a missing end, is a broken block") {
  for (const auto& [from, to] :
       {std::pair{"literal 9", "literal 8"}, {"QcmY", "Q mY"}, {"QcmY", "WcmY"}, {"literal 4\n", ""}}) {
    std::string text = blocks;
    text.replace(text.find(from), std::string_view(from).size(), to);
    Section section;
    const bool broken = read(text, section).problem.has_value();
    CHECK((broken || !section.backward.has_value()));
  }
  Section section;
  CHECK(read(blocks.substr(0, blocks.size() - 1), section).problem.has_value());
  const BinaryRead huge = read("literal 99999999999\nQcmYdfNaD)PFG}SC01RUSivR!s\n\n", section);
  CHECK(huge.problem.has_value());
  CHECK(huge.too_large);
  CHECK(read("literal -1\nHcmV?d00001\n\n", section).too_large);
  CHECK_FALSE(read("literal +0\nHcmV?d00001\n\n", section).problem.has_value());
}

TEST_CASE("patch binary: copies and literals of a delta") {
  const std::string delta("\x05\x07\x91\x01\x04\x03xyz", 9);
  CHECK(apply_delta("abcde", delta) == "bcdexyz");
  CHECK_FALSE(apply_delta("abcd", delta).has_value());
  CHECK_FALSE(apply_delta("abcde", delta.substr(0, 7)).has_value());
  CHECK_FALSE(apply_delta("abcde", std::string("\x05\x07\x91\x02\x04\x03xyz", 9)).has_value());
}

TEST_CASE("patch binary: what all blocks of a patch inflate to together is bounded") {
  Section section;
  std::uint64_t left = 12;
  const BinaryRead read = read_binary_blocks(blocks, 0, left, section);
  CHECK(read.problem.has_value());
  CHECK(read.too_large);
}
