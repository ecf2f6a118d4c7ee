/// A release's constraints after its overrides: what an installer will see, and which line of which file decided it.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "engine/formats/constraints.hpp"
#include "engine/workspace/snapshot.hpp"

namespace forge::model {

enum class PinOrigin { upper_constraints, override_file };

/// `upper-constraints` or `override`, as the contract spells it.
[[nodiscard]] std::string_view to_string(PinOrigin origin);

/// Pointers into the snapshot's documents: valid as long as the snapshot.
struct EffectivePin {
  const formats::Pin* pin = nullptr;
  PinOrigin origin = PinOrigin::upper_constraints;
  SourceFilePtr file;
  std::vector<const formats::Pin*> replaces;  ///< upstream's lines of that name, for an override
  const formats::Override* entry = nullptr;   ///< the entry that made it, for an override

  [[nodiscard]] Place place() const { return {file, pin->span}; }
};

struct RemovedPin {
  const formats::Override* entry = nullptr;
  SourceFilePtr file;
  std::vector<const formats::Pin*> pins;  ///< upstream's lines; empty where there was nothing to remove
};

struct EffectivePins {
  /// Upstream's remaining lines in their order, then what the overrides added, in theirs.
  std::vector<EffectivePin> pins;
  /// Names that are not pinned because an override says so, in the order of the entries.
  std::vector<RemovedPin> removed;
  /// Lines of both files that make no sense and so count for nothing.
  std::vector<Place> left_out;

  /// Every line of that name; several are told apart by their markers.
  [[nodiscard]] std::vector<const EffectivePin*> find(const PackageName& name) const;
  /// The first line of that name that counts in this environment, or null.
  [[nodiscard]] const EffectivePin* active(const PackageName& name,
                                           const formats::MarkerEnvironment& environment) const;

  std::vector<std::uint32_t> by_name;  ///< indices in `pins`, sorted by normalised name, those of one name in order
};

/// Of a release without constraints: the overrides alone. Lines that make no sense are left out.
/// An entry takes all lines of its name away, however spelled. The last entry of a name wins, except that
/// replacements whose markers exclude each other stand together.
[[nodiscard]] const EffectivePins& effective_pins(const workspace::Snapshot& snapshot, std::string_view release);

/// As a constraints file: one pin a line, LF, a final newline.
[[nodiscard]] std::string render_constraints(const EffectivePins& pins);

}  // namespace forge::model
