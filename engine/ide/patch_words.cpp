#include "engine/ide/patch_words.hpp"

#include <algorithm>

#include "engine/base/text.hpp"

namespace forge::ide {

namespace {

constexpr std::size_t commit_digits = 40;
constexpr std::string_view bug_tracker = "https://bugs.launchpad.net/";

bool is_word_char(char c) {
  return is_alnum(c) || c == '_';
}

std::size_t digits_at(std::string_view text, std::size_t at) {
  std::size_t size = 0;
  while (at + size < text.size() && is_digit(text[at + size])) ++size;
  return size;
}

std::size_t word_at(std::string_view text, std::size_t at) {
  std::size_t size = 0;
  while (at + size < text.size() && is_word_char(text[at + size])) ++size;
  return size;
}

bool is_hex_word(std::string_view word) {
  return std::ranges::all_of(word, is_hex);
}

/// Goes through one stretch of text, word by word.
class Scanner {
 public:
  Scanner(std::string_view text, TextSpan span, std::vector<PatchWord>& into)
      : text_(text.substr(0, span.end)), at_(span.begin), begin_(span.begin), into_(into) {}

  void run() {
    while (at_ < text_.size()) {
      if (const std::size_t size = take(); size > 0)
        at_ += size;
      else
        at_ += std::max<std::size_t>(1, is_word_char(text_[at_]) ? word_at(text_, at_) : 1);
    }
  }

 private:
  /// The size of what was found at this place; 0 where nothing was.
  std::size_t take() {
    const std::string_view rest = text_.substr(at_);
    if (rest.starts_with(bug_tracker)) return take_url(rest);
    if (rest.front() == '#') return take_bug(1);
    if (!is_word_char(rest.front())) return 0;
    if (const std::size_t size = advisory(rest, "CVE-", 4); size > 0) return add(PatchWordKind::cve, size);
    if (const std::size_t size = advisory(rest, "OSSA-", 3); size > 0) return add(PatchWordKind::ossa, size);
    const std::string_view word = rest.substr(0, word_at(text_, at_));
    if (word.size() == commit_digits + 1 && word.front() == 'I' && is_hex_word(word.substr(1)))
      return add(PatchWordKind::change_id, word.size());
    if (is_digit(word.front()) && digits_at(word, 0) == word.size() && is_bug_trailer()) return take_bug(0);
    const bool commit = word.size() == commit_digits ||
                        (word.size() >= 7 && word.size() < commit_digits && previous_word() == "commit");
    return commit && is_hex_word(word) ? add(PatchWordKind::commit, word.size()) : 0;
  }

  std::size_t add(PatchWordKind kind, std::size_t size) {
    std::string value(text_.substr(at_, size));
    if (kind == PatchWordKind::commit) value = to_lower(value);
    into_.push_back({kind, span_of(at_, at_ + size), std::move(value)});
    return size;
  }

  static std::size_t advisory(std::string_view rest, std::string_view prefix, std::size_t least) {
    constexpr std::size_t year = 4;
    if (!rest.starts_with(prefix) || digits_at(rest, prefix.size()) != year) return 0;
    const std::size_t number = prefix.size() + year + 1;
    if (number > rest.size() || rest[number - 1] != '-') return 0;
    const std::size_t digits = digits_at(rest, number);
    return digits >= least ? number + digits : 0;
  }

  std::size_t take_url(std::string_view rest) {
    std::size_t end = std::min(rest.find_first_of(" \t\r\n<>\"')]"), rest.size());
    while (end > 0 && std::string_view(".,;:").find(rest[end - 1]) != std::string_view::npos) --end;  // of the sentence
    return end > bug_tracker.size() ? add(PatchWordKind::bug_url, end) : 0;
  }

  /// A number behind `#` (`skip` is 1), where the words before say that it is a bug.
  std::size_t take_bug(std::size_t skip) {
    constexpr std::size_t longest = 9;
    const std::size_t digits = digits_at(text_, at_ + skip);
    const bool ends = at_ + skip + digits >= text_.size() || !is_word_char(text_[at_ + skip + digits]);
    if (digits < 4 || digits > longest || !ends) return 0;
    const std::string before = to_lower(previous_word());
    if (before != "bug" && before != "lp" && !is_bug_trailer()) return 0;
    into_.push_back(
        {PatchWordKind::bug, span_of(at_, at_ + skip + digits), std::string(text_.substr(at_ + skip, digits))});
    return skip + digits;
  }

  /// The last word before this place on the same line, punctuation left out.
  [[nodiscard]] std::string_view previous_word() const {
    std::size_t end = at_;
    while (end > begin_ && std::string_view(" \t:#").find(text_[end - 1]) != std::string_view::npos) --end;
    std::size_t begin = end;
    while (begin > begin_ && is_word_char(text_[begin - 1])) --begin;
    return text_.substr(begin, end - begin);
  }

  /// The line is `Closes-Bug: …`, `Partial-Bug: …` and so on.
  [[nodiscard]] bool is_bug_trailer() const {
    const std::size_t newline = at_ == 0 ? std::string_view::npos : text_.rfind('\n', at_ - 1);
    const std::size_t begin = newline == std::string_view::npos ? 0 : newline + 1;
    const std::string_view line = text_.substr(begin, at_ - begin);
    const std::string key = to_lower(line.substr(0, std::min(line.find(':'), line.size())));
    return line.find(':') != std::string_view::npos && (key == "bug" || key.ends_with("-bug") || key == "launchpad");
  }

  std::string_view text_;
  std::size_t at_;
  std::size_t begin_;
  std::vector<PatchWord>& into_;
};

}  // namespace

std::vector<PatchWord> patch_words(std::string_view text, const formats::Patch& patch) {
  std::vector<PatchWord> words;
  for (const formats::Mail& mail : patch.mails) {
    if (!mail.commit.empty()) {
      const std::string_view digits = text.substr(mail.commit.begin, mail.commit.size());
      if (digits.find_first_not_of('0') != std::string_view::npos)
        words.push_back({PatchWordKind::own_commit, mail.commit, to_lower(digits)});
    }
    Scanner(text, mail.subject, words).run();
    Scanner(text, mail.message, words).run();
  }
  std::ranges::sort(words, {}, [](const PatchWord& word) { return word.span.begin; });
  return words;
}

}  // namespace forge::ide
