/// The contents that the index lines of a series name: blobs of the repository, and what the patches before make.
#pragma once

#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "engine/git/upstreams.hpp"
#include "engine/model/patch_series.hpp"

namespace forge::model {

/// `content` with a section's hunks put in, as `git apply` places them; nothing where one finds no place.
struct PatchedText {
  std::string text;
  bool exact = true;  ///< every hunk at the line it names
};
[[nodiscard]] std::optional<PatchedText> patched_text(std::string_view content, std::string_view text,
                                                      const formats::Patch& patch, const formats::Section& section);
/// Only one of its hunks.
[[nodiscard]] std::optional<PatchedText> patched_text(std::string_view content, std::string_view text,
                                                      const formats::Patch& patch,
                                                      std::span<const formats::Hunk> hunks);

/// In a series the second patch of a file names a blob that was never committed: the first patch's result on its own
/// base. It is made again here, and taken only where its id is the one that is asked for.
class NamedContents {
 public:
  NamedContents(const git::Repository& repository, std::span<const PatchText> patches)
      : repository_(repository), patches_(patches) {}

  /// Null where nothing, or more than one thing, has an id with these first digits. Ids of nothing but zeros are an
  /// empty content.
  [[nodiscard]] git::BlobPtr find(std::string_view hex) { return find(hex, 0); }

 private:
  [[nodiscard]] git::BlobPtr find(std::string_view hex, int depth);
  [[nodiscard]] git::BlobPtr made_by_a_patch(std::string_view hex, int depth);
  void index();

  struct Maker {
    std::size_t patch = 0;
    std::size_t section = 0;
  };

  const git::Repository& repository_;
  std::span<const PatchText> patches_;
  std::map<std::string, git::BlobPtr, std::less<>> known_;
  std::multimap<std::string, Maker, std::less<>> makers_;  ///< by the first digits of what they make
  bool indexed_ = false;
};

}  // namespace forge::model
