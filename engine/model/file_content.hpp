/// A file of a tree while patches change it: bytes or lines, whichever was asked for last.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "engine/git/upstreams.hpp"

namespace forge::model {

/// Each with its LF, but the last one may lack it.
using Lines = std::vector<std::string_view>;

[[nodiscard]] Lines split_lines(std::string_view text);

class LineSearch;

/// Patching twenty hunks into a file must not copy it twenty times, so content that came from a patch is kept as
/// views into the blob and the patches. They must outlive it. Not for use by several threads.
class FileContent {
 public:
  explicit FileContent(git::BlobPtr text);
  /// `lines` point into what `previous` points into, and into patches. Where they are not `whole` (a line is empty, or
  /// one but the last lacks its LF) the bytes count.
  FileContent(Lines lines, bool whole, const FileContent& previous);
  ~FileContent();
  FileContent(const FileContent&) = delete;
  FileContent& operator=(const FileContent&) = delete;

  [[nodiscard]] const Lines& lines() const;
  /// What all who look for something in the lines share. It takes a few times the memory of the lines.
  [[nodiscard]] LineSearch& search() const;
  /// Nobody looks for anything any more, at least for a while; with `only_runs` the smaller part is kept.
  void forget_search(bool only_runs) const;
  [[nodiscard]] const git::BlobPtr& text() const;
  [[nodiscard]] bool empty() const { return text_ ? text_->empty() : lines_.empty(); }

 private:
  mutable Lines lines_;
  mutable bool split_ = false;
  mutable git::BlobPtr text_;
  mutable std::unique_ptr<LineSearch> search_;
  git::BlobPtr root_;  ///< owns what `lines_` points into
};

using FileContentPtr = std::shared_ptr<const FileContent>;

}  // namespace forge::model
