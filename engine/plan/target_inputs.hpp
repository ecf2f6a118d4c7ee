/// The inputs of targets and the fingerprints over them: are all inputs that the plan controls the same?
#pragma once

#include <map>
#include <string>
#include <utility>

#include "engine/model/image_graph.hpp"
#include "engine/plan/plan_names.hpp"

namespace forge::plan {

/// Rises when the same inputs would build another image, or when what enters a fingerprint changes.
inline constexpr int rules_version = 1;

/// Makes the fingerprints of one plan. Not in any: tags, volatile labels, caches, outputs, the event, branch and commit
/// of the forge, times, comments and order of the forge's files, headers of patches.
class TargetInputs {
 public:
  explicit TargetInputs(PlanInputs in);

  /// Fills inputs, floating and fingerprint, and labels the target with the latter. `target` is complete otherwise and
  /// healthy so far; its parents may come later.
  void fill(PlanTarget& target);

 private:
  /// Without platforms.
  struct Core {
    std::vector<PlanInput> inputs;
    std::vector<std::string> floating;
    std::string digest;
  };
  const Core& core(const std::string& image, const std::string& release, const PlanTarget* target);
  [[nodiscard]] Core make_core(const model::ImageNode& node, const PlanTarget& target);
  void add_files(const model::ImageNode& node, Core& core) const;
  void add_need(const model::ImageNeed& need, const PlanTarget& target, Core& core);
  void add_external(const std::string& name, const std::string& shown, Core& core) const;
  [[nodiscard]] std::string source_value(const PlanTarget& target, const std::string& component) const;
  [[nodiscard]] std::string file_digest(const std::string& path) const;
  [[nodiscard]] std::string constraints_identity(const std::string& release) const;

  PlanInputs in_;
  const model::ImageGraph& graph_;
  std::vector<PlanInput> for_all_;  ///< epoch and global inputs
  std::map<std::pair<std::string, std::string>, Core> cores_;
};

}  // namespace forge::plan
