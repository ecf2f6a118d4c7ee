#include "lsp/transport/framing.hpp"

#include <ostream>
#include <string>
#include <vector>

#include <doctest/doctest.h>

using forge::lsp::Body;
using forge::lsp::Frame;
using forge::lsp::frame;
using forge::lsp::Framer;
using forge::lsp::FramingError;
using forge::lsp::FramingLimits;

namespace {

/// The bodies, with `!` in the place of each error.
std::vector<std::string> read(const std::vector<Frame>& frames) {
  std::vector<std::string> bodies;
  for (const Frame& one : frames)
    bodies.push_back(std::holds_alternative<Body>(one) ? std::get<Body>(one).text : std::string("!"));
  return bodies;
}

std::vector<std::string> feed_whole(std::string_view bytes, FramingLimits limits = {}) {
  return read(Framer(limits).feed(bytes));
}

std::vector<std::string> feed_in_two(std::string_view bytes, std::size_t cut) {
  Framer framer;
  std::vector<Frame> frames = framer.feed(bytes.substr(0, cut));
  for (Frame& more : framer.feed(bytes.substr(cut))) frames.push_back(std::move(more));
  return read(frames);
}

std::vector<std::string> feed_byte_by_byte(std::string_view bytes) {
  Framer framer;
  std::vector<Frame> frames;
  for (const char c : bytes)
    for (Frame& more : framer.feed({&c, 1})) frames.push_back(std::move(more));
  return read(frames);
}

using Bodies = std::vector<std::string>;

}  // namespace

TEST_CASE("framing: each byte can be a cut, and messages can be glued together") {
  const std::string bytes =
      frame("{\"a\":1}") + frame("") + "content-type: application/vscode-jsonrpc; charset=utf8\r\n" +
      "X-Unknown: 1\r\nCONTENT-LENGTH:   4  \r\n\r\nf\xC3\xBCr" + "Content-Length: x\r\n\r\nlost" + frame("after");
  const Bodies expected = {"{\"a\":1}", "", "f\xC3\xBCr", "!", "after"};
  CHECK(feed_whole(bytes) == expected);
  CHECK(feed_byte_by_byte(bytes) == expected);
  for (std::size_t cut = 0; cut <= bytes.size(); ++cut) CHECK(feed_in_two(bytes, cut) == expected);
}

TEST_CASE("framing: a header without a usable length is an error, and the next message is read") {
  for (const std::string header :
       {"Content-Type: x\r\n\r\n", "Content-Length: -5\r\n\r\n", "Content-Length: 1.5\r\n\r\n",
        "Content-Length: \r\n\r\n", "Content-Length: 99999999999999999999999\r\n\r\n",
        "Content-Length: 67108865\r\n\r\n", "Content-Length: 3\r\nContent-Length: 4\r\n\r\n", "\r\n"})
    CHECK(feed_whole(header + "{\"some\": \"body\"}" + frame("next")) == Bodies{"!", "next"});
}

TEST_CASE("framing: a message after stray output on the same line is found") {
  CHECK(feed_whole("a stray print" + frame("next")) == Bodies{"!", "next"});
}

TEST_CASE("framing: a header has a bound") {
  const std::string long_header = "X: " + std::string(9000, 'x') + "\r\n";
  CHECK(feed_whole(long_header + "\r\n" + frame("next")) == Bodies{"!", "next"});
  CHECK(feed_byte_by_byte(long_header + "\r\n" + frame("next")) == Bodies{"!", "next"});
}

TEST_CASE("framing: a body has a bound") {
  CHECK(feed_whole(frame("12345"), {.body_bytes = 5}) == Bodies{"12345"});
  CHECK(feed_whole(frame("123456"), {.body_bytes = 5}) == Bodies{"!"});
}

TEST_CASE("framing: input without end and without a header is given up") {
  Framer framer({.skipped_bytes = 1000});
  CHECK(read(framer.feed("\r\n")) == Bodies{"!"});
  (void)framer.feed(std::string(900, 'x'));
  CHECK(!framer.hopeless());
  (void)framer.feed(std::string(200, 'x'));
  CHECK(framer.hopeless());
  CHECK(framer.feed(frame("late")).empty());
}

TEST_CASE("framing: broken headers without end are given up") {
  Framer framer({.errors_in_a_row = 10});
  std::string bytes;
  for (int i = 0; i < 12; ++i) bytes += "Content-Length: no\r\n\r\n";
  CHECK(framer.feed(bytes).size() == 11);
  CHECK(framer.hopeless());
}
