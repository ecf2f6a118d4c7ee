#include "engine/base/shared_text.hpp"

#include <filesystem>

#include <doctest/doctest.h>

#include "tests/support/git_fixture.hpp"

using forge::SharedText;

TEST_CASE("shared text: small and large files are read whole, and stay as they were when the file is replaced") {
  const forge::support::TempFolder folder;
  for (const std::size_t size : {0U, 10U, 70'000U, 300'001U}) {
    CAPTURE(size);
    const std::string bytes = std::string(size, 'a') + "end";
    folder.write("file", bytes);
    const auto text = SharedText::of_file(folder.path() + "/file", 1'000'000);
    REQUIRE(text.has_value());
    folder.write("next", "other");
    std::filesystem::rename(folder.path() + "/next", folder.path() + "/file");
    const SharedText end = text->from(size);
    CHECK(text->view() == bytes);
    CHECK(end.view() == "end");
    CHECK(end.from(99).view().empty());
  }
}

TEST_CASE("shared text: what is absent, too large or no file is nothing") {
  const forge::support::TempFolder folder;
  folder.write("file", "12345");
  CHECK(SharedText::of_file(folder.path() + "/file", 5).has_value());
  CHECK_FALSE(SharedText::of_file(folder.path() + "/file", 4).has_value());
  CHECK_FALSE(SharedText::of_file(folder.path() + "/absent", 5).has_value());
  CHECK_FALSE(SharedText::of_file(folder.path(), 100'000).has_value());
}
