#include "engine/base/names.hpp"

#include <algorithm>

#include "engine/base/text.hpp"

namespace forge {

namespace {

constexpr bool is_name_separator(char c) {
  return c == '-' || c == '_' || c == '.';
}

}  // namespace

std::optional<PackageName> PackageName::parse(std::string_view spelling) {
  if (spelling.empty() || !is_alnum(spelling.front()) || !is_alnum(spelling.back())) return std::nullopt;
  std::string normal;
  normal.reserve(spelling.size());
  for (const char c : spelling) {
    if (is_name_separator(c)) {
      if (normal.back() != '-') normal += '-';
    } else if (is_alnum(c)) {
      normal += to_lower(c);
    } else {
      return std::nullopt;
    }
  }
  return PackageName(std::move(normal));
}

bool is_release_name(std::string_view text) {
  return text.size() == 6 && std::ranges::all_of(text.substr(0, 4), is_digit) && text[4] == '.' &&
         (text[5] == '1' || text[5] == '2');
}

bool is_component_name(std::string_view text) {
  return !text.empty() && text.size() <= 200 && is_alnum(text.front()) &&
         std::ranges::all_of(text, [](char c) { return is_alnum(c) || is_name_separator(c); });
}

std::string ref_name_problem(std::string_view ref) {
  if (ref.empty()) return "it is empty";
  if (ref.front() == '/' || ref.back() == '/') return "it starts or ends with `/`";
  if (ref.front() == '-') return "it starts with `-`";
  if (ref.back() == '.') return "it ends with `.`";
  if (ref == "@") return "it is `@`";
  for (const char c : ref) {
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7F) return "it has a control character";
    if (std::string_view(" ~^:?*[\\").find(c) != std::string_view::npos)
      return std::string("it has ") + (c == ' ' ? "a blank" : "`" + std::string(1, c) + "`");
  }
  for (const std::string_view piece : {"..", "//", "@{"}) {
    if (ref.find(piece) != std::string_view::npos) return "it has `" + std::string(piece) + "`";
  }
  for (const std::string_view component : split(ref, '/')) {
    if (component.starts_with('.')) return "a part of it starts with `.`";
    if (component.ends_with(".lock")) return "a part of it ends with `.lock`";
  }
  return {};
}

bool is_full_commit(std::string_view text) {
  return text.size() == 40 && std::ranges::all_of(text, is_hex);
}

bool is_abbreviated_commit(std::string_view text) {
  return text.size() >= 7 && text.size() < 40 && std::ranges::all_of(text, is_hex) &&
         std::ranges::any_of(text, is_digit);
}

}  // namespace forge
