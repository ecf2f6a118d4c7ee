/// Engine values -> protocol shapes: the only way out to lines, columns and URIs, and the only way back in.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "engine/base/finding.hpp"
#include "lsp/forge_state.hpp"
#include "lsp/protocol/types.hpp"

namespace forge::lsp::protocol {

/// What conversions depend on: the client, and the state that the values are of.
struct Edge {
  const ForgeState& state;
  const ClientCapabilities& client;
  ColumnUnit unit = ColumnUnit::utf16;
};

[[nodiscard]] Range to_range(const SourceFile& file, TextSpan span, ColumnUnit unit);
[[nodiscard]] std::uint32_t to_offset(const SourceFile& file, Position position, ColumnUnit unit);
[[nodiscard]] TextSpan to_span(const SourceFile& file, const Range& range, ColumnUnit unit);

/// As the client spells it where it is open. `path` is relative to the root.
[[nodiscard]] std::string uri_of(const ForgeState& state, const std::string& path);

[[nodiscard]] Diagnostic to_diagnostic(const Finding& finding, const Edge& edge);
/// Nothing where the client can't do what the fix needs.
[[nodiscard]] std::optional<std::vector<DocumentChange>> to_changes(const Fix& fix, const Edge& edge);

}  // namespace forge::lsp::protocol
