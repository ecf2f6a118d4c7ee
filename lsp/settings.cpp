#include "lsp/settings.hpp"

#include <algorithm>
#include <array>
#include <string_view>
#include <utility>

#include <fmt/format.h>

#include "engine/base/text.hpp"
#include "engine/formats/config_settings.hpp"
#include "engine/rules/catalog.hpp"

namespace forge::lsp {

using protocol::Json;

namespace {

constexpr std::array<const char*, 7> keys_of_forge_yaml = {"upstream", "upstreams", "target", "profiles",
                                                           "registry", "index",     "rules"};
/// A value nested deeper than any key of forge.yaml is.
constexpr std::size_t deepest = 4;

bool is_set(const Json& value) {
  return !value.is_null() && !((value.is_string() || value.is_array() || value.is_object()) && value.empty()) &&
         value != "";
}

/// Without what is not set.
Json pruned(const Json& value, std::size_t depth) {
  if (!value.is_object()) return value;
  Json out = Json::object();
  if (depth == 0) return out;
  for (const auto& [key, item] : value.items()) {
    Json kept = pruned(item, depth - 1);
    if (is_set(kept)) out[key] = std::move(kept);
  }
  return out;
}

void read_flag(const Json& section, const char* key, bool& into, std::vector<std::string>& problems) {
  const Json& value = protocol::lookup(section, {key});
  if (value.is_boolean())
    into = value.get<bool>();
  else if (!value.is_null())
    problems.push_back(fmt::format("`forge.{}` must be true or false.", key));
}

/// `off` written as a truth value, as in YAML without quotes.
void spell_levels(Json& rules) {
  if (!rules.is_object()) return;
  for (auto& [name, level] : rules.items()) {
    if (level == false) level = "off";
  }
}

/// Takes out the rules that are not known and the levels that are none.
void check_rules(Json& rules, std::vector<std::string>& problems) {
  std::vector<std::string> names;
  for (const rules::Rule* rule : rules::all_rules()) names.emplace_back(rule->name);
  std::vector<std::string> wrong;
  for (const auto& [name, level] : rules.items()) {
    if (std::ranges::find(names, name) == names.end()) {
      const auto meant = nearest(name, names);
      problems.push_back(fmt::format("`forge.rules` names `{}`, which is no rule{}", name,
                                     meant ? fmt::format("; did you mean `{}`?", *meant) : "."));
      wrong.push_back(name);
    } else if (!level.is_string() || !severity_from(level.get<std::string>())) {
      problems.push_back(fmt::format("`forge.rules.{}` must be off, hint, info, warning or error.", name));
      wrong.push_back(name);
    }
  }
  for (const std::string& name : wrong) rules.erase(name);
}

/// Each key by itself, so that a wrong one does not take the others along.
void read_key(const char* key, Json value, Json& into, std::vector<std::string>& problems) {
  if (std::string_view(key) == "rules" && value.is_object()) {
    spell_levels(value);
    check_rules(value, problems);
  }
  const std::string text = protocol::to_text(Json{{key, value}});
  const Parsed<formats::ForgeConfig> parsed = formats::parse_settings(text, {});
  for (const Problem& problem : parsed.problems)
    problems.push_back(fmt::format("`forge.{}`: {}", key, problem.message));
  if (parsed.problems.empty()) into[key] = std::move(value);
}

}  // namespace

formats::ForgeConfig Settings::over(const formats::ForgeConfig& own) const {
  return config.empty() ? own : formats::parse_settings(config, own).value;
}

ReadSettings read_settings(const Json& section) {
  ReadSettings read;
  if (section.is_null()) return read;
  if (!section.is_object()) {
    read.problems.emplace_back("`forge` must be an object of settings.");
    return read;
  }
  read_flag(section, "codeLens", read.settings.code_lens, read.problems);
  read_flag(section, "inlayHints", read.settings.inlay_hints, read.problems);
  Json config = Json::object();
  for (const char* key : keys_of_forge_yaml) {
    const Json value = pruned(protocol::lookup(section, {key}), deepest);
    if (is_set(value)) read_key(key, value, config, read.problems);
  }
  if (!config.empty()) read.settings.config = protocol::to_text(config);
  return read;
}

}  // namespace forge::lsp
