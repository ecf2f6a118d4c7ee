#include "engine/index/file_metadata.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "engine/base/text.hpp"
#include "engine/formats/sdist_archive.hpp"

namespace forge::index {

namespace {

using formats::CoreMetadata;

constexpr std::size_t largest_sdist = 512U << 20U;  // unpacked
constexpr std::string_view magic = "file metadata 1";

bool is_of(const CoreMetadata& core, const FileQuestion& question) {
  const auto name = PackageName::parse(core.name);
  const auto version = formats::Version::parse(core.version);
  return name && *name == question.project && version && *version == question.file.distribution.version;
}

tl::unexpected<Failure> other_project(const CoreMetadata& core, const FileQuestion& question) {
  return fail(Failure::Kind::invalid, fmt::format("`{}` says of itself that it is `{}` `{}`.", question.file.file_name,
                                                  core.name.substr(0, 100), core.version.substr(0, 100)));
}

bool imports_pkg_resources(std::string_view setup_py) {
  for (const std::string_view line : split(setup_py, '\n')) {
    const std::string_view code = trim(line);
    if (code.starts_with("import pkg_resources") || code.starts_with("from pkg_resources")) return true;
  }
  return false;
}

/// Whether pyproject.toml asks for a setuptools that still has pkg_resources: 82 dropped it.
bool bounds_setuptools(std::string_view pyproject) {
  static const auto dropped = formats::Version::parse("82");
  constexpr std::string_view name = "setuptools";
  for (std::size_t at = pyproject.find(name); at != std::string_view::npos; at = pyproject.find(name, at + 1)) {
    if (at == 0 || (pyproject[at - 1] != '"' && pyproject[at - 1] != '\'')) continue;
    const std::size_t end = pyproject.find(pyproject[at - 1], at);
    if (end == std::string_view::npos) return false;
    const auto requirement = formats::parse_requirement(pyproject.substr(at, end - at));
    if (requirement && requirement->name.str() == name && !requirement->specifiers.contains(*dropped)) return true;
  }
  return false;
}

}  // namespace

Result<FileMetadata> metadata_of_wheel(std::string_view text, const FileQuestion& question) {
  FileMetadata metadata{.core = formats::parse_core_metadata(text)};
  if (!is_of(metadata.core, question)) return other_project(metadata.core, question);
  return metadata;
}

Result<FileMetadata> metadata_of_sdist(std::string_view archive, const FileQuestion& question) {
  const auto files = formats::read_sdist(archive, largest_sdist);
  if (!files) return fail(Failure::Kind::invalid, fmt::format("`{}` can't be unpacked.", question.file.file_name));
  FileMetadata metadata{.core = formats::parse_core_metadata(files->pkg_info)};
  metadata.settled = is_of(metadata.core, question) && metadata.core.requirements_are_static();
  if (!metadata.settled && metadata.core.requires_dist.empty())
    metadata.core.requires_dist = formats::requires_dist_of(files->requires_txt);
  metadata.needs_pkg_resources = imports_pkg_resources(files->setup_py) && !bounds_setuptools(files->pyproject);
  return metadata;
}

const formats::ZipEntry* find_metadata_entry(const std::vector<formats::ZipEntry>& entries) {
  const auto found = std::ranges::find_if(entries, [](const formats::ZipEntry& entry) {
    const std::size_t slash = entry.name.find('/');
    return slash != std::string::npos && entry.name.substr(slash) == "/METADATA" &&
           entry.name.substr(0, slash).ends_with(".dist-info");
  });
  return found == entries.end() ? nullptr : &*found;
}

std::string to_text(const FileMetadata& metadata) {
  return fmt::format("{} {:d} {:d}\n{}", magic, metadata.settled, metadata.needs_pkg_resources, metadata.core.str());
}

std::optional<FileMetadata> from_text(std::string_view text) {
  if (!text.starts_with(magic) || text.size() < magic.size() + 5) return std::nullopt;
  FileMetadata metadata{.core = formats::parse_core_metadata(text.substr(magic.size() + 5))};
  metadata.settled = text[magic.size() + 1] == '1';
  metadata.needs_pkg_resources = text[magic.size() + 3] == '1';
  return metadata;
}

}  // namespace forge::index
