/// What an index has of one project, in a form that is found fast: a popular project has thousands of files, and most
/// questions are about one version.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/base/shared_text.hpp"
#include "engine/formats/index_page.hpp"

namespace forge::index {

class ProjectPage {
 public:
  explicit ProjectPage(const formats::IndexPage& page);
  /// From text(), as kept on disk; nothing where it is no such text.
  static std::optional<ProjectPage> from_text(SharedText text, const PackageName& project);

  /// One line per file, fields separated by tabs, sorted by version; the version's key stands first.
  [[nodiscard]] const SharedText& text() const { return text_; }

  /// Files of one version, however spelled: `1.0` finds those of `1.0.0`.
  [[nodiscard]] std::vector<formats::IndexFile> files(const formats::Version& version) const;
  /// Every version that has a file, oldest first, each once.
  [[nodiscard]] std::vector<formats::Version> versions() const;
  /// The files of another index behind these, as pip takes them together.
  [[nodiscard]] ProjectPage merged_with(const ProjectPage& other) const;

 private:
  ProjectPage() = default;
  [[nodiscard]] std::optional<formats::IndexFile> file_of_line(std::string_view line) const;

  SharedText text_;
  PackageName project_;
};

using ProjectPagePtr = std::shared_ptr<const ProjectPage>;

}  // namespace forge::index
