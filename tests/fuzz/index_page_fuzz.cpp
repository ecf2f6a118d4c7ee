/// A project's page, HTML or JSON by the first byte: what is taken makes sense, and what is kept of it is read again as
/// the same.
#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "engine/base/text.hpp"
#include "engine/formats/index_page.hpp"
#include "engine/index/project_page.hpp"

namespace {

using namespace forge;
using formats::IndexFile;
using index::ProjectPage;

void require(bool condition) {
  if (!condition) std::abort();
}

void require_digest(std::string_view text) {
  require(text.empty() || (text.size() == 64 && std::ranges::all_of(text, is_hex) && to_lower(text) == text));
}

void check_file(const IndexFile& file, const PackageName& project) {
  require(file.distribution.name == project && !file.url.empty());
  require(file.url.find('#') == std::string::npos);
  require_digest(file.sha256);
  require_digest(file.metadata_sha256);
  require(file.has_metadata || file.metadata_sha256.empty());
}

void check_kept(const formats::IndexPage& page, const PackageName& project) {
  const ProjectPage kept(page);
  const auto again = ProjectPage::from_text(kept.text(), project);
  require(again && again->text() == kept.text());
  std::size_t files = 0;
  const auto versions = kept.versions();
  require(std::ranges::is_sorted(versions));
  for (const auto& version : versions) {
    const auto found = again->files(version);
    require(!found.empty() && found.size() == kept.files(version).size());
    for (const IndexFile& file : found) check_file(file, project);
    files += found.size();
  }
  require(files == page.files.size());
  require(kept.merged_with(*again).versions() == versions);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  constexpr std::array<std::string_view, 3> types = {"text/html; charset=UTF-8", "application/vnd.pypi.simple.v1+json",
                                                     ""};
  static const PackageName project = *PackageName::parse("alpha");
  const std::string text(data + 1, data + size);
  const auto page = formats::parse_index_page(text, types.at(*data % types.size()),
                                              "https://u:p@index.example/simple/alpha/", project);
  if (!page) return 0;
  for (const IndexFile& file : page->files) check_file(file, project);
  check_kept(*page, project);
  return 0;
}
