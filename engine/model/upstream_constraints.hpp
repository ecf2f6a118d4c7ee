/// A release's upper-constraints.txt beside the file of openstack/requirements that it was taken from: which of its
/// states that was, what was changed by hand, and what upstream has changed since.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/base/result.hpp"
#include "engine/formats/constraints.hpp"
#include "engine/git/upstreams.hpp"
#include "engine/workspace/snapshot.hpp"

namespace forge::model {

/// The component whose upstream holds the file; located as every other upstream.
inline constexpr std::string_view requirements_component = "requirements";

/// Whether the forge wants its constraints compared: forge.yaml names an upstream `requirements` or one of the rules
/// that compare. Without that they are compared where the repository is, and nothing is missing where it is not.
[[nodiscard]] bool wants_upstream_constraints(const formats::ForgeConfig& config);

/// One state of upstream's file.
struct ConstraintsState {
  git::CommitInfo commit;  ///< that made it
  git::BlobPtr text;
};

/// All lines of one name, in the form of `Pin::line`, in file order.
using PinLines = std::vector<std::string>;

/// A name whose pins upstream never had in this series.
struct EditedPin {
  std::string name;                      ///< as the forge spells it; where it has none, as upstream does
  std::vector<const formats::Pin*> now;  ///< the forge's lines of that name; empty where they were taken out
  PinLines upstream;                     ///< of the nearest state; empty where it pins no such name
  /// Of `now` the first that upstream never had; where there is none now, the forge's pin that upstream's stood before;
  /// null in an empty file.
  const formats::Pin* at = nullptr;
};

/// A name that upstream pins otherwise by now.
struct MovedPin {
  std::vector<const formats::Pin*> now;  ///< the forge's lines of that name
  PinLines newest;                       ///< empty where upstream pins it no more
};

/// The file fits another series far better.
struct BetterSeries {
  std::string name;
  std::size_t foreign = 0;  ///< lines that the best state of that series has not
};

struct ConstraintsDrift {
  std::string branch;  ///< what `newest` was read from: `stable/2025.2`, `master`
  ConstraintsState newest;
  ConstraintsState nearest;  ///< the state of this series with the fewest different lines
  std::size_t lines = 0;     ///< pins of the forge's file, doublets once
  std::size_t foreign = 0;   ///< of them those that `nearest` has not
  std::size_t missing = 0;   ///< lines of `nearest` that the forge's file has not
  std::vector<EditedPin> edited;
  std::vector<MovedPin> moved;
  std::optional<BetterSeries> better;
};

/// Upstream's upper-constraints.txt in one state.
struct ConstraintsFile {
  std::string ref;  ///< `stable/2025.2`, `master`, or what was asked for
  git::ObjectId commit;
  git::BlobPtr text;
};

/// At `ref`; where that is empty, at the release's series, or on the main branch for a release newer than all series.
/// `not_found` where there is none of these or no such file.
[[nodiscard]] Result<ConstraintsFile> upstream_constraints(const workspace::Snapshot& snapshot,
                                                           std::string_view release, std::string_view ref);

/// Nothing where the release has no constraints or upstream no such series (and the release is not the one to come).
/// The failure is that of opening or reading the repository. Computed once per snapshot.
[[nodiscard]] const Result<std::optional<ConstraintsDrift>>& constraints_drift(const workspace::Snapshot& snapshot,
                                                                               std::string_view release);

}  // namespace forge::model
