#include "engine/model/upstream_change.hpp"

#include <doctest/doctest.h>

#include "tests/support/git_fixture.hpp"

namespace {

using namespace forge;
using model::UpstreamState;
using model::Witness;
using support::GitFixture;
using support::GitStream;

constexpr std::string_view change_id = "Change-Id: I0123456789abcdef0123456789abcdef01234567\n";

std::string code(std::string_view line) {
  return "import os\n\n\ndef start(port):\n    listen(port)\n" + std::string(line) + "    return port\n";
}

model::PatchUpstream ask(const GitFixture& fixture, const std::string& ref, const std::string& patch) {
  const auto upstream = model::read_upstream_refs(fixture.open());
  REQUIRE(upstream);
  const model::PatchText text{patch, std::make_shared<const Parsed<formats::Patch>>(formats::parse_patch(patch))};
  const auto placement = model::place_series(*upstream->repository, fixture.id(ref), std::span(&text, 1));
  REQUIRE(placement);
  const auto tip = model::series_tip(*upstream, placement->commit);
  REQUIRE(tip);
  auto found = model::find_upstream_changes(*upstream, *tip, *placement, std::span(&text, 1));
  REQUIRE(found);
  return found->front();
}

/// 1.0.0, the change of stable, 1.0.1 with it, its revert, 1.0.2.
struct Story {
  explicit Story(const std::string& trailer = std::string(change_id)) {
    const int base =
        stream.commit({.branch = "stable/2025.2", .message = "Base\n", .files = {{"app.py", code("    log('a')\n")}}});
    const int fix = stream.commit({.branch = "stable/2025.2",
                                   .message = "Say started\n\n" + trailer,
                                   .files = {{"app.py", code("    log('started')\n")}},
                                   .parents = {base}});
    const int other =
        stream.commit({.branch = "stable/2025.2", .message = "Other\n", .files = {{"b.py", "1\n"}}, .parents = {fix}});
    stream.tag("1.0.0", base).tag("1.0.1", other);
    last = other;
  }
  GitStream stream;
  int last = 0;
};

std::string exported(const GitFixture& fixture, const std::string& options = "") {
  return fixture.git("format-patch --stdout " + options + " -1 1.0.1~1") + "\n";
}

std::string without_names(std::string patch) {
  patch.erase(0, patch.find('\n') + 1);
  const std::size_t at = patch.find(change_id);
  if (at != std::string::npos) patch.erase(at, change_id.size());
  return patch;
}

}  // namespace

TEST_CASE("upstream change: merged in the ref, with the first version that has it") {
  const GitFixture fixture(Story().stream);
  for (const std::string& patch : {exported(fixture), without_names(exported(fixture))}) {
    const auto found = ask(fixture, "1.0.1", patch).change;
    REQUIRE(found);
    CHECK(found->state == UpstreamState::merged);
    CHECK(found->commit.id == fixture.id("1.0.1~1"));
    CHECK(found->commit.tag == "1.0.1");
    CHECK(found->commit.subject == "Say started");
    CHECK(found->by == Witness::patch_id);
  }
}

TEST_CASE("upstream change: ahead of the ref, by patch-id without any name, by result where the diff is another one") {
  const GitFixture fixture(Story().stream);
  const auto nameless = ask(fixture, "1.0.0", without_names(exported(fixture))).change;
  REQUIRE(nameless);
  CHECK(nameless->state == UpstreamState::ahead);
  CHECK(nameless->by == Witness::patch_id);
  CHECK(nameless->final_tag == "1.0.1");
  const auto wide = ask(fixture, "1.0.0", exported(fixture, "-U1")).change;
  REQUIRE(wide);
  CHECK(wide->by == Witness::same_result);
  CHECK(wide->same_content);
}

TEST_CASE("upstream change: the same Change-Id with another text is said to be another text") {
  const GitFixture fixture(Story().stream);
  std::string patch = exported(fixture);
  patch.erase(0, patch.find('\n') + 1);
  patch.replace(patch.find("+    log('started')"), 19, "+    log('STARTED')");
  const auto ahead = ask(fixture, "1.0.0", patch).change;
  REQUIRE(ahead);
  CHECK(ahead->state == UpstreamState::ahead);
  CHECK(ahead->by == Witness::change_id);
  CHECK_FALSE(ahead->same_content);
  const auto merged = ask(fixture, "1.0.1", patch).change;
  REQUIRE(merged);
  CHECK(merged->state == UpstreamState::merged);
  CHECK_FALSE(merged->same_content);
}

TEST_CASE("upstream change: what was taken back is not merged, what came again is") {
  Story story;
  const GitFixture before(story.stream);
  const std::string fix = before.id("1.0.1~1").hex();
  const int revert = story.stream.commit({.branch = "stable/2025.2",
                                          .message = "Revert \"Say started\"\n\nThis reverts commit " + fix + ".\n",
                                          .files = {{"app.py", code("    log('a')\n")}},
                                          .parents = {story.last}});
  const int again = story.stream.commit({.branch = "stable/2025.2",
                                         .message = "Say started again\n\n" + std::string(change_id),
                                         .files = {{"app.py", code("    log('started')\n")}},
                                         .parents = {revert}});
  story.stream.tag("1.0.2", revert).tag("1.0.3", again);
  const GitFixture fixture(story.stream);
  REQUIRE(fixture.id("1.0.1~1").hex() == fix);
  const std::string patch = exported(fixture);
  const auto at_revert = ask(fixture, "1.0.2", patch).change;
  REQUIRE(at_revert);
  CHECK(at_revert->state == UpstreamState::ahead);
  CHECK(at_revert->commit.tag == "1.0.3");
  const auto at_end = ask(fixture, "1.0.3", patch).change;
  REQUIRE(at_end);
  CHECK(at_end->state == UpstreamState::merged);
  CHECK(at_end->commit.tag == "1.0.3");
}

TEST_CASE("upstream change: what went again without a word is not merged, also where the patch conflicts by now") {
  Story story;
  const int silent = story.stream.commit({.branch = "stable/2025.2",
                                          .message = "Tidy\n",
                                          .files = {{"app.py", code("    log('a')\n")}},
                                          .parents = {story.last}});
  const int rewrite = story.stream.commit({.branch = "stable/2025.2",
                                           .message = "Rewrite\n",
                                           .files = {{"app.py", "import os\n\nprint(os.name)\n"}},
                                           .parents = {silent}});
  story.stream.tag("1.0.2", silent).tag("1.0.3", rewrite);
  const GitFixture fixture(story.stream);
  for (const std::string ref : {"1.0.2", "1.0.3"}) {
    const auto found = ask(fixture, ref, exported(fixture)).change;
    REQUIRE(found);
    CHECK(found->state == UpstreamState::reverted);
    CHECK(found->reverted_by == fixture.id("1.0.2"));
  }
  // Before it the change is ahead and will be gone at the head of the series.
  const auto before = ask(fixture, "1.0.0", exported(fixture)).change;
  REQUIRE(before);
  CHECK(before->state == UpstreamState::reverted);
}

TEST_CASE("upstream change: what was only built upon stays merged") {
  Story story;
  const int more = story.stream.commit({.branch = "stable/2025.2",
                                        .message = "More\n",
                                        .files = {{"app.py", code("    log('started', 1)\n")}},
                                        .parents = {story.last}});
  story.stream.tag("1.0.2", more);
  const GitFixture fixture(story.stream);
  const auto found = ask(fixture, "1.0.2", exported(fixture)).change;
  REQUIRE(found);
  CHECK(found->state == UpstreamState::merged);
  CHECK(found->commit.tag == "1.0.1");
}

TEST_CASE("upstream change: a side branch that was cut before the change has not undone it") {
  Story story;
  const int side = story.stream.commit({.branch = "side",
                                        .message = "Side\n",
                                        .files = {{"app.py", code("    log('a')\n") + "# side\n"}},
                                        .parents = {1}});
  const int merge = story.stream.commit({.branch = "stable/2025.2",
                                         .message = "Merge side\n",
                                         .files = {{"app.py", code("    log('started')\n") + "# side\n"}},
                                         .parents = {story.last, side}});
  const int more = story.stream.commit({.branch = "stable/2025.2",
                                        .message = "More\n",
                                        .files = {{"app.py", code("    log('started', 1)\n") + "# side\n"}},
                                        .parents = {merge}});
  story.stream.tag("1.0.2", more);
  const GitFixture fixture(story.stream);
  const auto found = ask(fixture, "1.0.2", exported(fixture)).change;
  REQUIRE(found);
  CHECK(found->state == UpstreamState::merged);
}

TEST_CASE("upstream change: a cherry-pick with another text is known by the commit that it names") {
  Story story("");
  const GitFixture first(story.stream);
  const std::string fix = first.id("1.0.1~1").hex();
  const int base = 1;
  const int picked = story.stream.commit({.branch = "stable/2025.1",
                                          .message = "Say started\n\n(cherry picked from commit " + fix + ")\n",
                                          .files = {{"app.py", code("    print('started')\n")}},
                                          .parents = {base}});
  story.stream.tag("0.9.0", picked);
  const GitFixture fixture(story.stream);
  REQUIRE(fixture.id("1.0.1~1").hex() == fix);
  const auto found = ask(fixture, "0.9.0", exported(fixture)).change;
  REQUIRE(found);
  CHECK(found->state == UpstreamState::merged);
  CHECK(found->by == Witness::cherry_pick);
  CHECK(found->commit.id == fixture.id("0.9.0"));
  CHECK_FALSE(found->same_content);
}
