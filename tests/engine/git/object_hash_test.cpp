#include "engine/git/object_hash.hpp"

#include <doctest/doctest.h>

#include "tests/support/memory_repository.hpp"

using forge::support::MemoryRepository;

TEST_CASE("object hash: blobs and the empty tree have git's ids") {
  CHECK(forge::git::hash_object("blob", "").hex() == "e69de29bb2d1d6434b8b29ae775ad8c2e48c5391");
  CHECK(forge::git::hash_object("blob", "hello\n").hex() == "ce013625030ba8dba906f756967f9e9ca394464a");
  CHECK(forge::git::hash_tree({}).hex() == "4b825dc642cb6eb9a060e54bf8d69288fbee4904");
}

TEST_CASE("object hash: a folder sorts as though its name ended in a slash") {
  MemoryRepository repository;
  const auto commit = repository.add_commit({{"a.b", "1\n"}, {"a/c", "2\n"}, {"a0", "3\n"}});
  CHECK(repository.tree_of(commit).hex() == "6d41058519603cc02de5425f1134e3cdfd08d3a5");
}
