/// The plan as files that other programs read. Every form is printed from the same plan and computes nothing.
#pragma once

#include <cstddef>
#include <optional>
#include <string>

#include "engine/base/result.hpp"
#include "engine/plan/build_plan.hpp"

namespace forge::plan {

/// A bake file with the plan's healthy targets, for `docker buildx bake -f FILE`. Its paths are relative to the forge's
/// root.
[[nodiscard]] std::string render_bake(const BuildPlan& plan);

/// The whole plan, blocked targets and the trees to export included (schema `forge-analyze/plan/v1`).
[[nodiscard]] std::string render_plan(const BuildPlan& plan);

struct MatrixOptions {
  bool chunks = true;  ///< services over GitHub's limit for one matrix are split; else they are an error
  std::optional<std::size_t> chunk{};  ///< only this chunk's services, as `services` and `merge-services`
  bool list_chunks = false;            ///< only the list of chunks, and the bases
};

/// Matrices for GitHub's jobs: bases, services, and the merges behind them (schema `forge-analyze/matrix/v1`). Services
/// that need more than 256 jobs come as `services-0`, `services-1`, … by release, each with its `has-…` and its
/// `merge-services-…`; `chunks` lists them. Entries hold strings alone, those of one matrix all the same keys. Fails
/// with `invalid` over a limit that chunks can't help with, and for a chunk that isn't there.
[[nodiscard]] Result<std::string> render_matrix(const BuildPlan& plan, const MatrixOptions& options = {});
/// The same as lines `key=value` for the file `$GITHUB_OUTPUT`; fails with `invalid` over GitHub's limit for outputs.
[[nodiscard]] Result<std::string> render_github_output(const BuildPlan& plan, const MatrixOptions& options = {});

/// The same builds as a script for a POSIX shell, for those without bake; images that others build from wait in OCI
/// layouts below build/oci. The script is whole: it exports the sources first, and stops at the first failure.
[[nodiscard]] std::string render_shell(const BuildPlan& plan);

/// The plan as a picture: what is built from what, with sources, constraints and outer images; an edge carries the
/// context's name. For Mermaid, for Graphviz, and drawn by layers from left to right.
[[nodiscard]] std::string render_mermaid(const BuildPlan& plan);
[[nodiscard]] std::string render_dot(const BuildPlan& plan);
[[nodiscard]] std::string render_svg(const BuildPlan& plan);

}  // namespace forge::plan
