#include "engine/model/effective_pins.hpp"

#include <algorithm>
#include <map>
#include <numeric>
#include <utility>

namespace forge::model {

namespace {

using formats::Override;
using formats::Pin;
using workspace::Snapshot;

/// What the overrides come to for one name: a removal, or one or more replacements.
struct Decision {
  std::size_t seen = 0;
  std::vector<const Override*> entries;
  std::vector<const Pin*> upstream;
};

/// Keyed by the normalised name.
using Decisions = std::map<std::string_view, Decision>;

/// Whether both lines can stand: each is for environments that the other leaves out.
bool stand_together(const Override& a, const Override& b) {
  if (a.removes() || b.removes() || !a.pin->condition || !b.pin->condition) return false;
  return !formats::can_both_hold(&*a.pin->condition, &*b.pin->condition);
}

/// How many entries of one name are compared with each other; real files have two.
constexpr std::size_t most_compared = 8;

Decisions decide(const formats::Overrides& overrides) {
  Decisions decisions;
  for (const Override& entry : overrides.entries) {
    Decision& decision = decisions[entry.name.str()];
    const bool compared = ++decision.seen <= most_compared;
    std::erase_if(decision.entries,
                  [&](const Override* earlier) { return !compared || !stand_together(*earlier, entry); });
    decision.entries.push_back(&entry);
  }
  return decisions;
}

void take_upstream(const workspace::Document<formats::Constraints>& document, Decisions& decisions,
                   EffectivePins& into) {
  into.pins.reserve(document->pins.size());
  for (const Pin& pin : document->pins) {
    if (!pin.usable()) continue;
    const auto decision = decisions.find(pin.name.str());
    if (decision != decisions.end()) {
      decision->second.upstream.push_back(&pin);
    } else {
      into.pins.push_back({&pin, PinOrigin::upper_constraints, document.file, {}, nullptr});
    }
  }
}

void take_overrides(const workspace::Document<formats::Overrides>& document, const Decisions& decisions,
                    EffectivePins& into) {
  for (const Override& entry : document->entries) {
    const Decision& decision = decisions.find(entry.name.str())->second;
    if (std::ranges::count(decision.entries, &entry) == 0) continue;
    if (entry.removes()) {
      into.removed.push_back({&entry, document.file, decision.upstream});
    } else {
      into.pins.push_back({&*entry.pin, PinOrigin::override_file, document.file, decision.upstream, &entry});
    }
  }
}

template <class T>
void take_left_out(const workspace::Document<T>& document, EffectivePins& into) {
  for (const TextSpan span : document->left_out) into.left_out.push_back({document.file, span});
}

EffectivePins compute(const Snapshot& snapshot, std::string_view release) {
  EffectivePins out;
  const auto* overrides = snapshot.overrides(release);
  Decisions decisions = overrides != nullptr ? decide(**overrides) : Decisions();
  if (const auto* upstream = snapshot.upper_constraints(release)) {
    take_upstream(*upstream, decisions, out);
    take_left_out(*upstream, out);
  }
  if (overrides != nullptr) {
    take_overrides(*overrides, decisions, out);
    take_left_out(*overrides, out);
  }
  out.by_name.resize(out.pins.size());
  std::iota(out.by_name.begin(), out.by_name.end(), 0U);
  const auto name = [&](std::uint32_t index) -> const std::string& { return out.pins[index].pin->name.str(); };
  // Upstream's file is mostly sorted, and what the overrides add stands behind it.
  const auto unsorted = std::ranges::is_sorted_until(out.by_name, {}, name);
  std::ranges::stable_sort(unsorted, out.by_name.end(), {}, name);
  std::ranges::inplace_merge(out.by_name, unsorted, {}, name);
  return out;
}

}  // namespace

std::string_view to_string(PinOrigin origin) {
  return origin == PinOrigin::override_file ? "override" : "upper-constraints";
}

std::vector<const EffectivePin*> EffectivePins::find(const PackageName& name) const {
  std::vector<const EffectivePin*> found;
  const auto spelled = [&](std::uint32_t index) -> const std::string& { return pins[index].pin->name.str(); };
  for (const std::uint32_t index : std::ranges::equal_range(by_name, name.str(), {}, spelled))
    found.push_back(&pins[index]);
  return found;
}

const EffectivePin* EffectivePins::active(const PackageName& name,
                                          const formats::MarkerEnvironment& environment) const {
  for (const EffectivePin* pin : find(name)) {
    if (pin->pin->active(environment)) return pin;
  }
  return nullptr;
}

const EffectivePins& effective_pins(const Snapshot& snapshot, std::string_view release) {
  return snapshot.once<EffectivePins>(std::string(release), [&] { return compute(snapshot, release); });
}

std::string render_constraints(const EffectivePins& pins) {
  std::string out;
  for (const EffectivePin& pin : pins.pins) out += pin.pin->line() + "\n";
  return out;
}

}  // namespace forge::model
