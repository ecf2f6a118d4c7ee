/// What git has said about a forge, small enough to be kept when the snapshot is gone: what an editor shows at once
/// while the next snapshot is still being looked at.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "engine/git/upstreams.hpp"
#include "engine/model/patch_series.hpp"
#include "engine/workspace/snapshot.hpp"

namespace forge::ide {

/// One component's ref in one release.
struct RefFact {
  std::string ref;                      ///< as written
  std::optional<git::RefKind> kind{};   ///< nothing where the ref could not be resolved
  std::string commit{};                 ///< 40 digits; empty without `kind`
  std::string date{};                   ///< of the commit, `2025-10-01`
  std::string subject{};                ///< of its message
  std::string series{};                 ///< that holds it
  std::string newest{};                 ///< version of the release's series; empty where there is none
  std::string newest_date{};            ///< of its commit; only where `has_newer`
  bool has_newer = false;               ///< `newest` comes after the ref
  std::optional<std::size_t> behind{};  ///< commits to the head of its series
  std::string problem{};                ///< why `kind` is not there

  friend bool operator==(const RefFact&, const RefFact&) = default;
};

/// One patch on its component's ref.
struct PatchFact {
  model::PatchVerdict verdict = model::PatchVerdict::applies;
  bool partly_applied = false;
  std::size_t hunks = 0;
  std::int64_t offset = 0;                ///< the largest shift of a hunk
  std::optional<std::size_t> obstacle{};  ///< index of the first hunk that does not fit
  std::string merged_as{};                ///< abbreviated commit that has the whole change

  friend bool operator==(const PatchFact&, const PatchFact&) = default;
};

struct SeriesFact {
  std::string ref;                   ///< that it was placed on
  std::vector<SourceFilePtr> files;  ///< the patches, in order
  std::vector<PatchFact> patches;    ///< one for each; empty where it could not be placed
  std::string problem{};             ///< why not
};

/// Release and component.
using ForgeCell = std::pair<std::string, std::string>;

struct ForgeFacts {
  /// Those that were asked: a mark to compare, not to be followed.
  const git::Upstreams* upstreams = nullptr;
  std::map<ForgeCell, RefFact> refs;
  std::map<ForgeCell, SeriesFact> series;
};
using ForgeFactsPtr = std::shared_ptr<const ForgeFacts>;

/// Whether both say the same, be it of other texts.
[[nodiscard]] bool same_answers(const ForgeFacts& a, const ForgeFacts& b);

/// Asks git for whatever the snapshot has not computed yet.
[[nodiscard]] ForgeFacts collect_facts(const workspace::Snapshot& snapshot);

/// How sure an answer is for a snapshot other than the one that the facts are of.
enum class Certainty {
  unknown,  ///< nothing was ever said about it
  stale,    ///< it was said about another text, or another state of the upstream
  exact     ///< nothing that it depends on has changed
};

template <class Fact>
struct Recalled {
  const Fact* fact = nullptr;  ///< null where unknown
  Certainty certainty = Certainty::unknown;
};

/// Facts as they hold for `now`. Never asks git. Both must outlive it; `facts` may be null.
class Recollection {
 public:
  Recollection(const workspace::Snapshot& now, const ForgeFacts* facts) : now_(now), facts_(facts) {}

  [[nodiscard]] Recalled<RefFact> ref(const std::string& release, const std::string& component) const;
  [[nodiscard]] Recalled<SeriesFact> series(const workspace::PatchSeries& series) const;
  /// Of one of its patches, by its path: where others of the series have come or gone, stale.
  [[nodiscard]] Recalled<PatchFact> patch(const workspace::PatchSeries& series, std::string_view path) const;

 private:
  [[nodiscard]] bool same_upstreams() const;

  const workspace::Snapshot& now_;
  const ForgeFacts* facts_;
};

}  // namespace forge::ide
