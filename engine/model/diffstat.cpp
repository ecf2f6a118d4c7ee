#include "engine/model/diffstat.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "engine/base/text.hpp"
#include "engine/formats/patch_names.hpp"

namespace forge::model {

namespace {

constexpr std::uint64_t total_width = 72;

/// Columns of names, of numbers and of the graph (diff.c, show_stats).
struct Widths {
  std::uint64_t name = 0;
  std::uint64_t number = 0;
  std::uint64_t graph = 0;
  std::uint64_t most_changes = 0;
};

Widths widths_of(std::span<const FileStat> files) {
  constexpr std::uint64_t least_graph = 6;
  constexpr std::uint64_t separators = 6;
  Widths out;
  for (const FileStat& file : files) {
    out.name = std::max<std::uint64_t>(out.name, file.name.size());
    out.most_changes = std::max(out.most_changes, file.added + file.removed);
  }
  out.number = std::to_string(out.most_changes).size();
  out.graph = out.most_changes;
  if (out.name + out.number + separators + out.graph <= total_width) return out;
  const std::uint64_t share = total_width * 3 / 8 - std::min(total_width * 3 / 8, out.number + separators);
  if (out.graph > share) out.graph = std::max(share, least_graph);
  const std::uint64_t left = total_width - separators - std::min(total_width - separators, out.number + out.graph);
  if (out.name > left)
    out.name = left;
  else
    out.graph = total_width - separators - out.number - out.name;
  return out;
}

std::uint64_t scaled(std::uint64_t count, const Widths& widths) {
  return count == 0 ? 0 : 1 + count * (widths.graph - 1) / widths.most_changes;
}

std::string graph(const FileStat& file, const Widths& widths) {
  std::uint64_t added = file.added;
  std::uint64_t removed = file.removed;
  if (widths.graph <= widths.most_changes && widths.most_changes > 0) {
    std::uint64_t total = scaled(added + removed, widths);
    if (total < 2 && added > 0 && removed > 0) total = 2;
    if (added < removed) {
      added = scaled(added, widths);
      removed = total - added;
    } else {
      removed = scaled(removed, widths);
      added = total - removed;
    }
  }
  return std::string(added, '+') + std::string(removed, '-');
}

/// Too long a name loses its beginning, up to a slash if there is one.
std::string shortened(std::string_view name, std::uint64_t width) {
  constexpr std::string_view dots = "...";
  if (name.size() <= width) return fmt::format("{:<{}}", name, width);
  const std::uint64_t rest = width - std::min<std::uint64_t>(width, dots.size());
  name = name.substr(name.size() - rest);
  if (const std::size_t slash = name.find('/'); slash != std::string_view::npos) name = name.substr(slash);
  return fmt::format("{}{:<{}}", dots, name, rest);
}

std::string summary(std::span<const FileStat> files) {
  std::uint64_t added = 0;
  std::uint64_t removed = 0;
  for (const FileStat& file : files) {
    added += file.added;
    removed += file.removed;
  }
  std::string out = fmt::format(" {} file{} changed", files.size(), files.size() == 1 ? "" : "s");
  if (added > 0 || removed == 0) out += fmt::format(", {} insertion{}(+)", added, added == 1 ? "" : "s");
  if (removed > 0 || added == 0) out += fmt::format(", {} deletion{}(-)", removed, removed == 1 ? "" : "s");
  return out + "\n";
}

/// ` path/to/file | 12 ++--`
bool is_file_line(std::string_view line) {
  const std::size_t bar = line.rfind(" | ");
  if (!line.starts_with(' ') || bar == std::string_view::npos || bar == 0) return false;
  std::string_view rest = trim(line.substr(bar + 3));
  if (rest.starts_with("Bin")) return true;
  const std::size_t digits = std::min(rest.find_first_not_of("0123456789"), rest.size());
  if (digits == 0) return false;
  rest = trim(rest.substr(digits));
  return rest.find_first_not_of("+-") == std::string_view::npos;
}

/// ` 2 files changed, 3 insertions(+)`
bool is_summary_line(std::string_view line) {
  const std::string_view rest = trim(line);
  const std::size_t digits = std::min(rest.find_first_not_of("0123456789"), rest.size());
  return line.starts_with(' ') && digits > 0 &&
         (rest.substr(digits).starts_with(" file changed") || rest.substr(digits).starts_with(" files changed"));
}

}  // namespace

std::string diffstat_text(std::span<const FileStat> files) {
  const Widths widths = widths_of(files);
  std::string out;
  for (const FileStat& file : files) {
    const std::string bars = graph(file, widths);
    out += fmt::format(" {} | {:>{}}{}{}\n", shortened(file.name, widths.name), file.added + file.removed,
                       widths.number, bars.empty() ? "" : " ", bars);
  }
  return out + summary(files);
}

std::optional<DiffstatBlock> find_diffstat(std::string_view text, std::size_t from, std::size_t to) {
  std::optional<DiffstatBlock> found;
  DiffstatBlock now;
  for (std::size_t at = from; at < to;) {
    const std::size_t end = std::min(formats::line_end(text, at), to);
    const std::string_view line = text.substr(at, end - at);
    if (is_file_line(line)) {
      if (now.files++ == 0) now.span.begin = static_cast<std::uint32_t>(at);
    } else {
      if (now.files > 0 && is_summary_line(line)) {
        now.span.end = static_cast<std::uint32_t>(end);
        found = now;
      }
      now = {};
    }
    at = end;
  }
  return found;
}

}  // namespace forge::model
