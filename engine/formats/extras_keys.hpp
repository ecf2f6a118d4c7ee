/// The keys below a service in extra-packages.yaml, in the words of schemas/extra-packages.schema.json; a test compares
/// them.
#pragma once

#include <span>
#include <string_view>

namespace forge::formats {

struct ExtrasKey {
  std::string_view name;
  std::string_view words;  ///< what it is for, a sentence
};
[[nodiscard]] std::span<const ExtrasKey> extras_keys();

}  // namespace forge::formats
