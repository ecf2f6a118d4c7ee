/// The language server's messages: bytes in -> no crash, no state that is no state, exactly one answer to each request.
/// An input that begins with `#` is a list of bodies, one a line, which are framed here; any other is the stream
/// itself.
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <variant>

#include <boost/asio/io_context.hpp>

#include "engine/base/text.hpp"
#include "lsp/environment.hpp"
#include "lsp/protocol/json.hpp"
#include "lsp/session.hpp"
#include "lsp/transport/framing.hpp"

namespace {

using namespace forge::lsp;

/// Where the seeds' URIs point to.
constexpr const char* root = "/tmp/forge-session-fuzz";

void make_forge() {
  const std::string release = std::string(root) + "/releases/2025.2";
  std::filesystem::create_directories(release);
  std::ofstream(release + "/source-refs.yaml") << "keystone: \"28.0.0\"\n";
  std::ofstream(release + "/upper-constraints.txt") << "cryptography===43.0.3\n";
}

class MemoryChannel : public Channel {
 public:
  void start(ChannelEvents events) override { events_ = std::move(events); }
  void send(std::string bytes, std::string) override { sent_ += bytes; }
  void finish(std::function<void()> done) override {
    events_ = {};
    done();
  }

  void receive(std::string_view bytes) {
    const auto received = events_.received;
    if (received) received(bytes);
  }
  [[nodiscard]] bool open() const { return events_.received != nullptr; }
  [[nodiscard]] const std::string& sent() const { return sent_; }

 private:
  ChannelEvents events_;
  std::string sent_;
};

/// How often each id stands in the requests, or in the answers, of a stream.
using Ids = std::map<std::string, int>;

Ids ids_in(const std::string& stream, bool of_requests) {
  Ids ids;
  Framer framer;
  for (Frame& frame : framer.feed(stream)) {
    auto* body = std::get_if<Body>(&frame);
    if (body == nullptr) continue;
    const protocol::Message message = protocol::parse_message(std::move(body->text));
    if (const auto* request = std::get_if<protocol::Request>(&message); request != nullptr && of_requests)
      ++ids[request->id.dump()];
    // A call whose method is no string is answered with its id too.
    if (const auto* bad = std::get_if<protocol::Unreadable>(&message); bad != nullptr && of_requests)
      ++ids[bad->id.dump()];
    if (const auto* response = std::get_if<protocol::Response>(&message); response != nullptr && !of_requests)
      ++ids[response->id.dump()];
  }
  return ids;
}

std::string stream_of(std::string_view input) {
  if (!input.starts_with('#')) return std::string(input);
  std::string stream;
  for (const std::string_view line : forge::split(input.substr(1), '\n')) stream += frame(line);
  return stream;
}

void require_one_answer_each(const std::string& stream, const std::string& sent) {
  const Ids asked = ids_in(stream, true);
  Ids answered = ids_in(sent, false);
  for (const auto& [id, times] : asked) {
    // Answers without an id are about what was no request.
    if (id == "null" || answered[id] == times) continue;
    std::fprintf(stderr, "%d requests %s, %d answers\n", times, id.c_str(), answered[id]);
    std::abort();
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const bool made = (make_forge(), true);
  (void)made;
  static Log log("/dev/null", LogLevel::off);
  const std::string bytes = stream_of({reinterpret_cast<const char*>(data), size});
  Loop loop;
  Scheduler scheduler(0);
  const auto channel = std::make_shared<MemoryChannel>();
  bool ended = false;
  const forge::git::LocationOptions mirrors = local_locations(std::string(root) + "/mirrors");
  const auto session = std::make_shared<Session>(
      channel, Services{loop, scheduler, log, local_upstreams(mirrors), mirrors}, [&](int) { ended = true; });
  session->start();
  const auto turn = [&] {
    loop.context().poll();
    loop.context().restart();
  };
  // In pieces, so that work gets done between messages.
  constexpr std::size_t piece = 512;
  for (std::size_t at = 0; at < bytes.size() && channel->open(); at += piece) {
    channel->receive(std::string_view(bytes).substr(at, piece));
    turn();
  }
  // What is held until there is news is refused at the shutdown.
  if (channel->open()) {
    const std::string last = frame(R"({"id":"the last one","method":"shutdown"})");
    channel->receive(last);
    turn();
    require_one_answer_each(bytes, channel->sent());
    channel->receive(frame(R"({"method":"exit"})"));
  }
  turn();
  return 0;
}
