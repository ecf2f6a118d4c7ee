#include "engine/formats/source_archive.hpp"

#include <cstdlib>
#include <ostream>

#include <archive_entry.h>
#include <doctest/doctest.h>

#include "tests/support/archive.hpp"

namespace {

using forge::formats::read_source_archive;
using forge::support::archive_of;
using Entry = forge::support::ArchiveEntry;

std::string refusal(const std::vector<Entry>& entries) {
  const auto read = read_source_archive(archive_of(entries));
  return read ? std::string() : read.error().message;
}

}  // namespace

TEST_CASE("source archive: files below the one top folder, with git's modes") {
  for (const bool zip : {false, true}) {
    CAPTURE(zip);
    const auto files = read_source_archive(archive_of({{"pkg-1.0/", "", AE_IFDIR, 0755},
                                                       {"pkg-1.0/setup.py", "import setuptools\n", AE_IFREG, 0755},
                                                       {"pkg-1.0/pkg/a.txt", "a"}},
                                                      zip));
    REQUIRE(files);
    REQUIRE(files->size() == 2);
    CHECK(files->at(0).path == "pkg/a.txt");
    CHECK(files->at(0).mode == 0100644);
    CHECK(files->at(1).path == "setup.py");
    CHECK(files->at(1).mode == 0100755);
    CHECK(files->at(1).content == "import setuptools\n");
  }
}

TEST_CASE("source archive: links") {
  const auto files = read_source_archive(archive_of({{"pkg-1.0/a", "text"},
                                                     {"pkg-1.0/b", "", AE_IFLNK, 0777, "../../etc/passwd"},
                                                     {"pkg-1.0/c", "", AE_IFREG, 0644, "pkg-1.0/a", true}}));
  REQUIRE(files);
  REQUIRE(files->size() == 3);
  CHECK(files->at(1).mode == 0120000);
  CHECK(files->at(1).content == "../../etc/passwd");  // only text here; whoever writes it out judges it
  CHECK(files->at(2).content == "text");
}

TEST_CASE("source archive: what leaves the folder, or is no file, is refused") {
  CHECK(refusal({{"pkg-1.0/../../evil", "x"}}) != "");
  CHECK(refusal({{"/etc/evil", "x"}}) != "");
  CHECK(refusal({{"evil", "x"}}) != "");
  CHECK(refusal({{"pkg-1.0/.git/config", "x"}}) != "");
  CHECK(refusal({{"pkg-1.0/a", "x"}, {"other/b", "x"}}) != "");
  CHECK(refusal({{"pkg-1.0/dev", "", AE_IFCHR}}) != "");
  CHECK(refusal({{"pkg-1.0/c", "", AE_IFREG, 0644, "pkg-1.0/gone", true}}) != "");
  CHECK(refusal({}) != "");
}

TEST_CASE("source archive: cut in half, no archive, over a limit") {
  std::string noise;
  for (unsigned i = 0, state = 1; i < 4000; ++i)
    noise += static_cast<char>((state = state * 1103515245U + 12345U) >> 16);
  const std::string whole = archive_of({{"pkg-1.0/a", noise}, {"pkg-1.0/b", noise}});
  REQUIRE(read_source_archive(whole));
  CHECK_FALSE(read_source_archive(std::string_view(whole).substr(0, whole.size() / 2)));
  CHECK_FALSE(read_source_archive("no archive at all"));
  CHECK_FALSE(read_source_archive(""));
  CHECK_FALSE(read_source_archive(whole, {.files = 1}));
  CHECK_FALSE(read_source_archive(whole, {.bytes = noise.size()}));
}
