/// `GIT binary patch`: base85 lines holding a zlib stream, which is a file's content or git's pack delta.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "engine/base/problem.hpp"
#include "engine/formats/patch.hpp"

namespace forge::formats {

struct BinaryRead {
  std::size_t end = 0;
  std::optional<Problem> problem{};
  bool too_large = false;  ///< the problem is ours, not git's
};

/// What the binary blocks of one patch file may inflate to together: a few kilobytes of zlib stream can otherwise ask
/// for any amount of time and memory.
constexpr std::uint64_t largest_binary_data = std::uint64_t{512} << 20;

/// `at` is after the line `GIT binary patch`. Every block is inflated once to see that it can be; its size is taken off
/// `left`.
[[nodiscard]] BinaryRead read_binary_blocks(std::string_view text, std::size_t at, std::uint64_t& left,
                                            Section& section);

/// The bytes of a block that was read without a problem.
[[nodiscard]] std::optional<std::string> inflate_block(std::string_view text, const BinaryBlock& block);

/// `source` changed as git's pack delta says; nothing where the delta is not for such a source.
[[nodiscard]] std::optional<std::string> apply_delta(std::string_view source, std::string_view delta);

}  // namespace forge::formats
