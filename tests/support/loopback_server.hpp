/// A stand-in package index on loopback: plain HTTP, one thread for each connection, answers from a function. It sends
/// the bytes it is told to, so it can also lie.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace forge::support {

struct ServerRequest {
  std::string target;   ///< `/simple/alpha/`
  std::string headers;  ///< all lines, lower case
  int number = 0;       ///< how many came before it for this target
};

class LoopbackServer {
 public:
  /// What is sent, status line and all, before the connection is closed.
  using Answer = std::function<std::string(const ServerRequest&)>;

  /// What is sent behind the answer, piece by piece; nothing: that was all.
  using More = std::function<std::optional<std::string>(const ServerRequest&)>;

  explicit LoopbackServer(Answer answer, More more = {});
  ~LoopbackServer();
  LoopbackServer(const LoopbackServer&) = delete;
  LoopbackServer& operator=(const LoopbackServer&) = delete;

  /// `http://127.0.0.1:PORT`
  [[nodiscard]] std::string url() const;
  [[nodiscard]] std::vector<ServerRequest> requests() const;
  /// The most requests that were being answered at one moment.
  [[nodiscard]] int most_at_once() const;

 private:
  class State;
  std::shared_ptr<State> state_;
};

/// An honest answer.
[[nodiscard]] std::string http_answer(int status, const std::string& body, const std::string& headers = {});

}  // namespace forge::support
