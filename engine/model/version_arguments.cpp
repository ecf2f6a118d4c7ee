#include "engine/model/version_arguments.hpp"

#include <algorithm>

#include "engine/base/text.hpp"
#include "engine/formats/version.hpp"

namespace forge::model {

std::string argument_component(std::string_view argument) {
  constexpr std::string_view end = "_VERSION";
  if (!argument.ends_with(end)) return {};
  std::string name = to_lower(argument.substr(0, argument.size() - end.size()));
  std::ranges::replace(name, '_', '-');
  return name;
}

std::string argument_version(const formats::SourceRefs& refs, std::string_view component) {
  for (const formats::SourceRef& entry : refs.entries) {
    std::string name = to_lower(entry.component.value);
    std::ranges::replace(name, '_', '-');
    std::ranges::replace(name, '.', '-');
    if (name == component && entry.ref && formats::Version::parse(entry.ref->value)) return entry.ref->value;
  }
  return {};
}

std::string argument_value(const workspace::Snapshot& snapshot, std::string_view release, std::string_view argument) {
  const std::string component = argument_component(argument);
  if (component.empty()) return {};
  for (const auto* document : {snapshot.test_refs(release), snapshot.source_refs(release)}) {
    if (document == nullptr) continue;
    if (std::string version = argument_version(**document, component); !version.empty()) return version;
  }
  return {};
}

}  // namespace forge::model
