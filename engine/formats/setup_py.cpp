#include "engine/formats/setup_py.hpp"

#include <algorithm>
#include <map>
#include <set>

#include "engine/base/text.hpp"

namespace forge::formats {

namespace {

struct Token {
  enum class Kind { word, string, symbol, end };
  Kind kind = Kind::end;
  TextSpan span;
  std::string text;         ///< of a string its value
  bool computed = false;    ///< an f-string, bytes, or an escape that is not read here
  bool first = false;       ///< of its line, outside of brackets
  bool line_start = false;  ///< and at column 0
};

constexpr bool is_word(char c) {
  return is_alnum(c) || c == '_' || static_cast<unsigned char>(c) >= 0x80;
}

/// Words (names and numbers), strings and single characters; comments and blanks are passed over.
class Lexer {
 public:
  explicit Lexer(std::string_view text) : text_(text) {}

  std::vector<Token> tokens() {
    constexpr std::size_t most = 200'000;
    std::vector<Token> out;
    while (out.size() < most && skip()) out.push_back(next());
    out.push_back({Token::Kind::end, span_of(text_.size(), text_.size()), {}, false, true, true});
    return out;
  }

 private:
  bool skip() {
    while (at_ < text_.size()) {
      const char c = text_[at_];
      if (c == '#')
        at_ = std::min(text_.find('\n', at_), text_.size());
      else if (c == ' ' || c == '\t' || c == '\r' || c == '\n' || c == '\f' || c == '\\')
        ++at_;
      else
        return true;
    }
    return false;
  }

  Token next() {
    Token token;
    const std::size_t line = at_ == 0 ? 0 : text_.rfind('\n', at_ - 1) + 1;  // npos + 1 is 0
    token.first = depth_ == 0 && trim(text_.substr(line, at_ - line)).empty();
    token.line_start = token.first && line == at_;
    const std::size_t begin = at_;
    while (at_ < text_.size() && is_word(text_[at_])) ++at_;
    const std::string_view word = text_.substr(begin, at_ - begin);
    const bool quote = at_ < text_.size() && (text_[at_] == '"' || text_[at_] == '\'');
    if (quote && is_prefix(word)) {
      string(token, to_lower(word));
    } else if (!word.empty()) {
      token.kind = Token::Kind::word;
      token.text = word;
    } else {
      symbol(token);
    }
    token.span = span_of(begin, at_);
    return token;
  }

  static bool is_prefix(std::string_view word) {
    return word.size() <= 2 && word.find_first_not_of("rRbBuUfF") == std::string_view::npos;
  }

  void symbol(Token& token) {
    const char c = text_[at_++];
    if (c == '(' || c == '[' || c == '{') ++depth_;
    if ((c == ')' || c == ']' || c == '}') && depth_ > 0) --depth_;
    token.kind = Token::Kind::symbol;
    token.text = c;
    if (at_ < text_.size() && ((c == '*' && text_[at_] == '*') || (c == '=' && text_[at_] == '=')))
      token.text += text_[at_++];
  }

  void string(Token& token, const std::string& prefix) {
    token.kind = Token::Kind::string;
    token.computed = prefix.find_first_of("fb") != std::string::npos;
    const bool raw = prefix.find('r') != std::string::npos;
    const char quote = text_[at_];
    const bool triple = text_.substr(at_, 3) == std::string(3, quote);
    at_ += triple ? 3 : 1;
    while (at_ < text_.size()) {
      const char c = text_[at_];
      if (c == quote && (!triple || text_.substr(at_, 3) == std::string(3, quote))) {
        at_ += triple ? 3 : 1;
        return;
      }
      if (c == '\n' && !triple) break;
      if (c == '\\' && !raw)
        escape(token);
      else
        token.text += c;
      ++at_;
    }
    token.computed = true;  // never closed
  }

  /// At the backslash; leaves `at_` on the last character that belongs to it.
  void escape(Token& token) {
    if (at_ + 1 >= text_.size()) return;
    const char c = text_[++at_];
    if (c == '\\' || c == '\'' || c == '"')
      token.text += c;
    else if (c == 'n')
      token.text += '\n';
    else if (c != '\n')
      token.computed = true;
  }

  std::string_view text_;
  std::size_t at_ = 0;
  std::size_t depth_ = 0;
};

using Strings = std::vector<Spanned<std::string>>;

class Scanner {
 public:
  explicit Scanner(std::string_view text) : tokens_(Lexer(text).tokens()) { find_variables(); }

  SetupPy scan() {
    SetupPy out;
    for (std::size_t at = 0; at + 1 < tokens_.size() && !out.calls_setup; ++at) {
      const bool defined = at > 0 && tokens_[at - 1].text == "def";
      if (is(at, Token::Kind::word, "setup") && is_symbol(at + 1, "(") && !defined) call(at + 2, out);
    }
    return out;
  }

 private:
  [[nodiscard]] bool is(std::size_t at, Token::Kind kind, std::string_view text) const {
    return tokens_[at].kind == kind && tokens_[at].text == text;
  }
  [[nodiscard]] bool is_symbol(std::size_t at, std::string_view text) const {
    return is(at, Token::Kind::symbol, text);
  }
  [[nodiscard]] bool at_end(std::size_t at) const { return tokens_[at].kind == Token::Kind::end; }

  /// `NAME = …` at the start of a line; one that is set twice, or changed, tells nothing.
  void find_variables() {
    std::set<std::string> changed;
    for (std::size_t at = 0; at + 2 < tokens_.size(); ++at) {
      const Token& token = tokens_[at];
      if (token.kind != Token::Kind::word) continue;
      const bool assigned = is_symbol(at + 1, "=") && token.first;
      if (assigned && token.line_start && variables_.emplace(token.text, at + 2).second) continue;
      const bool augmented = is_symbol(at + 1, "+") && is_symbol(at + 2, "=");
      const bool method = is_symbol(at + 1, ".") || is_symbol(at + 1, "[");
      if (assigned || augmented || method) changed.insert(token.text);
    }
    for (const std::string& name : changed) variables_.erase(name);
  }

  void call(std::size_t at, SetupPy& out) {
    out.calls_setup = true;
    while (!at_end(at) && !is_symbol(at, ")")) {
      const std::size_t end = end_of_item(at);
      if (is_symbol(at, "**") || is_symbol(at, "*"))
        out.unpacked = cover(at, end);
      else if (tokens_[at].kind == Token::Kind::word && is_symbol(at + 1, "="))
        out.arguments.push_back(argument(tokens_[at].text, at + 2, end));
      at = is_symbol(end, ",") ? end + 1 : end;
    }
  }

  /// The comma or closing bracket behind the item that starts at `at`.
  [[nodiscard]] std::size_t end_of_item(std::size_t at) const {
    std::size_t depth = 0;
    for (; !at_end(at); ++at) {
      if (tokens_[at].kind != Token::Kind::symbol) continue;
      const std::string& text = tokens_[at].text;
      if (depth == 0 && (text == "," || text == ")" || text == "]" || text == "}")) return at;
      if (text == "(" || text == "[" || text == "{") ++depth;
      if (text == ")" || text == "]" || text == "}") --depth;
    }
    return at;
  }

  [[nodiscard]] TextSpan cover(std::size_t begin, std::size_t end) const {
    const std::size_t last = std::max(begin, end - 1);
    return {tokens_[begin].span.begin, tokens_[last].span.end};
  }

  [[nodiscard]] SetupArgument argument(const std::string& name, std::size_t begin, std::size_t end) const {
    SetupArgument out;
    out.name = name;
    out.span = cover(begin, end);
    if (end == begin + 1 && tokens_[begin].kind == Token::Kind::word) {
      const auto variable = variables_.find(tokens_[begin].text);
      if (variable == variables_.end()) {
        out.word = tokens_[begin].text;
        out.known = out.word == "True" || out.word == "False" || out.word == "None";
        return out;
      }
      begin = variable->second;
      end = end_of_value(begin);
    }
    if (is_symbol(begin, "{"))
      out.known = mapping(begin, end, out);
    else
      out.known = strings(begin, end, out.strings);
    return out;
  }

  /// Of a variable's value: up to the next line that starts at column 0, or the end.
  [[nodiscard]] std::size_t end_of_value(std::size_t at) const {
    while (!at_end(at) && !tokens_[++at].line_start) {
    }
    return at;
  }

  /// A string, or a list or tuple of strings, and nothing else up to `end`.
  [[nodiscard]] bool strings(std::size_t begin, std::size_t end, Strings& out) const {
    const bool list = is_symbol(begin, "[") || is_symbol(begin, "(");
    if (!list) return one_string(begin, end, out);
    const std::string_view close = is_symbol(begin, "[") ? "]" : ")";
    std::size_t at = begin + 1;
    while (at < end && !is_symbol(at, close)) {
      const std::size_t item_end = end_of_item(at);
      if (!one_string(at, item_end, out)) return false;
      at = is_symbol(item_end, ",") ? item_end + 1 : item_end;
    }
    return at + 1 == end;
  }

  /// Strings side by side are one.
  [[nodiscard]] bool one_string(std::size_t begin, std::size_t end, Strings& out) const {
    if (begin >= end) return false;
    Spanned<std::string> whole{{}, cover(begin, end)};
    for (std::size_t at = begin; at < end; ++at) {
      if (tokens_[at].kind != Token::Kind::string || tokens_[at].computed) return false;
      whole.value += tokens_[at].text;
    }
    out.push_back(std::move(whole));
    return true;
  }

  [[nodiscard]] bool mapping(std::size_t begin, std::size_t end, SetupArgument& out) const {
    std::size_t at = begin + 1;
    while (at < end && !is_symbol(at, "}")) {
      const std::size_t item_end = end_of_item(at);
      std::size_t colon = at;
      while (colon < item_end && !is_symbol(colon, ":")) ++colon;
      Strings key;
      Strings values;
      if (colon == item_end || !one_string(at, colon, key) || !strings(colon + 1, item_end, values)) return false;
      out.mapping.emplace_back(std::move(key.front()), std::move(values));
      at = is_symbol(item_end, ",") ? item_end + 1 : item_end;
    }
    return at + 1 == end;
  }

  std::vector<Token> tokens_;
  std::map<std::string, std::size_t> variables_;  // name -> where its value starts
};

}  // namespace

const SetupArgument* SetupPy::find(std::string_view name) const {
  const auto found =
      std::ranges::find(arguments, name, [](const SetupArgument& a) { return std::string_view(a.name); });
  return found == arguments.end() ? nullptr : &*found;
}

SetupPy scan_setup_py(std::string_view text) {
  return Scanner(text).scan();
}

}  // namespace forge::formats
