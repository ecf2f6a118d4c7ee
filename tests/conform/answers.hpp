/// What the engine says to one row of a conformance file, in the fields of that row's kind.
#pragma once

#include <optional>
#include <string_view>

#include <nlohmann/json.hpp>

namespace forge::conform {

using Json = nlohmann::ordered_json;

/// `environments` is the content of environments.json; only `markers` needs it. Throws what nlohmann throws where the
/// row lacks a field. Nothing where there is no such kind.
[[nodiscard]] std::optional<Json> answer(std::string_view kind, const Json& row, const Json& environments);

}  // namespace forge::conform
