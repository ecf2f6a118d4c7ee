/// A project's page on a package index: HTML (PEP 503, 592, 658, 714) or JSON (PEP 691, 700).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/base/names.hpp"
#include "engine/formats/distribution_file.hpp"

namespace forge::formats {

struct IndexFile {
  std::string file_name;
  std::string url;              ///< absolute, without fragment
  std::string sha256;           ///< 64 lower-case hexadecimal digits; empty: none given
  std::string requires_python;  ///< as written; empty: none
  bool yanked = false;
  std::string yanked_reason{};
  bool has_metadata = false;      ///< the METADATA of a wheel is at `url` + `.metadata`
  std::string metadata_sha256{};  ///< empty: none given
  std::uint64_t size = 0;         ///< 0: not told
  DistributionFile distribution{};
};

struct IndexPage {
  std::vector<IndexFile> files;  ///< wheels and sdists of the project; eggs, installers and signatures are left out
};

/// `url` is where the page came from, `content_type` what the server called it; without one the text itself decides.
/// Files that make no sense are passed over, and so are those of this machine (`file:`) on a page from elsewhere.
/// Nothing where the whole is no such page: JSON that does not parse, or that is of another major version of the
/// format.
[[nodiscard]] std::optional<IndexPage> parse_index_page(std::string_view text, std::string_view content_type,
                                                        std::string_view url, const PackageName& project);

}  // namespace forge::formats
