/// A package index that lives in memory, for tests of everything above it.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "engine/index/package_index.hpp"

namespace forge::support {

class MemoryIndex : public index::PackageIndex {
 public:
  struct Release {
    std::string metadata{};  ///< headers besides Name and Version
    std::string requires_python{};
    bool yanked = false;
    std::string yanked_reason{};
    std::vector<std::string> files{};  ///< endings: `py3-none-any.whl`, `tar.gz`; empty: a pure wheel
    bool settled = true;
    bool needs_pkg_resources = false;
    std::string content{};  ///< of each of its files
  };
  void add(const std::string& project, const std::string& version, Release release);
  /// Every question is answered with this failure from now on.
  void break_down(Failure failure) { failure_ = std::move(failure); }

  [[nodiscard]] std::vector<Result<index::ProjectPagePtr>> pages(
      const std::vector<PackageName>& projects) const override;
  [[nodiscard]] std::vector<Result<index::FileMetadataPtr>> metadata(
      const std::vector<index::FileQuestion>& questions) const override;
  [[nodiscard]] Result<std::string> content(const formats::IndexFile& file) const override;
  [[nodiscard]] std::string name() const override { return "memory:"; }

 private:
  std::map<PackageName, formats::IndexPage> pages_;
  std::map<std::string, index::FileMetadataPtr> metadata_;  ///< by URL
  std::map<std::string, std::string> contents_;             ///< likewise
  std::optional<Failure> failure_;
};

}  // namespace forge::support
