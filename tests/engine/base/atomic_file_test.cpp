#include "engine/base/atomic_file.hpp"

#include <array>
#include <string>

#include <doctest/doctest.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tests/support/git_fixture.hpp"

using forge::write_file_atomically;
using forge::support::TempFolder;

TEST_CASE("atomic file: the old file's mode stays, and nothing else is left in the folder") {
  const TempFolder folder;
  folder.write("file", "old");
  REQUIRE(::chmod((folder.path() + "/file").c_str(), 0640) == 0);
  CHECK(write_file_atomically(folder.path() + "/file", "new").has_value());
  CHECK(folder.read("file") == "new");
  struct ::stat now{};
  REQUIRE(::stat((folder.path() + "/file").c_str(), &now) == 0);
  CHECK((now.st_mode & 07777U) == 0640U);
}

TEST_CASE("atomic file: a pipe or device is written into and stays what it is") {
  const TempFolder folder;
  const std::string path = folder.path() + "/pipe";
  REQUIRE(::mkfifo(path.c_str(), 0600) == 0);
  const int reader = ::open(path.c_str(), O_RDWR | O_NONBLOCK | O_CLOEXEC);
  REQUIRE(reader >= 0);
  CHECK(write_file_atomically(path, "text").has_value());
  std::array<char, 16> read{};
  const ssize_t size = ::read(reader, read.data(), read.size());
  ::close(reader);
  CHECK(size == 4);
  struct ::stat now{};
  REQUIRE(::stat(path.c_str(), &now) == 0);
  CHECK(S_ISFIFO(now.st_mode));
}
