/// A rule in words: the page behind a finding's link, what `explain` says, and the list of all.
#pragma once

#include <string>
#include <string_view>

#include "engine/rules/rule.hpp"

namespace forge::rules {

/// What a rule looks at, in words.
[[nodiscard]] std::string_view needs_words(const Rule& rule);

/// Where the page of a rule is published.
[[nodiscard]] std::string rule_url(std::string_view name);

/// The page, in Markdown.
[[nodiscard]] std::string rule_page(const Rule& rule);

/// A table of all rules with links to their pages in the same folder.
[[nodiscard]] std::string rules_index();

}  // namespace forge::rules
