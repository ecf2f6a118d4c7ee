#include "engine/model/tree_state.hpp"

#include <memory>
#include <string>
#include <utility>

#include <doctest/doctest.h>
#include <fmt/format.h>

#include "tests/support/memory_repository.hpp"

using forge::model::FileContent;
using forge::model::TreeFile;
using forge::model::TreeState;
using forge::support::MemoryRepository;

namespace {

TreeFile file_of(std::string text) {
  TreeFile file;
  file.mode = 0100644;
  file.content = std::make_shared<const FileContent>(std::make_shared<const std::string>(std::move(text)));
  file.changed = true;
  return file;
}

}  // namespace

TEST_CASE("tree state: files made in any order, removed and made again give git's tree") {
  MemoryRepository repository;
  MemoryRepository::Files files = {{"a/m", "m\n"}, {"a/n", "n\n"}, {"b", "b\n"}};
  TreeState tree(repository, repository.tree_of(repository.add_commit(files)));
  for (int i = 300; i-- > 0;) {
    const std::string path = fmt::format("a/{:03}", i * 7 % 300);
    REQUIRE(tree.put(path, file_of(path)));
    files.insert_or_assign(path, MemoryRepository::File(path));
  }
  for (int i = 0; i < 300; i += 3) {
    const std::string path = fmt::format("a/{:03}", i);
    tree.remove(path);
    files.erase(path);
  }
  tree.remove("a/n");
  CHECK(tree.find("a/n") == nullptr);
  REQUIRE(tree.put("a/n", file_of("again\n")));
  files.insert_or_assign("a/n", MemoryRepository::File("again\n"));
  CHECK(tree.paths().size() == files.size());
  CHECK(tree.tree_id() == repository.tree_of(repository.add_commit(files)));
}

TEST_CASE("tree state: a folder goes with its last file and comes back with rollback") {
  MemoryRepository repository;
  const forge::git::ObjectId before = repository.tree_of(repository.add_commit({{"a/b/c", "c\n"}, {"d", "d\n"}}));
  TreeState tree(repository, before);
  tree.remove("a/b/c");
  CHECK_FALSE(tree.is_folder("a"));
  REQUIRE(tree.put("a", file_of("now a file\n")));
  CHECK(tree.file_among_parents("a/b") == "a");
  CHECK_FALSE(tree.put("a/b/c", file_of("x\n")));
  tree.rollback(0);
  CHECK(tree.is_folder("a/b"));
  CHECK(tree.tree_id() == before);
}
