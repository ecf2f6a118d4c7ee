#include <ostream>
#include <string>

#include <doctest/doctest.h>

#include "engine/rules/suppressions.hpp"
#include "tests/support/apply_fix.hpp"

using forge::Finding;
using forge::SourceFile;

namespace {

/// The file after `rule` is ignored where `at` stands; `no` where it can't be.
std::string ignored(const std::string& path, const std::string& text, const std::string& at) {
  Finding finding;
  finding.rule = "rule";
  const auto begin = static_cast<std::uint32_t>(text.find(at));
  finding.place = {SourceFile::make(path, text), {begin, begin}};
  const auto fix = forge::rules::suppress(finding);
  return fix ? forge::support::apply_fix({{path, text}}, *fix).at(path) : "no";
}

}  // namespace

TEST_CASE("suppress: at the line's end where comments can stand there, line ends and other comments kept") {
  const std::string refs = "releases/2025.2/source-refs.yaml";
  CHECK(ignored(refs, "a: \"1\"\r\nb: \"2\"\r\n", "a") == "a: \"1\" # forge: ignore[rule]\r\nb: \"2\"\r\n");
  CHECK(ignored(refs, "a: \"1\" # why\n", "a") == "a: \"1\" # why # forge: ignore[rule]\n");
  CHECK(ignored(refs, "a: \"1\"", "a") == "a: \"1\" # forge: ignore[rule]");
  CHECK(ignored(refs, "a: \"1\" # forge: ignore[x]\n", "a") == "a: \"1\" # forge: ignore[x, rule]\n");
  CHECK(ignored(refs, "# forge: ignore[x]\na: \"1\"\n", "a:") == "# forge: ignore[x, rule]\na: \"1\"\n");
}

TEST_CASE("suppress: on a line above where a comment behind would be read as something else") {
  CHECK(ignored("overrides/2025.2/constraints.txt", "a===1\n-b\n", "-b") == "a===1\n# forge: ignore[rule]\n-b\n");
  CHECK(ignored("images/a/Dockerfile", "# syntax=x\nFROM b\n", "FROM") ==
        "# syntax=x\n# forge: ignore[rule]\nFROM b\n");
  CHECK(ignored("images/a/Dockerfile", "# syntax=x\nFROM b\n", "# s") == "no");
  const std::string workflow = ".github/workflows/a.yaml";
  CHECK(ignored(workflow, "jobs:\n  a:\n    steps: []\n", "steps") ==
        "jobs:\n  a:\n    # forge: ignore[rule]\n    steps: []\n");
  CHECK(ignored(workflow, "run: |\n  first\n  second\n", "second") ==
        "run: |\n  first\n  # forge: ignore[rule]\n  second\n");
  CHECK(ignored(workflow, "run: |\n  first \\\n  second\n", "second") == "no");
  CHECK(ignored(workflow, "if: >\n  first\n  second\n", "second") == "no");
}

TEST_CASE("suppress: in a patch above its first diff, and never where no comment is possible") {
  const std::string patch = "patches/a/2025.2/0001-x.patch";
  const std::string diff = "diff --git a/a b/a\n--- a/a\n+++ b/a\n@@ -1 +1 @@\n-x\n+y\n";
  CHECK(ignored(patch, diff, "@@") == "Forge-Ignore: rule\n" + diff);
  CHECK(ignored(patch, "Subject: x\n\n---\n" + diff, "Subject") == "Subject: x\n\n---\nForge-Ignore: rule\n" + diff);
  CHECK(ignored(patch, "Forge-Ignore: x\n" + diff, "@@") == "Forge-Ignore: x, rule\n" + diff);
  CHECK(ignored("renovate.json", "{}\n", "{") == "no");
  CHECK(ignored("patches/a/2025.2/README", "", "") == "no");
}
