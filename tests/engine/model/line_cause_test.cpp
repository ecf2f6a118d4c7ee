#include "engine/model/line_cause.hpp"

#include <cstdint>
#include <random>
#include <string>
#include <string_view>
#include <vector>

#include <doctest/doctest.h>

using forge::model::LineNeedles;

namespace {

/// Lines of few kinds; the last one may lack its LF.
std::string some_lines(std::minstd_rand& random, std::size_t count) {
  std::string out;
  for (std::size_t i = 0; i < count; ++i)
    out += std::string(1 + random() % 2, static_cast<char>('a' + random() % 2)) + "\n";
  if (!out.empty() && random() % 4 == 0) out.pop_back();
  return out;
}

bool stands_in(std::string_view text, std::string_view wanted) {
  for (std::size_t at = text.find(wanted); at != std::string_view::npos; at = text.find(wanted, at + 1)) {
    if (at == 0 || text[at - 1] == '\n') return true;
  }
  return false;
}

}  // namespace

TEST_CASE("line cause: all texts are found in one pass where each would be found by itself") {
  std::minstd_rand random(7);
  std::size_t found_in_all = 0;
  for (int round = 0; round < 200; ++round) {
    LineNeedles needles;
    std::vector<std::string> texts;
    std::vector<std::size_t> numbers;
    for (int i = 0; i < 12; ++i) {
      texts.push_back(some_lines(random, 1 + random() % 4));
      numbers.push_back(needles.add(texts.back()));
    }
    const std::string text = some_lines(random, random() % 30);
    std::uint64_t looked_at = 0;
    const std::vector<bool> found = needles.found_in(text, looked_at);
    for (std::size_t i = 0; i < texts.size(); ++i) {
      CAPTURE(text);
      CAPTURE(texts[i]);
      REQUIRE(found[numbers[i]] == stands_in(text, texts[i]));
      found_in_all += found[numbers[i]] ? 1U : 0U;
    }
  }
  CHECK(found_in_all > 200);
}

TEST_CASE("line cause: a text that is bound to beginning or end is found only there") {
  LineNeedles needles;
  const std::size_t first = needles.add("b\n", true);
  const std::size_t last = needles.add("b\n", false, true);
  const std::size_t whole = needles.add("b\n", true, true);
  CHECK(needles.add("b\n", true) == first);
  std::uint64_t looked_at = 0;
  CHECK(needles.found_in("b\na\n", looked_at)[first]);
  CHECK_FALSE(needles.found_in("b\na\n", looked_at)[last]);
  CHECK(needles.found_in("a\nb\n", looked_at)[last]);
  CHECK_FALSE(needles.found_in("ab\n", looked_at)[last]);
  CHECK(needles.found_in("b\n", looked_at)[whole]);
}

TEST_CASE("line cause: the more is looked for, the more is looked at, but not the whole text each time") {
  std::string text;
  LineNeedles needles;
  for (int i = 0; i < 1'000; ++i) {
    text += "line " + std::to_string(i) + "\n";
    (void)needles.add("line " + std::to_string(i) + "\nmissing\n");
  }
  std::uint64_t looked_at = 0;
  (void)needles.found_in(text, looked_at);
  CHECK(looked_at < 10 * text.size());
}
