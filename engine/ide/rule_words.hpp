/// Rules as an editor shows them. Whoever calls hands them in: this layer does not know the catalogue.
#pragma once

#include <span>
#include <string_view>

namespace forge::ide {

struct RuleWords {
  std::string_view name;
  std::string_view level;    ///< `error`, `warning`, …
  std::string_view summary;  ///< one line
  std::string_view doc;      ///< Markdown
};

using RuleList = std::span<const RuleWords>;

}  // namespace forge::ide
