/// What the engine's words about things depend on beside the forge: the rules, the time.
#pragma once

#include "engine/ide/hover.hpp"

namespace forge::lsp {

/// Of all rules.
[[nodiscard]] ide::RuleList rule_words();
/// With the time that it is now.
[[nodiscard]] ide::HoverOptions hover_options();

}  // namespace forge::lsp
