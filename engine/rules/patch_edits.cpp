#include "engine/rules/patch_edits.hpp"

#include <algorithm>
#include <vector>

#include <fmt/format.h>

#include "engine/base/text.hpp"

namespace forge::rules {

namespace {

std::size_t digit_count(std::string_view name) {
  return std::min(name.find_first_not_of("0123456789"), name.size());
}

/// The name behind the number and its separator.
std::string_view name_behind_number(std::string_view name) {
  const std::string_view rest = name.substr(digit_count(name));
  return !rest.empty() && (rest.front() == '-' || rest.front() == '_') ? rest.substr(1) : rest;
}

std::string folder_of(std::string_view path) {
  return std::string(path.substr(0, path.size() - file_name(path).size()));
}

/// So that no edit writes over a file which another has yet to move away. Targets are in the order of their sources, so
/// there is always one that can go first.
std::vector<FileEdit> in_safe_order(std::vector<FileEdit> edits) {
  std::vector<FileEdit> out;
  while (!edits.empty()) {
    const auto free = std::ranges::find_if(edits, [&](const FileEdit& edit) {
      return std::ranges::find(edits, edit.new_path, &FileEdit::path) == edits.end();
    });
    const auto next = free == edits.end() ? edits.begin() : free;
    out.push_back(std::move(*next));
    edits.erase(next);
  }
  return out;
}

/// A number that is small enough to be counted with.
std::optional<std::size_t> counted_number(std::string_view name) {
  constexpr std::size_t most_digits = 9;
  const std::size_t size = digit_count(name);
  if (size == 0 || size > most_digits) return std::nullopt;
  std::size_t number = 0;
  for (const char digit : name.substr(0, size)) number = 10 * number + static_cast<std::size_t>(digit - '0');
  return number;
}

}  // namespace

std::string_view file_name(std::string_view path) {
  return path.substr(path.rfind('/') + 1);
}

std::optional<std::string> patch_number(std::string_view name) {
  const std::size_t size = digit_count(name);
  if (size == 0) return std::nullopt;
  const std::size_t zeros = std::min(name.find_first_not_of('0'), size);
  return std::string(name.substr(zeros, size - zeros));
}

bool number_before(const std::string& a, const std::string& b) {
  return a.size() != b.size() ? a.size() < b.size() : a < b;
}

Fix renumber(const workspace::PatchSeries& series) {
  std::vector<std::string> order;
  order.reserve(series.patches.size());
  for (const auto& document : series.patches) order.push_back(document->file->path());
  std::ranges::stable_sort(order, [](const std::string& a, const std::string& b) {
    const auto number = [](const std::string& path) {
      return patch_number(file_name(path)).value_or(std::string(99, '9'));
    };
    return number_before(number(a), number(b));
  });
  Fix fix{.title = "Rename the series with numbers of four digits"};
  for (std::size_t i = 0; i < order.size(); ++i) {
    const std::string_view name = file_name(order[i]);
    std::string renamed =
        fmt::format("{}{:04}-{}", folder_of(order[i]), i + 1, patch_number(name) ? name_behind_number(name) : name);
    if (renamed == order[i]) continue;
    fix.files.push_back({.kind = FileEdit::Kind::rename, .path = order[i], .new_path = std::move(renamed)});
  }
  fix.files = in_safe_order(std::move(fix.files));
  return fix;
}

std::optional<Fix> delete_and_renumber(const workspace::PatchSeries& series, std::size_t patch) {
  if (patch + 1 >= series.patches.size()) return std::nullopt;
  const std::string& path = series.patches[patch]->file->path();
  std::optional<std::size_t> last = counted_number(file_name(path));
  Fix fix{.title = "Delete the patch and renumber the ones behind it",
          .edits = {},
          .files = {{.kind = FileEdit::Kind::remove, .path = path}}};
  for (std::size_t i = patch + 1; i < series.patches.size(); ++i) {
    const std::string& old_path = series.patches[i]->file->path();
    const std::string_view name = file_name(old_path);
    const std::optional<std::size_t> number = counted_number(name);
    if (!last || !number || *number != *last + 1) return std::nullopt;
    const std::size_t digits = digit_count(name);
    fix.files.push_back(
        {.kind = FileEdit::Kind::rename,
         .path = old_path,
         .new_path = fmt::format("{}{:0{}}{}", folder_of(old_path), *last, digits, name.substr(digits))});
    last = number;
  }
  return fix;
}

std::string name_behind(const workspace::PatchSeries* series, std::string_view name) {
  if (series == nullptr || series->patches.empty()) return std::string(name);
  const std::string_view last = file_name(series->patches.back()->file->path());
  if (const std::optional<std::size_t> number = counted_number(last))
    return fmt::format("{:0{}}-{}", *number + 1, digit_count(last), name_behind_number(name));
  if (last < name) return std::string(name);
  constexpr std::string_view ending = ".patch";
  return fmt::format("{}-{}", last.substr(0, last.size() - ending.size()), name);
}

TextEdit replacement(const SourceFilePtr& file, std::string_view after) {
  const std::string_view before = file->text();
  const auto first = static_cast<std::size_t>(std::ranges::mismatch(before, after).in1 - before.begin());
  const std::size_t begin = first == 0 ? 0 : before.rfind('\n', first - 1) + 1;
  std::size_t same = 0;
  const std::size_t most = std::min(before.size(), after.size()) - begin;
  while (same < most && before[before.size() - 1 - same] == after[after.size() - 1 - same]) ++same;
  const std::size_t line = before.find('\n', before.size() - same);
  same = line == std::string_view::npos ? 0 : before.size() - line - 1;
  return {{file, span_of(begin, before.size() - same)}, std::string(after.substr(begin, after.size() - same - begin))};
}

}  // namespace forge::rules
