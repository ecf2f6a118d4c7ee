/// snapshot + levels -> sorted findings.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/rules/catalog.hpp"

namespace forge::rules {

struct RunOptions {
  std::string release{};    ///< only findings of this release; empty: of all
  std::string component{};  ///< only findings of this component; empty: of all
  /// Only findings of which this is true, where either may be empty (of all); nothing: all.
  std::function<bool(std::string_view release, std::string_view component)> concerns{};
  bool files_only = false;  ///< only the rules that need nothing but the forge's own files
  bool offline = false;     ///< what could not be looked at is a warning instead of an error
  /// Told after each piece of work, from any thread: how many are done, of how many, and what the last one was.
  std::function<void(std::size_t, std::size_t, std::string_view)> progress{};
};

/// Every finding of every rule that forge.yaml does not switch off, sorted by file, position and rule.
/// Rules run in parallel on `pool`; each model answer they share is computed once. Throws Cancelled where the caller's
/// CancellationScope says that the run is not wanted any more.
[[nodiscard]] std::vector<Finding> run_rules(const workspace::Snapshot& snapshot, const RunOptions& options,
                                             const TaskPool& pool);

}  // namespace forge::rules
