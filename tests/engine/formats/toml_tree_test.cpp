#include "engine/formats/toml_tree.hpp"

#include <string>

#include <doctest/doctest.h>

using namespace forge;
using formats::parse_toml;
using formats::TomlNode;

namespace {

std::string written(const std::string& text, const TomlNode* node) {
  REQUIRE(node != nullptr);
  return text.substr(node->span.begin, node->span.size());
}

}  // namespace

TEST_CASE("toml: spans are bytes, also behind letters of more than one") {
  const std::string text =
      "[project] # \xC3\xA4\xF0\x9F\x99\x82\n"
      "description = \"\xC3\xA4\xF0\x9F\x99\x82\" \n"
      "\"optional-dependencies\".\xC3\xA4x = [\"\xC3\xA4\", 'b>=1']\r\n"
      "name = 'oslo.x'\n"
      "yes = true\n";
  // A bare key may hold no such letter.
  CHECK(parse_toml(text).problems.size() == 1);
  std::string good = text;
  good.replace(good.find(".\xC3\xA4x"), 4, ".x");
  const auto parsed = parse_toml(good);
  REQUIRE(parsed.problems.empty());
  CHECK(written(good, parsed.value.find({"project", "name"})) == "'oslo.x'");
  const TomlNode* list = parsed.value.find({"project", "optional-dependencies", "x"});
  REQUIRE(list != nullptr);
  REQUIRE(list->items.size() == 2);
  CHECK(written(good, &list->items[1]) == "'b>=1'");
  CHECK(list->items[1].text == "b>=1");
  CHECK(parsed.value.find({"project", "yes"})->text == "true");
  CHECK(parsed.value.find({"project", "name", "deeper"}) == nullptr);
}

TEST_CASE("toml: a broken file is one problem and an empty table") {
  for (const char* text : {"[project\n", "a = 1\na = 2\n", "x = \"open\n", "\xFF\xFE", "a = [[[[[", "= 3"}) {
    CAPTURE(text);
    const auto parsed = parse_toml(text);
    CHECK(parsed.problems.size() == 1);
    CHECK(parsed.value.entries.empty());
  }
  CHECK(parse_toml(std::string(100'000, '[')).problems.size() == 1);
  CHECK(parse_toml("").problems.empty());
}
