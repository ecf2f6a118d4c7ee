#include "engine/formats/core_metadata.hpp"

#include <algorithm>
#include <array>
#include <charconv>

#include <fmt/format.h>
#include <re2/re2.h>

#include "engine/base/text.hpp"

namespace forge::formats {

namespace {

constexpr std::size_t longest_field = 16'384;
constexpr std::size_t most_fields = 20'000;

/// Identifiers, operators and parentheses; which identifiers there are is not looked at.
bool may_be_expression(std::string_view text) {
  return !text.empty() && std::ranges::all_of(text, [](char c) {
    return is_alnum(c) || std::string_view(" ().-+:").find(c) != std::string_view::npos;
  });
}

constexpr std::string_view license_classifier = "License :: ";

void take_classifier(std::string_view value, CoreMetadata& into) {
  if (!value.starts_with(license_classifier)) return;
  value.remove_prefix(license_classifier.size());
  constexpr std::string_view separator = " :: ";
  const std::size_t last = value.rfind(separator);
  const std::string_view name = trim(last == std::string_view::npos ? value : value.substr(last + separator.size()));
  if (!name.empty() && name != "OSI Approved") into.licenses.emplace_back(name);  // that alone tells no licence
}

void take_field(std::string_view name, std::string value, CoreMetadata& into) {
  const std::string key = to_lower(name);
  if (value.size() > longest_field) return;
  if (key == "metadata-version")
    into.metadata_version = std::move(value);
  else if (key == "name")
    into.name = std::move(value);
  else if (key == "version")
    into.version = std::move(value);
  else if (key == "requires-dist")
    into.requires_dist.push_back(std::move(value));
  else if (key == "requires-python")
    into.requires_python = std::move(value);
  else if (key == "dynamic")
    into.dynamic.push_back(to_lower(value));
  else if (key == "license-expression")
    into.license_expression = may_be_expression(value) ? std::move(value) : std::string();
  else if (key == "classifier")
    take_classifier(value, into);
  else if (key == "provides-extra") {
    if (const auto extra = PackageName::parse(value)) into.provides_extras.push_back(extra->str());
  }
}

/// The line at `at` without its end; `at` goes on to the next.
std::string_view next_line(std::string_view text, std::size_t& at) {
  const std::size_t end = std::min(text.find('\n', at), text.size());
  std::string_view line = text.substr(at, end - at);
  at = end + 1;
  if (line.ends_with('\r')) line.remove_suffix(1);
  return line;
}

/// One slip and what was meant; RE2's syntax.
struct Repair {
  RE2 pattern;
  const char* with;
};

// uv's list (uv-pypi-types, lenient_requirement): the slips that were really published.
const std::array<Repair, 7>& repairs() {
  static const std::array<Repair, 7> all = {{
      {RE2(R"((\d)([<>=~^!]))"), R"(\1,\2)"},                    // a comma is missing: `>=1<2`
      {RE2(R"(!=((?:\d\.)*\d)\*)"), R"(!=\1.*)"},                // `!=3.0*`
      {RE2(R"((>=|<=|>|<)(\s*\d+(?:\.\d+)*)\.\*)"), R"(\1\2)"},  // `>=1.9.*`
      {RE2(R"(~=(\s*\d+(?:\.\d+)*)\.\*)"), R"(==\1.*)"},         // `~=1.9.*`
      {RE2(R"(,\s*([;)]|$))"), R"(\1)"},                         // a trailing comma
      {RE2(R"(([<>=~!]=?\s*\d+(?:\.\d+)*)['"])"), R"(\1)"},      // a stray quote behind a version
      {RE2(R"(^([^'"]*)['"]([<>=~!]))"), R"(\1\2)"},             // a stray quote before a specifier
  }};
  return all;
}

/// Tries the repairs one after another until the text makes sense.
template <class T>
Syntax<T> parse_with_repairs(std::string_view text, Syntax<T> (*parse)(std::string_view)) {
  Syntax<T> parsed = parse(text);
  if (parsed || text.size() > 2048) return parsed;
  // Only what stands before the marker is repaired.
  const std::size_t end = std::min(text.find(';'), text.size());
  std::string head(text.substr(0, end));
  const std::string tail(text.substr(end));
  for (const Repair& repair : repairs()) {
    RE2::GlobalReplace(&head, repair.pattern, repair.with);
    if (Syntax<T> mended = parse(head + tail)) return mended;
  }
  return parsed;
}

}  // namespace

bool CoreMetadata::requirements_are_static() const {
  constexpr std::array<std::string_view, 3> fields = {"requires-dist", "requires-python", "provides-extra"};
  const auto numbers = split(metadata_version, '.');
  unsigned major = 0;
  unsigned minor = 0;
  if (numbers.size() != 2) return false;
  std::from_chars(numbers[0].data(), numbers[0].data() + numbers[0].size(), major);
  std::from_chars(numbers[1].data(), numbers[1].data() + numbers[1].size(), minor);
  if (major < 2 || (major == 2 && minor < 2)) return false;
  return std::ranges::none_of(fields, [&](std::string_view field) { return std::ranges::count(dynamic, field) > 0; });
}

std::string CoreMetadata::str() const {
  std::string out = fmt::format("Metadata-Version: {}\nName: {}\nVersion: {}\n", metadata_version, name, version);
  if (!requires_python.empty()) out += fmt::format("Requires-Python: {}\n", requires_python);
  for (const std::string& field : dynamic) out += fmt::format("Dynamic: {}\n", field);
  for (const std::string& extra : provides_extras) out += fmt::format("Provides-Extra: {}\n", extra);
  if (!license_expression.empty()) out += fmt::format("License-Expression: {}\n", license_expression);
  for (const std::string& license : licenses) out += fmt::format("Classifier: {}{}\n", license_classifier, license);
  for (const std::string& requirement : requires_dist) out += fmt::format("Requires-Dist: {}\n", requirement);
  return out;
}

CoreMetadata parse_core_metadata(std::string_view text) {
  CoreMetadata metadata;
  std::string_view name;
  std::string value;
  std::size_t fields = 0;
  for (std::size_t at = 0; at < text.size() && fields < most_fields;) {
    const std::string_view line = next_line(text, at);
    if (line.empty()) break;
    if (line.front() == ' ' || line.front() == '\t') {
      const std::string_view more = trim(line);
      if (value.size() <= longest_field && !more.empty()) value.append(value.empty() ? "" : " ").append(more);
      continue;
    }
    take_field(name, std::move(value), metadata);
    const std::size_t colon = line.find(':');
    name = colon == std::string_view::npos ? std::string_view() : line.substr(0, colon);
    value = colon == std::string_view::npos ? std::string() : std::string(trim(line.substr(colon + 1)));
    ++fields;
  }
  take_field(name, std::move(value), metadata);
  std::ranges::sort(metadata.provides_extras);
  const auto doublets = std::ranges::unique(metadata.provides_extras);
  metadata.provides_extras.erase(doublets.begin(), doublets.end());
  return metadata;
}

Syntax<Requirement> parse_published_requirement(std::string_view text) {
  return parse_with_repairs<Requirement>(text, parse_requirement);
}

Syntax<SpecifierSet> parse_published_specifiers(std::string_view text) {
  return parse_with_repairs<SpecifierSet>(text, parse_specifier_set);
}

}  // namespace forge::formats
