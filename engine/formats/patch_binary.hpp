/// `GIT binary patch`: base85 lines holding a zlib stream, which is a file's content or git's pack delta.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "engine/base/problem.hpp"
#include "engine/formats/patch.hpp"

namespace forge::formats {

struct BinaryRead {
  std::size_t end = 0;
  std::optional<Problem> problem{};
};

/// `at` is after the line `GIT binary patch`. Every block is inflated once to see that it can be.
[[nodiscard]] BinaryRead read_binary_blocks(std::string_view text, std::size_t at, Section& section);

/// The bytes of a block that was read without a problem.
[[nodiscard]] std::optional<std::string> inflate_block(std::string_view text, const BinaryBlock& block);

/// `source` changed as git's pack delta says; nothing where the delta is not for such a source.
[[nodiscard]] std::optional<std::string> apply_delta(std::string_view source, std::string_view delta);

}  // namespace forge::formats
