#include "engine/audit/carried_overrides.hpp"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "engine/base/text.hpp"

namespace forge::audit {

namespace {

using formats::Constraints;
using formats::Override;
using formats::Pin;

using Pins = std::vector<const Pin*>;

Pins pins_of(const Constraints& constraints, const PackageName& name) {
  Pins found;
  for (const Pin& pin : constraints.pins)
    if (pin.name == name) found.push_back(&pin);
  return found;
}

std::string versions_of(const Pins& pins) {
  std::vector<std::string> versions;
  for (const Pin* pin : pins) versions.push_back(fmt::format("`{}`", pin->version.value));
  return join(versions, ", ");
}

/// All of them say a version, and it compares so.
template <class Compare>
bool all_are(const Pins& pins, const formats::Version& version, const Compare& compare) {
  return !pins.empty() &&
         std::ranges::all_of(pins, [&](const Pin* pin) { return pin->exact() && compare(*pin->parsed, version); });
}

void drop(CarriedOverride& carried, std::string reason) {
  carried.kept = false;
  carried.reason = std::move(reason);
}

void doubt(CarriedOverride& carried, std::string reason) {
  carried.doubtful = true;
  carried.reason = std::move(reason);
}

CarriedOverride judge(const Override& entry, std::string text, const Pins& before, const Pins& now) {
  CarriedOverride carried{.entry = std::move(text)};
  const std::string& name = entry.spelling.value;
  if (entry.removes()) {
    if (now.empty()) drop(carried, fmt::format("`{}` is not pinned any more.", name));
    return carried;
  }
  if (now.empty()) {
    if (!before.empty()) doubt(carried, fmt::format("upstream does not pin `{}` any more.", name));
    return carried;
  }
  if (!entry.pin->exact()) {
    doubt(carried, fmt::format("upstream now pins {}.", versions_of(now)));
    return carried;
  }
  const formats::Version& version = *entry.pin->parsed;
  using formats::Version;
  const auto equal = [](const Version& a, const Version& b) { return a == b; };
  const auto above = [](const Version& a, const Version& b) { return a > b; };
  const auto below = [](const Version& a, const Version& b) { return a < b; };
  if (all_are(now, version, equal))
    drop(carried, "upstream pins the same version now.");
  else if (all_are(before, version, below) && all_are(now, version, above))
    drop(carried, fmt::format("it raised the pin, and upstream now has {}.", versions_of(now)));
  else if (!all_are(now, version, below))
    doubt(carried, fmt::format("upstream now pins {}, which it lowers.", versions_of(now)));
  return carried;
}

bool has_entries(std::string_view text) {
  const std::vector<std::string_view> lines = split(text, '\n');
  return std::ranges::any_of(lines, [](std::string_view line) {
    line = trim(line);
    return !line.empty() && !line.starts_with('#');
  });
}

}  // namespace

CarriedOverrides carry_overrides(const workspace::Document<formats::Overrides>& overrides, const Constraints* before,
                                 const Constraints& now) {
  CarriedOverrides out;
  const std::string_view text = overrides.file->text();
  std::size_t copied = 0;
  for (const Override& entry : overrides->entries) {
    const Pins old = before == nullptr ? Pins() : pins_of(*before, entry.name);
    out.entries.push_back(judge(entry, std::string(overrides.file->text(entry.span)), old, pins_of(now, entry.name)));
    if (out.entries.back().kept) continue;
    const TextSpan first = entry.reason_span.empty() ? entry.span : entry.reason_span;
    const std::size_t begin = std::max<std::size_t>(copied, overrides.file->full_line_at(first.begin).begin);
    out.text += text.substr(copied, begin - copied);
    copied = overrides.file->full_line_at(entry.span.begin).end;
    // The blank line behind it would stand beside the one before.
    if (copied < text.size() && text[copied] == '\n' && (out.text.empty() || out.text.ends_with("\n\n"))) ++copied;
  }
  out.text += text.substr(copied);
  if (!has_entries(out.text)) out.text.clear();
  return out;
}

}  // namespace forge::audit
