#include "engine/base/answer_folder.hpp"

#include <algorithm>
#include <filesystem>
#include <system_error>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "engine/base/atomic_file.hpp"
#include "engine/base/sha256.hpp"
#include "engine/base/shared_text.hpp"

namespace forge {

namespace fs = std::filesystem;

namespace {

constexpr std::size_t largest_entry = 2U << 20U;  // half of it is kept: with the bound below, a quarter of a GiB
// Of one kind: as many as there may be forges, times releases, in use at once, a few times over.
constexpr std::size_t most_entries = 256;

/// A quarter goes at once, so that not every new entry lists the folder's times again.
void drop_oldest(const fs::path& folder) {
  std::error_code error;
  std::vector<std::pair<fs::file_time_type, fs::path>> entries;
  for (auto entry = fs::directory_iterator(folder, error); !error && entry != fs::directory_iterator();
       entry.increment(error)) {
    std::error_code ignored;
    entries.emplace_back(entry->last_write_time(ignored), entry->path());
  }
  if (entries.size() <= most_entries) return;
  std::ranges::sort(entries);
  for (std::size_t i = 0; i < entries.size() - most_entries * 3 / 4; ++i) fs::remove(entries[i].second, error);
}

}  // namespace

std::string AnswerFolder::path_of(std::string_view kind, std::string_view inputs) const {
  return fmt::format("{}/{}/{}", folder_, kind, sha256_hex(inputs));
}

std::optional<std::string> AnswerFolder::load(std::string_view kind, std::string_view inputs) const {
  if (folder_.empty()) return std::nullopt;
  const auto entry = SharedText::of_file(path_of(kind, inputs), largest_entry);
  if (!entry) return std::nullopt;
  const std::string_view text = entry->view();
  const std::size_t end = text.find('\n');
  if (end == std::string_view::npos || sha256_hex(text.substr(end + 1)) != text.substr(0, end)) return std::nullopt;
  return std::string(text.substr(end + 1));
}

void AnswerFolder::store(std::string_view kind, std::string_view inputs, std::string_view answer) const {
  if (folder_.empty() || answer.size() > largest_entry / 2) return;
  if (write_file_atomically(path_of(kind, inputs), fmt::format("{}\n{}", sha256_hex(answer), answer)))
    drop_oldest(fs::path(folder_) / kind);
}

}  // namespace forge
