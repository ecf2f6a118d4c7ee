#include "engine/base/source_file.hpp"

#include <algorithm>
#include <utility>

namespace forge {

SourceFile::SourceFile(std::string path, std::string text)
    : path_(std::move(path)), text_(std::move(text)), lines_(text_) {}

SourceFilePtr SourceFile::make(std::string path, std::string text) {
  return std::make_shared<const SourceFile>(std::move(path), std::move(text));
}

std::string_view SourceFile::text(TextSpan span) const {
  const std::size_t begin = std::min<std::size_t>(span.begin, text_.size());
  const std::size_t end = std::clamp<std::size_t>(span.end, begin, text_.size());
  return std::string_view(text_).substr(begin, end - begin);
}

TextSpan SourceFile::line_at(std::uint32_t offset) const {
  return lines_.line_span(text_, lines_.line_of(offset));
}

TextSpan SourceFile::full_line_at(std::uint32_t offset) const {
  return lines_.full_line_span(text_, lines_.line_of(offset));
}

}  // namespace forge
