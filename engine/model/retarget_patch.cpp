#include "engine/model/retarget_patch.hpp"

#include <algorithm>
#include <array>
#include <optional>

namespace forge::model {

namespace {

struct HeaderLine {
  std::string_view start;
  std::string_view prefix;  ///< of the name where prefixes are written anew
};
constexpr std::array<HeaderLine, 6> one_name = {
    {{"--- ", "a/"}, {"+++ ", "b/"}, {"rename from ", ""}, {"rename to ", ""}, {"copy from ", ""}, {"copy to ", ""}}};
constexpr std::string_view two_names = "diff --git ";

/// The length of the name that begins `text`, where it is `path`, with at most one folder in front where that is
/// allowed; 0 where it is not.
std::size_t name_size(std::string_view text, std::string_view path, bool may_have_prefix) {
  const auto ends = [&](std::size_t at) {
    return at <= text.size() &&
           (at == text.size() || std::string_view(" \t\r\n").find(text[at]) != std::string_view::npos);
  };
  if (text.starts_with(path) && ends(path.size())) return path.size();
  const std::size_t slash = may_have_prefix ? text.find('/') : std::string_view::npos;
  if (slash == std::string_view::npos || slash > text.find_first_of(" \t\r\n")) return 0;
  const std::size_t size = slash + 1 + path.size();
  return text.substr(slash + 1).starts_with(path) && ends(size) ? size : 0;
}

class Retargeting {
 public:
  Retargeting(std::string_view text, std::string_view from, std::string_view to, bool new_prefix)
      : text_(text), from_(from), to_(to), new_prefix_(new_prefix) {}

  void line(std::size_t begin, std::size_t end) {
    const std::string_view all = text_.substr(begin, end - begin);
    if (all.starts_with(two_names)) {
      const std::size_t first = begin + two_names.size();
      const std::size_t size = name(first, end, "a/");
      const std::size_t space = size > 0 ? first + size : second_name(first, end);
      if (space < end) name(space + 1, end, "b/");
      return;
    }
    for (const HeaderLine& kind : one_name) {
      if (all.starts_with(kind.start)) name(begin + kind.start.size(), end, kind.prefix);
    }
  }

  PatchEdits take() { return std::move(edits_); }

 private:
  /// Where the blank before the second of two names is, the first being another file.
  [[nodiscard]] std::size_t second_name(std::size_t begin, std::size_t end) const {
    for (std::size_t at = text_.find(' ', begin); at < end; at = text_.find(' ', at + 1)) {
      if (name_size(text_.substr(at + 1, end - at - 1), from_, true) > 0) return at;
    }
    return end;
  }

  std::size_t name(std::size_t begin, std::size_t end, std::string_view prefix) {
    const std::size_t size = name_size(text_.substr(begin, end - begin), from_, !prefix.empty());
    if (size == 0) return 0;
    const bool has_prefix = size > from_.size();
    const std::size_t kept = new_prefix_ ? 0 : size - from_.size();
    std::string written = new_prefix_ && (has_prefix || !prefix.empty()) ? std::string(prefix) : std::string();
    written += to_;
    edits_.emplace_back(TextSpan{static_cast<std::uint32_t>(begin + kept), static_cast<std::uint32_t>(begin + size)},
                        std::move(written));
    return size;
  }

  std::string_view text_;
  std::string_view from_;
  std::string_view to_;
  bool new_prefix_;
  PatchEdits edits_;
};

}  // namespace

PatchEdits retarget(std::string_view text, const formats::Section& section, std::string_view path, bool new_prefix) {
  if (!section.old_path) return {};
  const auto needs_quotes = [](char c) { return static_cast<unsigned char>(c) < 0x21 || c == '"' || c == '\\'; };
  if (std::ranges::any_of(path, needs_quotes)) return {};
  Retargeting out(text, section.old_path->value, path, new_prefix);
  for (std::size_t begin = section.header.begin; begin < section.header.end;) {
    const std::size_t end = std::min<std::size_t>(text.find('\n', begin), section.header.end);
    out.line(begin, end);
    begin = end + 1;
  }
  return out.take();
}

std::string edited(std::string_view text, const PatchEdits& edits) {
  PatchEdits sorted = edits;
  std::ranges::sort(sorted, {}, [](const auto& edit) { return edit.first.begin; });
  std::string out;
  std::size_t done = 0;
  for (const auto& [span, written] : sorted) {
    out += text.substr(done, span.begin - done);
    out += written;
    done = span.end;
  }
  out += text.substr(done);
  return out;
}

}  // namespace forge::model
