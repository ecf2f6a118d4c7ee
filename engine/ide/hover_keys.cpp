/// Hover on the keys of forge.yaml and extra-packages.yaml.
#include <algorithm>

#include "engine/formats/config_keys.hpp"
#include "engine/formats/extras_keys.hpp"
#include "engine/ide/hover_lines.hpp"

namespace forge::ide {

using Style = HoverPiece::Style;

namespace {

HoverLines described(std::string_view name, std::string_view words) {
  return {{{Style::strong, std::string(name)}}, {{Style::markdown, std::string(words)}}};
}

}  // namespace

HoverLines config_key_lines(std::string_view name) {
  const auto keys = formats::config_keys();
  const auto key = std::ranges::find(keys, name, &formats::ConfigKey::name);
  if (key == keys.end()) return {};
  HoverLines lines = described(key->name, key->words);
  if (const std::string value = formats::default_value(*key); !value.empty()) add_code(lines, "default: ", value);
  return lines;
}

HoverLines extras_key_lines(std::string_view name) {
  const auto keys = formats::extras_keys();
  const auto key = std::ranges::find(keys, name, &formats::ExtrasKey::name);
  return key == keys.end() ? HoverLines() : described(key->name, key->words);
}

}  // namespace forge::ide
