#include "engine/model/file_content.hpp"

#include <utility>

namespace forge::model {

namespace {

bool lines_are_whole(const Lines& lines) {
  for (std::size_t i = 0; i < lines.size(); ++i) {
    if (lines[i].empty() || (i + 1 < lines.size() && lines[i].back() != '\n')) return false;
  }
  return true;
}

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

FileContent::FileContent(Lines lines, const FileContent& previous) {
  if (lines_are_whole(lines)) {
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

const git::BlobPtr& FileContent::text() const {
  if (!text_) text_ = joined(lines_);
  return text_;
}

}  // namespace forge::model
