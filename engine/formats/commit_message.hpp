/// What a commit's message says of where its change comes from, as OpenStack writes it.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace forge::formats {

/// Ids of commits have 7 to 40 digits, in lower case, as the message has them.
struct ChangeOrigin {
  /// `I` and up to 40 digits: of the last paragraph that has any `Change-Id:` line. Those above are quotations.
  std::vector<std::string> change_ids;
  std::vector<std::string> picked_from;  ///< `(cherry picked from commit 12ab…)`, in every spelling of the past
  std::vector<std::string> reverts;      ///< `This reverts commit 12ab…`
};

[[nodiscard]] ChangeOrigin read_change_origin(std::string_view message);

}  // namespace forge::formats
