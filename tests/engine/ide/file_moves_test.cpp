#include "engine/ide/file_moves.hpp"

#include <ostream>
#include <string>

#include <doctest/doctest.h>

#include "tests/support/apply_fix.hpp"
#include "tests/support/small_forge.hpp"

using forge::Fix;
using forge::ide::Move;
using forge::support::apply_fix;
using forge::support::ForgeFiles;
using forge::support::snapshot_of;
using forge::support::TextFiles;

namespace {

constexpr const char* patch = "--- a/a\n+++ b/a\n@@ -1 +1 @@\n-x\n+y\n";

TextFiles moved(const ForgeFiles& files, const std::vector<Move>& moves) {
  const auto snapshot = snapshot_of(files);
  return apply_fix({files.begin(), files.end()}, forge::ide::edits_for_moves(*snapshot, moves));
}

}  // namespace

TEST_CASE("file moves: whatever names the path follows, and nothing that only looks like it") {
  const ForgeFiles files = {
      {"patches/nova/2025.2/0001-a.patch", patch},
      {"patches/nova/2025.2/0010-a.patch", patch},
      {".github/workflows/b.yaml",
       "on:\n  push:\n    paths: ['patches/nova/2025.2/0001-a.patch', 'patches/nova/2025.2/0001-a.patch.orig']\n"},
      {"overrides/2025.2/constraints.txt", "# with 0001-a.patch, not x0001-a.patch nor 0001-a.patch.\na===1\n"},
      {"README.md", "./patches/nova/2025.2/0001-a.patch\nmypatches/nova/2025.2/0001-a.patch\n"}};
  const TextFiles after = moved(files, {{"patches/nova/2025.2/0001-a.patch", "patches/nova/2025.2/0001-better.patch"}});
  CHECK(
      after.at(".github/workflows/b.yaml") ==
      "on:\n  push:\n    paths: ['patches/nova/2025.2/0001-better.patch', 'patches/nova/2025.2/0001-a.patch.orig']\n");
  CHECK(after.at("overrides/2025.2/constraints.txt") ==
        "# with 0001-better.patch, not x0001-a.patch nor 0001-better.patch.\na===1\n");
  CHECK(after.at("README.md") == "./patches/nova/2025.2/0001-better.patch\nmypatches/nova/2025.2/0001-a.patch\n");
}

TEST_CASE("file moves: a bare name that two patches have is left alone") {
  const ForgeFiles files = {{"patches/nova/2025.2/0001-a.patch", patch},
                            {"patches/nova/2025.1/0001-a.patch", patch},
                            {"README.md", "0001-a.patch, patches/nova/2025.1/0001-a.patch\n"}};
  const TextFiles after = moved(files, {{"patches/nova/2025.1/0001-a.patch", "patches/nova/2025.1/0002-b.patch"}});
  CHECK(after.at("README.md") == "0001-a.patch, patches/nova/2025.1/0002-b.patch\n");
}

TEST_CASE("file moves: folders of a component and of a release") {
  const ForgeFiles files = {{"patches/oslo_messaging/2025.2/0001-a.patch", patch},
                            {"README.md",
                             "patches/oslo_messaging/2025.2/0001-a.patch patches/oslo_messaging/** "
                             "patches/oslo_messaging2\n"}};
  CHECK(moved(files, {{"patches/oslo_messaging", "patches/oslo.messaging"}}).at("README.md") ==
        "patches/oslo.messaging/2025.2/0001-a.patch patches/oslo.messaging/** patches/oslo_messaging2\n");
  CHECK(moved(files, {{"patches/oslo_messaging/2025.2", "patches/oslo_messaging/2026.1"}}).at("README.md") ==
        "patches/oslo_messaging/2026.1/0001-a.patch patches/oslo_messaging/** patches/oslo_messaging2\n");
}

TEST_CASE("file moves: with a library's last patch the removal of its pin goes, with its reason") {
  const ForgeFiles files = {{"patches/oslo.messaging/2025.2/0001-a.patch", patch},
                            {"patches/oslo.messaging/2025.2/0002-b.patch", patch},
                            {"overrides/2025.2/constraints.txt", "a===1\n# built here\n-oslo-messaging\n-b\n"}};
  const auto snapshot = snapshot_of(files);
  const auto after = [&](const std::vector<std::string>& paths) {
    const Fix fix = forge::ide::edits_for_removals(*snapshot, paths);
    return apply_fix({files.begin(), files.end()}, fix).at("overrides/2025.2/constraints.txt");
  };
  CHECK(after({"patches/oslo.messaging/2025.2/0001-a.patch"}) == files.at("overrides/2025.2/constraints.txt"));
  CHECK(after({"patches/oslo.messaging"}) == "a===1\n-b\n");
  CHECK(after({"patches/oslo.messaging/2025.2/0001-a.patch", "patches/oslo.messaging/2025.2/0002-b.patch"}) ==
        "a===1\n-b\n");
  ForgeFiles service = files;
  service["images/oslo.messaging/Dockerfile"] = "FROM scratch\n";
  CHECK(forge::ide::edits_for_removals(*snapshot_of(service), {"patches/oslo.messaging"}).edits.empty());
}
