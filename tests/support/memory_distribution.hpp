/// Package lists that live in memory, for tests of everything above them.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "engine/index/distribution.hpp"

namespace forge::support {

class MemoryDistribution : public index::Distribution {
 public:
  /// `text` is a Packages file for one architecture; an empty one stands for all.
  void add(const std::string& architecture, const std::string& text);
  /// Every question is answered with this failure from now on.
  void break_down(Failure failure) { failure_ = std::move(failure); }

  [[nodiscard]] Result<std::vector<index::PackageListPtr>> lists(const std::string& architecture) const override;
  [[nodiscard]] std::string name() const override { return "memory:"; }

 private:
  std::map<std::string, std::vector<index::PackageListPtr>> lists_;
  std::optional<Failure> failure_;
};

}  // namespace forge::support
