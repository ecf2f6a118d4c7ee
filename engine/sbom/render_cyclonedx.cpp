#include "engine/sbom/render_cyclonedx.hpp"

#include <array>
#include <cstdint>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "engine/base/sha1.hpp"
#include "engine/base/text.hpp"
#include "engine/git/upstreams.hpp"

namespace forge::sbom {

namespace {

using Json = nlohmann::ordered_json;

/// A UUID by RFC 9562, version 5, in a name space of our own.
std::string uuid_of(std::string_view content) {
  constexpr std::array<std::uint8_t, 16> space = {0x6f, 0x9a, 0x3c, 0x52, 0x0d, 0x1e, 0x5b, 0x47,
                                                  0x8e, 0x21, 0xc4, 0x70, 0x5d, 0x98, 0xb3, 0x16};
  Sha1 sha;
  sha.update({reinterpret_cast<const char*>(space.data()), space.size()});
  sha.update(content);
  Sha1::Digest bytes = sha.finish();
  bytes[6] = static_cast<std::uint8_t>((bytes[6] & 0x0FU) | 0x50U);
  bytes[8] = static_cast<std::uint8_t>((bytes[8] & 0x3FU) | 0x80U);
  std::string out;
  for (std::size_t i = 0; i < space.size(); ++i)
    out += fmt::format("{}{:02x}", i == 4 || i == 6 || i == 8 || i == 10 ? "-" : "", bytes[i]);
  return out;
}

std::string_view word_of(Component::Kind kind) {
  switch (kind) {
    case Component::Kind::container:
      return "container";
    case Component::Kind::application:
      return "application";
    case Component::Kind::library:
      break;
  }
  return "library";
}

/// As a relative reference of RFC 3986: what is no path's character is escaped.
std::string as_reference(std::string_view path) {
  std::string out;
  for (const char c : path) {
    const bool plain = is_alnum(c) || std::string_view("-._~/+@,").find(c) != std::string_view::npos;
    out += plain ? std::string(1, c) : fmt::format("%{:02X}", static_cast<unsigned char>(c));
  }
  return out;
}

Json patch_json(const PatchPedigree& patch) {
  Json json = {{"type", to_string(patch.type)}, {"diff", {{"url", as_reference(patch.path)}}}};
  for (const Issue& issue : patch.resolves)
    json["resolves"].push_back({{"type", issue.kind == Issue::Kind::security ? "security" : "defect"},
                                {"id", issue.id},
                                {"source", {{"name", issue.source}, {"url", issue.url}}}});
  return json;
}

Json pedigree_json(const Component& component) {
  Json json = Json::object();
  if (component.ancestor) {
    Json ancestor = {{"type", word_of(component.kind)}, {"name", component.ancestor->name}};
    if (!component.ancestor->version.empty()) ancestor["version"] = component.ancestor->version;
    ancestor["purl"] = component.ancestor->purl;
    json["ancestors"].push_back(std::move(ancestor));
  }
  if (!component.commit.empty()) json["commits"].push_back({{"uid", component.commit}});
  for (const PatchPedigree& patch : component.patches) json["patches"].push_back(patch_json(patch));
  return json;
}

Json licenses_json(const Component& component) {
  Json json = Json::array();
  if (!component.license_expression.empty()) json.push_back({{"expression", component.license_expression}});
  for (const std::string& name : component.licenses) json.push_back({{"license", {{"name", name}}}});
  return json;
}

Json component_json(const Component& component, bool is_root) {
  Json json = {{"type", word_of(component.kind)}, {"bom-ref", component.ref}, {"name", component.name}};
  if (!component.version.empty()) json["version"] = component.version;
  if (!is_root) json["scope"] = "required";
  if (!component.sha256.empty()) json["hashes"].push_back({{"alg", "SHA-256"}, {"content", component.sha256}});
  if (Json licenses = licenses_json(component); !licenses.empty()) json["licenses"] = std::move(licenses);
  if (!component.purl.empty()) json["purl"] = component.purl;
  if (Json pedigree = pedigree_json(component); !pedigree.empty()) json["pedigree"] = std::move(pedigree);
  if (!component.vcs_url.empty()) json["externalReferences"].push_back({{"type", "vcs"}, {"url", component.vcs_url}});
  for (const auto& [name, value] : component.properties)
    json["properties"].push_back({{"name", name}, {"value", value}});
  return json;
}

Json dependency_json(const Component& component) {
  Json json = {{"ref", component.ref}};
  if (!component.depends_on.empty()) json["dependsOn"] = component.depends_on;
  return json;
}

Json metadata_json(const Sbom& sbom, std::string_view tool_version) {
  Json json = Json::object();
  if (sbom.time) json["timestamp"] = git::to_rfc3339({.seconds = *sbom.time});
  json["lifecycles"].push_back({{"phase", "pre-build"}});
  json["tools"]["components"].push_back(
      {{"type", "application"}, {"name", "forge-analyze"}, {"version", tool_version}});
  json["component"] = component_json(sbom.root, true);
  for (const Gap& gap : sbom.gaps)
    json["properties"].push_back(
        {{"name", gap.failed ? "forge:not-examined" : "forge:not-known"}, {"value", gap.what}});
  for (const std::string& conflict : sbom.conflicts)
    json["properties"].push_back({{"name", "forge:conflict"}, {"value", conflict}});
  return json;
}

}  // namespace

std::string render_cyclonedx(const Sbom& sbom, std::string_view tool_version) {
  Json json = {{"$schema", "http://cyclonedx.org/schema/bom-1.6.schema.json"},
               {"bomFormat", "CycloneDX"},
               {"specVersion", "1.6"},
               {"serialNumber", ""},
               {"version", 1},
               {"metadata", metadata_json(sbom, tool_version)},
               {"components", Json::array()},
               {"dependencies", Json::array()}};
  for (const Component& component : sbom.components) json["components"].push_back(component_json(component, false));
  json["dependencies"].push_back(dependency_json(sbom.root));
  for (const Component& component : sbom.components) json["dependencies"].push_back(dependency_json(component));
  // What is in the image before anybody has built it is never known to be all.
  json["compositions"].push_back(
      {{"aggregate", sbom.gaps.empty() ? "unknown" : "incomplete"}, {"assemblies", {sbom.root.ref}}});
  constexpr auto replace = Json::error_handler_t::replace;  // names and reasons come from files in any encoding
  json["serialNumber"] = "urn:uuid:" + uuid_of(json.dump(-1, ' ', false, replace));
  return json.dump(2, ' ', false, replace) + "\n";
}

}  // namespace forge::sbom
