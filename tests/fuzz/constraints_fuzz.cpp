/// upper-constraints.txt and overrides from any bytes: every line is a pin, an entry, left out or blank; names and
/// versions stand where they are said to; a pin's usual form is read as the same pin; a fix can be applied and read.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>
#include <vector>

#include "engine/base/text.hpp"
#include "engine/formats/constraints.hpp"

namespace {

using namespace forge;
using formats::Constraints;
using formats::Overrides;
using formats::Pin;

void require(bool condition) {
  if (!condition) std::abort();
}

void require_inside(TextSpan span, std::string_view text) {
  require(span.begin <= span.end && span.end <= text.size());
}

void require_there(const Spanned<std::string>& what, std::string_view text) {
  require_inside(what.span, text);
  require(text.substr(what.span.begin, what.span.size()) == what.value);
}

template <class T>
void check_problems(const Parsed<T>& parsed, std::string_view text, Parsed<T> (*parse)(std::string_view)) {
  std::size_t fixes = 0;
  for (const Problem& problem : parsed.problems) {
    require_inside(problem.span, text);
    require_inside(problem.related, text);
    require(!problem.rule.empty() && !problem.message.empty());
    for (const ProblemFix& fix : problem.fixes) {
      require_inside(fix.span, text);
      if (++fixes > 8) continue;
      std::string mended(text);
      mended.replace(fix.span.begin, fix.span.size(), fix.new_text);
      require(parse(mended).problems.size() <= parsed.problems.size());
    }
  }
}

void check_pin(const Pin& pin, std::string_view text) {
  require_inside(pin.span, text);
  require_there(pin.spelling, text);
  if (!pin.op_span.empty()) require_there(pin.version, text);
  if (pin.url) require_there(*pin.url, text);
  if (pin.marker) require_there(*pin.marker, text);
  for (const auto& clause : pin.rest) require_inside(clause.span, text);
  if (!pin.usable()) return;
  const std::string line = pin.line();
  const Parsed<Constraints> again = formats::parse_constraints(line);
  require(again.value.pins.size() == 1);
  const Pin& same = again.value.pins.front();
  require(same.usable() && same.name == pin.name && same.exact() == pin.exact() && same.line() == line);
  require(same.parsed.has_value() == pin.parsed.has_value());
  if (pin.parsed) require(same.parsed->str() == pin.parsed->str());
  require(same.condition.has_value() == pin.condition.has_value());
  if (pin.condition) require(same.condition->str() == pin.condition->str());
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string text(data, data + size);
  const Parsed<Constraints> constraints = formats::parse_constraints(text);
  check_problems(constraints, text, formats::parse_constraints);
  for (const Pin& pin : constraints.value.pins) check_pin(pin, text);
  for (const TextSpan span : constraints.value.left_out) require_inside(span, text);
  // What counts for nothing is never passed over in silence.
  require(constraints.value.left_out.empty() || !constraints.problems.empty());

  const Parsed<Overrides> overrides = formats::parse_overrides(text);
  check_problems(overrides, text, formats::parse_overrides);
  for (const auto& entry : overrides.value.entries) {
    require_inside(entry.span, text);
    require_inside(entry.reason_span, text);
    require_there(entry.spelling, text);
    if (!entry.pin) continue;
    require(entry.pin->exact() && entry.pin->usable());
    const Parsed<Overrides> again = formats::parse_overrides(entry.pin->line() + "\n");
    require(again.value.entries.size() == 1 && again.value.entries.front().name == entry.name);
  }
  for (const TextSpan span : overrides.value.left_out) require_inside(span, text);
  require(overrides.value.left_out.empty() || !overrides.problems.empty());
  return 0;
}
