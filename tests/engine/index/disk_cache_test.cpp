#include "engine/index/disk_cache.hpp"

#include <filesystem>
#include <fstream>
#include <ostream>
#include <string>

#include <doctest/doctest.h>

#include "tests/support/git_fixture.hpp"

using forge::SharedText;
using forge::index::CacheEntry;
using forge::index::DiskCache;
using forge::support::TempFolder;

TEST_CASE("disk cache: an entry of megabytes is looked at as a whole again when its file is another one") {
  const TempFolder folder;
  const DiskCache cache(folder.path());
  const std::string url = "https://example.org/Packages";
  const std::string path = cache.path_of("list-1", url);
  for (const std::size_t size : {std::size_t{1000}, std::size_t{3} << 20U}) {
    CAPTURE(size);
    const CacheEntry entry{.url = url, .body = SharedText(std::string(size, 'x'))};
    cache.store("list-1", entry);
    for (int i = 0; i < 2; ++i) {
      const auto loaded = cache.load("list-1", url);
      REQUIRE(loaded);
      CHECK(loaded->body.view().size() == size);
    }
    {
      std::fstream file(path, std::ios::in | std::ios::out | std::ios::binary);
      file.seekp(static_cast<std::streamoff>(std::filesystem::file_size(path)) - 1);
      file << 'y';
    }
    CHECK_FALSE(cache.load("list-1", url));
    cache.store("list-1", entry);
    CHECK(cache.load("list-1", url));
  }
}
