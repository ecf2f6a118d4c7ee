#include "engine/model/hunk_placement.hpp"

#include <array>
#include <cstdint>
#include <memory>
#include <random>
#include <string>
#include <vector>

#include <doctest/doctest.h>
#include <fmt/format.h>

#include "engine/model/line_index.hpp"

using forge::model::FileContent;
using forge::model::HunkImages;
using forge::model::Lines;
using forge::model::NumberRuns;
using forge::model::PatchedLines;
using forge::model::PatchTexts;

namespace {

constexpr std::array<std::string_view, 4> words = {"a\n", "b\n", "c\n", "a b\n"};

/// Looks at every place by itself, from the start outwards, as git does.
class PlainLines {
 public:
  explicit PlainLines(const Lines& base) {
    for (const std::string_view line : base) lines_.push_back({line, false});
  }

  [[nodiscard]] std::optional<std::size_t> find(const HunkImages& hunk, std::size_t start) const {
    for (std::size_t distance = 0; distance <= lines_.size(); ++distance) {
      if (fits(hunk, start + distance)) return start + distance;
      if (distance <= start && fits(hunk, start - distance)) return start - distance;
    }
    return std::nullopt;
  }
  void replace(std::size_t at, const HunkImages& hunk) {
    const auto place = lines_.begin() + static_cast<std::ptrdiff_t>(at);
    const auto after = lines_.erase(place, place + static_cast<std::ptrdiff_t>(hunk.before.size()));
    std::vector<Line> made;
    for (const std::string_view line : hunk.after) made.push_back({line, true});
    lines_.insert(after, made.begin(), made.end());
  }
  [[nodiscard]] Lines result() const {
    Lines out;
    for (const Line& line : lines_) out.push_back(line.text);
    return out;
  }

 private:
  struct Line {
    std::string_view text;
    bool made = false;
  };
  [[nodiscard]] bool fits(const HunkImages& hunk, std::size_t at) const {
    if (at + hunk.before.size() > lines_.size()) return false;
    if ((hunk.at_beginning && at != 0) || (hunk.at_end && at + hunk.before.size() != lines_.size())) return false;
    for (std::size_t i = 0; i < hunk.before.size(); ++i) {
      if (lines_[at + i].made || lines_[at + i].text != hunk.before[i]) return false;
    }
    return true;
  }
  std::vector<Line> lines_;
};

/// Lines of few kinds, so that nearly every hunk fits at many places, and hunks that name any of them.
class Generator {
 public:
  explicit Generator(std::uint32_t seed) : random_(seed), kinds_(1 + pick(4)) {}

  std::size_t pick(std::size_t below) { return random_() % below; }
  Lines lines(std::size_t count) {
    Lines out;
    for (std::size_t i = 0; i < count; ++i) out.push_back(pick(50) == 0 ? "rare\n" : words[pick(kinds_)]);
    return out;
  }
  HunkImages hunk(std::size_t base_size) {
    HunkImages out;
    out.before = lines(1 + pick(pick(8) == 0 ? 60 : 7));
    out.after = pick(12) == 0 ? Lines{} : lines(pick(5));
    out.after_start = 1 + pick(base_size);
    out.before_start = 2;
    out.at_end = pick(40) == 0;
    return out;
  }

 private:
  std::minstd_rand random_;
  std::size_t kinds_;
};

}  // namespace

TEST_CASE("hunk placement: the same place as by looking at every line") {
  for (std::uint32_t seed = 1; seed <= 30; ++seed) {
    CAPTURE(seed);
    Generator generator(seed);
    const Lines base = generator.lines(200 + generator.pick(4000));
    PatchedLines lines(base);
    PlainLines plain(base);
    std::size_t found = 0;
    for (int i = 0; i < 400; ++i) {
      const HunkImages hunk = generator.hunk(base.size());
      const auto at = lines.find(hunk);
      REQUIRE(at == plain.find(hunk, lines.search_start(hunk)));
      if (!at) continue;
      ++found;
      lines.replace(*at, hunk);
      plain.replace(*at, hunk);
      REQUIRE(lines.size() == plain.result().size());
    }
    CHECK(found > 0);
    CHECK_FALSE(lines.gave_up());
    const Lines result = lines.result();
    CHECK(result == plain.result());
    for (std::size_t i = 0; i < result.size(); i += 7) REQUIRE(lines.line(i) == result[i]);
  }
}

TEST_CASE("hunk placement: lines that a deletion made neighbours take a hunk together") {
  const Lines base = {"1\n", "2\n", "3\n", "4\n", "5\n"};
  PatchedLines lines(base);
  lines.replace(2, HunkImages{.before = {"3\n"}, .after = {}});
  const HunkImages across{.before = {"2\n", "4\n"}, .after = {"x\n"}, .before_start = 4, .after_start = 4};
  REQUIRE(lines.find(across) == 1);
  lines.replace(1, across);
  CHECK(lines.result() == Lines{"1\n", "x\n", "5\n"});
}

TEST_CASE("hunk placement: what an earlier hunk used up is told from what never fitted") {
  const Lines base = {"1\n", "2\n", "3\n", "4\n"};
  PatchedLines lines(base);
  const HunkImages hunk{.before = {"2\n", "3\n"}, .after = {"2\n", "x\n", "3\n"}, .before_start = 2, .after_start = 2};
  lines.replace(1, hunk);
  CHECK_FALSE(lines.find(hunk).has_value());
  CHECK(lines.fits_base(hunk));
  CHECK_FALSE(lines.fits_base(HunkImages{.before = {"3\n", "2\n"}, .before_start = 2, .after_start = 2}));
}

TEST_CASE("hunk placement: runs of numbers are found in order until they are struck") {
  const std::vector<std::uint32_t> numbers = {1, 2, 1, 2, 1, 2, 3};
  const NumberRuns runs(numbers, 2);
  NumberRuns::Strikes strikes;
  const std::vector<std::uint32_t> want = {1, 2};
  const NumberRuns::Group group = runs.find(want);
  REQUIRE(group.end - group.begin == 3);
  const auto place = [&](std::optional<std::size_t> run) { return run ? static_cast<int>(runs.place(*run)) : -1; };
  CHECK(place(runs.at_or_after(group, 1, strikes)) == 2);
  CHECK(place(runs.before(group, 2, strikes)) == 0);
  NumberRuns::strike(*runs.at_or_after(group, 1, strikes), strikes);
  CHECK(place(runs.at_or_after(group, 1, strikes)) == 4);
  CHECK(place(runs.before(group, 4, strikes)) == 0);
  NumberRuns::strike(group.begin, strikes);
  CHECK(place(runs.before(group, 4, strikes)) == -1);
  CHECK(place(runs.at_or_after(group, 5, strikes)) == -1);
  const std::vector<std::uint32_t> missing = {3, 1};
  CHECK(runs.find(missing).begin == runs.find(missing).end);
}

namespace {

/// `count` hunks, each three lines of a file of four times as many, that name the line they stand at before any hunk.
std::uint64_t work_of_hunks(std::size_t count) {
  std::vector<std::string> texts;
  for (std::size_t i = 0; i < 4 * count + 4; ++i) texts.push_back(fmt::format("{}\n", i));
  const Lines base(texts.begin(), texts.end());
  PatchedLines lines(base);
  for (std::size_t i = 0; i < count; ++i) {
    const std::size_t at = 4 * i + 1;
    const HunkImages hunk{.before = {base[at], base[at + 1], base[at + 2]},
                          .after = {base[at], "new\n", base[at + 1], base[at + 2]},
                          .before_start = at + 1,
                          .after_start = at + 1};
    const auto found = lines.find(hunk);
    REQUIRE(found == at + i);
    lines.replace(*found, hunk);
  }
  return lines.work();
}

}  // namespace

TEST_CASE("hunk placement: the work grows with the hunks, not with hunks times lines") {
  const std::uint64_t once = work_of_hunks(2'000);
  CHECK(work_of_hunks(8'000) < 5 * once);
}

TEST_CASE("hunk placement: what is known of a content is found out once") {
  std::string text;
  for (int i = 0; i < 5'000; ++i) text += fmt::format("{}\n", i);
  const FileContent content(std::make_shared<const std::string>(text));
  const HunkImages hunk{.before = {"4900\n", "other\n"}, .before_start = 9, .after_start = 9};
  std::uint64_t all = 0;
  constexpr std::uint64_t sections = 1'000;
  for (std::uint64_t i = 0; i < sections; ++i) {
    const PatchedLines lines(content);
    CHECK_FALSE(lines.find(hunk).has_value());
    CHECK_FALSE(lines.fits_base(hunk));
    all += lines.work();
  }
  CHECK(all < sections * content.lines().size() / 4);
}

TEST_CASE("hunk placement: a result is whole unless a hunk made a line without its end before others") {
  const FileContent content(std::make_shared<const std::string>("1\n2\n3"));
  PatchedLines lines(content);
  lines.replace(0, HunkImages{.before = {"1\n"}, .after = {"x\n"}});
  CHECK(lines.result_is_whole());
  lines.replace(2, HunkImages{.before = {"3"}, .after = {"y"}});
  CHECK(lines.result_is_whole());
  lines.replace(1, HunkImages{.before = {"2\n"}, .after = {"2"}});
  CHECK_FALSE(lines.result_is_whole());
  PatchedLines behind(content);
  behind.replace(3, HunkImages{.before = {}, .after = {"more\n"}});
  CHECK_FALSE(behind.result_is_whole());
}

TEST_CASE("hunk placement: the patch whose text a line is a view into made it") {
  const std::string first = "aaa\n";
  const std::string second = "bbb\n";
  const std::string other = "ccc\n";
  PatchTexts texts;
  texts.add(first);
  texts.add(second);
  const auto origin = texts.origin_of(std::string_view(second).substr(1));
  REQUIRE(origin.has_value());
  CHECK(origin->patch == 1);
  CHECK(origin->offset == 1);
  CHECK(texts.origin_of(first)->patch == 0);
  CHECK_FALSE(texts.origin_of(other).has_value());
  CHECK_FALSE(texts.origin_of({}).has_value());
}
