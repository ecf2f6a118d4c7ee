#include "engine/index/project_page.hpp"

#include <algorithm>
#include <charconv>
#include <set>

#include <fmt/format.h>

#include "engine/base/text.hpp"

namespace forge::index {

namespace {

using formats::IndexFile;
using formats::Version;

enum Field : std::size_t {
  field_key,
  field_name,
  field_url,
  field_sha256,
  field_requires_python,
  field_yanked,    ///< `-`, or `y` and the reason
  field_metadata,  ///< `-`, or `m` and the digest
  field_size,
  field_count
};

/// Equal for versions that are equal: without the zeros at the release's end.
std::string key_of(const Version& version) {
  std::string base = version.base_str();
  const std::string rest = version.str().substr(base.size());
  while (base.ends_with(".0")) base.resize(base.size() - 2);
  return base + rest;
}

/// One line, no tab: control characters become blanks.
std::string clean(std::string_view text) {
  std::string out(text);
  std::ranges::replace_if(out, [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; }, ' ');
  return out;
}

std::string line_of(const IndexFile& file) {
  return fmt::format("{}\t{}\t{}\t{}\t{}\t{}\t{}\t{}\n", key_of(file.distribution.version), clean(file.file_name),
                     clean(file.url), file.sha256, clean(file.requires_python),
                     file.yanked ? "y" + clean(file.yanked_reason) : "-",
                     file.has_metadata ? "m" + file.metadata_sha256 : "-", file.size);
}

bool is_digest(std::string_view text) {
  return text.empty() || (text.size() == 64 && std::ranges::all_of(text, is_hex));
}

std::string_view next_line(std::string_view text, std::size_t& at) {
  const std::size_t end = std::min(text.find('\n', at), text.size());
  const std::string_view line = text.substr(at, end - at);
  at = end + 1;
  return line;
}

std::string_view key_in(std::string_view line) {
  return line.substr(0, line.find('\t'));
}

/// Where the lines of a version or of those above it begin, by halving. A key that is no version counts as below.
std::size_t first_line_not_below(std::string_view text, const Version& version) {
  std::size_t low = 1;
  std::size_t high = text.size();
  while (low < high) {
    std::size_t at = std::max(low, text.rfind('\n', low + (high - low) / 2 - 1) + 1);
    const std::size_t begin = at;
    const auto key = Version::parse(key_in(next_line(text, at)));
    if (key && *key >= version)
      high = begin;
    else
      low = at;
  }
  return low;
}

std::string text_of(std::vector<IndexFile> files) {
  std::ranges::stable_sort(files, {}, [](const IndexFile& file) { return file.distribution.version; });
  std::string text = "\n";  // so that each line has a newline before it
  for (const IndexFile& file : files) text += line_of(file);
  return text;
}

}  // namespace

ProjectPage::ProjectPage(const formats::IndexPage& page) : text_(text_of(page.files)) {
  if (!page.files.empty()) project_ = page.files.front().distribution.name;
}

std::optional<ProjectPage> ProjectPage::from_text(SharedText text, const PackageName& project) {
  if (!text.view().starts_with('\n')) return std::nullopt;
  ProjectPage page;
  page.text_ = std::move(text);
  page.project_ = project;
  return page;
}

std::optional<IndexFile> ProjectPage::file_of_line(std::string_view line) const {
  const auto fields = split(line, '\t');
  if (fields.size() != field_count) return std::nullopt;
  const std::string_view yanked = fields[field_yanked];
  const std::string_view metadata = fields[field_metadata];
  auto distribution = formats::parse_file_name(fields[field_name], project_);
  if (!distribution || yanked.empty() || metadata.empty() || !is_digest(fields[field_sha256]) ||
      !is_digest(metadata.substr(1)))
    return std::nullopt;
  IndexFile file{.file_name = std::string(fields[field_name]),
                 .url = std::string(fields[field_url]),
                 .sha256 = std::string(fields[field_sha256]),
                 .requires_python = std::string(fields[field_requires_python]),
                 .yanked = yanked.front() == 'y',
                 .yanked_reason = std::string(yanked.substr(1)),
                 .has_metadata = metadata.front() == 'm',
                 .metadata_sha256 = std::string(metadata.substr(1)),
                 .distribution = *std::move(distribution)};
  const std::string_view size = fields[field_size];
  std::from_chars(size.data(), size.data() + size.size(), file.size);
  return file;
}

std::vector<IndexFile> ProjectPage::files(const Version& version) const {
  const std::string wanted = key_of(version);
  const std::string_view text = text_.view();
  std::vector<std::string_view> lines;
  for (std::size_t at = first_line_not_below(text, version); at < text.size();) {
    const std::string_view line = next_line(text, at);
    if (key_in(line) != wanted) break;
    lines.push_back(line);
  }
  std::vector<IndexFile> found;
  found.reserve(lines.size());
  for (const std::string_view line : lines) {
    if (auto file = file_of_line(line)) found.push_back(*std::move(file));
  }
  return found;
}

std::vector<Version> ProjectPage::versions() const {
  std::vector<Version> found;
  std::string_view last;
  const std::string_view text = text_.view();
  for (std::size_t at = 1; at < text.size();) {
    const std::string_view line = next_line(text, at);
    const std::string_view key = key_in(line);
    if (key == last) continue;
    last = key;
    if (auto file = file_of_line(line)) found.push_back(std::move(file->distribution.version));
  }
  std::ranges::stable_sort(found);
  const auto doublets = std::ranges::unique(found);
  found.erase(doublets.begin(), doublets.end());
  return found;
}

ProjectPage ProjectPage::merged_with(const ProjectPage& other) const {
  std::vector<IndexFile> files;
  std::set<std::string> names;
  for (const ProjectPage* page : {this, &other}) {
    for (std::size_t at = 1; at < page->text_.view().size();) {
      auto file = page->file_of_line(next_line(page->text_.view(), at));
      if (file && names.insert(file->file_name).second) files.push_back(*std::move(file));
    }
  }
  ProjectPage merged;
  merged.text_ = SharedText(text_of(std::move(files)));
  merged.project_ = project_.str().empty() ? other.project_ : project_;
  return merged;
}

}  // namespace forge::index
