#include "engine/formats/marker.hpp"

#include <algorithm>
#include <set>
#include <utility>

#include "engine/base/names.hpp"
#include "engine/base/text.hpp"

namespace forge::formats {

namespace {

using Variable = MarkerVariable;

struct VariableName {
  std::string_view name;
  Variable variable;
};

// In the order of the enumeration.
constexpr std::array<VariableName, 12> variable_names = {{
    {"os_name", Variable::os_name},
    {"sys_platform", Variable::sys_platform},
    {"platform_machine", Variable::platform_machine},
    {"platform_python_implementation", Variable::platform_python_implementation},
    {"platform_release", Variable::platform_release},
    {"platform_system", Variable::platform_system},
    {"platform_version", Variable::platform_version},
    {"python_version", Variable::python_version},
    {"python_full_version", Variable::python_full_version},
    {"implementation_name", Variable::implementation_name},
    {"implementation_version", Variable::implementation_version},
    {"extra", Variable::extra},
}};

// Spellings of PEP 345 and of old setuptools.
constexpr std::array<VariableName, 6> aliases = {{
    {"os.name", Variable::os_name},
    {"sys.platform", Variable::sys_platform},
    {"platform.version", Variable::platform_version},
    {"platform.machine", Variable::platform_machine},
    {"platform.python_implementation", Variable::platform_python_implementation},
    {"python_implementation", Variable::platform_python_implementation},
}};

template <std::size_t count>
std::optional<Variable> lookup(const std::array<VariableName, count>& names, std::string_view name) {
  const auto found = std::ranges::find(names, name, &VariableName::name);
  if (found == names.end()) return std::nullopt;
  return found->variable;
}

bool holds_version(Variable variable) {
  return variable == Variable::python_version || variable == Variable::python_full_version ||
         variable == Variable::implementation_version;
}

/// The operator that says the same with its sides swapped.
SpecifierOperator mirrored(SpecifierOperator op) {
  switch (op) {
    case SpecifierOperator::less:
      return SpecifierOperator::greater;
    case SpecifierOperator::less_equal:
      return SpecifierOperator::greater_equal;
    case SpecifierOperator::greater:
      return SpecifierOperator::less;
    case SpecifierOperator::greater_equal:
      return SpecifierOperator::less_equal;
    default:
      return op;
  }
}

/// Words between white space as Rust has it: Unicode's, without the four separators U+001C to U+001F.
std::vector<std::string_view> words_of(std::string_view text) {
  std::vector<std::string_view> words;
  std::size_t begin = 0;
  for (std::size_t at = 0; at <= text.size();) {
    const bool separator = at < text.size() && text[at] >= '\x1c' && text[at] <= '\x1f';
    const std::size_t space = separator ? 0 : leading_space(text.substr(at));
    if (at < text.size() && space == 0) {
      ++at;
      continue;
    }
    if (at > begin) words.push_back(text.substr(begin, at - begin));
    at += std::max<std::size_t>(space, 1);
    begin = at;
  }
  return words;
}

/// The specifiers that a comparison of a version with literals comes to; nothing where a literal is no version.
std::optional<std::vector<Specifier>> version_specifiers(const MarkerClause& clause) {
  const bool swapped = clause.right.variable.has_value();
  const std::string& literal = swapped ? clause.left.literal : clause.right.literal;
  std::vector<Specifier> out;
  const auto add = [&](SpecifierOperator op, std::string_view version) {
    auto specifier = parse_specifier(std::string(to_string(op)) + std::string(version));
    if (!specifier || specifier->op != op) return false;  // `==` before `=3.9` is no `===`
    out.push_back(*std::move(specifier));
    return true;
  };
  if (clause.op == MarkerOperator::compare) {
    if (swapped && literal.ends_with(".*")) return std::nullopt;
    if (!add(swapped ? mirrored(clause.comparison) : clause.comparison, literal)) return std::nullopt;
    return out;
  }
  if (swapped) return std::nullopt;
  for (const std::string_view word : words_of(literal)) {
    if (word.ends_with(".*") || !add(SpecifierOperator::equal, word)) return std::nullopt;
  }
  return out;
}

bool is_extra_comparison(const MarkerClause& clause) {
  return clause.op == MarkerOperator::compare &&
         (clause.comparison == SpecifierOperator::equal || clause.comparison == SpecifierOperator::not_equal);
}

bool is_text_comparison(const MarkerClause& clause) {
  return clause.op != MarkerOperator::compare || clause.comparison != SpecifierOperator::compatible;
}

/// Fills in what follows from the clause's two sides.
void understand(MarkerClause& clause) {
  if (clause.left.variable.has_value() == clause.right.variable.has_value()) return;
  const Variable variable = clause.left.variable ? *clause.left.variable : *clause.right.variable;
  if (variable == Variable::extra) {
    std::string& literal = clause.left.variable ? clause.right.literal : clause.left.literal;
    if (const auto name = PackageName::parse(literal)) literal = name->str();
    if (is_extra_comparison(clause)) clause.sense = MarkerSense::extra;
  } else if (holds_version(variable)) {
    auto specifiers = version_specifiers(clause);
    if (!specifiers) return;
    clause.versions = *std::move(specifiers);
    clause.sense = MarkerSense::version;
  } else if (is_text_comparison(clause)) {
    clause.sense = MarkerSense::text;
  }
}

// Bytes of characters outside of ASCII count as letters: `in` must not end in the middle of a word.
constexpr bool is_word(char c) {
  return is_alnum(c) || c == '_' || static_cast<unsigned char>(c) >= 0x80;
}

std::string quoted(std::string_view text) {
  return "`" + std::string(text) + "`";
}

}  // namespace

class MarkerParser {
 public:
  MarkerParser(std::string_view text, std::size_t begin) : text_(text), at_(begin) {}

  Syntax<Marker> parse() {
    Marker marker;
    if (group(marker.root_) && at_ < text_.size()) fail_here("expected `and`, `or` or the marker's end");
    if (failed_) return tl::unexpected<SyntaxError>(std::move(error_));
    return marker;
  }

 private:
  static constexpr int deepest = 64;

  bool fail(TextSpan span, std::string message) {
    failed_ = true;
    error_ = {span, std::move(message)};
    return false;
  }
  /// Blames the word or sign that stands here.
  bool fail_here(std::string message) {
    std::size_t end = at_;
    while (end < text_.size() && is_word(text_[end])) ++end;
    if (end == at_ && end < text_.size()) ++end;
    return fail(span_of(at_, end), std::move(message));
  }

  void skip_blanks() {
    while (at_ < text_.size() && (text_[at_] == ' ' || text_[at_] == '\t')) ++at_;
  }
  [[nodiscard]] char peek() const { return at_ < text_.size() ? text_[at_] : '\0'; }

  bool keyword(std::string_view word) {
    const std::size_t end = at_ + word.size();
    if (!text_.substr(at_).starts_with(word) || (end < text_.size() && is_word(text_[end]))) return false;
    at_ = end;
    return true;
  }

  bool group(MarkerGroup& into) {
    bool after_or = false;
    do {
      MarkerItem item;
      item.after_or = after_or;
      if (!atom(item)) return false;
      into.items.push_back(std::move(item));
      after_or = keyword("or");
    } while (after_or || keyword("and"));
    return true;
  }

  bool atom(MarkerItem& item) {
    skip_blanks();
    const bool ok =
        peek() == '(' ? parenthesis(item.value.emplace<MarkerGroup>()) : clause(item.value.emplace<MarkerClause>());
    skip_blanks();
    return ok;
  }

  bool parenthesis(MarkerGroup& into) {
    const std::size_t open = at_++;
    if (++depth_ > deepest) return fail(span_of(open, open + 1), "parentheses are nested too deep");
    if (!group(into)) return false;
    --depth_;
    if (peek() != ')') return fail(span_of(open, open + 1), "the parenthesis is not closed");
    ++at_;
    return true;
  }

  bool clause(MarkerClause& into) {
    const std::size_t begin = at_;
    if (!operand(into.left)) return false;
    skip_blanks();
    if (!comparison(into)) return false;
    skip_blanks();
    if (!operand(into.right)) return false;
    into.span = span_of(begin, at_);
    understand(into);
    return true;
  }

  bool operand(MarkerOperand& into) {
    if (peek() == '"' || peek() == '\'') return literal(into);
    const std::size_t begin = at_;
    std::size_t end = at_;
    while (end < text_.size() && (is_word(text_[end]) || text_[end] == '.')) ++end;
    if (begin == end) return fail_here("expected a variable such as `python_version`, or a text in quotes");
    const std::string_view word = text_.substr(begin, end - begin);
    into.variable = marker_variable(word);
    if (!into.variable) into.variable = lookup(aliases, word);
    into.span = span_of(begin, end);
    if (!into.variable) return fail(into.span, quoted(word) + " is no variable of markers");
    at_ = end;
    return true;
  }

  bool literal(MarkerOperand& into) {
    const std::array<char, 3> ends = {peek(), '\n', '\r'};
    const std::size_t close = text_.find_first_of(std::string_view(ends.data(), ends.size()), at_ + 1);
    if (close == std::string_view::npos || text_[close] != peek())
      return fail(span_of(at_, text_.size()), "the quote is not closed");
    const std::size_t nul = text_.substr(0, close).find('\0', at_);
    if (nul != std::string_view::npos) return fail(span_of(nul, nul + 1), "a NUL byte is no text");
    into.literal = text_.substr(at_ + 1, close - at_ - 1);
    into.span = span_of(at_, close + 1);
    at_ = close + 1;
    return true;
  }

  bool comparison(MarkerClause& into) {
    if (keyword("in")) {
      into.op = MarkerOperator::in;
      return true;
    }
    if (keyword("not")) return not_in(into);
    const auto op = leading_operator(text_.substr(at_));
    if (!op) return fail_here("expected a comparison such as `>=`, `in` or `not in`");
    into.comparison = *op;
    at_ += to_string(*op).size();
    return true;
  }

  bool not_in(MarkerClause& into) {
    const std::size_t after_not = at_;
    skip_blanks();
    if (at_ == after_not || !keyword("in")) return fail_here("expected `in` after `not`");
    into.op = MarkerOperator::not_in;
    return true;
  }

  std::string_view text_;
  std::size_t at_;
  int depth_ = 0;
  bool failed_ = false;
  SyntaxError error_;
};

std::string_view to_string(MarkerVariable variable) {
  return variable_names.at(static_cast<std::size_t>(variable)).name;
}

std::optional<MarkerVariable> marker_variable(std::string_view name) {
  return lookup(variable_names, name);
}

MarkerEnvironment MarkerEnvironment::linux_cpython(std::string_view python, std::string_view machine) {
  MarkerEnvironment out;
  const std::size_t first_dot = python.find('.');
  const std::size_t second_dot = first_dot == std::string_view::npos ? first_dot : python.find('.', first_dot + 1);
  const std::string full = second_dot == std::string_view::npos ? std::string(python) + ".0" : std::string(python);
  out[Variable::os_name] = "posix";
  out[Variable::sys_platform] = "linux";
  out[Variable::platform_machine] = machine;
  out[Variable::platform_python_implementation] = "CPython";
  out[Variable::platform_system] = "Linux";
  out[Variable::python_version] = python.substr(0, second_dot);
  out[Variable::python_full_version] = full;
  out[Variable::implementation_name] = "cpython";
  out[Variable::implementation_version] = full;
  return out;
}

Syntax<Marker> parse_marker(std::string_view text) {
  return parse_marker_at(text, 0);
}

Syntax<Marker> parse_marker_at(std::string_view text, std::size_t begin) {
  return MarkerParser(text, begin).parse();
}

namespace {

std::string print(const MarkerOperand& operand) {
  if (operand.variable) return std::string(to_string(*operand.variable));
  const std::string quote = operand.literal.find('"') == std::string::npos ? "\"" : "'";
  return quote + operand.literal + quote;
}

std::string print(const MarkerClause& clause) {
  std::string op(to_string(clause.comparison));
  if (clause.op == MarkerOperator::in) op = "in";
  if (clause.op == MarkerOperator::not_in) op = "not in";
  return print(clause.left) + " " + op + " " + print(clause.right);
}

/// Parentheses around a single item go, at any depth.
std::string print(const MarkerGroup& group, bool outermost);

std::string print(const MarkerItem& item, bool outermost) {
  if (const auto* clause = std::get_if<MarkerClause>(&item.value)) return print(*clause);
  return print(std::get<MarkerGroup>(item.value), outermost);
}

std::string print(const MarkerGroup& group, bool outermost) {
  if (group.items.size() == 1) return print(group.items.front(), outermost);
  std::string out;
  for (const MarkerItem& item : group.items) {
    if (!out.empty()) out += item.after_or ? " or " : " and ";
    out += print(item, false);
  }
  return outermost ? out : "(" + out + ")";
}

/// What an evaluation looks at.
struct Situation {
  const MarkerEnvironment& environment;
  std::span<const std::string> extras;
};

std::optional<bool> evaluate_version(const MarkerClause& clause, const std::string& value) {
  const auto version = Version::parse(value);
  if (!version) return std::nullopt;
  const auto holds = [&](const Specifier& specifier) { return specifier.contains(*version); };
  return std::ranges::any_of(clause.versions, holds) != (clause.op == MarkerOperator::not_in);
}

bool compare_texts(SpecifierOperator op, const std::string& left, const std::string& right) {
  switch (op) {
    case SpecifierOperator::not_equal:
      return left != right;
    case SpecifierOperator::less:
      return left < right;
    case SpecifierOperator::less_equal:
      return left <= right;
    case SpecifierOperator::greater:
      return left > right;
    case SpecifierOperator::greater_equal:
      return left >= right;
    default:
      return left == right;
  }
}

bool evaluate_text(const MarkerClause& clause, const MarkerEnvironment& environment) {
  const auto value = [&](const MarkerOperand& operand) {
    return operand.variable ? environment[*operand.variable] : operand.literal;
  };
  const std::string left = value(clause.left);
  const std::string right = value(clause.right);
  if (clause.op == MarkerOperator::compare) return compare_texts(clause.comparison, left, right);
  return (right.find(left) != std::string::npos) == (clause.op == MarkerOperator::in);
}

bool evaluate_extra(const MarkerClause& clause, std::span<const std::string> extras) {
  const std::string& name = clause.left.variable ? clause.right.literal : clause.left.literal;
  const bool active = std::ranges::find(extras, name) != extras.end();
  return active == (clause.comparison == SpecifierOperator::equal);
}

std::optional<bool> evaluate_clause(const MarkerClause& clause, const Situation& situation) {
  const Variable variable = clause.left.variable.value_or(clause.right.variable.value_or(Variable::extra));
  switch (clause.sense) {
    case MarkerSense::nothing:
      return std::nullopt;
    case MarkerSense::version:
      return evaluate_version(clause, situation.environment[variable]);
    case MarkerSense::text:
      return evaluate_text(clause, situation.environment);
    case MarkerSense::extra:
      break;
  }
  return evaluate_extra(clause, situation.extras);
}

/// Nothing where no clause in it makes sense.
std::optional<bool> evaluate_group(const MarkerGroup& group, const Situation& situation) {
  std::optional<bool> any;
  std::optional<bool> all;
  const auto close_conjunction = [&] {
    if (all) any = any.value_or(false) || *all;
    all.reset();
  };
  for (const MarkerItem& item : group.items) {
    if (item.after_or) close_conjunction();
    const auto* clause = std::get_if<MarkerClause>(&item.value);
    const auto value = clause != nullptr ? evaluate_clause(*clause, situation)
                                         : evaluate_group(std::get<MarkerGroup>(item.value), situation);
    if (value) all = all.value_or(true) && *value;
  }
  close_conjunction();
  return any;
}

// Telling environments.

template <class Visit>
void for_each_clause(const MarkerGroup& group, const Visit& visit) {
  for (const MarkerItem& item : group.items) {
    if (const auto* clause = std::get_if<MarkerClause>(&item.value)) {
      visit(*clause);
    } else {
      for_each_clause(std::get<MarkerGroup>(item.value), visit);
    }
  }
}

/// The values worth trying of each variable; of the two Python versions only the full one is kept.
class Axes {
 public:
  void add(const MarkerClause& clause) {
    if (clause.sense == MarkerSense::version) {
      const Variable variable = clause.left.variable.value_or(clause.right.variable.value_or(Variable::extra));
      for (const Specifier& specifier : clause.versions) add_version(variable, *specifier.version);
    } else if (clause.sense == MarkerSense::text) {
      add_text(clause);
    } else if (clause.sense == MarkerSense::extra) {
      asks_about_extras_ = true;
    }
  }

  [[nodiscard]] std::optional<std::vector<MarkerEnvironment>> environments() const {
    constexpr std::size_t most = 5000;
    std::vector<MarkerEnvironment> out = {MarkerEnvironment::linux_cpython("3.12", "x86_64")};
    if (asks_about_extras_) return std::nullopt;
    for (std::size_t i = 0; i < values_.size(); ++i) {
      if (values_.at(i).empty()) continue;
      if (out.size() * values_.at(i).size() > most) return std::nullopt;
      out = spread(out, static_cast<Variable>(i), values_.at(i));
    }
    return out;
  }

 private:
  static std::vector<MarkerEnvironment> spread(const std::vector<MarkerEnvironment>& over, Variable variable,
                                               const std::set<std::string>& values) {
    std::vector<MarkerEnvironment> out;
    out.reserve(over.size() * values.size());
    for (const MarkerEnvironment& environment : over) {
      for (const std::string& value : values) set(out.emplace_back(environment), variable, value);
    }
    return out;
  }

  static void set(MarkerEnvironment& environment, Variable variable, const std::string& value) {
    environment[variable] = value;
    if (variable == Variable::python_full_version)
      environment[Variable::python_version] = value.substr(0, value.find('.', value.find('.') + 1));
  }

  std::set<std::string>& values(Variable variable) { return values_.at(static_cast<std::size_t>(variable)); }

  void add_version(Variable variable, const Version& version) {
    const Variable axis = variable == Variable::python_version ? Variable::python_full_version : variable;
    std::set<std::string>& into = values(axis);
    if (into.empty()) add_usual_pythons(into);
    const auto number = [&](std::size_t i) -> std::uint64_t {
      constexpr std::uint64_t largest = 1000000;  // so that its successor is a number too
      if (i >= version.release().size()) return 0;
      return std::min(version.release()[i].value().value_or(largest), largest);
    };
    for (std::uint64_t major = number(0); major <= number(0) + 1; ++major) into.insert(triple(major, 0, 0));
    for (std::uint64_t minor = number(1); minor <= number(1) + 2; ++minor) {
      if (minor > 0) into.insert(triple(number(0), minor - 1, 0));
    }
    for (std::uint64_t patch = number(2); patch <= number(2) + 2; ++patch) {
      if (patch > 0) into.insert(triple(number(0), number(1), patch - 1));
    }
  }

  static void add_usual_pythons(std::set<std::string>& into) {
    into.insert(triple(2, 7, 18));
    for (std::uint64_t minor = 0; minor <= 20; ++minor) into.insert(triple(3, minor, 0));
  }

  static std::string triple(std::uint64_t major, std::uint64_t minor, std::uint64_t patch) {
    return std::to_string(major) + "." + std::to_string(minor) + "." + std::to_string(patch);
  }

  /// The literal, its words, texts that sort before and behind it, and one that has nothing to do with it.
  void add_text(const MarkerClause& clause) {
    const MarkerOperand& literal = clause.left.variable ? clause.right : clause.left;
    std::set<std::string>& into = values(clause.left.variable ? *clause.left.variable : *clause.right.variable);
    into.insert({"", "other", literal.literal, literal.literal + "~"});
    for (const std::string_view word : words_of(literal.literal)) into.emplace(word);
  }

  std::array<std::set<std::string>, static_cast<std::size_t>(Variable::extra)> values_;
  bool asks_about_extras_ = false;
};

}  // namespace

std::string Marker::str() const {
  return print(root_, true);
}

bool Marker::evaluate(const MarkerEnvironment& environment, std::span<const std::string> extras) const {
  return evaluate_group(root_, {environment, extras}).value_or(true);
}

std::optional<TextSpan> identical_clause(const Marker& marker) {
  std::optional<TextSpan> found;
  for_each_clause(marker.root(), [&](const MarkerClause& clause) {
    const bool identical = clause.op == MarkerOperator::compare && clause.comparison == SpecifierOperator::identical;
    if (identical && !found) found = clause.span;
  });
  return found;
}

std::optional<std::vector<MarkerEnvironment>> telling_environments(std::span<const Marker* const> markers) {
  Axes axes;
  for (const Marker* marker : markers) {
    if (marker != nullptr) for_each_clause(marker->root(), [&](const MarkerClause& clause) { axes.add(clause); });
  }
  return axes.environments();
}

bool can_both_hold(const Marker* a, const Marker* b) {
  if (a == nullptr && b == nullptr) return true;
  const std::array<const Marker*, 2> both = {a, b};
  const auto environments = telling_environments(both);
  if (!environments) return true;
  return std::ranges::any_of(*environments, [&](const MarkerEnvironment& environment) {
    return (a == nullptr || a->evaluate(environment)) && (b == nullptr || b->evaluate(environment));
  });
}

}  // namespace forge::formats
