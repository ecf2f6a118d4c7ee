#include "lsp/text_buffer.hpp"

#include <algorithm>
#include <utility>

namespace forge::lsp {

namespace {

/// Whether a line begins at `offset`, which is not 0.
bool begins_line(std::string_view text, std::size_t offset) {
  if (text[offset - 1] == '\n') return true;
  return text[offset - 1] == '\r' && (offset == text.size() || text[offset] != '\n');
}

}  // namespace

TextBuffer::TextBuffer(std::string text) : text_(std::move(text)), starts_{0} {
  index_lines(0, 0, static_cast<std::uint32_t>(text_.size()));
}

void TextBuffer::apply(const protocol::ContentChange& change, ColumnUnit unit) {
  const auto size = static_cast<std::uint32_t>(text_.size());
  if (!change.range) return replace(0, size, change.text);
  // A list, since minmax of two temporaries would give references to what is gone.
  const auto [begin, end] = std::minmax({offset(change.range->start, unit), offset(change.range->end, unit)});
  replace(begin, end, change.text);
}

std::shared_ptr<const std::string> TextBuffer::shared_text() const {
  if (!shared_) shared_ = std::make_shared<const std::string>(text_);
  return shared_;
}

std::uint32_t TextBuffer::offset(protocol::Position position, ColumnUnit unit) const {
  if (position.line >= starts_.size()) return static_cast<std::uint32_t>(text_.size());
  const std::uint32_t begin = starts_[position.line];
  const std::size_t end = position.line + 1 < starts_.size() ? starts_[position.line + 1] : text_.size();
  const std::string_view line = std::string_view(text_).substr(begin, end - begin);
  return begin + LineIndex(line).offset(line, {0, position.character}, unit);
}

void TextBuffer::replace(std::uint32_t begin, std::uint32_t end, std::string_view new_text) {
  shared_.reset();
  text_.replace(begin, end - begin, new_text);
  index_lines(begin, end, begin + static_cast<std::uint32_t>(new_text.size()));
}

// An edit can join or part a CR and an LF at both of its ends, so the starts at the ends themselves are found anew.
void TextBuffer::index_lines(std::uint32_t begin, std::uint32_t old_end, std::uint32_t new_end) {
  const auto first_stale = std::ranges::lower_bound(starts_, std::max(begin, 1U));
  const auto first_kept = std::ranges::upper_bound(starts_, old_end);
  std::vector<std::uint32_t> found;
  for (std::uint32_t at = std::max(begin, 1U); at <= new_end; ++at)
    if (begins_line(text_, at)) found.push_back(at);
  for (auto kept = first_kept; kept != starts_.end(); ++kept) *kept = *kept - old_end + new_end;
  const auto place = starts_.erase(first_stale, std::max(first_stale, first_kept));
  starts_.insert(place, found.begin(), found.end());
}

}  // namespace forge::lsp
