/// textDocument/completion and completionItem/resolve.
#include "engine/ide/completion.hpp"

#include <algorithm>
#include <optional>
#include <string>
#include <utility>

#include <fmt/format.h>

#include "lsp/handlers/hover_options.hpp"
#include "lsp/handlers/table.hpp"

namespace forge::lsp {

using protocol::Json;

namespace {

/// The protocol's numbers.
int kind_number(ide::CompletionKind kind) {
  constexpr int module = 9;
  constexpr int property = 10;
  constexpr int value = 12;
  constexpr int reference = 18;
  constexpr int enum_member = 20;
  constexpr int constant = 21;
  constexpr int event = 23;
  switch (kind) {
    case ide::CompletionKind::tag:
    case ide::CompletionKind::package:
      return constant;
    case ide::CompletionKind::branch:
    case ide::CompletionKind::stage:
      return reference;
    case ide::CompletionKind::commit:
      return event;
    case ide::CompletionKind::component:
    case ide::CompletionKind::context:
      return module;
    case ide::CompletionKind::version:
      return value;
    case ide::CompletionKind::key:
      return property;
    case ide::CompletionKind::rule:
    case ide::CompletionKind::atom:
      return enum_member;
  }
  return value;
}

/// In a snippet these would mean something.
std::string snippet_text(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (c == '$' || c == '}' || c == '\\') out += '\\';
    out += c;
  }
  return out;
}

bool item_flag(const Client& client, const char* name) {
  return protocol::flag(client.capabilities, {"textDocument", "completion", "completionItem", name});
}

/// The editor's own form of an item; `order` is its place in the list.
Json to_item(const ide::Completion& item, const protocol::Range& range, std::size_t order, const Client& client) {
  Json json = {{"label", item.label}, {"kind", kind_number(item.kind)}, {"sortText", fmt::format("{:04}", order)}};
  if (!item.filter.empty()) json["filterText"] = item.filter;
  if (!item.detail.empty()) {
    if (item_flag(client, "labelDetailsSupport"))
      json["labelDetails"] = {{"description", item.detail}};
    else
      json["detail"] = item.detail;
  }
  std::string text = item.new_text;
  if (item.cursor < text.size() && item_flag(client, "snippetSupport")) {
    text = snippet_text(text.substr(0, item.cursor)) + "$1" + snippet_text(text.substr(item.cursor));
    json["insertTextFormat"] = 2;
  }
  json["textEdit"] = protocol::TextEdit{range, std::move(text)};
  return json;
}

/// What `completionItem/resolve` shall be asked about.
std::string full_label(const ide::Completion& item) {
  return item.kind == ide::CompletionKind::commit ? item.filter.substr(0, item.filter.find(' ')) : item.label;
}

}  // namespace

void announce_completion(Json& capabilities, const Client&) {
  capabilities["completionProvider"] = {{"resolveProvider", true},
                                        {"triggerCharacters", {"\"", "'", " ", "[", ",", "=", "-", ".", "/", ":"}},
                                        {"completionItem", {{"labelDetailsSupport", true}}}};
}

Json completion(const SnapshotContext& context, const Json& params) {
  const protocol::Position position = protocol::read_position(protocol::member(params, "position"));
  const SourceFilePtr file = context.file();
  if (!file) return nullptr;
  const workspace::SnapshotPtr snapshot = context.state->snapshot();
  const std::uint32_t offset = protocol::to_offset(*file, position, context.client->unit);
  const ide::Completions found = ide::completions(*snapshot, context.path, offset, rule_words());
  const protocol::Range range = protocol::to_range(*file, found.span, context.client->unit);
  const std::string component = ide::completed_component(*snapshot, context.path, offset);
  const std::string uri = protocol::string_member(protocol::member(params, "textDocument"), "uri");
  Json items = Json::array();
  for (const ide::Completion& item : found.items) {
    Json json = to_item(item, range, items.size(), *context.client);
    json["data"] = {
        {"uri", uri}, {"kind", static_cast<int>(item.kind)}, {"component", component}, {"label", full_label(item)}};
    items.push_back(std::move(json));
  }
  return {{"isIncomplete", found.incomplete}, {"items", std::move(items)}};
}

Json completion_resolve(const SnapshotContext& context, const Json& params) {
  Json item = params;
  const Json& data = protocol::member(params, "data");
  const auto kind = static_cast<ide::CompletionKind>(
      std::clamp<std::int64_t>(protocol::integer_member(data, "kind"), 0, static_cast<int>(ide::last_completion_kind)));
  const workspace::SnapshotPtr snapshot = context.state->snapshot();
  if (!snapshot) return item;
  const auto details =
      ide::completion_details(*snapshot, context.path, kind, protocol::string_member(data, "component"),
                              protocol::string_member(data, "label"), hover_options());
  if (!details) return item;
  const bool markdown =
      protocol::lists(context.client->capabilities,
                      {"textDocument", "completion", "completionItem", "documentationFormat"}, "markdown");
  item["documentation"] = {{"kind", markdown ? "markdown" : "plaintext"},
                           {"value", markdown ? ide::to_markdown(*details) : ide::to_plain_text(*details)}};
  return item;
}

}  // namespace forge::lsp
