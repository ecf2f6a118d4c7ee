#include "engine/workspace/workspace.hpp"

#include <ostream>

#include <doctest/doctest.h>

#include "tests/support/git_fixture.hpp"

TEST_CASE("workspace: the root is the nearest folder upwards that holds releases/, without a slash at its end") {
  const forge::support::TempFolder folder;
  folder.write("releases/2025.2/source-refs.yaml", "");
  folder.write("patches/nova/2025.2/0001-x.patch", "");
  for (const char* from : {"", "/", "/.", "/releases", "/releases/2025.2", "/patches/nova/2025.2", "/none/there"})
    CHECK(forge::workspace::find_forge_root(folder.path() + from) == folder.path());
}
