/// Protocol shapes <-> JSON. The only place that spells the protocol's keys for shapes that several features share.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <variant>

#include <nlohmann/json.hpp>

#include "engine/base/line_index.hpp"
#include "lsp/protocol/types.hpp"

namespace forge::lsp::protocol {

using Json = nlohmann::json;

/// The parameters are not what the method takes; becomes an InvalidParams error.
class InvalidParams : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

struct Request {
  Json id;
  std::string method;
  Json params;
};
struct Notification {
  std::string method;
  Json params;
};
/// Exactly one of `result` and `error` is not null, or the result is null.
struct Response {
  Json id;
  Json result;
  Json error;
};
/// No message; `id` is null where it can't be known.
struct Unreadable {
  ErrorCode code = ErrorCode::parse_error;
  std::string message;
  Json id = nullptr;
};
using Message = std::variant<Request, Notification, Response, Unreadable>;

/// JSON nested deeper than 512 is refused; a lone surrogate becomes U+FFFD, which is as wide.
[[nodiscard]] Message parse_message(std::string body);
/// UTF-8, whatever bytes the strings hold.
[[nodiscard]] std::string to_text(const Json& message);

[[nodiscard]] Json error_object(ErrorCode code, std::string_view message);

// Readers of parameters; they throw InvalidParams.
[[nodiscard]] const Json& member(const Json& object, std::string_view key);
[[nodiscard]] std::string string_member(const Json& object, std::string_view key);
/// An integer, whatever its size; one beyond 64 bits is refused.
[[nodiscard]] std::int64_t integer_member(const Json& object, std::string_view key);
[[nodiscard]] Position read_position(const Json& json);
[[nodiscard]] Range read_range(const Json& json);
[[nodiscard]] std::vector<ContentChange> read_content_changes(const Json& json);
[[nodiscard]] std::string document_uri(const Json& params);
/// The document of an item that is to be resolved: `data.uri`, which whoever made the item has put there.
[[nodiscard]] std::string data_uri(const Json& params);

// Readers of what may be odd or absent: they never throw.
/// Null where the path does not lead anywhere.
[[nodiscard]] const Json& lookup(const Json& json, std::initializer_list<const char*> path);
[[nodiscard]] bool flag(const Json& json, std::initializer_list<const char*> path);
/// Whether the list there has that item.
[[nodiscard]] bool lists(const Json& json, std::initializer_list<const char*> path, const Json& item);

/// Never throws: what is odd is not offered.
[[nodiscard]] ClientCapabilities read_capabilities(const Json& json);
/// The first of the client's encodings that we know; UTF-16 if none.
[[nodiscard]] ColumnUnit negotiate_encoding(const Json& capabilities);
[[nodiscard]] std::string_view encoding_name(ColumnUnit unit);

/// A WorkspaceEdit. `versioned`: as documentChanges; else in the older form, which has nothing but text edits.
[[nodiscard]] Json workspace_edit(const std::vector<DocumentChange>& changes, bool versioned);

void to_json(Json& json, const Position& position);
void to_json(Json& json, const Range& range);
void to_json(Json& json, const Location& location);
void to_json(Json& json, const Diagnostic& diagnostic);
void to_json(Json& json, const TextEdit& edit);
void to_json(Json& json, const CodeAction& action);
void to_json(Json& json, const Hover& hover);

}  // namespace forge::lsp::protocol
