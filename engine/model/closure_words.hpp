/// Sentences about what a closure found, the same on the command line and in findings.
#pragma once

#include <string>

#include "engine/model/closure.hpp"

namespace forge::model {

[[nodiscard]] std::string words_for(const ClosureConflict& conflict);
[[nodiscard]] std::string words_for(const UnknownExtra& extra);

}  // namespace forge::model
