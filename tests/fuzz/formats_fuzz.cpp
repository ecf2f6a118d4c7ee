/// Every other parser of a forge's files: the first byte chooses which. Spans of problems and fixes stay inside.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>
#include <vector>

#include "engine/formats/constraints.hpp"
#include "engine/formats/dockerfile.hpp"
#include "engine/formats/extra_packages.hpp"
#include "engine/formats/forge_config.hpp"
#include "engine/formats/patch.hpp"
#include "engine/formats/platform.hpp"
#include "engine/formats/source_refs.hpp"

namespace {

using namespace forge;

void require_inside(TextSpan span, std::string_view text) {
  if (span.begin > span.end || span.end > text.size()) std::abort();
}

void check_problems(const std::vector<Problem>& problems, std::string_view text) {
  for (const Problem& problem : problems) {
    require_inside(problem.span, text);
    require_inside(problem.related, text);
    for (const ProblemFix& fix : problem.fixes) require_inside(fix.span, text);
  }
}

void parse(std::uint8_t which, std::string_view text) {
  switch (which % 8) {
    case 0:
      return check_problems(formats::parse_constraints(text).problems, text);
    case 1:
      return check_problems(formats::parse_overrides(text).problems, text);
    case 2:
      return check_problems(formats::parse_dockerfile(text).problems, text);
    case 3:
      return check_problems(formats::parse_extra_packages(text).problems, text);
    case 4:
      return check_problems(formats::parse_forge_config(text).problems, text);
    case 5:
      return check_problems(formats::parse_patch(text).problems, text);
    case 6:
      return check_problems(formats::parse_source_refs(text).problems, text);
    default:
      static_cast<void>(formats::platform_atoms(formats::os_facts(text)));
      static_cast<void>(formats::target_atoms(text));
      static_cast<void>(formats::doubt_platform_atom(text));
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const std::string text(data + 1, data + size);
  parse(*data, text);
  return 0;
}
