#include "engine/formats/python_project.hpp"

#include <doctest/doctest.h>

using forge::formats::python_project;

TEST_CASE("python project: the name of setup.cfg wins, spelled as written") {
  const char* cfg = "[metadata]\n# a comment\nName = openstack_Placement\nname-of = x\n[files]\nname = no\n";
  const auto project = python_project(cfg, "setup(pbr=True)", "[project]\nname = \"other\"\n");
  REQUIRE(project);
  CHECK(project->name == "openstack_Placement");
  CHECK(project->uses_pbr);
}

TEST_CASE("python project: pyproject.toml alone") {
  const auto project = python_project(
      "", "", "[build-system]\nrequires = [\n  \"pbr>=6\",\n]\n[project]\nname = 'oslo.x' # dots stay\n");
  REQUIRE(project);
  CHECK(project->name == "oslo.x");
  CHECK(project->uses_pbr);
  CHECK_FALSE(python_project("", "", "[project]\nname = \"x\"\ndependencies = [\"pbr\"]\n")->uses_pbr);
}

TEST_CASE("python project: a tree that names none") {
  CHECK_FALSE(python_project("[files]\npackages = x\n", "", "[tool.x]\nname = \"y\"\n"));
}
