/// The plan as files that other programs read. Every form is printed from the same plan and computes nothing.
#pragma once

#include <string>

#include "engine/base/result.hpp"
#include "engine/plan/build_plan.hpp"

namespace forge::plan {

/// A bake file with the plan's healthy targets, for `docker buildx bake -f FILE`. Its paths are relative to the forge's
/// root.
[[nodiscard]] std::string render_bake(const BuildPlan& plan);

/// The whole plan, blocked targets and the trees to export included (schema `forge-analyze/plan/v1`).
[[nodiscard]] std::string render_plan(const BuildPlan& plan);

/// Matrices for GitHub's jobs: bases, services, and the merges behind them (schema `forge-analyze/matrix/v1`).
/// Fails with `invalid` over GitHub's limit of 256 jobs in a matrix.
[[nodiscard]] Result<std::string> render_matrix(const BuildPlan& plan);
/// The same as lines `key=value` for the file `$GITHUB_OUTPUT`.
[[nodiscard]] Result<std::string> render_github_output(const BuildPlan& plan);

/// The same builds as a script for a POSIX shell, for those without bake; images that others build from wait in OCI
/// layouts below build/oci. The script is whole: it exports the sources first, and stops at the first failure.
[[nodiscard]] std::string render_shell(const BuildPlan& plan);

/// The plan as a picture: what is built from what, with sources, constraints and outer images; an edge carries the
/// context's name. For Mermaid, for Graphviz, and drawn by layers from left to right.
[[nodiscard]] std::string render_mermaid(const BuildPlan& plan);
[[nodiscard]] std::string render_dot(const BuildPlan& plan);
[[nodiscard]] std::string render_svg(const BuildPlan& plan);

}  // namespace forge::plan
