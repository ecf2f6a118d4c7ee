#include "tests/conform/answers.hpp"

#include <array>
#include <string>
#include <utility>
#include <vector>

#include "engine/base/names.hpp"
#include "engine/formats/marker.hpp"
#include "engine/formats/requirement.hpp"
#include "engine/formats/specifier.hpp"
#include "engine/formats/version.hpp"

namespace forge::conform {

namespace {

using formats::MarkerEnvironment;
using formats::Version;
using formats::VersionNumber;

/// A number, or its digits where it is too large for one.
Json number(const VersionNumber& value) {
  if (const auto small = value.value()) return *small;
  return value.str();
}

Json number(const std::optional<VersionNumber>& value) {
  return value ? number(*value) : Json();
}

Json invalid() {
  return {{"valid", false}};
}

Json answer_versions(const Json& row, const Json&) {
  const auto version = Version::parse(row.at("input").get<std::string>());
  if (!version) return invalid();
  Json release = Json::array();
  for (const VersionNumber& part : version->release()) release.push_back(number(part));
  Json pre;
  if (version->pre()) pre = {to_string(version->pre()->kind), number(version->pre()->number)};
  return {{"valid", true},
          {"normalized", version->str()},
          {"public", version->public_str()},
          {"base", version->base_str()},
          {"epoch", number(version->epoch())},
          {"release", release},
          {"pre", pre},
          {"post", number(version->post())},
          {"dev", number(version->dev())},
          {"local", version->local().empty() ? Json() : Json(version->local())},
          {"prerelease", version->is_prerelease()},
          {"postrelease", version->is_postrelease()},
          {"devrelease", version->is_devrelease()}};
}

Json answer_compare(const Json& row, const Json&) {
  const auto a = Version::parse(row.at("a").get<std::string>());
  const auto b = Version::parse(row.at("b").get<std::string>());
  if (!a || !b) return {{"cmp", nullptr}};
  const auto order = *a <=> *b;
  const int after = order > 0 ? 1 : 0;
  return {{"cmp", order < 0 ? -1 : after}};
}

Json answer_specifiers(const Json& row, const Json&) {
  const auto set = formats::parse_specifier_set(row.at("input").get<std::string>());
  if (!set) return invalid();
  return {{"valid", true}, {"clauses", set->sorted_clauses()}};
}

Json answer_contains(const Json& row, const Json&) {
  const auto set = formats::parse_specifier_set(row.at("specifier").get<std::string>());
  if (!set) return {{"verdict", nullptr}, {"error", "invalid-specifier"}};
  const auto version = Version::parse(row.at("version").get<std::string>());
  if (!version) return {{"verdict", nullptr}, {"error", "invalid-version"}};
  const bool verdict = set->contains(*version);
  return {{"verdict", verdict}, {"default", verdict}, {"no_prereleases", verdict && !version->is_prerelease()}};
}

MarkerEnvironment environment_from(const Json& values) {
  MarkerEnvironment out;
  for (const auto& [key, value] : values.items()) {
    if (const auto variable = formats::marker_variable(key)) out[*variable] = value.get<std::string>();
  }
  return out;
}

Json answer_markers(const Json& row, const Json& environments) {
  const auto marker = formats::parse_marker(row.at("marker").get<std::string>());
  if (!marker) return invalid();
  std::vector<std::string> extras;
  if (row.contains("extra") && row.at("extra").is_string()) {
    const auto extra = PackageName::parse(row.at("extra").get<std::string>());
    extras.push_back(extra ? extra->str() : row.at("extra").get<std::string>());
  }
  const MarkerEnvironment environment = environment_from(environments.at(row.at("environment").get<std::string>()));
  return {{"valid", true}, {"verdict", marker->evaluate(environment, extras)}, {"normalized", marker->str()}};
}

Json answer_names(const Json& row, const Json&) {
  const auto name = PackageName::parse(row.at("input").get<std::string>());
  if (!name) return invalid();
  return {{"valid", true}, {"normalized", name->str()}};
}

Json answer_requirements(const Json& row, const Json&) {
  const auto requirement = formats::parse_requirement(row.at("input").get<std::string>());
  if (!requirement) return invalid();
  return {{"valid", true},
          {"name", requirement->spelling.value},
          {"normalized_name", requirement->name.str()},
          {"extras", requirement->sorted_extras()},
          {"clauses", requirement->specifiers.sorted_clauses()},
          {"url", requirement->url ? Json(requirement->url->value) : Json()},
          {"marker", requirement->marker ? Json(requirement->marker->str()) : Json()}};
}

using Answer = Json (*)(const Json&, const Json&);

constexpr std::array<std::pair<std::string_view, Answer>, 7> answers = {{
    {"versions", answer_versions},
    {"compare", answer_compare},
    {"specifiers", answer_specifiers},
    {"contains", answer_contains},
    {"markers", answer_markers},
    {"names", answer_names},
    {"requirements", answer_requirements},
}};

}  // namespace

std::optional<Json> answer(std::string_view kind, const Json& row, const Json& environments) {
  for (const auto& [name, function] : answers) {
    if (name == kind) return function(row, environments);
  }
  return std::nullopt;
}

}  // namespace forge::conform
