/// Security advisories that upstream's commits after a ref name: what an older ref may lack.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "engine/git/upstreams.hpp"
#include "engine/workspace/snapshot.hpp"

namespace forge::model {

struct Advisory {
  std::string name;       ///< `CVE-2024-1234`, `OSSA-2024-001`
  git::ObjectId commit;   ///< the newest commit that names it
  std::string subject;    ///< that commit's
  bool released = false;  ///< the newest version of the series has the commit; else only its branch
};

/// `CVE-2024-1234` and `OSSA-2024-001` in a text, sorted, each once.
[[nodiscard]] std::vector<std::string> advisory_names(std::string_view text);

/// Named by the commits between a component's ref and the head of its series (ref_status), sorted by name; where there
/// is no series, up to the newest version. Empty where history can't be read. Computed once per snapshot.
[[nodiscard]] const std::vector<Advisory>& advisories_ahead(const workspace::Snapshot& snapshot,
                                                            const std::string& release, const std::string& component);

/// The names of those that are released.
[[nodiscard]] std::vector<std::string> released_advisories(const std::vector<Advisory>& advisories);

}  // namespace forge::model
