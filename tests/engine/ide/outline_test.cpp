/// Symbols, folds and links: what an editor shows of a document as a whole.
#include <algorithm>
#include <ostream>
#include <string>
#include <vector>

#include <doctest/doctest.h>

#include "engine/ide/folding.hpp"
#include "engine/ide/links.hpp"
#include "engine/ide/patch_words.hpp"
#include "engine/ide/symbols.hpp"
#include "tests/engine/ide/navigation_forge.hpp"

using namespace forge::ide::test;
using forge::ide::Link;
using forge::ide::Symbol;

namespace {

std::vector<std::string> names(const std::vector<Symbol>& symbols) {
  std::vector<std::string> out;
  for (const Symbol& symbol : symbols) out.push_back(symbol.name + " " + symbol.detail);
  return out;
}

bool is_nested_well(const std::vector<Symbol>& symbols, forge::TextSpan outer) {
  return std::ranges::all_of(symbols, [&](const Symbol& symbol) {
    return outer.begin <= symbol.span.begin && symbol.span.end <= outer.end &&
           symbol.span.begin <= symbol.name_span.begin && symbol.name_span.end <= symbol.span.end &&
           is_nested_well(symbol.children, symbol.span);
  });
}

std::string folds_of(const forge::workspace::Snapshot& snapshot, const char* path) {
  std::string out;
  for (const forge::ide::Fold& fold : forge::ide::folds(snapshot, path))
    out += std::to_string(fold.first) + "-" + std::to_string(fold.last) + (fold.comment ? "c " : " ");
  return out;
}

std::vector<std::string> urls_of(const forge::workspace::Snapshot& snapshot, const char* path) {
  std::vector<std::string> out;
  for (const Link& link : forge::ide::document_links(snapshot, path))
    out.push_back(std::string(snapshot.file(path)->text(link.span)) + " " + link.url + link.path);
  return out;
}

using Lines = std::vector<std::string>;

}  // namespace

TEST_CASE("symbols: components with their refs, pins, overrides, extras, files and hunks of a patch") {
  const auto forge = snapshot();
  CHECK(names(forge::ide::document_symbols(*forge, refs_path)) ==
        Lines{"keystone 28.0.0", "nova 32.0.0", "oslo.messaging 17.1.0"});
  CHECK(names(forge::ide::document_symbols(*forge, upper_path)) ==
        Lines{"cryptography ===43.0.3", "oslo.config ===9.8.0", "PyMySQL ===1.1.1"});
  CHECK(names(forge::ide::document_symbols(*forge, override_path)) ==
        Lines{"oslo.config ===9.8.1", "cryptography removed"});
  const auto extras = forge::ide::document_symbols(*forge, extras_path);
  REQUIRE(extras.size() == 1);
  CHECK(names(extras[0].children) == Lines{"pip_extras ", "pip_packages ", "apt_packages "});
  const auto patch = forge::ide::document_symbols(*forge, patch_path);
  REQUIRE(patch.size() == 1);
  CHECK(patch[0].name == "a.txt");
  CHECK(names(patch[0].children) == Lines{"@@ -2,3 +2,3 @@ def thing():"});
  for (const std::string& path : forge->paths()) {
    const auto size = static_cast<std::uint32_t>(forge->file(path)->text().size());
    CHECK(is_nested_well(forge::ide::document_symbols(*forge, path), {0, size}));
  }
}

TEST_CASE("symbols: a broken line takes no other away") {
  auto all = files();
  all[refs_path] = "keystone: \"28.0.0\"\nnova: \"32.\noslo.messaging: \"17.1.0\"\n";
  const auto forge = snapshot(std::move(all));
  const auto found = names(forge::ide::document_symbols(*forge, refs_path));
  CHECK(std::ranges::count(found, "keystone 28.0.0") == 1);
  CHECK(std::ranges::count(found, "oslo.messaging 17.1.0") == 1);
}

TEST_CASE("symbols of the workspace: by letters in their order, the best match first, at most as many as asked for") {
  const auto forge = snapshot();
  const auto all = forge::ide::find_symbols(*forge, "kst", 100);
  REQUIRE(!all.empty());
  CHECK(std::ranges::all_of(all, [](const auto& symbol) { return symbol.name.find("keystone") != std::string::npos; }));
  const auto oslo = forge::ide::find_symbols(*forge, "OSLO.C", 100);
  REQUIRE(oslo.size() == 3);
  CHECK(forge::ide::find_symbols(*forge, "", 2).size() == 2);
  CHECK(forge::ide::find_symbols(*forge, "thing", 5).size() == 1);
  CHECK(forge::ide::find_symbols(*forge, "no such", 5).empty());
}

TEST_CASE("folds: message, file and hunks of a patch; comments; lists of YAML") {
  const auto forge = snapshot();
  CHECK(folds_of(*forge, patch_path) == "0-9 13-21 17-21 ");
  CHECK(folds_of(*forge, refs_path) == "0-1c ");
  CHECK(folds_of(*forge, extras_path) == "0-4 2-3 ");
  CHECK(folds_of(*forge, upper_path).empty());
  CHECK(folds_of(*forge, "releases/2025.2/none.yaml").empty());
}

TEST_CASE("links: what a patch's header names, only to hosts whose pages are known") {
  const auto forge = snapshot();
  CHECK(urls_of(*forge, patch_path) ==
        Lines{"OSSA-2025-001 https://security.openstack.org/ossa/OSSA-2025-001.html",
              "CVE-2025-1234 https://bugs.launchpad.net/bugs/cve/2025-1234",
              "#2012345 https://bugs.launchpad.net/bugs/2012345",
              std::string(change_id) + " https://review.opendev.org/q/" + change_id,
              "2222222222222222222222222222222222222222 "
              "https://opendev.org/openstack/keystone/commit/2222222222222222222222222222222222222222"});
  auto local = files();
  local["forge.yaml"] = "upstream: \"https://git.example/{component}\"\n";
  for (const std::string& url : urls_of(*snapshot(std::move(local)), patch_path))
    CHECK(url.find("git.example") == std::string::npos);
}

TEST_CASE("links: a ref that exists leads to its page, one that does not leads nowhere") {
  auto all = files();
  all[refs_path] = "keystone: \"28.0.1\"\nnova: \"1.2.3\"\n";
  const auto forge = snapshot(std::move(all));
  CHECK(urls_of(*forge, refs_path) == Lines{"\"28.0.1\" https://opendev.org/openstack/keystone/src/tag/28.0.1"});
}

TEST_CASE("links: files that a Dockerfile copies from its own folder") {
  auto all = files();
  all["images/nova/Dockerfile"] = "FROM python-base\nCOPY files/x.conf ./y.txt nothing /etc/\nCOPY --from=b y.txt /\n";
  all["images/nova/files/x.conf"] = "";
  all["images/nova/y.txt"] = "";
  CHECK(urls_of(*snapshot(std::move(all)), "images/nova/Dockerfile") ==
        Lines{"files/x.conf images/nova/files/x.conf", "./y.txt images/nova/y.txt"});
}

TEST_CASE("patch words: numbers are bugs only where the words say so") {
  const std::string text =
      "From 0000000000000000000000000000000000000000 Mon Sep 17 00:00:00 2001\n"
      "Subject: LP#123456 and bug 99999 and #4444\n\n"
      "Rooms 12345 and PR #54321; commit abcdef1 and abcdef2.\n"
      "Related-Bug: 1234567\n"
      "See https://bugs.launchpad.net/nova/+bug/1.\n---\n"
      "diff --git a/a b/a\n--- a/a\n+++ b/a\n@@ -1 +1 @@\n-CVE-2025-1111\n+x\n";
  const auto patch = forge::formats::parse_patch(text);
  std::string found;
  for (const auto& word : forge::ide::patch_words(text, patch.value)) found += word.value + " ";
  CHECK(found == "123456 abcdef1 1234567 https://bugs.launchpad.net/nova/+bug/1 ");
}
