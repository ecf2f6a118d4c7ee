#include "engine/audit/words.hpp"

#include <algorithm>
#include <vector>

#include <fmt/format.h>

#include "engine/base/text.hpp"

namespace forge::audit {

std::string_view heading_of(Check check) {
  switch (check) {
    case Check::refs:
      return "Freshness";
    case Check::patches:
      return "Patches";
    case Check::requirements:
      return "Requirements";
    case Check::closure:
      return "Closure";
    case Check::python:
      return "Python";
    case Check::packages:
      return "Packages";
    case Check::images:
      return "Image";
    case Check::plan:
      return "Plan";
  }
  return "";
}

std::string summary_of(const Audit& audit) {
  const auto is = [](auto count) { return count == 1 ? "is" : "are"; };
  const auto bad = std::ranges::count(audit.rows, Verdict::not_ready, &Row::verdict);
  const auto risky = std::ranges::count(audit.rows, Verdict::ready_with_risks, &Row::verdict);
  if (bad == 0 && risky == 0) return fmt::format("All {} are ready.", audit.rows.size());
  std::vector<std::string> parts;
  if (bad > 0) parts.push_back(fmt::format("{} {} not ready", bad, is(bad)));
  if (risky > 0) parts.push_back(fmt::format("{} {} ready with risks", risky, is(risky)));
  return fmt::format("Of {}, {}.", audit.rows.size(), join(parts, " and "));
}

}  // namespace forge::audit
