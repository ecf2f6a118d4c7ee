#include "lsp/transport/framing.hpp"

#include <algorithm>
#include <charconv>
#include <optional>
#include <utility>

#include <fmt/format.h>

#include "engine/base/text.hpp"

namespace forge::lsp {

namespace {

constexpr std::string_view length_field = "content-length:";

struct AnnouncedLength {
  std::size_t value = 0;
  std::string problem;
  std::size_t after = 0;  ///< where in the header block the last length field ends
};

bool same_letters(std::string_view text, std::string_view lower) {
  return std::ranges::equal(text, lower, [](char a, char b) { return to_lower(a) == b; });
}

std::size_t find_length_field(std::string_view text, std::size_t from) {
  const auto found =
      std::search(text.begin() + static_cast<std::ptrdiff_t>(std::min(from, text.size())), text.end(),
                  length_field.begin(), length_field.end(), [](char a, char b) { return to_lower(a) == b; });
  return found == text.end() ? std::string_view::npos : static_cast<std::size_t>(found - text.begin());
}

std::optional<std::size_t> parse_length(std::string_view digits) {
  if (digits.empty() || !std::ranges::all_of(digits, is_digit)) return std::nullopt;
  std::size_t value = 0;
  const auto parsed = std::from_chars(digits.data(), digits.data() + digits.size(), value);
  return parsed.ec == std::errc{} ? value : SIZE_MAX;
}

AnnouncedLength announced_length(std::string_view block, std::size_t largest) {
  AnnouncedLength length;
  std::optional<std::size_t> seen;
  for (std::size_t at = 0; at < block.size();) {
    const std::size_t end = std::min(block.find('\n', at), block.size());
    const std::string_view line = block.substr(at, end - at);
    at = end + 1;
    if (line.size() < length_field.size() || !same_letters(line.substr(0, length_field.size()), length_field)) continue;
    length.after = end;
    const std::string_view digits = trim(line.substr(length_field.size()));
    const std::optional<std::size_t> value = parse_length(digits);
    if (!value) length.problem = fmt::format("Content-Length `{}` is no number", digits);
    if (value && seen && *value != *seen) length.problem = "two Content-Length headers differ";
    seen = value;
  }
  if (!length.problem.empty()) return length;
  if (!seen)
    length.problem = "the header has no Content-Length";
  else if (*seen > largest)
    length.problem = fmt::format("a message may have {} bytes at most", largest);
  else
    length.value = *seen;
  return length;
}

}  // namespace

std::vector<Frame> Framer::feed(std::string_view bytes) {
  std::vector<Frame> frames;
  while (!bytes.empty() && !hopeless_) bytes = advance(bytes, frames);
  return frames;
}

std::string_view Framer::advance(std::string_view bytes, std::vector<Frame>& frames) {
  switch (state_) {
    case State::header:
      return take_header(bytes, frames);
    case State::body:
      return take_body(bytes, frames);
    case State::search:
      break;
  }
  return search(bytes);
}

std::string_view Framer::take_header(std::string_view bytes, std::vector<Frame>& frames) {
  const std::size_t room = limits_.header_bytes - header_.size();
  const std::size_t line_end = bytes.find('\n');
  const std::size_t count = std::min(line_end == std::string_view::npos ? bytes.size() : line_end + 1, room);
  header_.append(bytes.substr(0, count));
  if (line_end != std::string_view::npos && line_end < room) {
    const std::string_view line = trim(std::string_view(header_).substr(line_begin_));
    line_begin_ = header_.size();
    if (line.empty()) end_header(frames);
  } else if (header_.size() == limits_.header_bytes) {
    fail(fmt::format("a header may have {} bytes at most", limits_.header_bytes), 1, frames);
  }
  return bytes.substr(count);
}

void Framer::end_header(std::vector<Frame>& frames) {
  AnnouncedLength length = announced_length(header_, limits_.body_bytes);
  if (!length.problem.empty()) return fail(std::move(length.problem), length.after, frames);
  header_.clear();
  line_begin_ = 0;
  body_size_ = length.value;
  state_ = State::body;
  if (body_size_ > 0) return;
  frames.emplace_back(Body{});
  state_ = State::header;
}

std::string_view Framer::take_body(std::string_view bytes, std::vector<Frame>& frames) {
  const std::size_t count = std::min(bytes.size(), body_size_ - body_.size());
  body_.append(bytes.substr(0, count));
  if (body_.size() == body_size_) {
    frames.emplace_back(Body{std::exchange(body_, {})});
    state_ = State::header;
    errors_ = 0;
  }
  return bytes.substr(count);
}

// What follows a broken header is unknown, so every place that looks like the field of a next one is tried, those
// inside of the broken block included (stray output may stand before a good header on the same line).
void Framer::fail(std::string message, std::size_t search_from, std::vector<Frame>& frames) {
  frames.emplace_back(FramingError{std::move(message)});
  hopeless_ = ++errors_ > limits_.errors_in_a_row;
  state_ = State::search;
  skipped_ = 0;
  line_begin_ = 0;
  const std::string block = std::exchange(header_, {}).substr(search_from);
  for (std::string_view rest = block; !rest.empty() && !hopeless_;) rest = advance(rest, frames);
}

std::string_view Framer::search(std::string_view bytes) {
  const std::size_t kept = header_.size();
  header_.append(bytes);
  const std::size_t found = find_length_field(header_, 0);
  if (found != std::string_view::npos) {
    const std::size_t used = found + length_field.size() - kept;
    header_ = header_.substr(found, length_field.size());
    state_ = State::header;
    return bytes.substr(used);
  }
  skipped_ += bytes.size();
  hopeless_ = hopeless_ || skipped_ > limits_.skipped_bytes;
  if (header_.size() >= length_field.size()) header_.erase(0, header_.size() - length_field.size() + 1);
  return {};
}

std::string frame(std::string_view body) {
  std::string bytes = fmt::format("Content-Length: {}\r\n\r\n", body.size());
  bytes.append(body);
  return bytes;
}

}  // namespace forge::lsp
