#include "engine/base/checksum.hpp"

#include <set>
#include <string>

#include <doctest/doctest.h>

TEST_CASE("checksum: every changed, lost or added byte shows, at every place of a block") {
  const std::string text(200, 'x');
  std::set<std::uint64_t> sums{forge::checksum(text)};
  for (std::size_t at = 0; at < text.size(); ++at) {
    std::string changed = text;
    changed[at] = 'y';
    sums.insert(forge::checksum(changed));
  }
  for (std::size_t size = 0; size < text.size(); ++size) sums.insert(forge::checksum(text.substr(0, size)));
  sums.insert(forge::checksum(text + '\0'));
  CHECK(sums.size() == 1 + 200 + 200 + 1);
}

TEST_CASE("checksum: an exchange of equal parts shows") {
  const std::string a(64, 'a');
  const std::string b(64, 'b');
  CHECK(forge::checksum(a + b) != forge::checksum(b + a));
  CHECK(forge::checksum(a.substr(0, 8) + b.substr(0, 8)) != forge::checksum(b.substr(0, 8) + a.substr(0, 8)));
}
