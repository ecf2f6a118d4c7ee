#include "engine/base/folder_writer.hpp"

#include <filesystem>

#include <doctest/doctest.h>
#include <sys/stat.h>

#include "tests/support/git_fixture.hpp"

namespace {

namespace fs = std::filesystem;
using forge::FolderWriter;
using forge::support::TempFolder;

}  // namespace

TEST_CASE("folder writer: what is not put in place goes again") {
  const TempFolder temp;
  {
    const auto writer = FolderWriter::beside(temp.path() + "/deep/er/out");
    REQUIRE(writer);
    REQUIRE(writer->write_file("a", "x", 0644));
  }
  CHECK(fs::is_empty(temp.path() + "/deep/er"));
}

TEST_CASE("folder writer: a folder takes the old one's place whole, by a name with or without a slash behind") {
  const TempFolder temp;
  const std::string out = temp.path() + "/out";
  for (const std::string name : {"first", "second", "third"}) {
    auto writer = FolderWriter::beside(name == "second" ? out + "/" : out);
    REQUIRE(writer);
    REQUIRE(writer->make_folder("sub"));
    REQUIRE(writer->write_file("sub/" + name, name, 0755, 1'700'000'000));
    REQUIRE(writer->make_link("link", "sub/" + name));
    REQUIRE(writer->replace());
  }
  CHECK(temp.read("out/link") == "third");
  CHECK_FALSE(fs::exists(out + "/sub/first"));
  struct ::stat status{};
  REQUIRE(::stat((out + "/sub/third").c_str(), &status) == 0);
  CHECK((status.st_mode & 07777U) == 0755U);
  CHECK(status.st_mtime == 1'700'000'000);
  CHECK(std::distance(fs::directory_iterator(temp.path()), {}) == 1);
}

TEST_CASE("folder writer: it never writes through a link, and names what it can't write") {
  const TempFolder temp;
  temp.write("victim", "kept");
  const auto writer = FolderWriter::beside(temp.path() + "/out");
  REQUIRE(writer);
  REQUIRE(writer->make_link("link", "../victim"));
  const auto through = writer->write_file("link", "x", 0644);
  REQUIRE_FALSE(through);
  CHECK(through.error().message == "`" + temp.path() + "/out/link` can't be written: File exists.");
  CHECK(temp.read("victim") == "kept");
  CHECK_FALSE(FolderWriter::beside(temp.path() + "/victim/out"));
}
