#include "engine/formats/python_project.hpp"

#include <map>
#include <optional>
#include <string>
#include <vector>

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

namespace {

using forge::formats::DeclaredRequirement;
using forge::formats::DeclaredRequirements;
using forge::formats::ProjectStyle;
using Files = std::map<std::string, std::string, std::less<>>;

DeclaredRequirements declared(const Files& files) {
  return forge::formats::declared_requirements([&](std::string_view path) -> std::optional<std::string_view> {
    const auto file = files.find(path);
    return file == files.end() ? std::nullopt : std::optional<std::string_view>(file->second);
  });
}

std::vector<std::string> texts(const std::vector<DeclaredRequirement>& list) {
  std::vector<std::string> out;
  for (const DeclaredRequirement& one : list) out.push_back(one.text);
  return out;
}

std::vector<std::string> extra(const DeclaredRequirements& project, std::string_view name) {
  const auto* found = project.find_extra(name);
  return found == nullptr ? std::vector<std::string>{"(no such extra)"} : texts(found->requirements);
}

using Texts = std::vector<std::string>;

const std::string pbr_setup = "import setuptools\nsetuptools.setup(setup_requires=['pbr>=2.0.0'], pbr=True)\n";

}  // namespace

TEST_CASE("declared requirements: pbr reads the first requirements file there is, and files that it names once") {
  const Files files = {{"setup.py", pbr_setup},
                       {"setup.cfg", "[metadata]\nname = x\n[options]\ninstall_requires = never\n"},
                       {"requirements.txt", "-r more.txt\na\n-r gone.txt\n"},
                       {"more.txt", "b\n-r requirements.txt\n-r more.txt\n"},
                       {"tools/pip-requires", "old\n"}};
  const DeclaredRequirements project = declared(files);
  CHECK(project.style == ProjectStyle::setup_cfg_legacy);
  CHECK(texts(project.runtime) == Texts{"b", "a"});
  CHECK(project.runtime[0].place.path == "more.txt");
  CHECK(texts(project.build) == Texts{"setuptools>=40.8.0", "pbr>=2.0.0"});
  REQUIRE(project.unreadable.size() == 1);
  CHECK(project.unreadable[0].place.path == "requirements.txt");
}

TEST_CASE("declared requirements: a section [extras] brings an extra `test`, unless it has one") {
  Files files = {
      {"setup.py", pbr_setup},
      {"setup.cfg", "[metadata]\nname = x\n[extras]\nrbd-iscsi =\n  a:python_version<'3'\n  b;os_name=='x' # c\n"},
      {"test-requirements.txt", "hacking\n"}};
  DeclaredRequirements project = declared(files);
  CHECK(extra(project, "RBD_iscsi") == Texts{"a;python_version<'3'", "b;os_name=='x'"});
  CHECK(extra(project, "test") == Texts{"hacking"});
  CHECK(project.find_extra("test")->implicit);
  CHECK(project.find_extra("test")->requirements[0].place.path == "test-requirements.txt");

  files["setup.cfg"] = "[metadata]\nname = x\n[extras]\ntest =\n  mine\nempty =\n[options.extras_require]\nother = y\n";
  project = declared(files);
  CHECK(extra(project, "test") == Texts{"mine"});
  CHECK(project.find_extra("empty") == nullptr);
  CHECK(project.find_extra("other") == nullptr);

  files["setup.cfg"] = "[metadata]\nname = x\n[options.extras_require]\nother = y; z\nempty =\n";
  project = declared(files);
  CHECK(extra(project, "other") == Texts{"y", "z"});
  CHECK(extra(project, "empty") == Texts{});
  CHECK(project.find_extra("test") == nullptr);
}

TEST_CASE("declared requirements: [project] decides for itself what it does not call dynamic") {
  Files files = {{"setup.py", pbr_setup},
                 {"setup.cfg", "[metadata]\nname = other\npython_requires = >=3.8\n[extras]\nno = x\n"},
                 {"requirements.txt", "a\n"},
                 {"pyproject.toml",
                  "[build-system]\nrequires = ['pbr>=6']\nbuild-backend = 'pbr.build'\n[project]\nname = 'X.y'\n"
                  "dynamic = ['version', 'dependencies']\n[project.optional-dependencies]\nzed = ['z>=1']\nan = []\n"}};
  DeclaredRequirements project = declared(files);
  CHECK(project.style == ProjectStyle::pyproject_dynamic);
  CHECK(project.name->str() == "x-y");
  CHECK(texts(project.runtime) == Texts{"a"});
  REQUIRE(project.extras.size() == 2);
  CHECK(project.extras[0].name == "zed");
  CHECK(project.requires_python_text == ">=3.8");
  CHECK(texts(project.build) == Texts{"pbr>=6"});

  files["pyproject.toml"] = "[project]\nname = 'x'\nversion = '1.2'\nrequires-python = '>=3.9'\n";
  project = declared(files);
  CHECK(project.style == ProjectStyle::pyproject);
  CHECK(project.runtime.empty());
  CHECK(project.extras.empty());
  CHECK(project.static_version == "1.2");
  CHECK(project.requires_python_text == ">=3.9");

  files["pyproject.toml"] = "[project]\nname = 'x'\ndependencies = ['b>=1', 'c; os_name==\"x\"']\n";
  CHECK(texts(declared(files).runtime) == Texts{"b>=1", "c; os_name==\"x\""});
}

TEST_CASE("declared requirements: setuptools alone, in setup.cfg, setup.py and files that they name") {
  DeclaredRequirements project = declared({{"setup.cfg",
                                            "[metadata]\nname = x\nversion = attr: x.version\n[options]\n"
                                            "install_requires = file: a.txt, b.txt\npython_requires = >=3.9\n"},
                                           {"a.txt", "a # c\n# comment\n"},
                                           {"b.txt", "b>=2\n"}});
  CHECK(project.style == ProjectStyle::setuptools);
  CHECK(texts(project.runtime) == Texts{"a", "b>=2"});
  CHECK(project.runtime[1].place.path == "b.txt");
  CHECK(project.static_version.empty());
  CHECK(project.requires_python_text == ">=3.9");

  project = declared(
      {{"setup.py",
        "setup(name='x', version='1.0', install_requires=['a'], extras_require={'e': ['b'], ':os_name==\"x\"': "
        "['c'], 'f:os_name==\"y\"': 'd'})\n"}});
  CHECK(texts(project.runtime) == Texts{"a", "c;os_name==\"x\""});
  CHECK(extra(project, "e") == Texts{"b"});
  CHECK(extra(project, "f") == Texts{"d;os_name==\"y\""});
  CHECK(project.static_version == "1.0");

  project = declared({{"pyproject.toml",
                       "[project]\nname = 'x'\ndynamic = ['dependencies', 'optional-dependencies']\n"
                       "[tool.setuptools.dynamic]\ndependencies = {file = ['r.txt']}\n"
                       "optional-dependencies.t = {file = 't.txt'}\n"},
                      {"r.txt", "a\n"},
                      {"t.txt", "b\n"}});
  CHECK(texts(project.runtime) == Texts{"a"});
  CHECK(extra(project, "t") == Texts{"b"});
}

TEST_CASE("declared requirements: what only code knows is said, not guessed") {
  for (const char* setup : {"setup(name='x', install_requires=read())\n", "setup(name='x', **all_of_it)\n"}) {
    const DeclaredRequirements project = declared({{"setup.py", setup}});
    CHECK_FALSE(project.runtime_known);
    CHECK(project.unreadable.size() == 1);
  }
  const DeclaredRequirements poetry = declared(
      {{"pyproject.toml", "[build-system]\nrequires = ['poetry-core']\nbuild-backend = 'poetry.core.masonry.api'\n"}});
  CHECK_FALSE(poetry.runtime_known);
  CHECK_FALSE(poetry.extras_known);
  const DeclaredRequirements none = declared({{"configure.ac", ""}});
  CHECK(none.style == ProjectStyle::none);
  CHECK_FALSE(none.runtime_known);
}

TEST_CASE("declared requirements: broken files are said, and the others still count") {
  const DeclaredRequirements project = declared({{"setup.py", pbr_setup},
                                                 {"setup.cfg", "[metadata]\nname = x\nname = y\npython_requires = 3\n"},
                                                 {"pyproject.toml", "[project\n"},
                                                 {"requirements.txt", "a\nb>>1\n"}});
  CHECK(project.name->str() == "x");
  CHECK(texts(project.runtime) == Texts{"a"});
  CHECK(project.unreadable.size() == 4);
}

TEST_CASE("declared requirements: a project that names itself in circles, and one without end") {
  std::string many;
  for (int i = 0; i < 30'000; ++i) many += "a\n";
  const DeclaredRequirements project =
      declared({{"setup.py", pbr_setup}, {"setup.cfg", "[metadata]\nname = x\n"}, {"requirements.txt", many}});
  CHECK(project.runtime.size() == 20'000);
}

TEST_CASE("python project: pbr as a hook of d2to1, which read setup.cfg before pbr did") {
  const std::string cfg = "[metadata]\nname = x\nversion = 1.2.0\n[global]\nsetup-hooks =\n    pbr.hooks.setup_hook\n";
  CHECK(declared({{"setup.cfg", cfg}, {"setup.py", "setup(d2to1=True)"}}).uses_pbr);
  CHECK_FALSE(declared({{"setup.cfg", cfg}, {"setup.py", "setup()"}}).uses_pbr);
  CHECK_FALSE(declared({{"setup.cfg", "[metadata]\nname = x\n"}, {"setup.py", "setup(d2to1=True)"}}).uses_pbr);
}
