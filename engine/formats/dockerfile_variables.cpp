#include "engine/formats/dockerfile_variables.hpp"

#include <algorithm>

#include "engine/base/text.hpp"

namespace forge::formats {

namespace {

constexpr std::size_t longest_value = 4096;  // a chain of ARGs that double each other would not end otherwise
constexpr int deepest_nesting = 16;

constexpr bool is_name_char(char c) {
  return is_alnum(c) || c == '_';
}

/// Reads one word from left to right. `failed_` stands for every reason not to know the result.
class Expander {
 public:
  Expander(std::string_view word, const Variables& variables, char escape)
      : word_(word), variables_(variables), escape_(escape) {}

  std::optional<std::string> run() {
    std::string out = until('\0', 0);
    if (failed_ || at_ < word_.size()) return std::nullopt;
    return out;
  }

 private:
  /// Up to (and past) an unquoted `stop`; `\0`: to the end.
  std::string until(char stop, int depth, bool keeps_escapes = false) {
    std::string out;
    if (depth > deepest_nesting) failed_ = true;
    while (!failed_ && at_ < word_.size()) {
      const char c = word_[at_++];
      if (c == stop && stop != '\0') return out;
      if (c == '\'')
        single_quoted(out);
      else if (c == '"')
        double_quoted(out, depth);
      else if (c == '$')
        out += variable(depth);
      else if (c != escape_)
        out += c;
      else if (at_ < word_.size()) {
        if (keeps_escapes) out += '\\';
        out += word_[at_++];
      }
      if (out.size() > longest_value) failed_ = true;
    }
    if (stop != '\0') failed_ = true;
    return out;
  }

  void single_quoted(std::string& out) {
    const std::size_t end = word_.find('\'', at_);
    if (end == std::string_view::npos) {
      failed_ = true;
      return;
    }
    out += word_.substr(at_, end - at_);
    at_ = end + 1;
  }

  void double_quoted(std::string& out, int depth) {
    while (!failed_ && at_ < word_.size()) {
      const char c = word_[at_++];
      if (c == '"') return;
      if (c == '$') {
        out += variable(depth);
        continue;
      }
      const bool escapes =
          c == escape_ && at_ < word_.size() && (word_[at_] == '"' || word_[at_] == '$' || word_[at_] == escape_);
      out += escapes ? word_[at_++] : c;
    }
    failed_ = true;
  }

  std::string name() {
    const std::size_t begin = at_;
    while (at_ < word_.size() && is_name_char(word_[at_])) ++at_;
    return std::string(word_.substr(begin, at_ - begin));
  }

  std::string variable(int depth) {
    if (at_ < word_.size() && word_[at_] == '{') {
      ++at_;
      return braced(depth);
    }
    const std::string of = name();
    return of.empty() ? "$" : value(of).value_or("");
  }

  /// Behind `${`.
  std::string braced(int depth) {
    const std::string of = name();
    if (of.empty() || at_ >= word_.size()) failed_ = true;
    if (failed_) return {};
    char modifier = word_[at_++];
    if (modifier == '}') return value(of).value_or("");
    const bool empty_is_unset = modifier == ':';
    if (empty_is_unset && at_ < word_.size()) modifier = word_[at_++];
    if (!empty_is_unset && (modifier == '#' || modifier == '%')) return without_match(of, modifier, depth);
    if (!empty_is_unset && modifier == '/') return replaced(of, depth);
    if (modifier != '-' && modifier != '+' && modifier != '?') failed_ = true;  // a pattern, or no modifier at all
    const std::string other = until('}', depth + 1);
    const std::optional<std::string> current = value(of);
    const bool set = current && !(empty_is_unset && current->empty());
    if (modifier == '+') return set ? other : "";
    if (modifier == '?' && !set) failed_ = true;
    return set ? *current : other;
  }

  /// `${X#pattern}`, `##`, `%`, `%%`: without the shortest or longest match at the start or the end.
  std::string without_match(const std::string& of, char side, int depth) {
    const bool longest = at_ < word_.size() && word_[at_] == side;
    if (longest) ++at_;
    const std::string pattern = until('}', depth + 1, true);
    const std::string text = value(of).value_or("");
    if (failed_ || !is_small(text, pattern)) return {};
    const bool start = side == '#';
    for (std::size_t i = 0; i <= text.size(); ++i) {
      const std::size_t size = longest ? text.size() - i : i;
      const std::string_view part = std::string_view(text).substr(start ? 0 : text.size() - size, size);
      if (matches(pattern, part)) return start ? text.substr(size) : text.substr(0, text.size() - size);
    }
    return text;
  }

  /// `${X/pattern/other}` and `${X//pattern/other}`: the first or every longest match.
  std::string replaced(const std::string& of, int depth) {
    const bool all = at_ < word_.size() && word_[at_] == '/';
    if (all) ++at_;
    const std::string pattern = until('/', depth + 1, true);
    const std::string other = until('}', depth + 1);
    const std::string text = value(of).value_or("");
    if (failed_ || pattern.empty() || !is_small(text, pattern)) {
      failed_ = failed_ || !pattern.empty();
      return text;
    }
    std::string out;
    bool open = true;
    for (std::size_t i = 0; i < text.size();) {
      std::size_t size = open ? text.size() - i : 0;
      while (size > 0 && !matches(pattern, std::string_view(text).substr(i, size))) --size;
      open = open && (all || size == 0);
      out += size > 0 ? other : text.substr(i, 1);
      i += std::max<std::size_t>(size, 1);
      if (out.size() > longest_value) failed_ = true;
      if (failed_) return {};
    }
    return out;
  }

  /// Matching is tried from every place, each try as long as text times pattern.
  bool is_small(std::string_view text, std::string_view pattern) {
    if (text.size() > 256 || pattern.size() > 64) failed_ = true;
    return !failed_;
  }

  /// `*` and `?`; a backslash protects.
  static bool matches(std::string_view pattern, std::string_view text) {
    std::size_t p = 0;
    std::size_t t = 0;
    std::size_t star = std::string_view::npos;
    std::size_t resume = 0;
    while (t < text.size() || p < pattern.size()) {
      const bool escaped = p + 1 < pattern.size() && pattern[p] == '\\';
      if (p < pattern.size() && pattern[p] == '*') {
        star = p++;
        resume = t;
      } else if (t < text.size() && p < pattern.size() &&
                 (escaped ? pattern[p + 1] == text[t] : pattern[p] == '?' || pattern[p] == text[t])) {
        p += escaped ? 2 : 1;
        ++t;
      } else if (star != std::string_view::npos && resume < text.size()) {
        p = star + 1;
        t = ++resume;
      } else {
        return false;
      }
    }
    return true;
  }

  std::optional<std::string> value(const std::string& of) {
    const auto found = variables_.find(of);
    if (found == variables_.end()) return std::nullopt;
    if (!found->second) failed_ = true;
    return found->second;
  }

  std::string_view word_;
  const Variables& variables_;
  char escape_;
  std::size_t at_ = 0;
  bool failed_ = false;
};

}  // namespace

std::optional<std::string> expand_word(std::string_view word, const Variables& variables, char escape) {
  return Expander(word, variables, escape).run();
}

}  // namespace forge::formats
