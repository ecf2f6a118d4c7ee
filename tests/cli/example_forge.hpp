/// The embedded example in a folder of its own, and the real program run on it.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "tests/support/process.hpp"

namespace forge::cli_tests {

[[nodiscard]] std::string read_file(const std::filesystem::path& path);
/// Makes the folders above it too.
void write_file(const std::filesystem::path& path, const std::string& text);

/// The small forge with its upstream repositories in `forge/`, made once for all tests.
[[nodiscard]] const std::filesystem::path& prototype();

/// A copy of the small forge with its upstream repositories, gone at the end of the test.
class SmallForge {
 public:
  SmallForge();
  ~SmallForge();
  SmallForge(const SmallForge&) = delete;
  SmallForge& operator=(const SmallForge&) = delete;

  void take_candidate() const;
  [[nodiscard]] std::filesystem::path operator/(const std::string& path) const { return root_ / path; }

  [[nodiscard]] support::ProcessResult run(std::vector<std::string> arguments,
                                           const std::vector<std::string>& environment = {}) const;
  /// Makes the copy a git repository with one commit, or adds all changes in another one; its id.
  std::string commit(const std::string& message) const;
  /// What `git ARGUMENTS` prints there, without the last newline.
  std::string git(std::vector<std::string> arguments) const;

  /// The findings of `check` as `rule file:line`; checks its exit code.
  [[nodiscard]] std::set<std::string> check(int exit_code) const;

  /// Every file with its size, to see that nothing was written.
  [[nodiscard]] std::map<std::string, std::uintmax_t> listing() const;

 private:
  std::filesystem::path root_;
};

}  // namespace forge::cli_tests
