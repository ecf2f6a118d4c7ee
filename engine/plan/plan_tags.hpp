/// Names that a registry and bake accept, made from names that people chose.
#pragma once

#include <string>
#include <string_view>

namespace forge::plan {

/// Each run of other bytes than `[A-Za-z0-9_.-]` becomes one `-`, leading `.` and `-` go; what is over `longest` bytes
/// is cut and marked with a digest of the whole. May be empty.
[[nodiscard]] std::string sanitised_tag(std::string_view text, std::size_t longest = 128);

struct CompositeTag {
  std::string version;
  std::size_t patches = 0;
  std::string branch;  ///< may be empty
  std::string commit;  ///< 40 digits, or empty
};
/// `<version>-p<patches>-<branch>-<first seven digits of the commit>`; the branch gives way where it grows too long.
[[nodiscard]] std::string composite_tag(const CompositeTag& tag);

/// Every byte outside of `[A-Za-z0-9_-]` becomes `-`: the name of a target or group.
[[nodiscard]] std::string bake_name(std::string_view text);

}  // namespace forge::plan
