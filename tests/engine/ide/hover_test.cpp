#include "engine/ide/hover.hpp"

#include <algorithm>
#include <array>
#include <ostream>
#include <string>

#include <doctest/doctest.h>

#include "engine/model/declared_requirements.hpp"
#include "tests/engine/ide/navigation_forge.hpp"

using forge::ide::Hover;
using forge::ide::HoverPiece;
using forge::support::MemoryUpstreams;
using namespace forge::ide::test;

namespace {

constexpr std::array rules = {
    forge::ide::RuleWords{"ref-is-branch", "hint", "a ref that moves", "It *moves*.\n\nPin it."}};

std::string plain_at(const forge::workspace::Snapshot& snapshot, const char* path, std::uint32_t offset) {
  const auto hover = forge::ide::hover(snapshot, path, offset, {rules, 0});
  return hover ? forge::ide::to_plain_text(*hover) : std::string();
}

std::string plain_on(const forge::workspace::Snapshot& snapshot, const char* path, const char* needle) {
  return plain_at(snapshot, path, offset_of(snapshot, path, needle));
}

bool holds(const std::string& text, const std::string& part) {
  CAPTURE(text);
  CAPTURE(part);
  CHECK(text.find(part) != std::string::npos);
  return true;
}

}  // namespace

TEST_CASE("hover: a ref's value tells kind, commit, series, newer tags and how the patches do") {
  const auto forge = snapshot();
  const std::string text = plain_on(*forge, refs_path, "28.0.0");
  CHECK(text.find("keystone 28.0.0: tag (annotated)\ncommit ") == 0);
  holds(text, "on stable/2025.2, 2 commits behind its head of 2023-11-14\n");
  holds(text, "newer in this series: 28.0.1 (");
  holds(text, "1 patch:\n0001-fix.patch applies (offset +1)");
}

TEST_CASE("hover: a branch tells its last tag, a commit the nearest one") {
  auto all = files();
  all[refs_path] = "keystone: \"stable/2025.2\"\n";
  holds(plain_on(*snapshot(all), refs_path, "stable"), "last tag: 28.0.1, 1 commit before it");
  const auto tagged = forge::ide::test::upstreams()->open("keystone");
  const auto head = (*tagged)->resolve("stable/2025.2");
  all[refs_path] = "keystone: \"" + head->commit.hex() + "\"\n";
  const std::string text = plain_on(*snapshot(all), refs_path, "\"");
  holds(text, ": commit\n");
  holds(text, "\"Head of *it*\"");
  holds(text, "nearest tag: 28.0.1, 1 commit before it");
}

TEST_CASE("hover: the range is the token, a component's key has one of its own, and elsewhere there is nothing") {
  const auto forge = snapshot();
  const auto hover = forge::ide::hover(*forge, refs_path, offset_of(*forge, refs_path, "\"28.0.0\""));
  REQUIRE(hover);
  CHECK(forge->file(refs_path)->text(hover->span) == "\"28.0.0\"");
  CHECK(plain_on(*forge, refs_path, "keystone") ==
        "keystone: images/keystone/Dockerfile\n2025.1: 27.0.0\n2025.2: 28.0.0, 1 patch");
  CHECK(plain_on(*forge, refs_path, "oslo.mess").find("oslo.messaging: a library, without an image\n") == 0);
  CHECK(plain_at(*forge, refs_path, 2).empty());
  CHECK(!forge::ide::hover(*forge, "releases/2020.1/source-refs.yaml", 3));
}

TEST_CASE("hover: a missing upstream is said, and what is known of the files stays") {
  const auto forge = forge::support::snapshot_of(files(), std::make_shared<MemoryUpstreams>());
  const std::string text = plain_on(*forge, refs_path, "28.0.0");
  CHECK(text.find("keystone 28.0.0\n") == 0);
  holds(text, "1 patch:\n0001-fix.patch");
}

TEST_CASE("hover: a hunk tells where it lands, with the source there") {
  const auto forge = snapshot();
  const std::string text = plain_on(*forge, patch_path, "@@ -2,3");
  CHECK(text.find("a.txt: hunk 1 of 1\napplies at line 3 (offset +1)\n") == 0);
  holds(text, "    1 zero\n    2 half\n    3 one\n    4 two\n    5 three");
  CHECK(plain_on(*forge, patch_path, "-two\n").empty());
}

TEST_CASE("hover: a hunk that fits nowhere tells why") {
  auto all = files();
  std::string patch = patch_text();
  patch.replace(patch.find("-two"), 4, "-zwo");
  all[patch_path] = patch;
  const std::string text = plain_on(*snapshot(all), patch_path, "@@ -2,3");
  holds(text, "does not apply\n");
  holds(text, "nearest place: line 3, 2 of 3 lines are the same");
}

TEST_CASE("hover: a hunk behind another one, and behind an earlier patch, shows the file as these leave it") {
  auto all = files();
  all.erase(patch_path);
  all["patches/keystone/2025.2/0001-a.patch"] = "--- a/a.txt\n+++ b/a.txt\n@@ -1 +1,2 @@\n+top\n zero\n";
  all["patches/keystone/2025.2/0002-b.patch"] =
      "--- a/a.txt\n+++ b/a.txt\n@@ -1,2 +1,3 @@\n top\n+more\n zero\n@@ -5,2 +6,2 @@\n two\n-three\n+drei\n";
  const auto forge = snapshot(all);
  const std::string text = plain_on(*forge, "patches/keystone/2025.2/0002-b.patch", "@@ -5");
  holds(text, "hunk 2 of 2\napplies at line 5");
  holds(text, "    3 half");
}

TEST_CASE("hover: what a patch's header names") {
  const auto forge = snapshot();
  holds(plain_on(*forge, patch_path, "Fix a thing"),
        "0001-fix.patch: number 1 of 1 for keystone in 2025.2\napplies to keystone 28.0.0");
  holds(plain_on(*forge, patch_path, "diff --git"), "a.txt: 1 hunk\nin the tree of keystone at 28.0.0");
  holds(plain_on(*forge, patch_path, "1234567.."),
        "the file before the patch, when it was made\na.txt of keystone at 28.0.0 is ");
  holds(plain_on(*forge, patch_path, "2222222222"), ": not in the repository of keystone");
  holds(plain_on(*forge, patch_path, "1111111111"), "the commit that this patch was made from, in its author's clone");
  holds(plain_on(*forge, patch_path, change_id), "change I0123456789a under review");
  CHECK(plain_on(*forge, patch_path, "#2012345") == "bug 2012345 on Launchpad");
  CHECK(plain_on(*forge, patch_path, "CVE-2025") == "vulnerability CVE-2025-1234");
}

TEST_CASE("hover: a constraint tells this release's version, the others', the override and who asks for it") {
  const auto forge = snapshot();
  CHECK(plain_on(*forge, upper_path, "oslo.config") ==
        "oslo.config\n2025.1: ===9.7.0\n2025.2: ===9.8.0, here ===9.8.1\nwhy: a CVE");
  CHECK(plain_on(*forge, override_path, "9.8.1") == plain_on(*forge, upper_path, "oslo.config"));
  holds(plain_on(*forge, override_path, "-crypto"), "2025.2: ===43.0.3, removed here");
  holds(plain_on(*forge, upper_path, "PyMySQL"), "===1.1.1 ; python_version>='3.9'");
  auto all = files();
  all[upper_path] = "oslo.messaging===17.0.0\n";
  holds(plain_at(*snapshot(all), upper_path, 2), "built from source in 2025.2: 17.1.0");
}

TEST_CASE("hover: bindep lines, their atoms, a Dockerfile's contexts, rules") {
  const auto forge = snapshot();
  const char* bindep = "images/keystone/bindep.txt";
  holds(plain_on(*forge, bindep, "libldap2-dev"),
        "platforms: platform:dpkg; any of the profiles: keystone\non ubuntu:noble: for the build and at run time");
  holds(plain_on(*forge, bindep, "gcc"), "on ubuntu:noble: for the build only");
  holds(plain_on(*forge, bindep, "platform:"), "platform:dpkg: a platform; the target ubuntu:noble is one");
  holds(plain_on(*forge, bindep, "build"), "active in 2025.2: build");
  holds(plain_at(*forge, docker_path, offset_of(*forge, docker_path, "from=oslo") + 6),
        "oslo.messaging: the source tree of oslo.messaging, with its patches\n2025.2: 17.1.0");
  holds(plain_on(*forge, docker_path, "ghcr.io/c5c3/venv"), "the forge's own image, images/venv-builder");
  CHECK(plain_on(*forge, "forge.yaml", "ref-is-branch") ==
        "ref-is-branch (hint): a ref that moves\n\nIt *moves*.\n\nPin it.");
}

TEST_CASE("hover: everywhere in every document there is an answer, none of more than 25 lines") {
  const auto forge = snapshot();
  for (const std::string& path : forge->paths()) {
    const forge::SourceFilePtr file = forge->file(path);
    for (std::uint32_t at = 0; at < file->text().size() + 2; ++at) {
      const auto hover = forge::ide::hover(*forge, path, at, {rules, 1});
      if (!hover) continue;
      const std::string text = forge::ide::to_markdown(*hover);
      CHECK(std::ranges::count(text, '\n') < 25);
      CHECK(hover->span.contains(at));
    }
  }
}

TEST_CASE("hover: text of others can't become markup") {
  const Hover hover{.span = {},
                    .lines = {{{HoverPiece::Style::plain, "[a](b) *c* <d>\nnew"},
                               {HoverPiece::Style::code, "x``y"},
                               {HoverPiece::Style::strong, "\xFF_e_"}}}};
  CHECK(forge::ide::to_markdown(hover) == "\\[a\\]\\(b\\) \\*c\\* \\<d\\> new``` x``y ```**\xEF\xBF\xBD\\_e\\_**");
}

TEST_CASE("hover: lines of a file are one block, whatever fences they hold, and the block is closed at the bound") {
  Hover hover{.span = {},
              .lines = {{{HoverPiece::Style::plain, "at"}},
                        {{HoverPiece::Style::source, "```"}},
                        {{HoverPiece::Style::source, "b\r"}}}};
  CHECK(forge::ide::to_markdown(hover) == "at  \n````\n```\nb\n````");
  CHECK(forge::ide::to_plain_text(hover) == "at\n```\nb");
  for (int i = 0; i < 40; ++i) hover.lines.push_back({{HoverPiece::Style::source, std::to_string(i)}});
  const std::string text = forge::ide::to_markdown(hover);
  CHECK(std::ranges::count(text, '\n') == 24);
  CHECK(text.find("\n````\n… and ") != std::string::npos);
}

TEST_CASE("hover: never longer than 25 lines") {
  Hover hover;
  for (int i = 0; i < 40; ++i) hover.lines.push_back({{HoverPiece::Style::plain, std::to_string(i)}});
  const std::string text = forge::ide::to_plain_text(hover);
  CHECK(std::count(text.begin(), text.end(), '\n') == 24);
  CHECK(text.ends_with("23\n… and 16 more lines"));
}

TEST_CASE("hover: keys of forge.yaml and extra-packages.yaml tell what they are for") {
  auto all = files();
  all["forge.yaml"] = "target:\n  python: \"3.12\"\n  distro: ubuntu:noble\nrules: {}\nupstreams:\n  keystone: x\n";
  const auto forge = snapshot(all);
  const std::string python = plain_on(*forge, "forge.yaml", "python");
  CHECK(python.find("target.python\n") == 0);
  holds(python, "the number 3.1");
  holds(python, "default: 3.12");
  CHECK(plain_on(*forge, "forge.yaml", "rules").find("rules\nLevels by rule's name") == 0);
  CHECK(plain_on(*forge, "forge.yaml", "keystone").find("keystone: images/keystone") == 0);
  CHECK(plain_on(*forge, "forge.yaml", "ubuntu:noble").empty());
  CHECK(plain_on(*forge, extras_path, "pip_extras").find("pip_extras\nExtras of the service itself") == 0);
}

namespace {

constexpr const char* stages =
    "FROM python-base AS build\nRUN true\nFROM build AS tools\nFROM tools\n"
    "COPY --from=build /a /a\nCOPY --from=0 /b /b\nRUN --mount=from=build,target=/c true\n";

}  // namespace

TEST_CASE("hover: a stage of a Dockerfile, by name and by number") {
  auto all = files();
  all[docker_path] = stages;
  const auto forge = snapshot(all);
  const std::string build = "build: stage 1 of 3, from python-base\ntaken by tools, stage 3";
  CHECK(plain_on(*forge, docker_path, "build AS") == build);
  CHECK(plain_on(*forge, docker_path, "build /a") == build);
  CHECK(plain_on(*forge, docker_path, "0 /b") == build);
  CHECK(plain_on(*forge, docker_path, "build,target") == build);
  CHECK(plain_on(*forge, docker_path, "tools\nCOPY") == "tools: stage 2 of 3, from build\ntaken by stage 3");
  CHECK(plain_on(*forge, docker_path, "python-base").find("python-base: ") == 0);
  all[docker_path] = "FROM python-base AS unused\nFROM python-base AS last\n";
  const auto other = snapshot(all);
  CHECK(plain_on(*other, docker_path, "unused") ==
        "unused: stage 1 of 2, from python-base\nthe build of the last one does not need it");
  CHECK(plain_on(*other, docker_path, "last") ==
        "last: stage 2 of 2, from python-base\nthe last one, which is the image");
}
