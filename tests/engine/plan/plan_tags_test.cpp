#include "engine/plan/plan_tags.hpp"

#include <string>

#include <doctest/doctest.h>

#include "engine/model/image_reference.hpp"

using namespace forge::plan;

TEST_CASE("tags: runs of illegal bytes become one dash, leading dots and dashes go") {
  CHECK(sanitised_tag("stable/1.0") == "stable-1.0");
  CHECK(sanitised_tag("a//b\xC3\xA9 c") == "a-b-c");
  CHECK(sanitised_tag("123/merge") == "123-merge");
  CHECK(sanitised_tag("..-x_") == "x_");
  CHECK(sanitised_tag("///").empty());
}

TEST_CASE("tags: a long one is cut and marked, so that two long ones stay apart") {
  const std::string a = sanitised_tag(std::string(200, 'x') + "a");
  const std::string b = sanitised_tag(std::string(200, 'x') + "b");
  CHECK(a.size() == 128);
  CHECK(a.substr(0, 120) == std::string(119, 'x') + "-");
  CHECK(a != b);
}

TEST_CASE("tags: the composite keeps the commit whole and shortens the branch") {
  const std::string commit = "4f9c2d17b0e84a5c9a1f6e3d2b7c8091a2b3c4d5";
  CHECK(composite_tag({"28.0.0", 0, "main", commit}) == "28.0.0-p0-main-4f9c2d1");
  CHECK(composite_tag({"28.0.0", 2, "123/merge", commit}) == "28.0.0-p2-123-merge-4f9c2d1");
  CHECK(composite_tag({"28.0.0", 2, "", ""}) == "28.0.0-p2");
  for (const std::size_t length : {std::size_t{150}, std::size_t{300}}) {
    const std::string tag = composite_tag({std::string(length / 2, '1'), 3, std::string(length, 'b'), commit});
    CHECK(tag.size() <= 128);
    CHECK(tag.ends_with("-4f9c2d1"));
    CHECK(forge::model::is_image_tag(tag));
  }
}

TEST_CASE("bake names: dots and slashes become dashes") {
  CHECK(bake_name("keystone-2025.2") == "keystone-2025-2");
  CHECK(bake_name("a/b_c") == "a-b_c");
}
