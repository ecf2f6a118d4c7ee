#include "engine/rules/ref_value.hpp"

#include <fmt/format.h>

#include "engine/formats/yaml_tree.hpp"

namespace forge::rules {

std::string requoted_ref(std::string_view written, const std::string& value) {
  if (written.starts_with('\'')) return fmt::format("'{}'", value);
  const bool quoted = written.starts_with('"') || written.empty();
  if (!quoted && formats::yaml_type_of_plain(value).empty()) return value;
  return fmt::format("\"{}\"", value);
}

}  // namespace forge::rules
