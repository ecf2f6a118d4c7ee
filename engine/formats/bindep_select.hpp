/// Which rules of a bindep.txt are active, and whether an installed version satisfies a constraint.
#pragma once

#include <functional>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "engine/formats/bindep.hpp"

namespace forge::formats {

/// `platform:X` of the platform, and the profiles.
using ActiveProfiles = std::set<std::string, std::less<>>;

/// `platform_atoms` are bare (`dpkg`). Where no profile is named, `default` takes their place.
[[nodiscard]] ActiveProfiles active_profiles(std::span<const std::string> platform_atoms,
                                             std::span<const std::string> profiles);

/// The platform part of the selector and the rest vote apart, and neither may vote no. In each part a negated profile
/// that is active is a veto; else one positive profile or one group must match, if there is any.
[[nodiscard]] bool is_active(const BindepRule& rule, const ActiveProfiles& active);
/// In file order, duplicates kept.
[[nodiscard]] std::vector<const BindepRule*> active_rules(const Bindep& bindep, const ActiveProfiles& active);

/// `==` and `!=` compare the text, as bindep does; the others compare as dpkg. Nothing where one of these meets an
/// installed version that can't be read.
[[nodiscard]] std::optional<bool> is_satisfied(const BindepConstraint& constraint, std::string_view installed);

}  // namespace forge::formats
