#pragma once

#include <cstdint>
#include <string_view>

namespace forge {

/// Tells damage, never malice: a checksum of 64 bits at the speed of memory. Every change within eight bytes that stand
/// aligned changes it for certain, any other with a likelihood of all but one in 2^64. Its value may differ between
/// machines.
[[nodiscard]] std::uint64_t checksum(std::string_view bytes);

}  // namespace forge
