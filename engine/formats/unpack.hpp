/// Packed text: gzip, xz, bzip2, lz4, zstd or none of them, told from its first bytes. Through libarchive.
#pragma once

#include <cstddef>
#include <functional>
#include <string_view>

#include "engine/base/result.hpp"

namespace forge::formats {

/// Calls `take` with the unpacked bytes, piece by piece, each valid for the call only. Fails (`invalid`) where the data
/// is cut or damaged, or unpacks to more than `most_bytes`; what came before was taken then.
[[nodiscard]] Result<void> unpack(std::string_view packed, std::size_t most_bytes,
                                  const std::function<void(std::string_view)>& take);

}  // namespace forge::formats
