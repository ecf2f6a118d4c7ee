/// Asks the real git what it makes of a patch series: the judge of our own applier.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "tests/support/git_fixture.hpp"
#include "tests/support/memory_repository.hpp"

namespace forge::support {

struct GitVerdict {
  int status = 0;    ///< of one `git apply --cached` over all patches
  std::string tree;  ///< 40 digits, where the status is 0
  std::string words;
};

/// One repository for many questions.
class GitJudge {
 public:
  /// Whether there is a git of the version that is followed (2.39); its words are not translated.
  [[nodiscard]] static bool is_there();
  GitJudge();
  [[nodiscard]] GitVerdict apply(const MemoryRepository::Files& files, const std::vector<std::string>& patches) const;

 private:
  TempFolder folder_;
};

}  // namespace forge::support
