/// Bytes <-> messages as the Language Server Protocol frames them: header lines, an empty line, a body. A pure state
/// machine without any input or output of its own, so that each byte can be a cut in tests.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace forge::lsp {

struct FramingLimits {
  std::size_t header_bytes = std::size_t{8} << 10;
  std::size_t body_bytes = std::size_t{64} << 20;
  /// Bytes passed over in search of the next header before the stream counts as hopeless.
  std::size_t skipped_bytes = std::size_t{64} << 20;
  /// Broken headers in a row before it does.
  std::size_t errors_in_a_row = 1000;
};

struct Body {
  std::string text;
};

/// A header that announces no body; the message says why.
struct FramingError {
  std::string message;
};

using Frame = std::variant<Body, FramingError>;

class Framer {
 public:
  explicit Framer(FramingLimits limits = {}) : limits_(limits) {}

  /// What these bytes complete, in order. Memory grows with the bytes that came, never with an announced length.
  [[nodiscard]] std::vector<Frame> feed(std::string_view bytes);
  /// No header is to be found any more: the connection can only be given up.
  [[nodiscard]] bool hopeless() const { return hopeless_; }

 private:
  enum class State { header, body, search };

  [[nodiscard]] std::string_view advance(std::string_view bytes, std::vector<Frame>& frames);
  [[nodiscard]] std::string_view take_header(std::string_view bytes, std::vector<Frame>& frames);
  [[nodiscard]] std::string_view take_body(std::string_view bytes, std::vector<Frame>& frames);
  [[nodiscard]] std::string_view search(std::string_view bytes);
  void end_header(std::vector<Frame>& frames);
  void fail(std::string message, std::size_t search_from, std::vector<Frame>& frames);

  FramingLimits limits_;
  State state_ = State::header;
  std::string header_;          ///< the header block so far; in a search the last bytes that may begin a header
  std::size_t line_begin_ = 0;  ///< of the header line that is being read
  std::string body_;
  std::size_t body_size_ = 0;
  std::size_t skipped_ = 0;
  std::size_t errors_ = 0;
  bool hopeless_ = false;
};

/// The header and the body, ready to be written.
[[nodiscard]] std::string frame(std::string_view body);

}  // namespace forge::lsp
