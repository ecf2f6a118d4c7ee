#include "engine/base/atomic_file.hpp"

#include <array>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

#include <doctest/doctest.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tests/support/git_fixture.hpp"

TEST_CASE("atomic file: takes the place of the old one and keeps its mode") {
  const forge::support::TempFolder folder;
  const std::string path = folder.path() + "/f";
  folder.write("f", "old");
  std::filesystem::permissions(path, std::filesystem::perms::owner_all);
  REQUIRE(forge::write_file_atomically(path, "new").has_value());
  std::ifstream stream(path);
  CHECK(std::string(std::istreambuf_iterator<char>(stream), {}) == "new");
  CHECK(std::filesystem::status(path).permissions() == std::filesystem::perms::owner_all);
}

TEST_CASE("atomic file: a pipe or a device is written to and stays what it is") {
  const forge::support::TempFolder folder;
  const std::string path = folder.path() + "/pipe";
  REQUIRE(::mkfifo(path.c_str(), 0600) == 0);
  const int reader = ::open(path.c_str(), O_RDONLY | O_NONBLOCK);
  REQUIRE(reader >= 0);
  CHECK(forge::write_file_atomically(path, "text").has_value());
  std::array<char, 8> buffer{};
  CHECK(::read(reader, buffer.data(), buffer.size()) == 4);
  CHECK(std::string(buffer.data(), 4) == "text");
  ::close(reader);
  CHECK(std::filesystem::is_fifo(path));
}
