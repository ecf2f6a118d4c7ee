/// bindep.txt from any bytes: spans stay inside, a rule's name is where it says, a fix can be applied and read again.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>
#include <vector>

#include "engine/formats/bindep.hpp"
#include "engine/formats/bindep_select.hpp"

namespace {

using namespace forge;

void require(bool condition) {
  if (!condition) std::abort();
}

void require_inside(TextSpan span, std::string_view text) {
  require(span.begin <= span.end && span.end <= text.size());
}

void check_fix(const ProblemFix& fix, std::string_view text) {
  require_inside(fix.span, text);
  std::string mended(text);
  mended.replace(fix.span.begin, fix.span.size(), fix.new_text);
  static_cast<void>(formats::parse_bindep(mended));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string text(data, data + size);
  const auto parsed = formats::parse_bindep(text);
  std::size_t fixes = 0;
  for (const Problem& problem : parsed.problems) {
    require_inside(problem.span, text);
    for (const ProblemFix& fix : problem.fixes)
      if (++fixes < 10) check_fix(fix, text);
  }
  for (const formats::BindepRule& rule : parsed.value.rules) {
    require_inside(rule.selector_span, text);
    require(text.compare(rule.name.span.begin, rule.name.span.size(), rule.name.value) == 0);
    for (const formats::BindepConstraint& constraint : rule.constraints)
      require(formats::is_satisfied(constraint, constraint.version.value).has_value());
  }
  const std::vector<std::string> platform = {"dpkg", "ubuntu"};
  const std::vector<std::string> profiles = {"nova", "build"};
  const auto active = formats::active_rules(parsed.value, formats::active_profiles(platform, profiles));
  require(active.size() <= parsed.value.rules.size());
  return 0;
}
