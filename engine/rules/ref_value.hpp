#pragma once

#include <string>
#include <string_view>

namespace forge::rules {

/// A ref as source-refs.yaml is to have it: in the quotes of what stands there (`written`); a plain one is quoted where
/// YAML would read something else than text.
[[nodiscard]] std::string requoted_ref(std::string_view written, const std::string& value);

}  // namespace forge::rules
