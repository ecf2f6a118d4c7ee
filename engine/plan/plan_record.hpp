/// What is remembered of a plan, so that a later one can be compared with it.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "engine/base/result.hpp"
#include "engine/plan/build_plan.hpp"

namespace forge::plan {

struct RecordedTarget {
  std::string id;
  std::string image;
  std::string release;
  PlanTarget::Kind kind = PlanTarget::Kind::base;
  std::string repository;
  std::string fingerprint;  ///< empty where the target was blocked
  std::vector<PlanInput> inputs;
  std::vector<std::string> image_tags;
  std::vector<std::string> platforms;
  std::string digest;                 ///< of the image that was pushed, `sha256:…`; empty where it is not known
  std::vector<std::string> branches;  ///< components whose ref was a branch, sorted
  /// The branches were resolved now and not when that plan was built: what they were then is not known.
  bool recomputed = false;
};

struct PlanRecord {
  std::string commit;                                          ///< the forge's; may be empty
  std::map<std::string, RecordedTarget, std::less<>> targets;  ///< by id; removed ones are left out

  [[nodiscard]] const RecordedTarget* find(std::string_view id) const;
};

/// `recomputed`: the plan is one of former files, made now.
[[nodiscard]] PlanRecord record_of(const BuildPlan& plan, bool recomputed = false);

/// The targets of `record` that branches went into as `written` has them, where it has them.
void take_branches_from(const PlanRecord& written, PlanRecord& record);

/// Of what `render_plan` wrote. Fails with `invalid`, naming what is wrong, where it is no such document.
[[nodiscard]] Result<PlanRecord> read_record(std::string_view json);

/// How one target of two plans differs.
struct TargetChange {
  std::string id;
  PlanTarget::State state = PlanTarget::State::unchanged;  ///< `planned` where an input differs
  std::vector<InputChange> changes{};                      ///< sorted by name
};

/// Inputs that only one of them has, or whose values differ; both sorted by name.
[[nodiscard]] std::vector<InputChange> changed_inputs(const std::vector<PlanInput>& before,
                                                      const std::vector<PlanInput>& after);

/// Every target of either, sorted by id.
[[nodiscard]] std::vector<TargetChange> compare(const PlanRecord& before, const PlanRecord& after);

}  // namespace forge::plan
