#include "lsp/handlers/hover_options.hpp"

#include <chrono>
#include <vector>

#include "engine/rules/catalog.hpp"

namespace forge::lsp {

ide::RuleList rule_words() {
  static const std::vector<ide::RuleWords> words = [] {
    std::vector<ide::RuleWords> all;
    for (const rules::Rule* rule : rules::all_rules())
      all.push_back({rule->name, to_string(rule->severity), rule->summary, rule->doc});
    return all;
  }();
  return words;
}

ide::HoverOptions hover_options() {
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  return {rule_words(), std::chrono::duration_cast<std::chrono::seconds>(now).count()};
}

}  // namespace forge::lsp
