/// Results of asking the outside world: files, git, the network.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include <tl/expected.hpp>

namespace forge {

/// Why the outside world did not answer. Findings about the forge's own files are Problems and Findings instead.
struct Failure {
  enum class Kind {
    not_found,    ///< the thing asked for does not exist
    unavailable,  ///< its holder can't be reached or read (no mirror, no permission, network)
    invalid,      ///< it exists and makes no sense (corrupt, over a bound)
    io            ///< reading or writing here failed
  };
  Kind kind = Kind::io;
  std::string message;               ///< one sentence, literals in backticks
  std::vector<std::string> hints{};  ///< ways out, one sentence each
};

template <class T>
using Result = tl::expected<T, Failure>;

inline tl::unexpected<Failure> fail(Failure::Kind kind, std::string message, std::vector<std::string> hints = {}) {
  return tl::unexpected<Failure>(Failure{kind, std::move(message), std::move(hints)});
}

// Leave the function with the failure, or go on with the value.
#define FORGE_TRY(expression)                                                      \
  do {                                                                             \
    if (auto forge_result_ = (expression); !forge_result_)                         \
      return ::tl::unexpected<::forge::Failure>(std::move(forge_result_.error())); \
  } while (false)

#define FORGE_CONCAT_INNER(a, b) a##b
#define FORGE_CONCAT(a, b) FORGE_CONCAT_INNER(a, b)
#define FORGE_TRY_ASSIGN(declaration, expression) \
  FORGE_TRY_ASSIGN_INNER(FORGE_CONCAT(forge_result_, __LINE__), declaration, expression)
// NOLINTBEGIN(bugprone-macro-parentheses): a declaration takes no parentheses
#define FORGE_TRY_ASSIGN_INNER(result, declaration, expression)                      \
  auto result = (expression);                                                        \
  if (!result) return ::tl::unexpected<::forge::Failure>(std::move(result.error())); \
  declaration = std::move(*result)
// NOLINTEND(bugprone-macro-parentheses)

}  // namespace forge
