/// The pre-release audit of one release: what `check` found and what the models answer, put together by component and
/// by check, with a verdict. Nothing is analysed here that a rule or a model does not.
#pragma once

#include <array>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/audit/checks.hpp"
#include "engine/base/finding.hpp"
#include "engine/git/upstreams.hpp"
#include "engine/model/advisories.hpp"
#include "engine/plan/build_plan.hpp"

namespace forge::audit {

/// Of one check on one component, the worse the later.
enum class State {
  not_applicable,
  ok,
  not_examined,  ///< something that it needs could not be looked at
  risk,          ///< a warning
  fail           ///< an error
};
/// `n/a`, `ok`, `not examined`, `risk`, `fail`.
[[nodiscard]] std::string_view to_string(State state);

enum class Verdict { ready, ready_with_risks, not_ready };
/// `ready`, `ready with risks`, `not ready`.
[[nodiscard]] std::string_view to_string(Verdict verdict);

struct Cell {
  State state = State::not_applicable;
  std::string word{};                   ///< two or three words for a table: `28.0.1 is the newest`
  std::vector<std::size_t> findings{};  ///< indices into Audit::findings; hints and infos too
};

/// Why a component is not simply ready.
struct Reason {
  State state = State::risk;
  Check check = Check::refs;
  std::string text;                      ///< sentences
  std::optional<std::size_t> finding{};  ///< index into Audit::findings, where it is one
};

enum class RowKind {
  service,
  library,  ///< built from source for the sake of its patches
  native,   ///< a service built by configure and make
  base,     ///< an image that services are built from
  shared    ///< the files of the release that belong to no single component
};
[[nodiscard]] std::string_view to_string(RowKind kind);

struct RefFacts {
  std::string ref;
  std::string kind = "unknown";  ///< `tag`, `branch`, `commit`
  std::optional<git::ObjectId> commit{};
  std::optional<git::Timestamp> date{};  ///< of the commit
  std::string version{};                 ///< what it builds as; empty where that is not known
  std::string newest{};                  ///< version of the series; empty likewise
  std::optional<std::size_t> behind{};   ///< commits to the head of the series
  std::vector<model::Advisory> advisories{};
};

enum class PatchFate { applies, applies_with_offset, merged, must_be_refreshed, conflicts, malformed, not_examined };
/// `applies`, `applies with offset`, `merged`, `must be refreshed`, `conflicts`, …
[[nodiscard]] std::string_view to_string(PatchFate fate);

struct PatchFacts {
  SourceFilePtr file;
  std::string subject{};
  PatchFate fate = PatchFate::not_examined;
  std::optional<git::ObjectId> upstream{};  ///< the commit of the same change in the ref or its series
  std::string upstream_tag{};               ///< the first version that has it; empty: none
};

struct RequirementFacts {
  std::size_t declared = 0;  ///< that apply on the target
  std::size_t satisfied = 0;
  std::size_t unsatisfied = 0;
  std::size_t unpinned = 0;
};

struct ClosureFacts {
  std::string platform;
  std::size_t packages = 0;
  std::size_t floating = 0;   ///< without a pin
  std::size_t conflicts = 0;  ///< that stop the install
  std::size_t unexamined = 0;
  std::string problem{};  ///< why there is no closure at all
};

struct PackageFacts {
  std::vector<std::string> build;
  std::vector<std::string> runtime;
};

struct PlanFacts {
  std::string target;
  bool blocked = false;
  std::vector<std::string> needs{};  ///< targets that it is built from
};

struct Row {
  std::string component;  ///< or an image; `(release)` for what is shared
  RowKind kind = RowKind::service;
  Verdict verdict = Verdict::ready;
  std::array<Cell, check_count> cells{};  ///< by Check
  std::vector<Reason> reasons{};          ///< the worst first

  std::optional<RefFacts> ref{};
  std::vector<PatchFacts> patches{};
  std::optional<RequirementFacts> requirements{};
  std::vector<ClosureFacts> closures{};  ///< one for each platform
  std::string requires_python{};         ///< as its tree says it
  std::optional<PackageFacts> packages{};
  std::optional<PlanFacts> plan{};

  [[nodiscard]] const Cell& cell(Check check) const { return cells[static_cast<std::size_t>(check)]; }
  [[nodiscard]] Cell& cell(Check check) { return cells[static_cast<std::size_t>(check)]; }
};

struct OverrideFacts {
  std::string name;
  std::string version{};   ///< empty: the pin is removed
  std::string replaces{};  ///< upstream's version; empty where it has none
  std::string reason{};    ///< the comment above the entry
  Place place;
};

struct PinFacts {
  std::size_t pins = 0;  ///< after the overrides
  std::vector<OverrideFacts> overrides{};
};

/// Something that is known of a component besides the findings: what a proposal leaves to decide.
struct Remark {
  std::string component;  ///< empty: the release as a whole
  Check check = Check::refs;
  State state = State::risk;
  std::string text;  ///< sentences
};

struct Audit {
  std::string release;
  std::string proposed_from{};  ///< of a candidate, the release that it was made from
  std::string distro;
  std::string python;
  std::vector<std::string> platforms;
  Verdict verdict = Verdict::ready;
  std::vector<Row> rows;
  PinFacts pins;
  std::vector<Finding> findings;  ///< all that concern the release, in the order of every report
  std::vector<Remark> remarks;
  plan::BuildPlan plan;
};

}  // namespace forge::audit
