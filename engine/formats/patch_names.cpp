#include "engine/formats/patch_names.hpp"

#include <algorithm>

#include "engine/base/text.hpp"

namespace forge::formats {

namespace {

struct Unquoted {
  std::string text;
  std::size_t end = 0;  ///< after the closing quote
};

std::optional<char> plain_escape(char c) {
  constexpr std::string_view letters = "abfnrtv\\\"";
  constexpr std::string_view meanings = "\a\b\f\n\r\t\v\\\"";
  const std::size_t at = letters.find(c);
  if (c == '\0' || at == std::string_view::npos) return std::nullopt;
  return meanings[at];
}

std::optional<char> octal_escape(std::string_view three) {
  const auto is_octal = [](char c) { return c >= '0' && c <= '7'; };
  if (three.size() < 3 || three[0] > '3' || !std::ranges::all_of(three.substr(0, 3), is_octal)) return std::nullopt;
  return static_cast<char>((three[0] - '0') << 6 | (three[1] - '0') << 3 | (three[2] - '0'));
}

/// `text[at]` is the opening quote. Line ends within the quotes belong to the name, as they do for git.
std::optional<Unquoted> unquote(std::string_view text, std::size_t at) {
  constexpr std::string_view stops("\"\\\0", 3);
  Unquoted out;
  ++at;
  while (true) {
    const std::size_t stop = text.find_first_of(stops, at);
    if (stop == std::string_view::npos || text[stop] == '\0') return std::nullopt;
    out.text += text.substr(at, stop - at);
    at = stop + 1;
    if (text[stop] == '"') {
      out.end = at;
      return out;
    }
    if (at >= text.size()) return std::nullopt;
    const std::optional<char> plain = plain_escape(text[at]);
    const std::optional<char> meaning = plain ? plain : octal_escape(text.substr(at));
    if (!meaning) return std::nullopt;
    out.text += *meaning;
    at += plain ? 1U : 3U;
  }
}

/// Git's names are C strings.
void cut_at_nul(std::string& name) {
  if (const std::size_t nul = name.find('\0'); nul != std::string::npos) name.resize(nul);
}

std::string squeeze_slashes(std::string_view name) {
  std::string out;
  for (const char c : name) {
    if (c != '/' || out.empty() || out.back() != '/') out += c;
  }
  cut_at_nul(out);
  return out;
}

std::optional<std::string> read_quoted_name(std::string_view text, std::size_t at, int strip) {
  std::optional<Unquoted> name = unquote(text, at);
  if (!name) return std::nullopt;
  cut_at_nul(name->text);
  std::string_view rest = name->text;
  for (; strip > 0; --strip) {
    const std::size_t slash = rest.find('/');
    if (slash == std::string_view::npos) return std::nullopt;
    rest.remove_prefix(slash + 1);
  }
  return squeeze_slashes(rest);
}

/// `strip` components off the front; nothing where none or an empty rest is left.
std::optional<std::string_view> stripped(std::string_view name, int strip) {
  for (; strip > 0; --strip) {
    const std::size_t slash = name.find('/');
    if (slash == std::string_view::npos) return std::nullopt;
    name.remove_prefix(slash + 1);
  }
  if (name.empty()) return std::nullopt;
  return name;
}

std::string_view raw_name(std::string_view text, std::size_t at, NameEnd end) {
  std::size_t stop = at;
  while (stop < text.size()) {
    const char c = text[stop];
    if (c == '\n' || c == '\r' || (c == '\t' && end == NameEnd::tab)) break;
    ++stop;
  }
  return text.substr(at, stop - at);
}

/// How many bytes at the end of `text` look like `pattern`: `0` is any digit, `+` a sign, all else itself.
std::size_t tail_like(std::string_view text, std::string_view pattern) {
  if (text.size() < pattern.size()) return 0;
  const std::string_view tail = text.substr(text.size() - pattern.size());
  for (std::size_t i = 0; i < pattern.size(); ++i) {
    const bool fits = pattern[i] == '0'   ? is_digit(tail[i])
                      : pattern[i] == '+' ? tail[i] == '+' || tail[i] == '-'
                                          : tail[i] == pattern[i];
    if (!fits) return 0;
  }
  return pattern.size();
}

std::size_t time_length(std::string_view text) {
  if (const std::size_t plain = tail_like(text, " 00:00:00")) return plain;
  const std::size_t point = text.find_last_not_of("0123456789");
  if (point == std::string_view::npos || point + 1 == text.size() || text[point] != '.') return 0;
  const std::size_t before = tail_like(text.substr(0, point), " 00:00:00");
  return before == 0 ? 0 : text.size() - point + before;
}

/// The time stamp at the end of a name line with the tab or spaces before it; 0 where there is none.
std::size_t stamp_length(std::string_view line) {
  if (line.empty() || !is_digit(line.back())) return 0;
  std::string_view rest = line;
  rest.remove_suffix(std::max(tail_like(rest, " +0000"), tail_like(rest, " +00:00")));
  rest.remove_suffix(time_length(rest));
  const std::size_t date = std::max(tail_like(rest, "00-00-00"), tail_like(rest, "0000-00-00"));
  if (date == 0 || date == rest.size()) return 0;
  rest.remove_suffix(date);
  if (rest.back() == '\t') return line.size() - rest.size() + 1;
  const std::size_t last = rest.find_last_not_of(' ');
  const std::size_t kept = last == std::string_view::npos ? 0 : last + 1;
  return kept == rest.size() ? 0 : line.size() - kept;
}

/// Git asks of a name on the git line that something stands before its first slash.
std::optional<std::size_t> after_prefix(std::string_view text, int strip) {
  if (strip == 0) return text.starts_with('/') ? std::nullopt : std::optional<std::size_t>(0);
  const std::size_t slash = text.find('/');
  if (slash == std::string_view::npos || slash == 0) return std::nullopt;
  return slash + 1;
}

std::optional<std::string> name_if_first_is_quoted(std::string_view text, std::size_t at, int strip) {
  const std::size_t end = line_end(text, at);
  const std::optional<Unquoted> first = unquote(text, at);
  if (!first) return std::nullopt;
  const std::optional<std::size_t> first_cut = after_prefix(first->text, strip);
  if (!first_cut) return std::nullopt;
  std::string name = first->text.substr(*first_cut);
  std::size_t second = first->end;
  while (second < end && is_patch_blank(text[second])) ++second;
  if (second >= end) return std::nullopt;
  std::string other(text.substr(second, end - second));
  if (other.front() == '"') {
    std::optional<Unquoted> quoted = unquote(text, second);
    if (!quoted) return std::nullopt;
    other = std::move(quoted->text);
  }
  const std::optional<std::size_t> cut = after_prefix(other, strip);
  if (!cut || other.substr(*cut) != name) return std::nullopt;
  return name;
}

std::optional<std::string> name_if_second_is_quoted(std::string_view text, std::string_view name, std::size_t quote,
                                                    int strip) {
  const std::optional<Unquoted> second = unquote(text, quote);
  if (!second) return std::nullopt;
  const std::optional<std::size_t> cut = after_prefix(second->text, strip);
  if (!cut) return std::nullopt;
  const std::string other = second->text.substr(*cut);
  const std::size_t first_size = quote - static_cast<std::size_t>(name.data() - text.data());
  const bool same = other.size() < first_size && name.starts_with(other) && is_patch_blank(name[other.size()]);
  return same ? std::optional(other) : std::nullopt;
}

/// `name` is the rest of the line after the first half's prefix.
std::optional<std::string> name_said_twice(std::string_view name, int strip) {
  std::size_t slash = 0;
  for (std::size_t size = 0; size < name.size(); ++size) {
    if (name[size] != ' ' && name[size] != '\t') continue;
    const std::size_t second = size + 1;
    if (strip > 0 && slash < second) slash = name.find('/', second);  // of many blanks one search serves all
    const bool prefixed = strip > 0 ? slash != std::string_view::npos && slash > second : name.substr(second, 1) != "/";
    if (!prefixed) return std::nullopt;
    if (name.substr(strip > 0 ? slash + 1 : second) == name.substr(0, size)) return std::string(name.substr(0, size));
  }
  return std::nullopt;
}

}  // namespace

std::size_t line_end(std::string_view text, std::size_t at) {
  const std::size_t end = text.find('\n', at);
  return end == std::string_view::npos ? text.size() : end + 1;
}

std::optional<std::string> read_name(std::string_view text, std::size_t at, int strip, NameEnd end) {
  if (text.substr(at).starts_with('"')) {
    if (std::optional<std::string> quoted = read_quoted_name(text, at, strip)) return quoted;
  }
  const std::optional<std::string_view> name = stripped(raw_name(text, at, end), strip);
  if (!name) return std::nullopt;
  return squeeze_slashes(*name);
}

std::optional<std::string> read_traditional_name(std::string_view text, std::size_t at, int strip,
                                                 const std::optional<std::string>& other) {
  if (text.substr(at).starts_with('"')) {
    if (std::optional<std::string> quoted = read_quoted_name(text, at, strip)) return quoted;
  }
  const std::string_view line = text.substr(at, text.find('\n', at) - at);
  const std::size_t stamp = stamp_length(line);
  const std::string_view raw = stamp > 0 ? line.substr(0, line.size() - stamp) : raw_name(text, at, NameEnd::tab);
  const std::optional<std::string_view> name = stripped(raw, strip);
  if (!name) return other;
  if (other && other->size() < name->size() && name->starts_with(*other)) return other;
  return squeeze_slashes(*name);
}

std::optional<std::string> read_git_line_name(std::string_view text, std::size_t at, int strip) {
  const std::size_t end = line_end(text, at);
  if (at < end && text[at] == '"') {
    std::optional<std::string> name = name_if_first_is_quoted(text, at, strip);
    if (name) cut_at_nul(*name);
    return name;
  }
  const std::string_view line = text.substr(at, end - at);
  const std::optional<std::size_t> cut = after_prefix(line, strip);
  if (!cut) return std::nullopt;
  std::string_view name = line.substr(*cut);
  if (const std::size_t quote = name.find('"'); quote != std::string_view::npos)
    return name_if_second_is_quoted(text, name, at + *cut + quote, strip);
  if (!name.ends_with('\n')) return std::nullopt;
  name.remove_suffix(1);
  return name_said_twice(name, strip);
}

bool is_dev_null(std::string_view text, std::size_t at) {
  constexpr std::string_view null = "/dev/null";
  const std::string_view rest = text.substr(at);
  return rest.starts_with(null) && rest.size() > null.size() && is_patch_blank(rest[null.size()]);
}

bool has_epoch_stamp(std::string_view text, std::size_t at) {
  std::string_view stamp = text.substr(at, text.find('\n', at) - at);
  const std::size_t tab = stamp.rfind('\t');
  if (tab == std::string_view::npos) return false;
  stamp.remove_prefix(tab + 1);
  const bool west = stamp.starts_with("1969-12-31 ");
  if (!west && !stamp.starts_with("1970-01-01 ")) return false;
  stamp.remove_prefix(11);
  const std::size_t zone_size = std::max(tail_like(stamp, " +0000"), tail_like(stamp, " +00:00"));
  if (zone_size == 0 || stamp.size() < 8 + zone_size || tail_like(stamp.substr(0, 8), "00:00:00") == 0) return false;
  const std::string_view zone = stamp.substr(stamp.size() - zone_size + 1);
  const std::string_view fraction = stamp.substr(8, stamp.size() - zone_size - 8);
  const bool clock = stamp[0] <= '2' && stamp[3] <= '5' && stamp.substr(6, 2) == "00" && zone[1] <= '2' &&
                     zone[zone.size() - 2] <= '5';
  const bool whole = fraction.empty() || (fraction.size() > 1 && fraction[0] == '.' &&
                                          fraction.find_first_not_of('0', 1) == std::string_view::npos);
  if (!clock || !whole) return false;
  const auto two = [](std::string_view digits) { return (digits[0] - '0') * 10 + (digits[1] - '0'); };
  const int offset = two(zone.substr(1)) * 60 + two(zone.substr(zone.size() - 2));
  const int local = two(stamp) * 60 + two(stamp.substr(3));
  return local - (zone[0] == '-' ? -offset : offset) == (west ? 24 * 60 : 0);
}

}  // namespace forge::formats
