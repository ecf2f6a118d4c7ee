/// Why a short text (a specifier, a marker, a requirement) is none, for the parser of the file it stands in.
#pragma once

#include <cstddef>
#include <string>

#include <tl/expected.hpp>

#include "engine/base/span.hpp"

namespace forge::formats {

/// A longer requirement is refused unread, so that no line can take more time and memory than its file's share.
inline constexpr std::size_t longest_requirement = std::size_t{64} << 10U;

struct SyntaxError {
  TextSpan span;        ///< in the parsed text
  std::string message;  ///< a clause without a full stop, literals in backticks
};

template <class T>
using Syntax = tl::expected<T, SyntaxError>;

}  // namespace forge::formats
