#include "engine/formats/requirement.hpp"

#include <algorithm>
#include <utility>

#include "engine/base/text.hpp"

namespace forge::formats {

namespace {

constexpr bool is_blank(char c) {
  return c == ' ' || c == '\t';
}

constexpr bool is_name_char(char c) {
  return is_alnum(c) || c == '-' || c == '_' || c == '.';
}

constexpr bool is_version_char(char c) {
  return is_name_char(c) || c == '*' || c == '+' || c == '!';
}

class RequirementParser {
 public:
  explicit RequirementParser(std::string_view text) : text_(text) {}

  Syntax<Requirement> parse() {
    if (text_.size() > longest_requirement)
      return tl::unexpected<SyntaxError>(SyntaxError{span_of(0, text_.size()), "it is longer than 64 KiB"});
    skip_blanks();
    if (!name() || !extras() || !(peek() == '@' ? url() : specifiers()) || !marker())
      return tl::unexpected<SyntaxError>(std::move(error_));
    return std::move(requirement_);
  }

 private:
  [[nodiscard]] char peek() const { return at_ < text_.size() ? text_[at_] : '\0'; }
  [[nodiscard]] bool at_end() const { return at_ == text_.size(); }

  template <class Matches>
  std::string_view take_while(const Matches& matches) {
    const std::size_t begin = at_;
    while (!at_end() && matches(text_[at_])) ++at_;
    return text_.substr(begin, at_ - begin);
  }
  void skip_blanks() { take_while(is_blank); }
  /// Between an operator and its version any white space may stand.
  void skip_space() {
    while (const std::size_t size = leading_space(text_.substr(at_))) at_ += size;
  }

  bool fail(TextSpan span, std::string message) {
    error_ = {span, std::move(message)};
    return false;
  }
  bool fail_here(std::string message) { return fail(span_of(at_, text_.size()), std::move(message)); }

  bool name() {
    const std::size_t begin = at_;
    const std::string_view spelling = take_while(is_name_char);
    const auto name = PackageName::parse(spelling);
    if (!name) return fail(span_of(begin, std::max(at_, begin)), "a package's name must start the line");
    requirement_.name = *name;
    requirement_.spelling = {std::string(spelling), span_of(begin, at_)};
    skip_blanks();
    return true;
  }

  bool extras() {
    if (peek() != '[') return true;
    const std::size_t open = at_++;
    skip_blanks();
    bool more = peek() != ']';
    while (more) {
      if (!extra()) return false;
      more = peek() == ',';
      if (more) ++at_;
      skip_blanks();
    }
    if (at_end()) return fail(span_of(open, open + 1), "the bracket is not closed");
    if (peek() != ']') return fail_here("expected `,` or `]` behind an extra");
    ++at_;
    skip_blanks();
    return true;
  }

  bool extra() {
    const std::size_t begin = at_;
    const std::string_view spelling = take_while(is_name_char);
    const auto name = PackageName::parse(spelling);
    if (!name) return fail(span_of(begin, at_), "the name of an extra is missing or wrong");
    requirement_.extras.push_back({name->str(), span_of(begin, at_)});
    skip_blanks();
    return true;
  }

  bool url() {
    ++at_;
    skip_blanks();
    const std::size_t begin = at_;
    const std::string_view url = take_while([](char c) { return !is_blank(c); });
    if (url.empty()) return fail_here("a URL is missing behind `@`");
    requirement_.url = Spanned<std::string>{std::string(url), span_of(begin, at_)};
    skip_blanks();
    return true;
  }

  bool specifiers() {
    const bool parenthesis = peek() == '(';
    const std::size_t open = at_;
    if (parenthesis) ++at_;
    skip_blanks();
    const std::size_t begin = at_;
    const std::size_t end = clauses_end();
    if (!specifier_set(begin, end)) return false;
    if (parenthesis) {
      if (peek() != ')') return fail(span_of(open, open + 1), "the parenthesis is not closed");
      ++at_;
    }
    skip_blanks();
    return true;
  }

  /// Steps over clauses and the commas between them, one more comma at the end allowed. The end of the last clause.
  std::size_t clauses_end() {
    std::size_t end = at_;
    while (const auto op = leading_operator(text_.substr(at_))) {
      at_ += to_string(*op).size();
      skip_space();
      if (*op == SpecifierOperator::identical) {
        at_ += identical_word(text_.substr(at_)).size();
      } else {
        take_while(is_version_char);
      }
      end = at_;
      skip_blanks();
      if (peek() != ',') break;
      ++at_;
      skip_blanks();
    }
    return end;
  }

  bool specifier_set(std::size_t begin, std::size_t end) {
    auto set = parse_specifier_set(text_.substr(begin, end - begin));
    const auto shift = [&](TextSpan& span) { span = span_of(span.begin + begin, span.end + begin); };
    if (!set) {
      shift(set.error().span);
      error_ = std::move(set.error());
      return false;
    }
    for (Specifier& clause : set->clauses) shift(clause.span);
    requirement_.specifiers = *std::move(set);
    requirement_.specifiers_span = span_of(begin, end);
    return true;
  }

  bool marker() {
    if (at_end()) return true;
    if (peek() != ';') return fail_here("expected a version, `;` or the end");
    const bool blank_before = at_ > 0 && is_blank(text_[at_ - 1]);
    if (requirement_.url && !blank_before) return fail_here("a blank must stand between a URL and `;`");
    ++at_;
    skip_blanks();
    auto marker = parse_marker_at(text_, at_);
    if (!marker) {
      error_ = std::move(marker.error());
      return false;
    }
    requirement_.marker = *std::move(marker);
    requirement_.marker_span = span_of(at_, at_ + trim(text_.substr(at_)).size());
    return true;
  }

  std::string_view text_;
  std::size_t at_ = 0;
  Requirement requirement_;
  SyntaxError error_;
};

}  // namespace

std::vector<std::string> Requirement::sorted_extras() const {
  std::vector<std::string> out;
  out.reserve(extras.size());
  for (const auto& extra : extras) out.push_back(extra.value);
  std::ranges::sort(out);
  const auto doublets = std::ranges::unique(out);
  out.erase(doublets.begin(), doublets.end());
  return out;
}

Syntax<Requirement> parse_requirement(std::string_view text) {
  return RequirementParser(text).parse();
}

}  // namespace forge::formats
