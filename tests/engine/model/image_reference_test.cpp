#include "engine/model/image_reference.hpp"

#include <string>

#include <doctest/doctest.h>

using namespace forge::model;

namespace {

std::string short_form(const char* text) {
  const auto reference = parse_image_reference(text);
  return reference ? reference->short_form() : "(invalid)";
}

std::string long_form(const char* text) {
  const auto reference = parse_image_reference(text);
  return reference ? reference->long_form() : "(invalid)";
}

}  // namespace

TEST_CASE("image references: the short form is what named contexts are looked up by") {
  CHECK(short_form("ubuntu:noble") == "ubuntu:noble");
  CHECK(short_form("docker.io/library/ubuntu:noble") == "ubuntu:noble");
  CHECK(short_form("python-base:latest") == "python-base");
  CHECK(short_form("ghcr.io/c5c3/python-base:3.12-noble") == "ghcr.io/c5c3/python-base:3.12-noble");
  CHECK(short_form("localhost:5000/x") == "localhost:5000/x");
  CHECK(short_form("oslo.messaging") == "oslo.messaging");
  CHECK(short_form("docker.io/bitnami/x") == "bitnami/x");
}

TEST_CASE("image references: two spellings of one image have one long form") {
  CHECK(long_form("x") == "docker.io/library/x:latest");
  CHECK(long_form("docker.io/library/x:latest") == "docker.io/library/x:latest");
  CHECK(long_form("index.docker.io/library/x") == "docker.io/library/x:latest");
}

TEST_CASE("image references: what no registry takes") {
  const std::string digest(64, 'a');
  CHECK(parse_image_reference("a/b@sha256:" + digest)->digest == "sha256:" + digest);
  for (const char* bad : {"", "Foo", "a//b", "a:", "a:-x", "-a", "a-", "a___b", "a..b", "a@sha256:12", "a b", "a:b:c",
                          "$x", "UPPER/x:y/"})
    CHECK_MESSAGE(!parse_image_reference(bad), bad);
  CHECK(parse_image_reference("a__b--c.d_e"));
}
