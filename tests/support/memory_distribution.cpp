#include "tests/support/memory_distribution.hpp"

#include <doctest/doctest.h>

namespace forge::support {

void MemoryDistribution::add(const std::string& architecture, const std::string& text) {
  const auto list = index::PackageList::parse(text);
  REQUIRE(list.has_value());
  lists_[architecture].push_back(*list);
}

Result<std::vector<index::PackageListPtr>> MemoryDistribution::lists(const std::string& architecture) const {
  if (failure_) return tl::unexpected<Failure>(*failure_);
  std::vector<index::PackageListPtr> out;
  for (const std::string& key : {architecture, std::string()}) {
    const auto found = lists_.find(key);
    if (found != lists_.end()) out.insert(out.end(), found->second.begin(), found->second.end());
  }
  return out;
}

}  // namespace forge::support
