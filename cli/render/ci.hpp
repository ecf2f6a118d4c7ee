/// Findings for GitHub Actions: workflow commands, and Markdown for the summary of a job.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "engine/base/finding.hpp"

namespace forge::cli {

/// `::error file=…,line=…::message` and its like. GitHub shows ten of each level of a step, so the most severe come
/// first and a line says how many are left out.
[[nodiscard]] std::string findings_github(const std::vector<Finding>& findings);

/// A heading with the counts, and one table. Complete: the summary of a job takes a megabyte, which is cut at a row.
[[nodiscard]] std::string findings_markdown(const std::vector<Finding>& findings);

/// A text as one line of Markdown that may stand in a table's cell: no markup that was not meant, code in backticks.
[[nodiscard]] std::string markdown_line(std::string_view text);

}  // namespace forge::cli
