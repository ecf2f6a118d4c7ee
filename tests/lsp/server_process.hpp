/// The real forge-lsp at the other end of a real pipe. Everything waits for messages with a deadline; nothing sleeps.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <nlohmann/json.hpp>
#include <sys/types.h>

#include "lsp/transport/framing.hpp"

namespace forge::lsp::test {

using Json = nlohmann::json;

class ServerProcess {
 public:
  /// How the bytes travel. `file`: standard input is a regular file with these bytes and nothing else.
  enum class Transport { pipe, socket_pair, tcp, unix_socket, client_socket };

  explicit ServerProcess(Transport transport = Transport::pipe, std::vector<std::string> more_arguments = {});
  /// With a regular file as standard input.
  explicit ServerProcess(std::string_view input);
  /// One more client of a server that listens; the process is not ours.
  explicit ServerProcess(std::uint16_t port);
  ~ServerProcess();
  ServerProcess(const ServerProcess&) = delete;
  ServerProcess& operator=(const ServerProcess&) = delete;

  void send(const Json& message);
  void send_bytes(std::string_view bytes);
  /// Sends the request and returns the whole response.
  Json ask(const std::string& method, const Json& params);
  /// The same without waiting; the id is returned.
  int request(const std::string& method, const Json& params);
  void notify(const std::string& method, const Json& params);
  /// The next message that fits, those that came before included; the others are kept. Fails the test in time.
  Json wait_for(const std::string& what, const std::function<bool(const Json&)>& fits);
  Json response(const Json& id);
  /// The next diagnostics pushed for that document.
  Json published(const std::string& uri, const std::function<bool(const Json& params)>& fits = {});
  /// What has come and was not asked for yet.
  [[nodiscard]] const std::vector<Json>& pending() const { return pending_; }
  void close_input();
  void close_output();
  /// Waits for the end of the process; -1 where a signal ended it.
  int exit_code();
  [[nodiscard]] pid_t pid() const { return pid_; }
  /// Where it listens (Transport::tcp).
  [[nodiscard]] std::uint16_t port() const { return port_; }
  /// Resident memory now, and at its highest; in KiB.
  [[nodiscard]] long memory(const char* what = "VmRSS") const;
  /// As if the process had been killed from outside.
  void kill();

  /// initialize and initialized; the result of the former.
  Json initialize(const Json& capabilities = Json::object(), const std::string& root_uri = {});

 private:
  void start(const std::vector<std::string>& arguments, int child_input, int child_output);
  void receive();

  pid_t pid_ = -1;
  int to_server_ = -1;
  int from_server_ = -1;
  int errors_ = -1;
  std::uint16_t port_ = 0;
  Framer framer_;
  std::vector<Json> pending_;
  int last_id_ = 0;
};

/// Path and text.
using ForgeFiles = std::vector<std::pair<std::string, std::string>>;

/// A forge in a new folder of its own, which goes with it.
class TemporaryForge {
 public:
  explicit TemporaryForge(const ForgeFiles& files);
  ~TemporaryForge();
  TemporaryForge(const TemporaryForge&) = delete;
  TemporaryForge& operator=(const TemporaryForge&) = delete;

  void write(const std::string& path, const std::string& text) const;
  void remove(const std::string& path) const;
  [[nodiscard]] const std::string& root() const { return root_; }
  [[nodiscard]] std::string uri(const std::string& path = {}) const;

 private:
  std::string root_;
};

/// Parameters of requests about a place.
[[nodiscard]] Json at(const std::string& uri, int line, int character);
[[nodiscard]] Json did_open(const std::string& uri, const std::string& text, int version = 1);
/// Replaces the whole text.
[[nodiscard]] Json did_change(const std::string& uri, const std::string& text, int version);
/// The first diagnostic of that code; an exception where there is none.
[[nodiscard]] Json find_code(const Json& diagnostics, std::string_view code);
[[nodiscard]] bool has_code(const Json& diagnostics, std::string_view code);
/// For ServerProcess::published.
[[nodiscard]] std::function<bool(const Json& params)> with_code(const std::string& code);
[[nodiscard]] std::function<bool(const Json& params)> of_version(int version);
[[nodiscard]] int error_code(const Json& response);  ///< 0: it is no error
/// The file as it is now.
[[nodiscard]] std::string text_of_file(const std::string& path);

}  // namespace forge::lsp::test
