#include "engine/base/sha1.hpp"

#include <string>

#include <doctest/doctest.h>
#include <fmt/format.h>
#include <fmt/ranges.h>

namespace {

std::string hex(const forge::Sha1::Digest& digest) {
  return fmt::format("{:02x}", fmt::join(digest, ""));
}

}  // namespace

TEST_CASE("sha1: the standard's own examples, in pieces, one after the other") {
  forge::Sha1 sha1;
  CHECK(hex(sha1.finish()) == "da39a3ee5e6b4b0d3255bfef95601890afd80709");
  sha1.update("ab");
  sha1.update("c");
  CHECK(hex(sha1.finish()) == "a9993e364706816aba3e25717850c26c9cd0d89d");
  sha1.update("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq");
  CHECK(hex(sha1.finish()) == "84983e441c3bd26ebaae4aa1f95129e5e54670f1");
  for (int i = 0; i < 1000; ++i) sha1.update(std::string(1000, 'a'));
  CHECK(hex(sha1.finish()) == "34aa973cd4c4daa4f61eeb2bdbad27316534016f");
}
