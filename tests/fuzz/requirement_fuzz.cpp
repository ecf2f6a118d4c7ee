/// Versions, specifiers, markers and requirements: each line of the input is read as every one of them. What is printed
/// is read again as the same, the order of versions is one, and a verdict does not depend on the spelling.
#include <algorithm>
#include <array>
#include <compare>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/base/text.hpp"
#include "engine/formats/core_metadata.hpp"
#include "engine/formats/marker.hpp"
#include "engine/formats/requirement.hpp"
#include "engine/formats/specifier.hpp"
#include "engine/formats/version.hpp"

namespace {

using namespace forge;
using formats::Marker;
using formats::MarkerEnvironment;
using formats::Requirement;
using formats::SpecifierSet;
using formats::Version;

void require(bool condition) {
  if (!condition) std::abort();
}

void require_inside(TextSpan span, std::string_view text) {
  require(span.begin <= span.end && span.end <= text.size());
}

void check_round_trip(const Version& version) {
  const std::string text = version.str();
  const auto again = Version::parse(text);
  require(again && *again == version && again->str() == text);
  require(again->release() == version.release());
  require(Version::parse(version.base_str()) == version.base());
  require(Version::parse(version.public_str()) == version.without_local());
  require(version.first_dev() <= version && version.without_local() <= version);
}

void check_order(const Version& a, const Version& b, const Version& c) {
  require((a <=> a) == 0);
  require((a <=> b) == (0 <=> (b <=> a)));
  require((a == b) == ((a <=> b) == 0));
  if (a <= b && b <= c) require(a <= c);
  if (a < b && b <= c) require(a < c);
  if (a == b) require((a <=> c) == (b <=> c));
}

void check_specifiers(std::string_view text, const std::vector<Version>& versions) {
  const auto set = formats::parse_specifier_set(text);
  if (!set) return require_inside(set.error().span, text);
  const auto again = formats::parse_specifier_set(set->str());
  require(again.has_value() && again->str() == set->str());
  for (const auto& clause : set->clauses) {
    require_inside(clause.span, text);
    const auto alone = formats::parse_specifier(clause.str());
    require(alone && alone->op == clause.op && alone->wildcard == clause.wildcard);
  }
  for (const Version& version : versions) {
    require(set->contains(version) == again->contains(version));
    const bool all = std::ranges::all_of(set->clauses, [&](const auto& clause) { return clause.contains(version); });
    require(set->contains(version) == all);
    for (const auto& clause : set->clauses) {
      if (clause.op != formats::SpecifierOperator::equal) continue;
      const auto opposite = formats::parse_specifier("!=" + clause.version_text);
      require(opposite && opposite->contains(version) != clause.contains(version));
    }
  }
}

void require_same(const Marker& a, const Marker& b) {
  static const std::vector<std::string> extras = {"test", "ldap"};
  static const std::array<MarkerEnvironment, 3> environments = {MarkerEnvironment::linux_cpython("3.12", "x86_64"),
                                                                MarkerEnvironment::linux_cpython("3.9.1", "aarch64"),
                                                                MarkerEnvironment::linux_cpython("2.7.18", "")};
  require(a.str() == b.str());
  for (const MarkerEnvironment& environment : environments) {
    require(a.evaluate(environment) == b.evaluate(environment));
    require(a.evaluate(environment, extras) == b.evaluate(environment, extras));
  }
}

void check_marker(std::string_view text) {
  const auto marker = formats::parse_marker(text);
  if (!marker) return require_inside(marker.error().span, text);
  const auto again = formats::parse_marker(marker->str());
  require(again.has_value());
  require_same(*marker, *again);
  if (const auto clause = formats::identical_clause(*marker)) require_inside(*clause, text);
  require(formats::can_both_hold(&*marker, nullptr) == formats::can_both_hold(nullptr, &*marker));
  if (marker->evaluate(MarkerEnvironment::linux_cpython("3.12", "x86_64")))
    require(formats::can_both_hold(&*marker, &*again));
}

std::string print(const Requirement& requirement) {
  std::string out = requirement.spelling.value + "[" + join(requirement.sorted_extras(), ",") + "]";
  out += requirement.url ? " @ " + requirement.url->value : requirement.specifiers.str();
  if (requirement.marker) out += " ; " + requirement.marker->str();
  return out;
}

void check_requirement(std::string_view text) {
  const auto requirement = formats::parse_requirement(text);
  if (!requirement) {
    require_inside(requirement.error().span, text);
    static_cast<void>(formats::parse_published_requirement(text));
    static_cast<void>(formats::parse_published_specifiers(text));
    return;
  }
  const TextSpan spelling = requirement->spelling.span;
  require(text.substr(spelling.begin, spelling.size()) == requirement->spelling.value);
  require_inside(requirement->specifiers_span, text);
  require_inside(requirement->marker_span, text);
  const auto again = formats::parse_requirement(print(*requirement));
  require(again.has_value() && again->name == requirement->name);
  require(again->sorted_extras() == requirement->sorted_extras());
  require(again->specifiers.str() == requirement->specifiers.str());
  require(again->url.has_value() == requirement->url.has_value());
  if (again->url) require(again->url->value == requirement->url->value);
  require(again->marker.has_value() == requirement->marker.has_value());
  if (again->marker) require_same(*again->marker, *requirement->marker);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  constexpr std::size_t most = 6;
  const std::string text(data, data + size);
  std::vector<std::string_view> lines = split(text, '\n');
  if (lines.size() > most) lines.resize(most);
  std::vector<Version> versions;
  for (const std::string_view line : lines) {
    if (const auto version = Version::parse(line)) versions.push_back(*version);
  }
  for (const Version& a : versions) {
    check_round_trip(a);
    for (const Version& b : versions) {
      for (const Version& c : versions) check_order(a, b, c);
    }
  }
  for (const std::string_view line : lines) {
    check_specifiers(line, versions);
    check_marker(line);
    check_requirement(line);
  }
  return 0;
}
