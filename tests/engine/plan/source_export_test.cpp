#include "engine/plan/source_export.hpp"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <string>

#include <doctest/doctest.h>
#include <sys/stat.h>
#include <unistd.h>

#include "engine/git/object_hash.hpp"
#include "engine/plan/plan_sources.hpp"
#include "tests/support/small_forge.hpp"

namespace {

namespace fs = std::filesystem;
using namespace forge;
using namespace forge::plan;
using support::MemoryRepository;

/// An upstream `svc` with one tag, and a forge that builds it.
struct Fixture {
  explicit Fixture(MemoryRepository::Files files) {
    auto repository = std::make_shared<MemoryRepository>();
    repository->tag("1.2.3", repository->add_commit(files));
    upstreams->add("svc", repository);
  }
  Result<ExportedTree> tree() const {
    const auto snapshot = support::snapshot_of(forge, upstreams);
    const Result<PlanSource> source = plan_source(*snapshot, "svc", "2025.2");
    REQUIRE(source);
    return exported_tree(*snapshot, *source);
  }
  std::shared_ptr<support::MemoryUpstreams> upstreams = std::make_shared<support::MemoryUpstreams>();
  support::ForgeFiles forge = {{"releases/2025.2/source-refs.yaml", "svc: \"1.2.3\"\n"}};
};

MemoryRepository::Files pbr_tree() {
  return {{"setup.cfg", "[metadata]\nname = my-svc.x\n"},
          {"setup.py", "setup(setup_requires=['pbr'], pbr=True)\n"},
          {"svc/a.py", "one\n"},
          {"svc/run", {"#!/bin/sh\n", 0100755}},
          {"svc/link", {"a.py", 0120000}}};
}

std::map<std::string, std::string> contents(const ExportedTree& tree) {
  std::map<std::string, std::string> out;
  for (const ExportedFile& file : tree.files) out[file.path] = *file.content;
  return out;
}

/// A folder that goes with the test.
struct Folder {
  fs::path path = fs::temp_directory_path() / ("forge-export-" + std::to_string(::getpid()));
  Folder() { fs::create_directories(path); }
  ~Folder() { fs::remove_all(path); }
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;
};

std::string read_file(const fs::path& path) {
  std::ifstream stream(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(stream), {}};
}

constexpr const char* adding_patch =
    "--- a/svc/a.py\n+++ b/svc/a.py\n@@ -1 +1 @@\n-one\n+two\n"
    "diff --git a/svc/new.ini b/svc/new.ini\nnew file mode 100644\n--- /dev/null\n+++ b/svc/new.ini\n@@ -0,0 +1 "
    "@@\n+x\n";

}  // namespace

TEST_CASE("source export: the patched tree, and what pbr needs in place of git") {
  Fixture fixture(pbr_tree());
  fixture.forge["patches/svc/2025.2/0001-x.patch"] = adding_patch;
  const Result<ExportedTree> tree = fixture.tree();
  REQUIRE_MESSAGE(tree.has_value(), (tree ? "" : tree.error().message));
  const auto files = contents(*tree);
  CHECK(files.at("svc/a.py") == "two\n");
  CHECK(files.at("PKG-INFO") == "Metadata-Version: 2.1\nName: my-svc.x\nVersion: 1.2.3\n");
  CHECK(files.at("my_svc.x.egg-info/SOURCES.txt") == "setup.cfg\nsetup.py\nsvc/a.py\nsvc/link\nsvc/new.ini\nsvc/run\n");
  CHECK(files.at("my_svc.x.egg-info/pbr.json") ==
        "{\"git_version\": \"" + tree->source.commit.substr(0, 7) + "\", \"is_release\": true}");
  CHECK(std::ranges::is_sorted(tree->files, {}, &ExportedFile::path));
}

TEST_CASE("source export: a tree without pbr is left as it is") {
  Fixture fixture(MemoryRepository::Files{{"pyproject.toml", "[project]\nname = \"svc\"\nversion = \"1\"\n"}});
  CHECK(contents(*fixture.tree()).size() == 1);
}

TEST_CASE("source export: patches that do not apply, submodules and links out of the tree are refused") {
  Fixture broken(pbr_tree());
  broken.forge["patches/svc/2025.2/0001-x.patch"] = "--- a/svc/a.py\n+++ b/svc/a.py\n@@ -1 +1 @@\n-none\n+two\n";
  const Result<ExportedTree> tree = broken.tree();
  REQUIRE_FALSE(tree);
  CHECK(tree.error().message.find("patches/svc/2025.2/0001-x.patch") != std::string::npos);
  CHECK_FALSE(Fixture(MemoryRepository::Files{{"sub", {std::string(40, '1'), 0160000}}}).tree());
  CHECK_FALSE(Fixture(MemoryRepository::Files{{"a/link", {"../../etc/passwd", 0120000}}}).tree());
  CHECK(Fixture(MemoryRepository::Files{{"a/link", {"../b", 0120000}}, {"b", "x"}}).tree());
}

TEST_CASE("source export: a link that leaves the tree by way of another is refused, an absolute one is noted") {
  CHECK_FALSE(Fixture(MemoryRepository::Files{{"a", {".", 0120000}}, {"b/link", {"../a/../x", 0120000}}}).tree());
  CHECK_FALSE(
      Fixture(MemoryRepository::Files{{"a/b/c", "x"}, {"d", {"a/b", 0120000}}, {"e", {"d/../../..", 0120000}}}).tree());
  CHECK(Fixture(MemoryRepository::Files{{"a/b/c", "x"}, {"d", {"a/b", 0120000}}, {"e", {"d/../..", 0120000}}}).tree());
  CHECK(Fixture(MemoryRepository::Files{{"a", {"b", 0120000}}, {"b", {"a", 0120000}}}).tree());
  const Result<ExportedTree> absolute = Fixture(MemoryRepository::Files{{"a", {"/etc/x", 0120000}}}).tree();
  REQUIRE(absolute);
  REQUIRE(absolute->notes.size() == 1);
  CHECK(absolute->notes[0].find("`/etc/x`") != std::string::npos);
}

TEST_CASE("source export: what git alone can't give is refused, what may surprise is noted") {
  const std::string pointer =
      "version https://git-lfs.github.com/spec/v1\noid sha256:" + std::string(64, 'a') + "\nsize 9\n";
  const Result<ExportedTree> lfs = Fixture(MemoryRepository::Files{{"big.bin", pointer.c_str()}}).tree();
  REQUIRE_FALSE(lfs);
  CHECK(lfs.error().message.find("`big.bin` is in Git LFS") != std::string::npos);
  const Result<ExportedTree> tree =
      Fixture(MemoryRepository::Files{{".dockerignore", "*"}, {"README", "x"}, {"readme", "y"}}).tree();
  REQUIRE(tree);
  REQUIRE(tree->notes.size() == 2);
  CHECK(tree->notes[0].find("`README` and `readme`") != std::string::npos);
  CHECK(tree->notes[1].find("`.dockerignore`") != std::string::npos);
}

TEST_CASE("source export: a name never leads the added files out of the tree or through a link") {
  MemoryRepository::Files files = pbr_tree();
  files.insert_or_assign("setup.cfg", "[metadata]\nname = ../../evil\n");
  const Result<ExportedTree> tree = Fixture(files).tree();
  REQUIRE(tree);
  CHECK(tree->files.size() == files.size());
  MemoryRepository::Files linked = pbr_tree();
  linked.insert_or_assign("my_svc.x.egg-info", MemoryRepository::File("svc", 0120000));
  CHECK_FALSE(Fixture(linked).tree());
}

TEST_CASE("source export: setuptools_scm takes the version from PKG-INFO too") {
  const Result<ExportedTree> tree =
      Fixture(MemoryRepository::Files{{"pyproject.toml",
                                       "[build-system]\nrequires = [\"setuptools\", \"setuptools_scm>=8\"]\n"
                                       "[project]\nname = \"svc\"\ndynamic = [\"version\"]\n"}})
          .tree();
  REQUIRE(tree);
  CHECK(contents(*tree).at("PKG-INFO") == "Metadata-Version: 2.1\nName: svc\nVersion: 1.2.3\n");
  CHECK(contents(*tree).at("svc.egg-info/SOURCES.txt") == "pyproject.toml\n");
  CHECK_FALSE(contents(*tree).contains("svc.egg-info/pbr.json"));
}

TEST_CASE("source export: patched libraries are one tree, each below its name") {
  Fixture fixture(pbr_tree());
  auto library = std::make_shared<MemoryRepository>();
  library->tag("17.1.0", library->add_commit({{"a.txt", "one\n"}}));
  fixture.upstreams->add("oslo.messaging", library);
  fixture.forge["images/svc/Dockerfile"] = "FROM x\n";
  fixture.forge["releases/2025.2/source-refs.yaml"] = "svc: \"1.2.3\"\noslo.messaging: \"17.1.0\"\n";
  fixture.forge["patches/oslo.messaging/2025.2/0001-x.patch"] = "--- a/a.txt\n+++ b/a.txt\n@@ -1 +1 @@\n-one\n+two\n";
  const auto snapshot = support::snapshot_of(fixture.forge, fixture.upstreams);
  const PlanSource source = libraries_source("2025.2", {});
  CHECK(source.path == "build/src/patched-libraries-2025.2");
  const Result<ExportedTree> tree = exported_tree(*snapshot, source);
  REQUIRE_MESSAGE(tree.has_value(), (tree ? "" : tree.error().message));
  CHECK(contents(*tree) == std::map<std::string, std::string>{{"oslo.messaging/a.txt", "two\n"}});
  CHECK(tree->manifest.find("\"component\": \"oslo.messaging\"") != std::string::npos);
}

TEST_CASE("source export: written with fixed modes and times, a second time not at all") {
  const Folder folder;
  const std::string to = (folder.path / "svc-2025.2").string();
  Fixture fixture(pbr_tree());
  const ExportedTree tree = *fixture.tree();
  const ::mode_t mask = ::umask(077);
  const Result<Written> first = write_tree(tree, to);
  ::umask(mask);
  REQUIRE_MESSAGE(first.has_value(), (first ? "" : first.error().message));
  CHECK(*first == Written::changed);
  struct ::stat status{};
  REQUIRE(::stat((to + "/svc/run").c_str(), &status) == 0);
  CHECK((status.st_mode & 07777U) == 0755U);
  CHECK(status.st_mtime == tree.source.time);
  REQUIRE(::stat((to + "/svc").c_str(), &status) == 0);
  CHECK((status.st_mode & 07777U) == 0755U);
  CHECK(status.st_mtime == tree.source.time);
  CHECK(fs::read_symlink(to + "/svc/link") == "a.py");
  CHECK(read_file(to + "/svc/a.py") == "one\n");
  CHECK(*write_tree(tree, to) == Written::unchanged);
  CHECK(std::distance(fs::directory_iterator(folder.path), {}) == 2);
}

TEST_CASE("source export: what can't be written leaves the old folder as it was") {
  const Folder folder;
  const std::string to = (folder.path / "svc-2025.2").string();
  ExportedTree tree = *Fixture(pbr_tree()).tree();
  REQUIRE(write_tree(tree, to));
  tree.manifest += "\n";
  tree.files.insert(tree.files.begin(), {std::string(300, 'n'), 0644, std::make_shared<const std::string>("x")});
  const Result<Written> second = write_tree(tree, to);
  REQUIRE_FALSE(second);
  CHECK(second.error().message.find("File name too long") != std::string::npos);
  CHECK(read_file(to + "/svc/a.py") == "one\n");
  CHECK(*write_tree(*Fixture(pbr_tree()).tree(), to) == Written::unchanged);
  CHECK(std::distance(fs::directory_iterator(folder.path), {}) == 2);
}

TEST_CASE("source export: a changed tree replaces the folder whole") {
  const Folder folder;
  const std::string to = (folder.path / "svc-2025.2").string();
  Fixture fixture(pbr_tree());
  REQUIRE(write_tree(*fixture.tree(), to));
  std::ofstream(to + "/stray") << "x";
  fixture.forge["patches/svc/2025.2/0001-x.patch"] = adding_patch;
  CHECK(*write_tree(*fixture.tree(), to) == Written::changed);
  CHECK(read_file(to + "/svc/new.ini") == "x\n");
  CHECK_FALSE(fs::exists(to + "/stray"));
  CHECK(std::distance(fs::directory_iterator(folder.path), {}) == 2);
}

TEST_CASE("source export: the digest follows contents and modes alone") {
  MemoryRepository::Files files = pbr_tree();
  const std::string digest = Fixture(files).tree()->digest;
  CHECK(Fixture(files).tree()->digest == digest);
  files.insert_or_assign("svc/a.py", MemoryRepository::File("one\n", 0100755));
  CHECK(Fixture(files).tree()->digest != digest);
}

TEST_CASE("source export: a submodule's files come from its component's repository, with the patches for that copy") {
  auto inner = std::make_shared<MemoryRepository>();
  const auto linked = inner->add_commit({{"a.c", "one\n"}, {"up", {"../top", 0120000}}});
  Fixture fixture(MemoryRepository::Files{
      {".gitmodules", "[submodule \"inner\"]\n\tpath = inner\n"}, {"inner", {linked.hex(), 0160000}}, {"top", "x\n"}});
  const Result<ExportedTree> nothing = fixture.tree();
  REQUIRE_FALSE(nothing);
  CHECK(nothing.error().kind == Failure::Kind::unavailable);
  CHECK(nothing.error().message.find(linked.hex()) != std::string::npos);
  inner->tag("v2", inner->add_commit({{"a.c", "other\n"}}, "next", {linked}));
  fixture.upstreams->add("inner", inner);
  fixture.forge["releases/2025.2/source-refs.yaml"] = "svc: \"1.2.3\"\ninner: \"v2\"\n";
  fixture.forge["patches/svc-inner/2025.2/0001-x.patch"] = "--- a/a.c\n+++ b/a.c\n@@ -1 +1 @@\n-one\n+two\n";
  const Result<ExportedTree> tree = fixture.tree();
  REQUIRE_MESSAGE(tree.has_value(), (tree ? "" : tree.error().message));
  const auto files = contents(*tree);
  CHECK(files.at("inner/a.c") == "two\n");
  CHECK(files.at("inner/up") == "../top");
  CHECK(files.at("top") == "x\n");
  CHECK(tree->source.patches == 1);
  CHECK(tree->manifest.find(linked.hex()) != std::string::npos);
  CHECK(tree->manifest.find("patches/svc-inner/2025.2/0001-x.patch") != std::string::npos);
  fixture.forge["patches/svc-inner/2025.2/0001-x.patch"] = "--- a/a.c\n+++ b/a.c\n@@ -1 +1 @@\n-other\n+two\n";
  CHECK_FALSE(fixture.tree());
}
