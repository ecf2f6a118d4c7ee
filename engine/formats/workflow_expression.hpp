/// Expressions of GitHub Actions, the inside of `${{ … }}`: what they name, and what they are where that can be told.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "engine/base/span.hpp"

namespace forge::formats {

/// What an expression is: null, a boolean, a number or a text.
using ExpressionValue = std::variant<std::monostate, bool, double, std::string>;

struct Expression {
  enum class Kind {
    literal,    ///< `value`
    reference,  ///< `name`: `matrix.service`; an index by a literal is written as a member, any other as `*`
    call,       ///< `name` in lower case, over `parts`
    negation,   ///< of `parts[0]`
    binary,     ///< `name` is the operator, over two parts
    unknown     ///< a member of a call's result, or what is no expression: depends on `parts`
  };
  Kind kind = Kind::unknown;
  ExpressionValue value{};
  std::string name{};
  std::vector<Expression> parts{};
  TextSpan span;  ///< in the text that was parsed
};

/// Never fails: what is no expression is one of kind `unknown`. Bounded in depth.
[[nodiscard]] Expression parse_expression(std::string_view text, std::uint32_t begin = 0);

/// A piece of a text with expressions in it.
struct TemplatePart {
  std::string text{};                      ///< where `expression` is absent
  std::optional<Expression> expression{};  ///< of `${{ … }}`
  TextSpan span;                           ///< in the text, with its braces
};
[[nodiscard]] std::vector<TemplatePart> parse_template(std::string_view text);

/// An `if:`, which may leave the braces out. Absent where the text has none.
[[nodiscard]] std::optional<Expression> parse_condition(std::string_view text);

/// What a reference is; nothing where it can't be told.
using ExpressionLookup = std::function<std::optional<ExpressionValue>(const Expression& reference)>;
/// Nothing where it depends on what `lookup` can't tell. A condition on the state of other jobs and steps
/// (`success()`, `failure()`) is what it is when all goes well.
[[nodiscard]] std::optional<ExpressionValue> evaluate(const Expression& expression, const ExpressionLookup& lookup);
/// The same as a condition: also told where one side of `&&` or `||` decides it alone.
[[nodiscard]] std::optional<bool> truth(const Expression& expression, const ExpressionLookup& lookup);

/// As GitHub prints it into a text.
[[nodiscard]] std::string to_text(const ExpressionValue& value);

/// Calls `visit` for every reference in it.
void for_each_reference(const Expression& expression, const std::function<void(const Expression&)>& visit);

}  // namespace forge::formats
