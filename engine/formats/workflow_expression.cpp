#include "engine/formats/workflow_expression.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdlib>

#include <fmt/format.h>

#include "engine/base/text.hpp"

namespace forge::formats {

namespace {

using Kind = Expression::Kind;

constexpr std::size_t deepest = 50;  // as GitHub bounds them
constexpr std::size_t longest = 21'000;
constexpr std::size_t most_operators = 500;

struct NoExpression {};

/// Recursive descent; a syntax error is thrown to parse_expression() and no further.
class Parser {
 public:
  Parser(std::string_view text, std::uint32_t begin) : text_(text), begin_(begin) {}

  Expression whole() {
    Expression expression = alternatives();
    skip_blanks();
    if (at_ < text_.size()) throw NoExpression{};
    return expression;
  }

 private:
  using Rule = Expression (Parser::*)();

  Expression alternatives() { return chain(&Parser::conjunction, {"||"}); }
  Expression conjunction() { return chain(&Parser::equality, {"&&"}); }
  Expression equality() { return chain(&Parser::order, {"==", "!="}); }
  Expression order() { return chain(&Parser::unary, {"<=", ">=", "<", ">"}); }

  Expression chain(Rule operand, std::initializer_list<std::string_view> operators) {
    Expression left = (this->*operand)();
    for (;;) {
      const std::string_view found = take_operator(operators);
      if (found.empty()) return left;
      if (++operators_ > most_operators) throw NoExpression{};
      Expression both = node(Kind::binary, left.span.begin - begin_);
      both.name = found;
      both.parts.push_back(std::move(left));
      both.parts.push_back((this->*operand)());
      both.span.end = both.parts.back().span.end;
      left = std::move(both);
    }
  }

  std::string_view take_operator(std::initializer_list<std::string_view> operators) {
    skip_blanks();
    for (const std::string_view one : operators) {
      if (!text_.substr(at_).starts_with(one)) continue;
      at_ += one.size();
      return one;
    }
    return {};
  }

  Expression unary() {
    skip_blanks();
    if (++depth_ > deepest) throw NoExpression{};
    const std::size_t begin = at_;
    Expression made = peek() == '!' ? negation(begin) : primary();
    --depth_;
    return made;
  }

  Expression negation(std::size_t begin) {
    ++at_;
    Expression made = node(Kind::negation, begin);
    made.parts.push_back(unary());
    made.span.end = made.parts.back().span.end;
    return made;
  }

  Expression primary() {
    const std::size_t begin = at_;
    const char c = peek();
    Expression made;
    if (c == '(') {
      ++at_;
      made = alternatives();
      expect(')');
    } else if (c == '\'') {
      made = text_literal();
    } else if (is_digit(c) || c == '-' || c == '+' || c == '.') {
      made = number();
    } else if (is_alpha(c) || c == '_') {
      made = named();
    } else {
      throw NoExpression{};
    }
    made = members(std::move(made));
    made.span = span_of(begin + begin_, at_ + begin_);
    return made;
  }

  Expression text_literal() {
    Expression made = node(Kind::literal, at_);
    std::string value;
    for (++at_;; ++at_) {
      if (at_ >= text_.size()) throw NoExpression{};
      if (text_[at_] == '\'') {
        if (at_ + 1 >= text_.size() || text_[at_ + 1] != '\'') break;
        ++at_;
      }
      value += text_[at_];
    }
    ++at_;
    made.value = std::move(value);
    return made;
  }

  Expression number() {
    Expression made = node(Kind::literal, at_);
    const std::size_t begin = at_;
    while (is_alnum(peek()) || peek() == '.' || peek() == '-' || peek() == '+') ++at_;
    const std::string digits(text_.substr(begin, at_ - begin));
    char* end = nullptr;
    made.value = std::strtod(digits.c_str(), &end);
    if (end != digits.c_str() + digits.size()) throw NoExpression{};
    return made;
  }

  std::string word() {
    const std::size_t begin = at_;
    while (is_alnum(peek()) || peek() == '_' || peek() == '-') ++at_;
    if (begin == at_) throw NoExpression{};
    return std::string(text_.substr(begin, at_ - begin));
  }

  Expression named() {
    Expression made = node(Kind::reference, at_);
    made.name = to_lower(word());
    skip_blanks();
    if (peek() == '(') return call(std::move(made));
    if (made.name == "true" || made.name == "false") return literal(std::move(made), made.name == "true");
    if (made.name == "null") return literal(std::move(made), std::monostate{});
    return made;
  }

  static Expression literal(Expression made, ExpressionValue value) {
    made.kind = Kind::literal;
    made.value = std::move(value);
    return made;
  }

  Expression call(Expression made) {
    made.kind = Kind::call;
    ++at_;
    skip_blanks();
    while (peek() != ')') {
      made.parts.push_back(alternatives());
      skip_blanks();
      if (peek() == ',')
        ++at_;
      else if (peek() != ')')
        throw NoExpression{};
    }
    ++at_;
    return made;
  }

  /// `.name`, `['name']`, `.*`.
  Expression members(Expression made) {
    for (skip_blanks(); peek() == '.' || peek() == '['; skip_blanks()) {
      std::string member = "*";
      std::vector<Expression> inside;
      if (text_[at_++] == '.') {
        if (peek() == '*')
          ++at_;
        else
          member = word();
      } else {
        Expression index = alternatives();
        expect(']');
        if (index.kind == Kind::literal)
          member = to_text(index.value);
        else
          inside.push_back(std::move(index));
      }
      if (made.kind == Kind::reference) {
        made.name += "." + member;
      } else if (made.kind != Kind::unknown) {
        Expression part = node(Kind::unknown, at_);
        part.parts.push_back(std::move(made));
        made = std::move(part);
      }
      std::ranges::move(inside, std::back_inserter(made.parts));
    }
    return made;
  }

  void expect(char c) {
    skip_blanks();
    if (peek() != c) throw NoExpression{};
    ++at_;
  }

  Expression node(Kind kind, std::size_t begin) const {
    Expression made;
    made.kind = kind;
    made.span = span_of(begin + begin_, at_ + begin_);
    return made;
  }

  [[nodiscard]] char peek() const { return at_ < text_.size() ? text_[at_] : '\0'; }
  void skip_blanks() {
    while (at_ < text_.size() && (text_[at_] == ' ' || text_[at_] == '\t' || text_[at_] == '\n' || text_[at_] == '\r'))
      ++at_;
  }

  std::string_view text_;
  std::uint32_t begin_;
  std::size_t at_ = 0;
  std::size_t depth_ = 0;
  std::size_t operators_ = 0;
};

bool is_true(const ExpressionValue& value) {
  if (const auto* flag = std::get_if<bool>(&value)) return *flag;
  if (const auto* number = std::get_if<double>(&value)) return *number != 0 && !std::isnan(*number);
  if (const auto* text = std::get_if<std::string>(&value)) return !text->empty();
  return false;
}

double to_number(const ExpressionValue& value) {
  if (const auto* number = std::get_if<double>(&value)) return *number;
  if (const auto* flag = std::get_if<bool>(&value)) return *flag ? 1 : 0;
  const auto* text = std::get_if<std::string>(&value);
  if (text == nullptr || trim(*text).empty()) return 0;
  char* end = nullptr;
  const double number = std::strtod(text->c_str(), &end);
  return end == text->c_str() + text->size() ? number : std::nan("");
}

bool equal(const ExpressionValue& a, const ExpressionValue& b) {
  const auto* left = std::get_if<std::string>(&a);
  const auto* right = std::get_if<std::string>(&b);
  if (left != nullptr && right != nullptr) return to_lower(*left) == to_lower(*right);
  if (a.index() == b.index() && a.index() == 0) return true;
  return to_number(a) == to_number(b);
}

using Value = std::optional<ExpressionValue>;

Value compared(const std::string& op, const ExpressionValue& a, const ExpressionValue& b) {
  if (op == "==") return equal(a, b);
  if (op == "!=") return !equal(a, b);
  const double left = to_number(a);
  const double right = to_number(b);
  if (op == "<") return left < right;
  if (op == ">") return left > right;
  return op == "<=" ? left <= right : left >= right;
}

/// `{0}` of format().
std::string formatted(const std::vector<std::string>& words) {
  std::string out;
  const std::string& pattern = words.front();
  for (std::size_t i = 0; i < pattern.size(); ++i) {
    const bool doubled = i + 1 < pattern.size() && pattern[i + 1] == pattern[i];
    if ((pattern[i] == '{' || pattern[i] == '}') && doubled) {
      out += pattern[i++];
      continue;
    }
    const std::size_t close = pattern[i] == '{' ? pattern.find('}', i) : std::string::npos;
    if (close == std::string::npos) {
      out += pattern[i];
      continue;
    }
    const std::string digits = pattern.substr(i + 1, close - i - 1);
    const bool is_index = !digits.empty() && digits.size() < 4 && std::ranges::all_of(digits, is_digit);
    const std::size_t index = is_index ? static_cast<std::size_t>(std::atoi(digits.c_str())) + 1 : words.size();
    if (index < words.size()) out += words[index];
    i = close;
  }
  return out;
}

Value called(const Expression& call, const ExpressionLookup& lookup) {
  const std::string& name = call.name;
  if (name == "always" || name == "success") return true;
  if (name == "failure" || name == "cancelled") return false;
  std::vector<std::string> words;
  for (const Expression& part : call.parts) {
    const Value value = evaluate(part, lookup);
    if (!value) return std::nullopt;
    words.push_back(to_text(*value));
  }
  if (words.empty()) return std::nullopt;
  if (name == "format") return formatted(words);
  if (name == "fromjson" && (words[0] == "true" || words[0] == "false")) return words[0] == "true";
  if (words.size() != 2) return std::nullopt;
  const std::string whole = to_lower(words[0]);
  const std::string part = to_lower(words[1]);
  if (name == "startswith") return whole.starts_with(part);
  if (name == "endswith") return whole.ends_with(part);
  if (name == "contains") return whole.find(part) != std::string::npos;
  return std::nullopt;
}

}  // namespace

Expression parse_expression(std::string_view text, std::uint32_t begin) {
  Expression none;
  none.span = span_of(begin, begin + text.size());
  if (text.size() > longest) return none;
  try {
    return Parser(text, begin).whole();
  } catch (const NoExpression&) {
    return none;
  }
}

std::vector<TemplatePart> parse_template(std::string_view text) {
  std::vector<TemplatePart> parts;
  const auto add_text = [&](std::size_t begin, std::size_t end) {
    if (begin < end) parts.push_back({std::string(text.substr(begin, end - begin)), {}, span_of(begin, end)});
  };
  std::size_t at = 0;
  while (at < text.size()) {
    const std::size_t open = text.find("${{", at);
    // A `}}` inside of a text literal ends nothing.
    std::size_t close = open == std::string_view::npos ? open : open + 3;
    bool quoted = false;
    while (close < text.size() && (quoted || !text.substr(close).starts_with("}}"))) quoted ^= text[close++] == '\'';
    if (open == std::string_view::npos || close >= text.size()) break;
    add_text(at, open);
    parts.push_back({{},
                     parse_expression(text.substr(open + 3, close - open - 3), static_cast<std::uint32_t>(open + 3)),
                     span_of(open, close + 2)});
    at = close + 2;
  }
  add_text(at, text.size());
  return parts;
}

std::optional<Expression> parse_condition(std::string_view text) {
  if (trim(text).empty()) return std::nullopt;
  if (text.find("${{") == std::string_view::npos) return parse_expression(text);
  std::vector<TemplatePart> parts = parse_template(text);
  std::erase_if(parts, [](const TemplatePart& part) { return !part.expression && trim(part.text).empty(); });
  if (parts.size() == 1 && parts.front().expression) return std::move(*parts.front().expression);
  return Expression{.span = span_of(0, text.size())};
}

std::optional<ExpressionValue> evaluate(const Expression& expression, const ExpressionLookup& lookup) {
  switch (expression.kind) {
    case Kind::literal:
      return expression.value;
    case Kind::reference:
      return lookup(expression);
    case Kind::call:
      return called(expression, lookup);
    case Kind::negation: {
      const std::optional<bool> inner = truth(expression.parts[0], lookup);
      return inner ? Value(!*inner) : std::nullopt;
    }
    case Kind::binary: {
      const bool both = expression.name == "&&";
      if (both || expression.name == "||") {
        const std::optional<bool> first = truth(expression.parts[0], lookup);
        if (!first) return std::nullopt;
        return evaluate(expression.parts[*first == both ? 1 : 0], lookup);
      }
      const Value left = evaluate(expression.parts[0], lookup);
      const Value right = left ? evaluate(expression.parts[1], lookup) : std::nullopt;
      return right ? compared(expression.name, *left, *right) : std::nullopt;
    }
    case Kind::unknown:
      break;
  }
  return std::nullopt;
}

std::optional<bool> truth(const Expression& expression, const ExpressionLookup& lookup) {
  const bool both = expression.name == "&&";
  if (expression.kind == Kind::binary && (both || expression.name == "||")) {
    const std::optional<bool> left = truth(expression.parts[0], lookup);
    if (left && *left != both) return left;
    const std::optional<bool> right = truth(expression.parts[1], lookup);
    if (right && *right != both) return right;
    return left && right ? right : std::nullopt;
  }
  const Value value = evaluate(expression, lookup);
  return value ? std::optional(is_true(*value)) : std::nullopt;
}

std::string to_text(const ExpressionValue& value) {
  if (const auto* text = std::get_if<std::string>(&value)) return *text;
  if (const auto* flag = std::get_if<bool>(&value)) return *flag ? "true" : "false";
  if (const auto* number = std::get_if<double>(&value)) return fmt::format("{:.15g}", *number);
  return {};
}

void for_each_reference(const Expression& expression, const std::function<void(const Expression&)>& visit) {
  if (expression.kind == Kind::reference) visit(expression);
  for (const Expression& part : expression.parts) for_each_reference(part, visit);
}

}  // namespace forge::formats
