#include "engine/git/libgit2_commit_name.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <filesystem>
#include <fstream>
#include <memory>
#include <optional>

#include "engine/git/libgit2_handles.hpp"

namespace forge::git {

namespace {

namespace fs = std::filesystem;

struct FreeTag {
  void operator()(git_tag* tag) const { git_tag_free(tag); }
};
using TagHandle = std::unique_ptr<git_tag, FreeTag>;

/// The number of objects in a pack, which ends the table at the start of its index.
std::uint64_t objects_in(const fs::path& index) {
  std::ifstream file(index, std::ios::binary);
  std::array<char, 4> word{};
  if (!file.read(word.data(), word.size())) return 0;
  const bool has_header = word == std::array{'\377', 't', 'O', 'c'};
  file.seekg((has_header ? 8 : 0) + 255 * 4);
  if (!file.read(word.data(), word.size())) return 0;
  std::uint64_t count = 0;
  for (const char byte : word) count = count << 8U | static_cast<unsigned char>(byte);
  return count;
}

std::uint64_t packed_objects(git_repository* repository) {
  std::uint64_t count = 0;
  std::error_code error;
  const fs::path packs = fs::path(git_repository_commondir(repository)) / "objects" / "pack";
  for (fs::directory_iterator at(packs, error), end; !error && at != end; at.increment(error))
    if (at->path().extension() == ".idx") count += objects_in(at->path());
  return count;
}

/// git's rule: so many digits that half of them would do to tell the objects apart, and seven at least.
std::size_t usual_digits(std::uint64_t objects) {
  return std::max<std::size_t>(7, (static_cast<std::size_t>(std::bit_width(objects)) + 1) / 2);
}

std::string abbreviated(git_repository* repository, git_odb* odb, const ObjectId& commit) {
  const std::string hex = commit.hex();
  std::size_t digits = usual_digits(packed_objects(repository));
  git_oid prefix;
  git_oid match;
  while (digits < hex.size() && git_oid_fromstrn(&prefix, hex.data(), digits) == 0 &&
         git_odb_exists_prefix(&match, odb, &prefix, digits) == GIT_EAMBIGUOUS)
    ++digits;
  return hex.substr(0, digits);
}

TagHandle annotation(git_repository* repository, const NamedRef& ref) {
  git_oid id;
  git_tag* tag = nullptr;
  if (git_reference_name_to_id(&id, repository, ("refs/tags/" + ref.name).c_str()) != 0 ||
      git_tag_lookup(&tag, repository, &id) != 0)
    return nullptr;
  return TagHandle(tag);
}

/// Of several the one that was made last, as `git describe` takes it.
std::string annotated_tag(git_repository* repository, std::span<const NamedRef> tags) {
  std::string name;
  std::optional<git_time_t> newest;
  for (const NamedRef& ref : tags) {
    const TagHandle tag = annotation(repository, ref);
    if (tag == nullptr) continue;
    const git_signature* tagger = git_tag_tagger(tag.get());
    const git_time_t made = tagger == nullptr ? 0 : tagger->when.time;
    if (newest && *newest >= made) continue;
    newest = made;
    name = git_tag_name(tag.get());
  }
  return name;
}

}  // namespace

CommitName read_commit_name(git_repository* repository, git_odb* odb, const ObjectId& commit,
                            std::span<const NamedRef> tags) {
  return {abbreviated(repository, odb, commit), annotated_tag(repository, tags)};
}

}  // namespace forge::git
