#include "engine/model/workflow_text.hpp"

#include <doctest/doctest.h>

#include "engine/model/run_commands.hpp"

using namespace forge::model;

TEST_CASE("workflow text: filters as GitHub reads them") {
  CHECK(matches_filter("main", "main"));
  CHECK_FALSE(matches_filter("main", "mains"));
  CHECK(matches_filter("stable/**", "stable/2025.2"));
  CHECK(matches_filter("stable/*", "stable/x"));
  CHECK_FALSE(matches_filter("stable/*", "stable/x/y"));
  CHECK(matches_filter("**/*.md", "a/b.md"));
  CHECK(matches_filter("**/*.md", "b.md"));
  CHECK(matches_filter("a/**/b", "a/b"));
  CHECK(matches_filter("a/**/b", "a/x/y/b"));
  CHECK_FALSE(matches_filter("a/**/b", "a/xb"));
  CHECK(matches_filter("hack/ci-*", "hack/ci-x.sh"));
  CHECK(matches_filter("**", "a/b"));
}

TEST_CASE("run commands: a script's words, substitutions and redirections") {
  const std::string script =
      "ref=$(yq '.\"a b\"' releases/${{ matrix.release }}/x.yaml)\n"
      "# git apply nothing\n"
      "echo \"ref=${ref}\" >> \"$GITHUB_OUTPUT\"\n"
      "cat <<EOF > file\ngit apply inside\nEOF\n"
      "git -C src apply \\\n  one \\\n  two; ls\n";
  const auto commands = shell_commands(script);
  REQUIRE(commands.size() == 6);
  CHECK(assigned_name(commands[0].words[0].value) == 3);
  CHECK(commands[1].words.front().value == "yq");
  CHECK(commands[1].words.back().value == "releases/${{ matrix.release }}/x.yaml");
  CHECK(commands[2].redirections.front().value == "\"$GITHUB_OUTPUT\"");
  CHECK(commands[3].words.front().value == "cat");
  REQUIRE(commands[4].words.size() == 6);
  const auto& last = commands[4].words.back();
  CHECK(script.substr(last.span.begin, last.span.size()) == "two");
  CHECK(commands[5].words.front().value == "ls");
}
