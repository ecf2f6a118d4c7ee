#include "engine/formats/ini_tree.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "engine/base/text.hpp"

namespace forge::formats {

namespace {

constexpr std::string_view rule = "requirements-unreadable";
constexpr std::string_view blanks = " \t\r\n\v\f";

std::string option_name(std::string_view key) {
  std::string name = to_lower(key);
  std::ranges::replace(name, '-', '_');
  return name;
}

/// One line at a time, as configparser's `_read`.
class IniParser {
 public:
  explicit IniParser(std::string_view text) : text_(text) {}

  Parsed<IniFile> parse() {
    if (text_.starts_with("\xEF\xBB\xBF")) problem(span_of(0, 3), "A byte order mark stands before the first section.");
    for (std::size_t at = text_.starts_with("\xEF\xBB\xBF") ? 3 : 0; at < text_.size();) {
      const std::size_t end = std::min(text_.find('\n', at), text_.size());
      read_line(at, end);
      at = end + 1;
    }
    return std::move(out_);
  }

 private:
  void read_line(std::size_t begin, std::size_t end) {
    const std::size_t first = std::min(text_.find_first_not_of(blanks, begin), end);
    if (first == end) {
      if (option_ != nullptr) option_->lines.push_back({"", span_of(begin, begin)});
      return;
    }
    if (text_[first] == '#' || text_[first] == ';') return;
    const std::size_t last = text_.find_last_not_of(blanks, end - 1) + 1;
    const std::size_t indent = first - begin;
    if (option_ != nullptr && indent > indent_) {
      option_->lines.push_back({std::string(text_.substr(first, last - first)), span_of(first, last)});
      return;
    }
    indent_ = indent;
    option_ = nullptr;
    const std::size_t bracket = text_.substr(first, last - first).rfind(']');
    if (text_[first] == '[' && bracket != std::string_view::npos && bracket > 1)
      begin_section(first + 1, first + bracket);
    else
      begin_option(first, last);
  }

  void begin_section(std::size_t begin, std::size_t end) {
    const std::string_view name = text_.substr(begin, end - begin);
    if (out_.value.find(name) != nullptr)
      problem(span_of(begin, end), fmt::format("The section `[{}]` stands twice, which Python refuses.", name));
    out_.value.sections.push_back({{std::string(name), span_of(begin, end)}, {}});
    in_section_ = true;
  }

  void begin_option(std::size_t first, std::size_t last) {
    const std::string_view line = text_.substr(first, last - first);
    const std::size_t separator = line.find_first_of("=:");
    const std::string_view key = trim(line.substr(0, separator));
    if (!in_section_ || separator == std::string_view::npos || key.empty()) {
      problem(span_of(first, last), in_section_ ? "This line is no `option = value`, which Python refuses."
                                                : "This line stands before the first section, which Python refuses.");
      return;
    }
    IniOption option;
    option.key = {std::string(key), span_of(first, first + key.size())};
    option.name = option_name(key);
    const std::size_t value = std::min(text_.find_first_not_of(blanks, first + separator + 1), last);
    option.lines.push_back({std::string(text_.substr(value, last - value)), span_of(value, last)});
    IniSection& section = out_.value.sections.back();
    const std::string lower = to_lower(key);
    const bool twice = std::ranges::any_of(
        section.options, [&](const IniOption& earlier) { return to_lower(earlier.key.value) == lower; });
    if (twice) problem(option.key.span, fmt::format("The option `{}` stands twice, which Python refuses.", key));
    section.options.push_back(std::move(option));
    option_ = &section.options.back();
  }

  void problem(TextSpan span, std::string message) {
    constexpr std::size_t most = 100;
    if (out_.problems.size() < most) out_.problems.push_back({rule, span, std::move(message)});
  }

  std::string_view text_;
  Parsed<IniFile> out_;
  IniOption* option_ = nullptr;  // that a deeper line goes on with
  std::size_t indent_ = 0;
  bool in_section_ = false;
};

}  // namespace

std::string IniOption::value() const {
  std::string value;
  for (const auto& line : lines) {
    if (line.value.empty()) continue;
    if (!value.empty()) value += '\n';
    value += line.value;
  }
  return value;
}

TextSpan IniOption::span() const {
  std::uint32_t end = key.span.end;
  for (const auto& line : lines) end = std::max(end, line.value.empty() ? end : line.span.end);
  return {key.span.begin, end};
}

const IniOption* IniSection::find(std::string_view option) const {
  const auto found = std::ranges::find(options, option, &IniOption::name);
  return found == options.end() ? nullptr : &*found;
}

const IniSection* IniFile::find(std::string_view section) const {
  const auto found =
      std::ranges::find(sections, section, [](const IniSection& s) { return std::string_view(s.name.value); });
  return found == sections.end() ? nullptr : &*found;
}

const IniOption* IniFile::find(std::string_view section, std::string_view option) const {
  const IniSection* in = find(section);
  return in == nullptr ? nullptr : in->find(option);
}

Parsed<IniFile> parse_ini(std::string_view text) {
  return IniParser(text).parse();
}

}  // namespace forge::formats
