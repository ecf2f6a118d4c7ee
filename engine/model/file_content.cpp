#include "engine/model/file_content.hpp"

#include <utility>

#include "engine/model/line_search.hpp"

namespace forge::model {

namespace {

git::BlobPtr joined(const Lines& lines) {
  std::size_t size = 0;
  for (const std::string_view line : lines) size += line.size();
  std::string text;
  text.reserve(size);
  for (const std::string_view line : lines) text += line;
  return std::make_shared<const std::string>(std::move(text));
}

}  // namespace

Lines split_lines(std::string_view text) {
  Lines lines;
  constexpr std::size_t usual_length = 32;  // counting first costs as much as splitting
  lines.reserve(text.size() / usual_length + 1);
  while (!text.empty()) {
    const std::size_t end = text.find('\n');
    const std::size_t size = end == std::string_view::npos ? text.size() : end + 1;
    lines.push_back(text.substr(0, size));
    text.remove_prefix(size);
  }
  return lines;
}

FileContent::FileContent(git::BlobPtr text) : text_(std::move(text)), root_(text_) {}
FileContent::~FileContent() = default;

FileContent::FileContent(Lines lines, bool whole, const FileContent& previous) {
  if (whole) {
    lines_ = std::move(lines);
    split_ = true;
    root_ = previous.root_;
  } else {
    text_ = joined(lines);
    root_ = text_;
  }
}

const Lines& FileContent::lines() const {
  if (!split_) {
    lines_ = split_lines(*text_);
    split_ = true;
  }
  return lines_;
}

LineSearch& FileContent::search() const {
  if (!search_) search_ = std::make_unique<LineSearch>(lines());
  return *search_;
}

void FileContent::forget_search(bool only_runs) const {
  if (search_ && only_runs)
    search_->forget_runs();
  else
    search_.reset();
}

const git::BlobPtr& FileContent::text() const {
  if (!text_) text_ = joined(lines_);
  return text_;
}

}  // namespace forge::model
