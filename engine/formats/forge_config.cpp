#include "engine/formats/forge_config.hpp"

#include <algorithm>
#include <array>
#include <functional>
#include <utility>

#include <fmt/format.h>

#include "engine/base/text.hpp"
#include "engine/formats/config_keys.hpp"
#include "engine/formats/config_settings.hpp"
#include "engine/formats/platform.hpp"
#include "engine/formats/yaml_tree.hpp"

namespace forge::formats {

namespace {

constexpr std::string_view rule = "config-invalid";

using Problems = std::vector<Problem>;

void read_string(const YamlNode& node, std::string_view key, std::string& into, Problems& problems) {
  if (node.is_scalar())
    into = node.text;
  else if (!node.is_null())
    problems.push_back({rule, node.span, fmt::format("`{}` must be a string.", key)});
}

/// A target that nobody knows leaves the default in its place.
void read_distro(const YamlNode& node, std::string& into, Problems& problems) {
  std::string distro = into;
  read_string(node, "target.distro", distro, problems);
  const auto atoms = target_atoms(distro);
  if (atoms)
    into = distro;
  else
    problems.push_back({rule, node.span, fmt::format("{} {}", atoms.error().message, join(atoms.error().hints, " "))});
}

/// `3.10` without quotes is the number 3.1 to other readers of the file.
void read_python(const YamlNode& node, std::string& into, Problems& problems) {
  read_string(node, "target.python", into, problems);
  if (node.is_scalar() && node.plain && node.text.ends_with('0'))
    problems.push_back({rule,
                        node.span,
                        fmt::format("`{}` without quotes is a number to YAML: its last zero is lost.", node.text),
                        {{"Quote it", node.span, fmt::format("\"{}\"", node.text)}}});
}

void read_strings(const YamlNode& node, std::string_view key, std::vector<std::string>& into, Problems& problems) {
  if (node.kind != YamlNode::Kind::sequence ||
      std::ranges::any_of(node.items, [](const YamlNode& i) { return !i.is_scalar(); })) {
    problems.push_back({rule, node.span, fmt::format("`{}` must be a list of strings.", key)});
    return;
  }
  into.clear();
  for (const YamlNode& item : node.items) into.push_back(item.text);
}

struct Key {
  std::string_view name;
  std::function<void(const YamlNode&)> read;
};

void read_keys(const YamlNode& node, std::string_view where, const std::vector<Key>& keys, Problems& problems) {
  if (node.is_null()) return;
  if (node.kind != YamlNode::Kind::mapping) {
    problems.push_back({rule, node.span, fmt::format("{} must be a mapping.", where)});
    return;
  }
  for (const YamlNode::Entry& entry : node.entries) {
    const auto known = std::ranges::find(keys, std::string_view(entry.key.text), &Key::name);
    if (known != keys.end()) {
      known->read(entry.value);
      continue;
    }
    std::vector<std::string> names;
    names.reserve(keys.size());
    for (const Key& key : keys) names.emplace_back(key.name);
    Problem problem{rule, entry.key.span,
                    fmt::format("`{}` is no key of {}; those are {}.", entry.key.text, where, join(names, ", "))};
    if (const auto meant = nearest(entry.key.text, names))
      problem.fixes.push_back({fmt::format("Write `{}`", *meant), entry.key.span, *meant});
    problems.push_back(std::move(problem));
  }
}

void read_upstreams(const YamlNode& node, ForgeConfig& config, Problems& problems) {
  if (!node.is_null() && node.kind != YamlNode::Kind::mapping)
    problems.push_back({rule, node.span, "`upstreams` must be a mapping of component to git URL."});
  for (const YamlNode::Entry& entry : node.entries)
    read_string(entry.value, "upstreams." + entry.key.text, config.upstreams[entry.key.text], problems);
}

void read_rules(const YamlNode& node, ForgeConfig& config, Problems& problems) {
  if (!node.is_null() && node.kind != YamlNode::Kind::mapping)
    problems.push_back({rule, node.span, "`rules` must be a mapping of rule to level."});
  for (const YamlNode::Entry& entry : node.entries) {
    config.rule_keys[entry.key.text] = entry.key.span;
    // YAML 1.1 readers take an unquoted `off` for false; here it is the level.
    if (const auto level = entry.value.is_scalar() ? severity_from(entry.value.text) : std::nullopt)
      config.rules[entry.key.text] = *level;
    else
      problems.push_back({rule, entry.value.span,
                          fmt::format("The level of `{}` must be off, hint, info, warning or error.", entry.key.text)});
  }
}

constexpr std::array described_keys = {
    ConfigKey{"upstream",
              "Git URL of a component's upstream, with `{component}` for its name; a relative path is from the root.",
              false, &ForgeConfig::upstream},
    ConfigKey{"upstreams",
              "Exceptions, by component: a git URL, a path from the root, or `sdist:NAME` for the source distributions "
              "of a package index.",
              true},
    ConfigKey{"target", "What the images are made for.", true},
    ConfigKey{"target.distro",
              "Distribution and release, as in `ubuntu:noble`: for bindep and for the names of system packages.", false,
              &ForgeConfig::distro},
    ConfigKey{"target.apt", "Package lists: files or folders from the root, or lines of a sources.list.", false,
              nullptr, &ForgeConfig::apt},
    ConfigKey{"target.python", "The images' Python, in quotes: without them `3.10` is the number 3.1.", false,
              &ForgeConfig::python},
    ConfigKey{"target.platforms", "What is built, as in `linux/arm64`.", false, nullptr, &ForgeConfig::platforms},
    ConfigKey{"profiles", "bindep's profiles of the images' stages.", true},
    ConfigKey{"profiles.build", "Of the stage that builds; `{component}` and `{extras}` are replaced.", false, nullptr,
              &ForgeConfig::build_profiles},
    ConfigKey{"profiles.runtime", "Of the final stage; `{component}` and `{extras}` are replaced.", false, nullptr,
              &ForgeConfig::runtime_profiles},
    ConfigKey{"registry", "Where the images go.", false, &ForgeConfig::registry},
    ConfigKey{"index",
              "Python package index, or a folder from the root; empty: what pip's and uv's own configuration "
              "says.",
              false, &ForgeConfig::index},
    ConfigKey{"rules",
              "Levels by rule's name: off, hint, info, warning or error; `forge-analyze rules` lists the rules.", true},
};

}  // namespace

std::span<const ConfigKey> config_keys() {
  return described_keys;
}

std::string default_value(const ConfigKey& key) {
  const ForgeConfig defaults;
  if (key.text != nullptr) return defaults.*key.text;
  if (key.list == nullptr || (defaults.*key.list).empty()) return {};
  std::vector<std::string> items;
  for (const std::string& item : defaults.*key.list)
    items.push_back(item.find_first_of("{}") == std::string::npos ? item : fmt::format("\"{}\"", item));
  return fmt::format("[{}]", join(items, ", "));
}

Parsed<ForgeConfig> parse_forge_config(std::string_view text) {
  return parse_settings(text, {});
}

Parsed<ForgeConfig> parse_settings(std::string_view text, const ForgeConfig& base) {
  Parsed<YamlNode> tree = parse_yaml(text);
  Parsed<ForgeConfig> parsed{base, std::move(tree.problems)};
  ForgeConfig& config = parsed.value;
  Problems& problems = parsed.problems;
  const auto string_key = [&problems](std::string_view name, std::string& into) {
    return Key{name, [&problems, name, &into](const YamlNode& node) { read_string(node, name, into, problems); }};
  };
  const std::vector<Key> target_keys = {
      {"distro", [&](const YamlNode& node) { read_distro(node, config.distro, problems); }},
      {"apt", [&](const YamlNode& node) { read_strings(node, "target.apt", config.apt, problems); }},
      {"python", [&](const YamlNode& node) { read_python(node, config.python, problems); }},
      {"platforms", [&](const YamlNode& node) { read_strings(node, "target.platforms", config.platforms, problems); }},
  };
  const std::vector<Key> profile_keys = {
      {"build", [&](const YamlNode& node) { read_strings(node, "profiles.build", config.build_profiles, problems); }},
      {"runtime",
       [&](const YamlNode& node) { read_strings(node, "profiles.runtime", config.runtime_profiles, problems); }},
  };
  const std::vector<Key> keys = {
      string_key("upstream", config.upstream),
      {"upstreams", [&](const YamlNode& node) { read_upstreams(node, config, problems); }},
      {"target", [&](const YamlNode& node) { read_keys(node, "`target`", target_keys, problems); }},
      {"profiles", [&](const YamlNode& node) { read_keys(node, "`profiles`", profile_keys, problems); }},
      string_key("registry", config.registry),
      string_key("index", config.index),
      {"rules", [&](const YamlNode& node) { read_rules(node, config, problems); }},
  };
  read_keys(tree.value, "forge.yaml", keys, problems);
  return parsed;
}

}  // namespace forge::formats
