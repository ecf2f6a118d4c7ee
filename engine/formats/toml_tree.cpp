#include "engine/formats/toml_tree.hpp"

#include <algorithm>

#include <fmt/format.h>
// The library's own assertions stop at broken files that it goes on to refuse in order.
#define TOML_ASSERT(expression) static_cast<void>(0)
#include <toml++/toml.h>

#include "engine/base/line_index.hpp"

namespace forge::formats {

namespace {

/// toml++ counts lines from one and columns in code points from one; we count bytes.
class Positions {
 public:
  explicit Positions(std::string_view text) : text_(text), lines_(text) {}

  [[nodiscard]] TextSpan span(const toml::source_region& region) const {
    const std::size_t begin = offset(region.begin);
    return span_of(begin, std::max(begin, offset(region.end)));
  }

 private:
  [[nodiscard]] std::size_t offset(const toml::source_position& position) const {
    if (position.line == 0) return 0;
    return lines_.offset(
        text_, {static_cast<std::uint32_t>(position.line - 1), static_cast<std::uint32_t>(position.column - 1)},
        ColumnUnit::utf32);
  }

  std::string_view text_;
  LineIndex lines_;
};

TomlNode convert(const toml::node& node, const Positions& positions) {
  TomlNode out;
  out.span = positions.span(node.source());
  if (const toml::table* table = node.as_table()) {
    for (const auto& [key, value] : *table)
      out.entries.push_back({{std::string(key.str()), positions.span(key.source())}, convert(value, positions)});
  } else if (const toml::array* array = node.as_array()) {
    out.kind = TomlNode::Kind::array;
    for (const toml::node& item : *array) out.items.push_back(convert(item, positions));
  } else if (const auto* text = node.as_string()) {
    out.kind = TomlNode::Kind::string;
    out.text = text->get();
  } else if (const auto* boolean = node.as_boolean()) {
    out.kind = TomlNode::Kind::boolean;
    out.text = boolean->get() ? "true" : "false";
  } else {
    out.kind = TomlNode::Kind::other;
  }
  return out;
}

}  // namespace

const TomlNode* TomlNode::find(std::string_view key) const {
  const auto found =
      std::ranges::find(entries, key, [](const Entry& entry) { return std::string_view(entry.key.value); });
  return found == entries.end() ? nullptr : &found->value;
}

const TomlNode* TomlNode::find(std::initializer_list<std::string_view> path) const {
  const TomlNode* node = this;
  for (const std::string_view key : path) {
    node = node->find(key);
    if (node == nullptr) return nullptr;
  }
  return node;
}

Parsed<TomlNode> parse_toml(std::string_view text) {
  const Positions positions(text);
  try {
    return {convert(toml::parse(text), positions), {}};
  } catch (const toml::parse_error& error) {
    Parsed<TomlNode> broken;
    broken.problems.push_back({"requirements-unreadable", positions.span(error.source()),
                               fmt::format("This is no TOML: {}.", error.description())});
    return broken;
  }
}

}  // namespace forge::formats
