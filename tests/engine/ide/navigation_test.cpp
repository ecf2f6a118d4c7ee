#include "engine/ide/navigation.hpp"

#include <algorithm>
#include <ostream>
#include <set>
#include <string>

#include <doctest/doctest.h>

#include "engine/ide/source_text.hpp"
#include "engine/ide/subject.hpp"
#include "tests/engine/ide/navigation_forge.hpp"

using namespace forge::ide::test;
using forge::ide::Target;
using forge::workspace::Snapshot;

namespace {

std::string words(const Target& target) {
  if (target.tree) return target.tree->component + ":" + target.tree->path + ":" + std::to_string(target.tree->line);
  return target.file->path() + ":" + std::string(target.file->text(target.span));
}

std::set<std::string> definition_at(const Snapshot& snapshot, std::string_view path, std::uint32_t offset) {
  std::set<std::string> found;
  const auto definition = forge::ide::definition(snapshot, path, offset);
  if (!definition) return found;
  for (const Target& target : definition->targets) found.insert(words(target));
  return found;
}

std::set<std::string> references_at(const Snapshot& snapshot, std::string_view path, std::uint32_t offset,
                                    bool declaration = false) {
  std::set<std::string> found;
  for (const Target& target : forge::ide::references(snapshot, path, offset, declaration)) found.insert(words(target));
  return found;
}

using Words = std::set<std::string>;

}  // namespace

TEST_CASE("definition: a component's key and ref lead to its image and its patches of that release") {
  const auto forge = snapshot();
  const Words expected = {"images/keystone/Dockerfile:FROM ghcr.io/c5c3/venv-builder:3.12-noble AS build",
                          "patches/keystone/2025.2/0001-fix.patch:[PATCH] Fix a thing, see OSSA-2025-001"};
  CHECK(definition_at(*forge, refs_path, offset_of(*forge, refs_path, "keystone")) == expected);
  CHECK(definition_at(*forge, refs_path, offset_of(*forge, refs_path, "28.0.0")) == expected);
  CHECK(definition_at(*forge, refs_path, 1).empty());
}

TEST_CASE(
    "definition: a patch, an override, an entry of extra-packages and a Dockerfile's context lead to their lines") {
  const auto forge = snapshot();
  const std::string keystone = std::string(refs_path) + ":keystone";
  CHECK(definition_at(*forge, patch_path, offset_of(*forge, patch_path, "Fix a thing")) == Words{keystone});
  CHECK(definition_at(*forge, extras_path, 2) == Words{keystone});
  CHECK(definition_at(*forge, override_path, offset_of(*forge, override_path, "9.8.1")) ==
        Words{std::string(upper_path) + ":oslo.config"});
  CHECK(definition_at(*forge, override_path, offset_of(*forge, override_path, "-crypto")) ==
        Words{std::string(upper_path) + ":cryptography"});
  CHECK(definition_at(*forge, extras_path, offset_of(*forge, extras_path, "MySQL")) ==
        Words{std::string(upper_path) + ":PyMySQL"});
  const std::uint32_t context = offset_of(*forge, docker_path, "from=oslo.messaging") + 6;
  CHECK(definition_at(*forge, docker_path, context) == Words{std::string(refs_path) + ":oslo.messaging"});
  const std::uint32_t image = offset_of(*forge, docker_path, "ghcr.io/c5c3/venv-builder");
  CHECK(definition_at(*forge, docker_path, image) ==
        Words{"images/venv-builder/Dockerfile:FROM ghcr.io/c5c3/python-base:3.12-noble"});
}

TEST_CASE("definition: a path, a hunk and a line of a hunk lead to the file at the ref, at the line where it lands") {
  const auto forge = snapshot();
  CHECK(definition_at(*forge, patch_path, offset_of(*forge, patch_path, "diff --git")) == Words{"keystone:a.txt:0"});
  CHECK(definition_at(*forge, patch_path, offset_of(*forge, patch_path, "b/a.txt\n@@")) == Words{"keystone:a.txt:0"});
  // The file has a line more in front than the hunk says.
  CHECK(definition_at(*forge, patch_path, offset_of(*forge, patch_path, "@@ -2,3")) == Words{"keystone:a.txt:2"});
  CHECK(definition_at(*forge, patch_path, offset_of(*forge, patch_path, "-two") + 2) == Words{"keystone:a.txt:3"});
  CHECK(definition_at(*forge, patch_path, offset_of(*forge, patch_path, " three") + 2) == Words{"keystone:a.txt:4"});
}

TEST_CASE("references: a component's key, and the inverse of what leads to a pin") {
  const auto forge = snapshot();
  const Words uses = {"patches/keystone/2025.2/0001-fix.patch:[PATCH] Fix a thing, see OSSA-2025-001",
                      std::string(extras_path) + ":keystone", std::string(docker_path) + ":keystone"};
  CHECK(references_at(*forge, refs_path, offset_of(*forge, refs_path, "keystone")) == uses);
  Words with = uses;
  with.insert(std::string(refs_path) + ":keystone");
  CHECK(references_at(*forge, refs_path, offset_of(*forge, refs_path, "keystone"), true) == with);
  CHECK(references_at(*forge, upper_path, offset_of(*forge, upper_path, "oslo.config")) ==
        Words{std::string(override_path) + ":oslo.config"});
  CHECK(references_at(*forge, upper_path, offset_of(*forge, upper_path, "PyMySQL")) ==
        Words{std::string(extras_path) + ":PyMySQL"});
  const std::uint32_t image = offset_of(*forge, docker_path, "ghcr.io/c5c3/venv-builder");
  CHECK(references_at(*forge, docker_path, image) ==
        Words{"images/keystone/Dockerfile:ghcr.io/c5c3/venv-builder:3.12-noble",
              "images/nova/Dockerfile:ghcr.io/c5c3/venv-builder:3.12-noble"});
}

TEST_CASE("references: of a Change-Id, the patches of all releases that have it") {
  auto all = files();
  all["patches/keystone/2025.1/0001-fix.patch"] = patch_text();
  const auto forge = snapshot(std::move(all));
  const Words found = references_at(*forge, patch_path, offset_of(*forge, patch_path, change_id));
  CHECK(found == Words{std::string("patches/keystone/2025.1/0001-fix.patch:") + change_id,
                       std::string(patch_path) + ":" + change_id});
}

TEST_CASE("highlights: a component's key and ref, and a package however it is spelled") {
  auto all = files();
  all[override_path] = "Oslo_Config===1\n-oslo.config\nother===1\n";
  const auto forge = snapshot(std::move(all));
  const auto in_refs = forge::ide::highlights(*forge, refs_path, offset_of(*forge, refs_path, "28.0.0"));
  REQUIRE(in_refs.size() == 2);
  CHECK(forge->file(refs_path)->text(in_refs[0]) == "keystone");
  CHECK(forge->file(refs_path)->text(in_refs[1]) == "\"28.0.0\"");
  CHECK(forge::ide::highlights(*forge, override_path, 2).size() == 2);
  CHECK(forge::ide::highlights(*forge, patch_path, offset_of(*forge, patch_path, "--- a/a.txt") + 5).size() == 2);
}

TEST_CASE("navigation: everywhere in every document, and past its end, there is an answer") {
  const auto forge = snapshot();
  for (const std::string& path : forge->paths()) {
    const std::size_t size = forge->file(path)->text().size();
    for (std::uint32_t at = 0; at < size + 3; ++at) {
      if (const auto subject = forge::ide::subject_at(*forge, path, at)) CHECK(subject->extent.end <= size);
      (void)forge::ide::highlights(*forge, path, at);
    }
  }
}

TEST_CASE("source text: a file of the tree at a commit, and nothing else") {
  auto all = forge::support::small_upstreams();
  auto repository = std::make_shared<forge::support::MemoryRepository>();
  const auto commit = repository->add_commit({{"dir/a.txt", "caf\xE9\n"}, {"link", {"dir/a.txt", 0120000}}}, "x");
  all->add("keystone", repository);
  const auto forge = forge::support::snapshot_of(files(), all);
  const auto read = [&](const std::string& component, const std::string& at, const std::string& path) {
    return forge::ide::source_text(*forge, {component, at, path, 0}).value_or("-");
  };
  CHECK(read("keystone", commit.hex(), "dir/a.txt") == "caf\xEF\xBF\xBD\n");
  CHECK(read("keystone", commit.hex(), "dir") == "-");
  CHECK(read("keystone", commit.hex(), "link") == "-");
  CHECK(read("keystone", commit.hex(), "../dir/a.txt") == "-");
  CHECK(read("keystone", commit.hex(), "/etc/passwd") == "-");
  CHECK(read("keystone", "28.0.0", "dir/a.txt") == "-");
  CHECK(read("keystone", std::string(40, '0'), "dir/a.txt") == "-");
  CHECK(read("../keystone", commit.hex(), "dir/a.txt") == "-");
}

TEST_CASE("definition, references, highlights: the stages of a Dockerfile") {
  auto all = files();
  all[docker_path] =
      "FROM python-base AS build\nFROM scratch\nCOPY --from=Build /a /a\nCOPY --from=1 /b /b\n"
      "RUN --mount=type=bind,from=build,target=/c true\n";
  const auto forge = snapshot(all);
  const std::string path = docker_path;
  CHECK(definition_at(*forge, docker_path, offset_of(*forge, docker_path, "Build")) == Words{path + ":build"});
  CHECK(definition_at(*forge, docker_path, offset_of(*forge, docker_path, "1 /b")) == Words{path + ":scratch"});
  const std::uint32_t name = offset_of(*forge, docker_path, "build");
  CHECK(references_at(*forge, docker_path, name) == Words{path + ":Build", path + ":build"});
  CHECK(forge::ide::references(*forge, docker_path, name, true).size() == 3);
  CHECK(forge::ide::highlights(*forge, docker_path, name).size() == 3);
}
