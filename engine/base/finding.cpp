#include "engine/base/finding.hpp"

#include <array>
#include <tuple>

#include <fmt/format.h>

namespace forge {

namespace {

constexpr std::array<std::string_view, 5> severity_words = {"off", "hint", "info", "warning", "error"};

}  // namespace

std::string_view to_string(Severity severity) {
  return severity_words[static_cast<std::size_t>(severity)];
}

std::optional<Severity> severity_from(std::string_view word) {
  for (std::size_t i = 0; i < severity_words.size(); ++i) {
    if (severity_words[i] == word) return static_cast<Severity>(i);
  }
  return std::nullopt;
}

std::string position_text(const Place& place) {
  if (place.file->text().empty()) return place.file->path();
  const LineColumn at = place.file->position(place.span.begin, ColumnUnit::utf16);
  return fmt::format("{}:{}:{}", place.file->path(), at.line + 1, at.column + 1);
}

bool before(const Finding& a, const Finding& b) {
  const auto key = [](const Finding& f) {
    return std::tuple<std::string_view, TextSpan, std::string_view, std::string_view, std::string_view>(
        f.place.file ? std::string_view(f.place.file->path()) : std::string_view(), f.place.span, f.rule, f.message,
        f.release);
  };
  return key(a) < key(b);
}

}  // namespace forge
