#include "engine/ide/code_actions.hpp"

#include <ostream>

#include <doctest/doctest.h>

using forge::FileEdit;
using forge::Finding;
using forge::Fix;
using forge::SourceFile;

TEST_CASE("code actions: the fixes of findings that touch the range, the first text edit preferred") {
  const auto file = SourceFile::make("a.yaml", "0123456789");
  Finding here;
  here.place = {file, {2, 5}};
  here.fixes = {Fix{"first", {{{file, {2, 5}}, "x"}}}, Fix{"second", {{{file, {2, 5}}, "y"}}}};
  Finding elsewhere = here;
  elsewhere.place.span = {7, 9};
  elsewhere.fixes = {Fix{"delete", {}, {FileEdit{FileEdit::Kind::remove, "a.yaml"}}}};
  const std::vector<Finding> findings = {here, elsewhere};

  const auto actions = forge::ide::code_actions(findings, "a.yaml", {5, 5});
  REQUIRE(actions.size() == 2);
  CHECK(actions[0].fix->title == "first");
  CHECK(actions[0].preferred);
  CHECK(!actions[1].preferred);
  CHECK(forge::ide::code_actions(findings, "b.yaml", {5, 5}).empty());
  const auto deletion = forge::ide::code_actions(findings, "a.yaml", {6, 8});
  REQUIRE(deletion.size() == 1);
  CHECK(!deletion[0].preferred);
}
