#include "engine/formats/update_config.hpp"

#include <algorithm>
#include <array>
#include <map>
#include <optional>

#include <nlohmann/json.hpp>
#include <re2/re2.h>

#include "engine/base/text.hpp"

namespace forge::formats {

namespace {

using Json = nlohmann::json;

constexpr std::size_t largest = 1U << 20U;
constexpr std::size_t longest_pattern = 2000;
constexpr std::size_t most_values = 10'000;

RE2::Options options() {
  RE2::Options made(RE2::Quiet);
  made.set_max_mem(1 << 20);
  return made;
}

/// `(?<name>` is `(?P<name>` in RE2. Nothing where RE2 can't read it (lookarounds and the like).
std::optional<std::string> to_re2(std::string_view pattern) {
  if (pattern.size() > longest_pattern) return std::nullopt;
  std::string out;
  for (std::size_t i = 0; i < pattern.size(); ++i) {
    out += pattern[i];
    const bool named = pattern.substr(i).starts_with("(?<") && i + 3 < pattern.size() && is_alpha(pattern[i + 3]);
    if (pattern[i] == '\\' && i + 1 < pattern.size()) {
      out += pattern[++i];
    } else if (named) {
      out += "?P";
      ++i;
    }
  }
  return RE2(out, options()).ok() ? std::optional(out) : std::nullopt;
}

/// A glob as minimatch reads it, as far as RE2 can say it.
std::string glob_to_re2(std::string_view glob) {
  std::string out = "^";
  for (std::size_t i = 0; i < glob.size(); ++i) {
    if (glob.substr(i).starts_with("**/")) {
      out += "(?:.*/)?";
      i += 2;
    } else if (glob[i] == '*') {
      const bool deep = i + 1 < glob.size() && glob[i + 1] == '*';
      out += deep ? ".*" : "[^/]*";
      i += deep ? 1 : 0;
    } else if (glob[i] == '?') {
      out += "[^/]";
    } else {
      out += RE2::QuoteMeta(std::string(1, glob[i]));
    }
  }
  return out + "$";
}

std::vector<std::string> texts(const Json& json, const char* key) {
  std::vector<std::string> out;
  const auto found = json.find(key);
  if (found == json.end()) return out;
  if (found->is_string()) out.push_back(found->get<std::string>());
  if (found->is_array())
    for (const Json& item : *found)
      if (item.is_string()) out.push_back(item.get<std::string>());
  return out;
}

/// Nothing where a part of it can't be told.
std::optional<UpdateManager> manager_of(const Json& json) {
  if (!json.is_object()) return std::nullopt;
  UpdateManager out;
  const std::string strategy = json.value("matchStringsStrategy", Json("any")).is_string()
                                   ? json.value("matchStringsStrategy", Json("any")).get<std::string>()
                                   : std::string();
  if (strategy != "any") return std::nullopt;
  for (const std::string& pattern : texts(json, "fileMatch")) {
    const auto known = to_re2(pattern);
    if (!known) return std::nullopt;
    out.files.push_back(*known);
  }
  for (const std::string& pattern : texts(json, "managerFilePatterns")) {
    if (!pattern.starts_with('/')) {
      if (pattern.find_first_of("{}[]!()") != std::string::npos) return std::nullopt;
      out.files.push_back(glob_to_re2(pattern));
      continue;
    }
    const std::size_t end = pattern.rfind('/');
    if (end == 0 || end + 1 != pattern.size()) return std::nullopt;  // flags
    const auto known = to_re2(std::string_view(pattern).substr(1, end - 1));
    if (!known) return std::nullopt;
    out.files.push_back(*known);
  }
  for (const std::string& pattern : texts(json, "matchStrings")) {
    const auto known = to_re2(pattern);
    if (!known) return std::nullopt;
    out.matches.push_back(*known);
  }
  return out;
}

bool is_own_preset(std::string_view name) {
  constexpr std::array<std::string_view, 19> own = {
      ":",         "config:",      "group:",        "schedule:",        "docker:",       "helpers:", "default:",
      "security:", "workarounds:", "replacements:", "mergeConfidence:", "abandonments:", "global:",  "npm:",
      "packages:", "preview:",     "monorepo:",     "customManagers:",  "regexManagers:"};
  return std::ranges::any_of(own, [&](std::string_view prefix) { return name.starts_with(prefix); });
}

UpdateConfig read_config(const Json& json) {
  UpdateConfig out;
  out.whole = json.value("enabled", Json(true)) != Json(false) && !json.contains("enabledManagers");
  for (const std::string& preset : texts(json, "extends")) out.whole &= is_own_preset(preset);
  for (const char* key : {"customManagers", "regexManagers"}) {
    const auto list = json.find(key);
    if (list == json.end() || !list->is_array()) continue;
    for (const Json& item : *list) {
      const Json type = item.is_object() ? item.value("customType", Json("regex")) : Json();
      if (type != Json("regex")) {
        out.whole = false;
      } else if (auto manager = manager_of(item)) {
        out.managers.push_back(std::move(*manager));
      } else {
        out.whole = false;
      }
    }
  }
  return out;
}

bool looks_at(const UpdateManager& manager, std::string_view path) {
  return std::ranges::any_of(
      manager.files, [&](const std::string& pattern) { return RE2::PartialMatch(path, RE2(pattern, options())); });
}

/// The group that holds the value; the whole match where none is named so.
std::size_t value_group(const RE2& pattern) {
  const std::map<std::string, int>& names = pattern.NamedCapturingGroups();
  for (const char* name : {"currentValue", "currentDigest"})
    if (const auto found = names.find(name); found != names.end()) return static_cast<std::size_t>(found->second);
  return 0;
}

void find_values(const std::string& match, std::string_view text, std::vector<TextSpan>& out) {
  const RE2 pattern(match, options());
  const std::size_t group = value_group(pattern);
  std::vector<re2::StringPiece> groups(group + 1);
  std::size_t at = 0;
  while (at <= text.size() && out.size() < most_values &&
         pattern.Match(text, at, text.size(), RE2::UNANCHORED, groups.data(), static_cast<int>(groups.size()))) {
    const auto& value = groups[group];
    if (value.data() != nullptr) {
      const auto begin = static_cast<std::size_t>(value.data() - text.data());
      out.push_back(span_of(begin, begin + value.size()));
    }
    const auto end = static_cast<std::size_t>(groups[0].data() - text.data()) + groups[0].size();
    at = end > at ? end : at + 1;
  }
}

}  // namespace

Parsed<UpdateConfig> parse_update_config(std::string_view text) {
  if (text.size() > largest) return {};
  const Json json = Json::parse(text, nullptr, false, true);
  if (!json.is_object()) return {};
  return {read_config(json), {}};
}

bool looks_at(const UpdateConfig& config, std::string_view path) {
  return std::ranges::any_of(config.managers, [&](const UpdateManager& one) { return looks_at(one, path); });
}

std::vector<TextSpan> updated_values(const UpdateConfig& config, std::string_view path, std::string_view text) {
  std::vector<TextSpan> out;
  for (const UpdateManager& manager : config.managers) {
    if (!looks_at(manager, path)) continue;
    for (const std::string& match : manager.matches) find_values(match, text, out);
  }
  return out;
}

}  // namespace forge::formats
