#include "engine/formats/requirements_file.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include <fmt/format.h>

#include "engine/base/text.hpp"

namespace forge::formats {

namespace {

using namespace std::string_view_literals;

constexpr std::string_view rule = "requirements-unreadable";
constexpr std::size_t most_problems = 100;

constexpr std::array index_options{"-i"sv, "--index-url"sv, "--extra-index-url"sv, "--find-links"sv};

void add_problem(std::vector<Problem>& problems, TextSpan span, std::string message) {
  if (problems.size() < most_problems) problems.push_back({rule, span, std::move(message)});
}

bool is_blank(char c) {
  return c == ' ' || c == '\t';
}

/// `-e URL` and `URL` as pbr tells them from names: letters, digits, `+`, `-`, `.` before a colon.
bool has_scheme(std::string_view line) {
  const std::size_t colon = line.find(':');
  if (colon == std::string_view::npos || !is_alpha(line.front())) return false;
  return std::ranges::all_of(line.substr(0, colon),
                             [](char c) { return is_alnum(c) || c == '+' || c == '-' || c == '.'; });
}

/// Whether `text` starts with three numbers with dots between.
bool starts_with_version(std::string_view text) {
  for (int dots = 0; dots < 3; ++dots) {
    const std::size_t digits = std::min(text.find_first_not_of("0123456789"), text.size());
    if (digits == 0) return false;
    text.remove_prefix(digits);
    if (dots < 2 && !text.starts_with('.')) return false;
    if (dots < 2) text.remove_prefix(1);
  }
  return true;
}

/// `nova` of `git+https://…#egg=nova`, `nova>=1.2.3` of `…#egg=nova-1.2.3`; empty without a name.
std::string egg_of(std::string_view url) {
  const std::size_t hash = url.find('#');
  if (hash == std::string_view::npos) return {};
  const std::string_view fragment = url.substr(hash + 1);
  const std::size_t at = fragment.find("egg=");
  if (at == std::string_view::npos) return {};
  const std::string_view egg = fragment.substr(at + 4, fragment.substr(at + 4).find('&'));
  for (std::size_t dash = egg.find('-'); dash != std::string_view::npos; dash = egg.find('-', dash + 1)) {
    if (starts_with_version(egg.substr(dash + 1)))
      return fmt::format("{}>={}", egg.substr(0, dash), egg.substr(dash + 1));
  }
  return std::string(egg);
}

class Reader {
 public:
  explicit Reader(std::string_view text) : text_(text) {}

  Parsed<RequirementsFile> read() {
    for (std::size_t at = 0; at < text_.size();) {
      const std::size_t end = std::min(text_.find_first_of("\r\n", at), text_.size());
      read_line(text_.substr(at, end - at));
      at = end + 1;
    }
    return std::move(out_);
  }

 private:
  [[nodiscard]] TextSpan span(std::string_view part) const {
    const auto begin = static_cast<std::size_t>(part.data() - text_.data());
    return span_of(begin, begin + part.size());
  }

  void read_line(std::string_view line) {
    const std::string_view content = trim(line);
    if (content.empty() || line.starts_with('#')) return;
    if (std::ranges::any_of(index_options, [&](std::string_view option) { return content.starts_with(option); }))
      return;
    if (line.starts_with("-r")) return include(line);
    const bool editable = content.starts_with("-e") && content.size() > 2 && is_blank(content[2]);
    const std::string_view target = editable ? trim(content.substr(2)) : content;
    if (!target.empty() && has_scheme(target)) return take(egg_of(target), span(content));
    if (content.starts_with("-f") && content.size() > 2 && is_blank(content[2])) return;
    const std::string_view bare = trim(target.substr(0, target.find('#')));
    if (!bare.empty()) take(std::string(bare), span(bare));
  }

  void include(std::string_view line) {
    const std::size_t blank = line.find(' ');
    const std::string_view path = blank == std::string_view::npos ? std::string_view() : trim(line.substr(blank));
    if (path.empty())
      add_problem(out_.problems, span(trim(line)), "pbr wants a blank and a file's name behind `-r`.");
    else
      out_.value.entries.push_back({Spanned<std::string>{std::string(path), span(path)}, std::nullopt});
  }

  void take(const std::string& requirement, TextSpan where) {
    if (requirement.empty()) return;
    RequirementsFile::Entry entry;
    entry.line = requirement_line(requirement, where, out_.problems);
    if (entry.line) out_.value.entries.push_back(std::move(entry));
  }

  std::string_view text_;
  Parsed<RequirementsFile> out_;
};

/// Up to a `#` that starts the text or follows a blank.
std::string_view without_comment(std::string_view text) {
  for (std::size_t at = text.find('#'); at != std::string_view::npos; at = text.find('#', at + 1)) {
    if (at == 0 || is_blank(text[at - 1])) return text.substr(0, at);
  }
  return text;
}

}  // namespace

std::optional<RequirementLine> requirement_line(std::string_view written, TextSpan span,
                                                std::vector<Problem>& problems) {
  const std::string text(trim(without_comment(written)));
  if (text.empty()) return std::nullopt;
  Syntax<Requirement> requirement = parse_requirement(text);
  if (requirement) return RequirementLine{text, std::move(*requirement), span};
  add_problem(problems, span,
              fmt::format("`{}` is no requirement, which stops the build: {}.", text, requirement.error().message));
  return std::nullopt;
}

Parsed<RequirementsFile> parse_requirements_file(std::string_view text) {
  return Reader(text).read();
}

}  // namespace forge::formats
