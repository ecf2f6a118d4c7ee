/// What `apt-get install --no-install-recommends` would bring, decided as apt 2.6's own solver decides it
/// (apt-pkg/depcache.cc, MarkInstall): depth first, the first alternative that can be had, providers in its order.
#pragma once

#include <string>
#include <vector>

#include "engine/model/apt_cache.hpp"

namespace forge::model {

struct AptInstall {
  AptVersion version;
  bool asked = false;
  bool upgrades = false;    ///< another version is installed
  std::string required_by;  ///< the first package that asked for it; empty where `asked`
};

/// A relation of a chosen package that nothing can satisfy beside the others.
struct AptUnmet {
  std::string package;
  std::string relation;   ///< as written: `default-mta | mail-transport-agent`
  bool conflict = false;  ///< of Conflicts or Breaks, which a chosen package matches
};

struct AptClosure {
  std::vector<AptInstall> installs;  ///< sorted by name; what is installed already is not in it
  std::vector<std::string> unknown;  ///< names asked for that nothing is, or that several provide
  std::vector<AptUnmet> unmet;       ///< not empty: apt would refuse or look for another way
  std::uint64_t installed_kib = 0;   ///< of all installs, as their packages say
  std::uint64_t download_bytes = 0;
};

/// A name of `asked` may carry an architecture (`:any`), which is ignored.
[[nodiscard]] AptClosure apt_closure(const AptCache& cache, const std::vector<std::string>& asked);

}  // namespace forge::model
