#include "tests/support/memory_index.hpp"

#include <algorithm>

#include <fmt/format.h>

namespace forge::support {

void MemoryIndex::add(const std::string& project, const std::string& version, Release release) {
  const PackageName name = PackageName::parse(project).value();
  std::string stem = project;
  std::ranges::replace(stem, '-', '_');
  if (release.files.empty()) release.files.emplace_back("py3-none-any.whl");
  index::FileMetadata metadata{
      .core = formats::parse_core_metadata(
          fmt::format("Metadata-Version: 2.4\nName: {}\nVersion: {}\n{}", project, version, release.metadata)),
      .settled = release.settled,
      .needs_pkg_resources = release.needs_pkg_resources};
  for (const std::string& ending : release.files) {
    const std::string file_name = fmt::format("{}-{}{}{}", stem, version, ending == "tar.gz" ? "." : "-", ending);
    auto distribution = formats::parse_file_name(file_name, name);
    if (!distribution) throw std::runtime_error("no file name: " + file_name);
    const std::string url = "memory:" + file_name;
    pages_[name].files.push_back({.file_name = file_name,
                                  .url = url,
                                  .sha256 = {},
                                  .requires_python = release.requires_python,
                                  .yanked = release.yanked,
                                  .yanked_reason = release.yanked_reason,
                                  .distribution = *std::move(distribution)});
    contents_[url] = release.content;
    metadata_[url] = std::make_shared<const index::FileMetadata>(metadata);
  }
}

std::vector<Result<index::ProjectPagePtr>> MemoryIndex::pages(const std::vector<PackageName>& projects) const {
  std::vector<Result<index::ProjectPagePtr>> answers;
  for (const PackageName& project : projects) {
    const auto found = pages_.find(project);
    if (failure_)
      answers.emplace_back(tl::unexpected<Failure>(*failure_));
    else if (found == pages_.end())
      answers.emplace_back(fail(Failure::Kind::not_found, fmt::format("No index has `{}`.", project.str())));
    else
      answers.emplace_back(std::make_shared<const index::ProjectPage>(found->second));
  }
  return answers;
}

std::vector<Result<index::FileMetadataPtr>> MemoryIndex::metadata(
    const std::vector<index::FileQuestion>& questions) const {
  std::vector<Result<index::FileMetadataPtr>> answers;
  for (const index::FileQuestion& question : questions) {
    if (failure_)
      answers.emplace_back(tl::unexpected<Failure>(*failure_));
    else
      answers.emplace_back(metadata_.at(question.file.url));
  }
  return answers;
}

Result<std::string> MemoryIndex::content(const formats::IndexFile& file) const {
  if (failure_) return tl::unexpected<Failure>(*failure_);
  return contents_.at(file.url);
}

}  // namespace forge::support
