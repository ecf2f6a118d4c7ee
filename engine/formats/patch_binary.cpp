#include "engine/formats/patch_binary.hpp"

#include <algorithm>
#include <array>
#include <limits>
#include <utility>

#include <fmt/format.h>
#include <zlib.h>

#include "engine/base/text.hpp"
#include "engine/formats/patch_header.hpp"
#include "engine/formats/patch_names.hpp"

namespace forge::formats {

namespace {

/// Larger results are refused: a few kilobytes of zlib stream can otherwise ask for any amount of memory.
constexpr std::uint64_t largest_result = std::uint64_t{256} << 20;

constexpr std::uint8_t no_digit = 255;

constexpr std::array<std::uint8_t, 256> base85_values() {
  constexpr std::string_view digits =
      "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz!#$%&()*+-;<=>?@^_`{|}~";
  std::array<std::uint8_t, 256> values{};
  values.fill(no_digit);
  for (std::size_t i = 0; i < digits.size(); ++i)
    values[static_cast<unsigned char>(digits[i])] = static_cast<std::uint8_t>(i);
  return values;
}

constexpr std::array<std::uint8_t, 256> digit_values = base85_values();

/// Appends `size` (1 to 4) bytes of one group of five digits.
bool decode_group(std::string_view five, std::size_t size, std::string& out) {
  std::uint64_t value = 0;
  for (const char c : five) {
    const std::uint8_t digit = digit_values[static_cast<unsigned char>(c)];
    if (digit == no_digit) return false;
    value = value * 85 + digit;
  }
  if (value > std::numeric_limits<std::uint32_t>::max()) return false;
  for (std::size_t i = 0; i < size; ++i) out += static_cast<char>(value >> (24 - 8 * i) & 0xFF);
  return true;
}

/// What the length character of a data line says; 0 where it is none.
std::size_t stated_length(char c) {
  if (is_upper(c)) return static_cast<std::size_t>(c - 'A') + 1;
  if (is_lower(c)) return static_cast<std::size_t>(c - 'a') + 27;
  return 0;
}

/// A data line with its LF.
bool decode_line(std::string_view line, std::string& out) {
  if (line.size() < 7 || (line.size() - 2) % 5 != 0) return false;
  const std::size_t room = (line.size() - 2) / 5 * 4;
  std::size_t left = stated_length(line.front());
  if (left == 0 || left > room || left + 4 <= room) return false;
  for (std::size_t at = 1; left > 0; at += 5) {
    const std::size_t size = std::min<std::size_t>(left, 4);
    if (!decode_group(line.substr(at, 5), size, out)) return false;
    left -= size;
  }
  return true;
}

/// Calls `sink` with pieces of the inflated stream; whether it ends, and is exactly `size` bytes long.
template <class Sink>
bool inflate_exactly(const std::string& packed, std::uint64_t size, Sink&& sink) {
  z_stream stream{};
  if (inflateInit(&stream) != Z_OK) return false;
  std::string input = packed;  // zlib's interface is not const
  stream.next_in = reinterpret_cast<Bytef*>(input.data());
  stream.avail_in = static_cast<uInt>(input.size());
  std::array<char, 65536> buffer{};
  int state = Z_OK;
  std::uint64_t total = 0;
  while (state == Z_OK && total <= size) {
    stream.next_out = reinterpret_cast<Bytef*>(buffer.data());
    stream.avail_out = static_cast<uInt>(buffer.size());
    state = inflate(&stream, Z_NO_FLUSH);
    const std::size_t made = buffer.size() - stream.avail_out;
    total += made;
    sink(std::string_view(buffer.data(), made));
  }
  inflateEnd(&stream);
  return state == Z_STREAM_END && total == size;
}

std::optional<std::string> decode_lines(std::string_view lines) {
  std::string out;
  for (std::size_t at = 0; at < lines.size();) {
    const std::size_t end = line_end(lines, at);
    if (!decode_line(lines.substr(at, end - at), out)) return std::nullopt;
    at = end;
  }
  return out;
}

/// As strtoul: a sign is let pass, and a number below 0 is a huge one, for which git finds no memory.
std::uint64_t leading_number(std::string_view text) {
  std::uint64_t value = 0;
  text.remove_prefix(std::min(text.find_first_not_of(" \t"), text.size()));
  const bool negative = text.starts_with('-');
  if (negative || text.starts_with('+')) text.remove_prefix(1);
  for (const char c : text) {
    if (!is_digit(c)) break;
    value = std::min(value * 10 + static_cast<std::uint64_t>(c - '0'), largest_result + 1);
  }
  return negative && value > 0 ? largest_result + 1 : value;
}

struct BlockRead {
  std::size_t end = 0;
  std::optional<BinaryBlock> block{};  ///< nothing, and no problem: there is none
  std::optional<Problem> problem{};
  bool too_large = false;
};

Problem broken(std::string_view text, std::size_t at) {
  return malformed(line_at(text, std::min(at, text.size())),
                   "This binary block is broken: git silently leaves out its file and everything after it.");
}

BlockRead read_block(std::string_view text, std::size_t at, std::uint64_t& left) {
  BinaryBlock block;
  const std::string_view rest = text.substr(at);
  block.delta = rest.starts_with("delta ");
  if (!block.delta && !rest.starts_with("literal ")) return {at};
  block.size = leading_number(rest.substr(block.delta ? 6 : 8));
  const std::size_t start = line_end(text, at);
  std::string packed;
  std::size_t end = start;
  while (true) {
    const std::size_t next = line_end(text, end);
    if (next == end + 1) break;  // the empty line behind the data
    if (next == end || !decode_line(text.substr(end, next - end), packed))
      return {end, std::nullopt, broken(text, end == text.size() ? at : end)};
    end = next;
  }
  block.data = span_of(start, end);
  if (block.size > left || block.size > largest_result) {
    return {
        end, std::nullopt,
        malformed(line_at(text, at), fmt::format("The binary data inflates to more than is read: {} MiB at once, {} "
                                                 "MiB in one patch.",
                                                 largest_result >> 20, largest_binary_data >> 20)),
        true};
  }
  left -= block.size;
  if (!inflate_exactly(packed, block.size, [](std::string_view) {})) return {end, std::nullopt, broken(text, at)};
  return {end + 1, block};
}

class DeltaReader {
 public:
  explicit DeltaReader(std::string_view delta) : rest_(delta) {}

  [[nodiscard]] bool done() const { return rest_.empty(); }
  std::optional<std::uint8_t> byte() {
    if (rest_.empty()) return std::nullopt;
    const auto value = static_cast<std::uint8_t>(rest_.front());
    rest_.remove_prefix(1);
    return value;
  }
  std::optional<std::uint64_t> size() {
    std::uint64_t value = 0;
    for (unsigned shift = 0; shift < 64; shift += 7) {
      const std::optional<std::uint8_t> next = byte();
      if (!next) return std::nullopt;
      value |= static_cast<std::uint64_t>(*next & 0x7F) << shift;
      if ((*next & 0x80) == 0) return value;
    }
    return std::nullopt;
  }
  /// The bytes that `mask`'s bits say are there, least significant first.
  std::optional<std::uint64_t> sparse(unsigned mask, unsigned count) {
    std::uint64_t value = 0;
    for (unsigned i = 0; i < count; ++i) {
      if ((mask >> i & 1U) == 0) continue;
      const std::optional<std::uint8_t> next = byte();
      if (!next) return std::nullopt;
      value |= static_cast<std::uint64_t>(*next) << (8 * i);
    }
    return value;
  }
  std::optional<std::string_view> take(std::size_t count) {
    if (count > rest_.size()) return std::nullopt;
    const std::string_view taken = rest_.substr(0, count);
    rest_.remove_prefix(count);
    return taken;
  }

 private:
  std::string_view rest_;
};

/// One instruction of a delta; false where it makes no sense.
bool run_instruction(DeltaReader& reader, std::uint8_t code, std::string_view source, std::string& out) {
  if (code == 0) return false;
  if ((code & 0x80) == 0) {
    const std::optional<std::string_view> literal = reader.take(code);
    if (literal) out += *literal;
    return literal.has_value();
  }
  const std::optional<std::uint64_t> offset = reader.sparse(code, 4);
  const std::optional<std::uint64_t> size = reader.sparse(static_cast<unsigned>(code) >> 4, 3);
  if (!offset || !size) return false;
  const std::uint64_t length = *size == 0 ? 0x10000 : *size;
  if (*offset > source.size() || length > source.size() - *offset) return false;
  out += source.substr(*offset, length);
  return true;
}

}  // namespace

BinaryRead read_binary_blocks(std::string_view text, std::size_t at, std::uint64_t& left, Section& section) {
  BlockRead forward = read_block(text, at, left);
  if (!forward.block && !forward.problem)
    forward.problem = malformed(line_at(text, std::min(at, text.size())),
                                "A binary patch goes on with `literal SIZE` or `delta SIZE`: git silently leaves out "
                                "this file and everything after it.");
  if (forward.problem) return {forward.end, std::move(forward.problem), forward.too_large};
  BlockRead backward = read_block(text, forward.end, left);
  if (backward.problem) return {backward.end, std::move(backward.problem), backward.too_large};
  section.binary = true;
  section.forward = forward.block;
  section.backward = backward.block;
  return {backward.end};
}

std::optional<std::string> inflate_block(std::string_view text, const BinaryBlock& block) {
  const std::optional<std::string> packed = decode_lines(text.substr(block.data.begin, block.data.size()));
  if (!packed) return std::nullopt;
  std::string out;
  out.reserve(block.size);
  if (!inflate_exactly(*packed, block.size, [&out](std::string_view piece) { out += piece; })) return std::nullopt;
  return out;
}

std::optional<std::string> apply_delta(std::string_view source, std::string_view delta) {
  constexpr std::size_t shortest = 4;
  DeltaReader reader(delta);
  if (delta.size() < shortest || reader.size() != source.size()) return std::nullopt;
  const std::optional<std::uint64_t> size = reader.size();
  if (!size || *size > largest_result) return std::nullopt;
  std::string out;
  out.reserve(*size);
  while (!reader.done()) {
    const std::optional<std::uint8_t> code = reader.byte();
    if (!code || !run_instruction(reader, *code, source, out) || out.size() > *size) return std::nullopt;
  }
  if (out.size() != *size) return std::nullopt;
  return out;
}

}  // namespace forge::formats
