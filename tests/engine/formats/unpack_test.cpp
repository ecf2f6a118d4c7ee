#include "engine/formats/unpack.hpp"

#include <doctest/doctest.h>

#include "tests/support/archive.hpp"

namespace {

forge::Result<std::string> unpacked(std::string_view packed, std::size_t most = 1 << 20) {
  std::string text;
  const auto done = forge::formats::unpack(packed, most, [&](std::string_view piece) { text += piece; });
  if (!done) return tl::unexpected<forge::Failure>(done.error());
  return text;
}

}  // namespace

TEST_CASE("unpack: what is not packed comes as it is, up to the bound") {
  CHECK(unpacked("Package: a\n").value() == "Package: a\n");
  CHECK(unpacked("").value().empty());
  CHECK_FALSE(unpacked("12345", 4).has_value());
}

TEST_CASE("unpack: every packing, whole, cut, and a bomb") {
  const std::string text(100'000, 'a');
  const char* filter = "";
  for (const char* one : {"gzip", "xz", "bzip2", "lz4", "zstd"}) SUBCASE(one) filter = one;
  if (*filter == '\0') return;
  const std::string packed = forge::support::packed(text, filter);
  CHECK(unpacked(packed).value() == text);
  CHECK_FALSE(unpacked(packed, 50'000).has_value());
  for (const std::size_t size : {packed.size() / 2, packed.size() - 1})
    CHECK_FALSE(unpacked(packed.substr(0, size)).has_value());
}
