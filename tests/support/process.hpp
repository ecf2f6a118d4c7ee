/// Runs a program to its end: what it wrote and how it ended.
#pragma once

#include <string>
#include <vector>

namespace forge::support {

struct ProcessResult {
  int exit_code = -1;  ///< -1 where a signal ended it
  std::string out;
  std::string err;
};

/// No shell; `folder` is its working directory. `environment` entries are `NAME=value` on top of ours.
[[nodiscard]] ProcessResult run_process(const std::vector<std::string>& arguments, const std::string& folder = ".",
                                        const std::vector<std::string>& environment = {});

}  // namespace forge::support
