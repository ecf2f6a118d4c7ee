/// schemas/ says the same of each key as the program.
#include <fstream>
#include <ostream>
#include <string>

#include <doctest/doctest.h>
#include <nlohmann/json.hpp>

#include "engine/formats/config_keys.hpp"
#include "engine/formats/extras_keys.hpp"
#include "engine/formats/yaml_tree.hpp"

namespace {

using Json = nlohmann::json;

Json schema(const std::string& name) {
  std::ifstream stream(std::string(FORGE_SOURCE_DIR) + "/schemas/" + name + ".schema.json");
  return Json::parse(stream);
}

Json value_of(const std::string& yaml) {
  const auto tree = forge::formats::parse_yaml(yaml);
  if (tree.value.is_scalar()) return tree.value.text;
  Json list = Json::array();
  for (const auto& item : tree.value.items) list.push_back(item.text);
  return list;
}

std::size_t count_of(const Json& properties) {
  std::size_t count = properties.size();
  for (const Json& property : properties)
    if (property.contains("properties")) count += property["properties"].size();
  return count;
}

}  // namespace

TEST_CASE("schemas: forge.yaml's has the keys, words and defaults of config_keys()") {
  const Json properties = schema("forge")["properties"];
  CHECK(count_of(properties) == forge::formats::config_keys().size());
  for (const forge::formats::ConfigKey& key : forge::formats::config_keys()) {
    CAPTURE(key.name);
    const std::size_t dot = key.name.find('.');
    const Json& outer = properties[std::string(key.name.substr(0, dot))];
    const Json& own =
        dot == std::string_view::npos ? outer : outer["properties"][std::string(key.name.substr(dot + 1))];
    CHECK(own["description"] == key.words);
    const std::string value = forge::formats::default_value(key);
    if (value.empty())
      CHECK(own.value("default", "") == "");
    else
      CHECK(own["default"] == value_of(value));
  }
}

TEST_CASE("schemas: extra-packages.yaml's has the keys and words of extras_keys()") {
  const Json properties = schema("extra-packages")["additionalProperties"]["properties"];
  CHECK(properties.size() == forge::formats::extras_keys().size());
  for (const forge::formats::ExtrasKey& key : forge::formats::extras_keys()) {
    CAPTURE(key.name);
    CHECK(properties[std::string(key.name)]["description"] == key.words);
  }
}
