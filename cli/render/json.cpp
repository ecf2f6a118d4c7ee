#include "cli/render/json.hpp"

#include <nlohmann/json.hpp>

namespace forge::cli {

namespace {

using Json = nlohmann::ordered_json;

Json fix_json(const Fix& fix) {
  Json json = {{"title", fix.title}, {"edits", Json::array()}};
  for (const TextEdit& edit : fix.edits) {
    Json one = place_json(edit.place, true);
    one["newText"] = edit.new_text;
    json["edits"].push_back(std::move(one));
  }
  for (const FileEdit& edit : fix.files) {
    switch (edit.kind) {
      case FileEdit::Kind::create:
        json["creates"].push_back({{"file", edit.path}, {"text", edit.text}});
        break;
      case FileEdit::Kind::remove:
        json["deletes"].push_back({{"file", edit.path}});
        break;
      case FileEdit::Kind::rename:
        json["renames"].push_back({{"file", edit.path}, {"newFile", edit.new_path}});
        break;
    }
  }
  return json;
}

}  // namespace

std::string to_text(const Json& json) {
  return json.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

Json place_json(const Place& place, bool with_end) {
  const LineColumn begin = place.file->position(place.span.begin, ColumnUnit::utf16);
  Json json = {{"file", place.file->path()}, {"line", begin.line + 1}, {"column", begin.column + 1}};
  if (with_end) {
    const LineColumn end = place.file->position(place.span.end, ColumnUnit::utf16);
    json["endLine"] = end.line + 1;
    json["endColumn"] = end.column + 1;
  }
  return json;
}

Json finding_json(const Finding& finding) {
  Json json = {{"rule", finding.rule}, {"severity", to_string(finding.severity)}, {"message", finding.message}};
  if (!finding.component.empty()) json["component"] = finding.component;
  if (!finding.release.empty()) json["release"] = finding.release;
  json.update(place_json(finding.place, true));
  json["related"] = Json::array();
  for (const RelatedPlace& related : finding.related) {
    Json one = place_json(related.place, false);
    one["message"] = related.message;
    json["related"].push_back(std::move(one));
  }
  json["fixes"] = Json::array();
  for (const Fix& fix : finding.fixes) json["fixes"].push_back(fix_json(fix));
  return json;
}

Json findings_json(const std::vector<Finding>& findings) {
  Json summary = {{"error", 0}, {"warning", 0}, {"info", 0}, {"hint", 0}};
  Json list = Json::array();
  for (const Finding& finding : findings) {
    list.push_back(finding_json(finding));
    Json& count = summary[std::string(to_string(finding.severity))];
    count = count.get<int>() + 1;
  }
  return {{"version", 1}, {"findings", std::move(list)}, {"summary", std::move(summary)}};
}

}  // namespace forge::cli
