/// The package lists of a distribution, as its archives and files have them, behind a cache on disk.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "engine/index/apt_sources.hpp"
#include "engine/index/http_index.hpp"
#include "engine/index/package_list.hpp"

namespace forge::index {

/// Every method may be called from any thread. Answers do not change as long as it lives.
class Distribution {
 public:
  virtual ~Distribution() = default;
  /// The lists for one architecture (`amd64`), in the order of the sources; of an archive one for each component. Fails
  /// with the first failure of a list; `not_found` where no source serves the architecture.
  [[nodiscard]] virtual Result<std::vector<PackageListPtr>> lists(const std::string& architecture) const = 0;
  /// What is asked, for messages.
  [[nodiscard]] virtual std::string name() const = 0;
};

using DistributionPtr = std::shared_ptr<const Distribution>;

/// An archive's index of indexes (`InRelease`) is asked whether it changed; the lists are kept under the digests that
/// it names, so what did not change is not fetched again. Its signature is not checked: nothing is installed from here.
[[nodiscard]] DistributionPtr http_distribution(std::vector<AptSource> sources, const IndexSettings& settings,
                                                const IndexOptions& options);

}  // namespace forge::index
