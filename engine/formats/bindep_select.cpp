#include "engine/formats/bindep_select.hpp"

#include <algorithm>

#include "engine/formats/debian_version.hpp"

namespace forge::formats {

namespace {

/// One part of a selector, while its items vote.
struct Vote {
  bool vetoed = false;
  bool needs_match = false;
  bool matched = false;

  void count_positive(bool matches) {
    needs_match = true;
    matched = matched || matches;
  }
  [[nodiscard]] bool is_no() const { return vetoed || (needs_match && !matched); }
};

bool holds(const BindepAtom& atom, const ActiveProfiles& active) {
  return active.contains(atom.name) != atom.negated;
}

bool all_hold(const BindepGroup& group, const ActiveProfiles& active) {
  return std::ranges::all_of(group.atoms, [&](const BindepAtom& atom) { return holds(atom, active); });
}

void count(const BindepAtom& atom, const ActiveProfiles& active, Vote& vote) {
  if (atom.negated)
    vote.vetoed = vote.vetoed || !holds(atom, active);
  else
    vote.count_positive(holds(atom, active));
}

}  // namespace

ActiveProfiles active_profiles(std::span<const std::string> platform_atoms, std::span<const std::string> profiles) {
  ActiveProfiles active(profiles.begin(), profiles.end());
  if (profiles.empty()) active.insert("default");
  for (const std::string& atom : platform_atoms) active.insert("platform:" + atom);
  return active;
}

bool is_active(const BindepRule& rule, const ActiveProfiles& active) {
  Vote platform;
  Vote user;
  for (const BindepItem& item : rule.selector) {
    if (const auto* group = std::get_if<BindepGroup>(&item)) {
      user.count_positive(all_hold(*group, active));
    } else {
      const auto& atom = std::get<BindepAtom>(item);
      count(atom, active, atom.is_platform() ? platform : user);
    }
  }
  return !platform.is_no() && !user.is_no();
}

std::vector<const BindepRule*> active_rules(const Bindep& bindep, const ActiveProfiles& active) {
  std::vector<const BindepRule*> rules;
  for (const BindepRule& rule : bindep.rules)
    if (is_active(rule, active)) rules.push_back(&rule);
  return rules;
}

std::optional<bool> is_satisfied(const BindepConstraint& constraint, std::string_view installed) {
  if (constraint.op == BindepOperator::equal) return installed == constraint.version.value;
  if (constraint.op == BindepOperator::not_equal) return installed != constraint.version.value;
  const auto there = parse_debian_version(installed);
  const auto wanted = parse_debian_version(constraint.version.value);
  if (!there || !wanted) return std::nullopt;
  const auto order = compare(*there, *wanted);
  switch (constraint.op) {
    case BindepOperator::less:
      return order < 0;
    case BindepOperator::less_or_equal:
      return order <= 0;
    case BindepOperator::greater:
      return order > 0;
    default:
      return order >= 0;
  }
}

}  // namespace forge::formats
