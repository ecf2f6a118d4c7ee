#include "cli/render/sarif.hpp"

#include <algorithm>
#include <map>
#include <set>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "engine/base/text.hpp"
#include "engine/rules/catalog.hpp"
#include "engine/rules/fingerprints.hpp"
#include "engine/rules/pages.hpp"

namespace forge::cli {

namespace {

using Json = nlohmann::ordered_json;

/// `hint` and `info` are notes.
std::string_view level_of(Severity severity) {
  switch (severity) {
    case Severity::error:
      return "error";
    case Severity::warning:
      return "warning";
    case Severity::info:
    case Severity::hint:
      return "note";
    case Severity::off:
      break;
  }
  return "none";
}

Json region_of(const Place& place) {
  const LineColumn begin = place.file->position(place.span.begin, ColumnUnit::utf16);
  const LineColumn end = place.file->position(place.span.end, ColumnUnit::utf16);
  return {{"startLine", begin.line + 1},
          {"startColumn", begin.column + 1},
          {"endLine", end.line + 1},
          {"endColumn", end.column + 1}};
}

/// A path as a relative URI reference (RFC 3986): what is no plain character of a segment is escaped.
std::string uri_of(std::string_view path) {
  std::string uri;
  for (const char c : path) {
    const bool is_plain = is_alnum(c) || std::string_view("/-._~!$&'()*+,;=@").find(c) != std::string_view::npos;
    uri += is_plain ? std::string(1, c) : fmt::format("%{:02X}", static_cast<unsigned char>(c));
  }
  return uri;
}

Json artifact_of(const Place& place) {
  return {{"uri", uri_of(place.file->path())}, {"uriBaseId", "%SRCROOT%"}};
}

Json location_of(const Place& place) {
  return {{"physicalLocation", {{"artifactLocation", artifact_of(place)}, {"region", region_of(place)}}}};
}

/// Only those that edit files that are there: SARIF can't rename.
Json fixes_of(const Finding& finding) {
  Json fixes = Json::array();
  for (const Fix& fix : finding.fixes) {
    if (!fix.files.empty() || fix.edits.empty()) continue;
    std::map<std::string, Json> changes;
    for (const TextEdit& edit : fix.edits) {
      Json& change = changes[edit.place.file->path()];
      change["artifactLocation"] = artifact_of(edit.place);
      change["replacements"].push_back(
          {{"deletedRegion", region_of(edit.place)}, {"insertedContent", {{"text", edit.new_text}}}});
    }
    Json list = Json::array();
    for (auto& [path, change] : changes) list.push_back(std::move(change));
    fixes.push_back({{"description", {{"text", fix.title}}}, {"artifactChanges", std::move(list)}});
  }
  return fixes;
}

Json rule_of(const rules::Rule& rule) {
  return {{"id", rule.name},
          {"shortDescription", {{"text", rule.summary}}},
          {"fullDescription", {{"text", rule.doc}}},
          {"helpUri", rules::rule_url(rule.name)},
          {"help", {{"text", rule.doc}, {"markdown", rules::rule_page(rule)}}},
          {"defaultConfiguration", {{"level", level_of(rule.severity)}}}};
}

}  // namespace

Json findings_sarif(const std::vector<Finding>& findings) {
  std::map<std::string, std::size_t> indexes;
  Json rules = Json::array();
  for (const Finding& finding : findings) {
    const rules::Rule* rule = rules::find_rule(finding.rule);
    if (rule != nullptr && indexes.emplace(finding.rule, indexes.size()).second) rules.push_back(rule_of(*rule));
  }
  Json results = Json::array();
  const std::vector<std::string> prints = rules::fingerprints(findings);
  for (std::size_t i = 0; i < findings.size(); ++i) {
    const Finding& finding = findings[i];
    Json result = {{"ruleId", finding.rule}};
    if (const auto index = indexes.find(finding.rule); index != indexes.end()) result["ruleIndex"] = index->second;
    result["level"] = level_of(finding.severity);
    result["message"] = {{"text", finding.message}};
    result["locations"] = Json::array({location_of(finding.place)});
    Json related = Json::array();
    for (const RelatedPlace& other : finding.related) {
      Json location = location_of(other.place);
      location["message"] = {{"text", other.message}};
      related.push_back(std::move(location));
    }
    if (!related.empty()) result["relatedLocations"] = std::move(related);
    result["partialFingerprints"] = {{"forgeAnalyze/v1", prints[i]}};
    if (Json fixes = fixes_of(finding); !fixes.empty()) result["fixes"] = std::move(fixes);
    results.push_back(std::move(result));
  }
  return {
      {"$schema", "https://json.schemastore.org/sarif-2.1.0.json"},
      {"version", "2.1.0"},
      {"runs",
       Json::array({{{"tool",
                      {{"driver",
                        {{"name", "forge-analyze"}, {"semanticVersion", FORGE_VERSION}, {"rules", std::move(rules)}}}}},
                     {"columnKind", "utf16CodeUnits"},
                     {"results", std::move(results)}}})}};
}

}  // namespace forge::cli
