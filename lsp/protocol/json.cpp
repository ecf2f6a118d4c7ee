#include "lsp/protocol/json.hpp"

#include <algorithm>
#include <limits>
#include <utility>

#include <fmt/format.h>

#include "engine/base/text.hpp"

namespace forge::lsp::protocol {

namespace {

constexpr std::size_t max_depth = 512;

/// One pass over the raw text before the parser sees it: depth, and escapes of half a surrogate pair.
class Preparation {
 public:
  explicit Preparation(std::string& text) : text_(text) {}

  /// False where the text is nested too deeply.
  bool run() {
    std::size_t depth = 0;
    for (at_ = 0; at_ < text_.size(); ++at_) {
      const char c = text_[at_];
      if (c == '"') skip_string();
      if (c == '[' || c == '{') ++depth;
      if ((c == ']' || c == '}') && depth > 0) --depth;
      if (depth > max_depth) return false;
    }
    return true;
  }

 private:
  void skip_string() {
    for (++at_; at_ < text_.size() && text_[at_] != '"'; ++at_) {
      if (text_[at_] == '\\') skip_escape();
    }
  }

  void skip_escape() {
    const std::optional<unsigned> unit = unit_at(at_);
    if (!unit) {
      ++at_;
      return;
    }
    const bool paired = is_high(*unit) && unit_at(at_ + 6).value_or(0) >> 10U == 0x37U;
    if (*unit >= 0xD800U && *unit <= 0xDFFFU && !paired) text_.replace(at_ + 2, 4, "FFFD");
    at_ += paired ? 11 : 5;
  }

  static bool is_high(unsigned unit) { return unit >> 10U == 0x36U; }

  /// The value of `\uXXXX` at that place.
  [[nodiscard]] std::optional<unsigned> unit_at(std::size_t at) const {
    if (at + 6 > text_.size() || text_[at] != '\\' || text_[at + 1] != 'u') return std::nullopt;
    unsigned value = 0;
    for (std::size_t i = at + 2; i < at + 6; ++i) {
      const char c = to_lower(text_[i]);
      if (!is_hex(c)) return std::nullopt;
      value = value * 16 + static_cast<unsigned>(is_digit(c) ? c - '0' : c - 'a' + 10);
    }
    return value;
  }

  std::string& text_;
  std::size_t at_ = 0;
};

Json take(Json& object, const char* key) {
  const auto found = object.find(key);
  return found == object.end() ? Json() : std::move(*found);
}

bool is_id(const Json& id) {
  return id.is_string() || id.is_number();
}

Message unreadable(ErrorCode code, std::string message, Json id = nullptr) {
  return Unreadable{code, std::move(message), std::move(id)};
}

Message parse_call(Json& object) {
  const bool has_id = object.contains("id");
  Json id = take(object, "id");
  if (has_id && !is_id(id)) return unreadable(ErrorCode::invalid_request, "an id is a string or a number");
  Json method = take(object, "method");
  if (!method.is_string()) return unreadable(ErrorCode::invalid_request, "the method is no string", std::move(id));
  Json params = take(object, "params");
  if (has_id) return Request{std::move(id), method.get<std::string>(), std::move(params)};
  return Notification{method.get<std::string>(), std::move(params)};
}

std::uint32_t read_coordinate(const Json& object, const char* key) {
  const Json& value = member(object, key);
  if (!value.is_number_integer()) throw InvalidParams(fmt::format("`{}` is no integer", key));
  if (value.is_number_unsigned()) {
    constexpr std::uint64_t largest = std::numeric_limits<std::uint32_t>::max();
    return static_cast<std::uint32_t>(std::min(value.get<std::uint64_t>(), largest));
  }
  throw InvalidParams(fmt::format("`{}` is negative", key));
}

Json text_document_edit(const TextDocumentEdit& edit) {
  Json version = edit.version ? Json(*edit.version) : Json();
  return {{"textDocument", {{"uri", edit.uri}, {"version", std::move(version)}}}, {"edits", edit.edits}};
}

struct ChangeToJson {
  Json operator()(const TextDocumentEdit& edit) const { return text_document_edit(edit); }
  Json operator()(const CreateFile& create) const { return {{"kind", "create"}, {"uri", create.uri}}; }
  Json operator()(const RenameFile& rename) const {
    return {{"kind", "rename"}, {"oldUri", rename.old_uri}, {"newUri", rename.new_uri}};
  }
  Json operator()(const DeleteFile& remove) const { return {{"kind", "delete"}, {"uri", remove.uri}}; }
};

Json plain_workspace_edit(const std::vector<DocumentChange>& changes) {
  Json by_uri = Json::object();
  for (const DocumentChange& change : changes) {
    if (const auto* edit = std::get_if<TextDocumentEdit>(&change)) by_uri[edit->uri] = edit->edits;
  }
  return {{"changes", std::move(by_uri)}};
}

}  // namespace

Json workspace_edit(const std::vector<DocumentChange>& changes, bool versioned) {
  if (!versioned) return plain_workspace_edit(changes);
  Json list = Json::array();
  Json annotations = Json::object();
  for (const DocumentChange& change : changes) {
    Json json = std::visit(ChangeToJson{}, change);
    if (const auto* remove = std::get_if<DeleteFile>(&change); remove != nullptr && !remove->question.empty()) {
      const std::string id = fmt::format("delete-{}", annotations.size());
      json["annotationId"] = id;
      annotations[id] = {{"label", remove->question}, {"needsConfirmation", true}};
    }
    list.push_back(std::move(json));
  }
  Json edit = {{"documentChanges", std::move(list)}};
  if (!annotations.empty()) edit["changeAnnotations"] = std::move(annotations);
  return edit;
}

const Json& lookup(const Json& json, std::initializer_list<const char*> path) {
  static const Json null;
  const Json* at = &json;
  for (const char* key : path) {
    const auto found = at->is_object() ? at->find(key) : at->end();
    if (found == at->end()) return null;
    at = &*found;
  }
  return *at;
}

bool flag(const Json& json, std::initializer_list<const char*> path) {
  const Json& value = lookup(json, path);
  return value.is_boolean() && value.get<bool>();
}

bool lists(const Json& json, std::initializer_list<const char*> path, const Json& wanted) {
  const Json& values = lookup(json, path);
  return values.is_array() && std::ranges::find(values, wanted) != values.end();
}

Message parse_message(std::string body) {
  if (!Preparation(body).run())
    return unreadable(ErrorCode::parse_error, fmt::format("JSON is nested deeper than {}", max_depth));
  Json json = Json::parse(body, nullptr, false);
  if (json.is_discarded()) return unreadable(ErrorCode::parse_error, "the body is no JSON in UTF-8");
  if (!json.is_object()) return unreadable(ErrorCode::invalid_request, "a message is one JSON object");
  if (json.contains("method")) return parse_call(json);
  if (!json.contains("id") || !(json.contains("result") || json.contains("error")))
    return unreadable(ErrorCode::invalid_request, "neither a request nor a notification nor a response");
  return Response{take(json, "id"), take(json, "result"), take(json, "error")};
}

std::string to_text(const Json& message) {
  return message.dump(-1, ' ', false, Json::error_handler_t::replace);
}

Json error_object(ErrorCode code, std::string_view message) {
  return {{"code", static_cast<int>(code)}, {"message", message}};
}

const Json& member(const Json& object, std::string_view key) {
  if (!object.is_object()) throw InvalidParams(fmt::format("no object where `{}` should be a member", key));
  const auto found = object.find(key);
  if (found == object.end()) throw InvalidParams(fmt::format("`{}` is missing", key));
  return *found;
}

std::string string_member(const Json& object, std::string_view key) {
  const Json& value = member(object, key);
  if (!value.is_string()) throw InvalidParams(fmt::format("`{}` is no string", key));
  return value.get<std::string>();
}

std::int64_t integer_member(const Json& object, std::string_view key) {
  const Json& value = member(object, key);
  constexpr std::uint64_t largest = std::numeric_limits<std::int64_t>::max();
  if (!value.is_number_integer() || (value.is_number_unsigned() && value.get<std::uint64_t>() > largest))
    throw InvalidParams(fmt::format("`{}` is no integer", key));
  return value.get<std::int64_t>();
}

Position read_position(const Json& json) {
  return {read_coordinate(json, "line"), read_coordinate(json, "character")};
}

Range read_range(const Json& json) {
  return {read_position(member(json, "start")), read_position(member(json, "end"))};
}

std::vector<ContentChange> read_content_changes(const Json& json) {
  if (!json.is_array()) throw InvalidParams("`contentChanges` is no list");
  std::vector<ContentChange> changes;
  for (const Json& change : json) {
    ContentChange read{.range = std::nullopt, .text = string_member(change, "text")};
    if (change.contains("range") && !change["range"].is_null()) read.range = read_range(change["range"]);
    changes.push_back(std::move(read));
  }
  return changes;
}

std::string document_uri(const Json& params) {
  return string_member(member(params, "textDocument"), "uri");
}

std::string data_uri(const Json& params) {
  return string_member(member(params, "data"), "uri");
}

ClientCapabilities read_capabilities(const Json& json) {
  ClientCapabilities can;
  can.pull_diagnostics = lookup(json, {"textDocument", "diagnostic"}).is_object();
  can.diagnostic_refresh = flag(json, {"workspace", "diagnostics", "refreshSupport"});
  can.related_information = flag(json, {"textDocument", "publishDiagnostics", "relatedInformation"});
  can.unnecessary_tag = lists(json, {"textDocument", "publishDiagnostics", "tagSupport", "valueSet"}, 1);
  can.code_description = flag(json, {"textDocument", "publishDiagnostics", "codeDescriptionSupport"});
  can.hover_markdown = lists(json, {"textDocument", "hover", "contentFormat"}, "markdown");
  can.code_action_literals = lookup(json, {"textDocument", "codeAction", "codeActionLiteralSupport"}).is_object();
  can.document_changes = flag(json, {"workspace", "workspaceEdit", "documentChanges"});
  can.create_files = lists(json, {"workspace", "workspaceEdit", "resourceOperations"}, "create");
  can.rename_files = lists(json, {"workspace", "workspaceEdit", "resourceOperations"}, "rename");
  can.delete_files = lists(json, {"workspace", "workspaceEdit", "resourceOperations"}, "delete");
  can.change_annotations = lookup(json, {"workspace", "workspaceEdit", "changeAnnotationSupport"}).is_object();
  can.watch_files = flag(json, {"workspace", "didChangeWatchedFiles", "dynamicRegistration"});
  can.relative_patterns = flag(json, {"workspace", "didChangeWatchedFiles", "relativePatternSupport"});
  return can;
}

ColumnUnit negotiate_encoding(const Json& capabilities) {
  const Json& offered = lookup(capabilities, {"general", "positionEncodings"});
  if (!offered.is_array()) return ColumnUnit::utf16;
  for (const Json& name : offered) {
    for (const ColumnUnit unit : {ColumnUnit::utf8, ColumnUnit::utf16, ColumnUnit::utf32})
      if (name == encoding_name(unit)) return unit;
  }
  return ColumnUnit::utf16;
}

std::string_view encoding_name(ColumnUnit unit) {
  switch (unit) {
    case ColumnUnit::utf8:
      return "utf-8";
    case ColumnUnit::utf16:
      return "utf-16";
    case ColumnUnit::utf32:
      return "utf-32";
  }
  return "utf-16";
}

void to_json(Json& json, const Position& position) {
  json = {{"line", position.line}, {"character", position.character}};
}

void to_json(Json& json, const Range& range) {
  json = {{"start", range.start}, {"end", range.end}};
}

void to_json(Json& json, const Location& location) {
  json = {{"uri", location.uri}, {"range", location.range}};
}

void to_json(Json& json, const Diagnostic& diagnostic) {
  json = {{"range", diagnostic.range},
          {"severity", static_cast<int>(diagnostic.severity)},
          {"code", diagnostic.code},
          {"source", "forge-analyze"},
          {"message", diagnostic.message}};
  if (!diagnostic.code_href.empty()) json["codeDescription"] = {{"href", diagnostic.code_href}};
  for (const DiagnosticTag tag : diagnostic.tags) json["tags"].push_back(static_cast<int>(tag));
  for (const RelatedInformation& related : diagnostic.related)
    json["relatedInformation"].push_back({{"location", related.location}, {"message", related.message}});
}

void to_json(Json& json, const TextEdit& edit) {
  json = {{"range", edit.range}, {"newText", edit.new_text}};
}

void to_json(Json& json, const CodeAction& action) {
  json = {{"title", action.title}, {"kind", action.kind}, {"edit", workspace_edit(action.changes, action.versioned)}};
  if (action.preferred) json["isPreferred"] = true;
  if (!action.diagnostics.empty()) json["diagnostics"] = action.diagnostics;
}

void to_json(Json& json, const Hover& hover) {
  const char* kind = hover.markdown ? "markdown" : "plaintext";
  json = {{"contents", {{"kind", kind}, {"value", hover.text}}}, {"range", hover.range}};
}

}  // namespace forge::lsp::protocol
