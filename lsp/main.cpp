/// forge-lsp: options and wiring.
#include <csignal>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <functional>
#include <list>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include "lsp/environment.hpp"
#include "lsp/session.hpp"
#include "lsp/transport/stdio.hpp"
#include "lsp/transport/tcp.hpp"

namespace {

using namespace forge::lsp;
using std::chrono::milliseconds;

/// With the time that a session takes to flush its last bytes this stays below the second that `exit` may take.
constexpr milliseconds to_finish_work{400};
constexpr std::size_t foreground_threads = 2;

struct Options {
  bool stdio = false;
  std::string listen;
  int socket = 0;
  std::string pipe;
  long client_process = 0;
  std::string mirror;
  std::string log_file;
};

/// Options that editors' libraries pass by themselves are spelled as they spell them.
void define(CLI::App& app, Options& options) {
  app.set_version_flag("--version", std::string("forge-lsp ") + FORGE_VERSION);
  auto* transport = app.add_option_group("transport", "at most one of these");
  transport->add_flag("--stdio", options.stdio, "Speak over standard input and output (the default)");
  transport->add_option("--listen", options.listen,
                        "Wait for clients at ADDRESS:PORT, each with a session of its own; port 0: any free one, "
                        "printed on standard error");
  transport->add_option("--socket", options.socket, "Connect to a client that listens on that port of 127.0.0.1")
      ->check(CLI::Range(1, 65535));
  transport->add_option("--pipe", options.pipe, "Connect to a client that listens on that Unix socket");
  transport->require_option(0, 1);
  app.add_option("--clientProcessId", options.client_process, "End when that process ends");
  app.add_option("--mirror", options.mirror, "Folder with mirrors of the upstreams (default: in the user's cache)");
  app.add_option("--log-file", options.log_file, "Write the log there instead of on standard error");
}

int usage_error(const std::string& message) {
  fmt::print(stderr, "forge-lsp: {}\n", message);
  return 2;
}

class Server {
 public:
  explicit Server(Options options) : options_(std::move(options)), log_(options_.log_file) {}

  int run() {
    if (const auto problem = connect()) return usage_error(*problem);
    const int exit_code = loop_.run();
    // Work that can't be waited for may still use what destructors would take away.
    if (!scheduler_.stop(to_finish_work)) std::_Exit(exit_code);
    return exit_code;
  }

 private:
  std::optional<std::string> connect() {
    if (!options_.listen.empty()) return listen();
    forge::Result<ChannelPtr> channel = open_channel();
    if (!channel) return channel.error().message;
    serve(std::move(*channel), [this](int exit_code) { loop_.stop(exit_code); });
    return std::nullopt;
  }

  forge::Result<ChannelPtr> open_channel() {
    if (options_.socket != 0) return connect_tcp(loop_, static_cast<std::uint16_t>(options_.socket));
    if (!options_.pipe.empty()) return connect_pipe(loop_, options_.pipe);
    return take_over_stdio(loop_);
  }

  std::optional<std::string> listen() {
    const std::size_t colon = options_.listen.rfind(':');
    const CLI::Range ports(0, 65535);
    std::string port = colon == std::string::npos ? "" : options_.listen.substr(colon + 1);
    if (port.empty() || !ports(port).empty())
      return fmt::format("`{}` is not of the form ADDRESS:PORT, for instance 127.0.0.1:0", options_.listen);
    auto listener = listen_tcp(loop_, options_.listen.substr(0, colon), static_cast<std::uint16_t>(std::stoi(port)),
                               [this](ChannelPtr channel) { serve(std::move(channel), [](int) {}); });
    if (!listener) return listener.error().message;
    listener_ = std::move(*listener);
    fmt::print(stderr, "forge-lsp: listening on {}:{}\n", options_.listen.substr(0, colon), listener_->port());
    return std::nullopt;
  }

  void serve(ChannelPtr channel, std::function<void(int)> ended) {
    const auto place = sessions_.emplace(sessions_.end());
    *place = std::make_shared<Session>(std::move(channel), services_, [this, place, ended](int exit_code) {
      // The session is among our callers, so it goes once they have returned.
      loop_.post([this, place] { sessions_.erase(place); });
      ended(exit_code);
    });
    (*place)->start();
    if (options_.client_process != 0) (*place)->watch_parent(options_.client_process);
  }

  Options options_;
  Log log_;
  Loop loop_;
  Scheduler scheduler_{foreground_threads};
  forge::git::LocationOptions locations_ = local_locations(options_.mirror);
  Services services_{loop_, scheduler_, log_, local_upstreams(locations_), locations_};
  std::unique_ptr<Listener> listener_;
  std::list<std::shared_ptr<Session>> sessions_;
};

}  // namespace

int main(int argc, char** argv) {
  CLI::App app("Language server for OpenStack image forges");
  Options options;
  define(app, options);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? 0 : 2;
  }
  std::signal(SIGPIPE, SIG_IGN);
  try {
    Server server(std::move(options));
    return server.run();
  } catch (const std::exception& problem) {
    fmt::print(stderr, "forge-lsp: {}\n", problem.what());
    return 2;
  }
}
