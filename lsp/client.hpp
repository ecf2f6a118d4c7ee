/// What was agreed on with a client. Fixed once `initialize` is answered, so workers may read it.
#pragma once

#include <memory>

#include "engine/base/line_index.hpp"
#include "lsp/protocol/json.hpp"
#include "lsp/protocol/types.hpp"

namespace forge::lsp {

struct Client {
  protocol::ClientCapabilities can;  ///< what several features depend on
  ColumnUnit unit = ColumnUnit::utf16;
  protocol::Json capabilities{};  ///< as the client sent them; a feature looks up what is its own (protocol::flag)
  protocol::Json options{};       ///< initializationOptions
};
using ClientPtr = std::shared_ptr<const Client>;

}  // namespace forge::lsp
