/// What was agreed on with a client. Fixed once `initialize` is answered, so workers may read it.
#pragma once

#include <memory>

#include "engine/base/line_index.hpp"
#include "lsp/protocol/types.hpp"

namespace forge::lsp {

struct Client {
  protocol::ClientCapabilities can;
  ColumnUnit unit = ColumnUnit::utf16;
};
using ClientPtr = std::shared_ptr<const Client>;

}  // namespace forge::lsp
