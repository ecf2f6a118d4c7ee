/// HTTP GET, many at a time. Only it and curl_loader, which loads the library at its first use, include curl.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/base/result.hpp"
#include "engine/index/index_settings.hpp"

namespace forge::index {

struct HttpRequest {
  std::string url;
  std::vector<std::string> headers{};  ///< `Name: value`
  std::string range{};                 ///< as in `Range: bytes=…`: `0-99`, `-500`; empty: the whole
  std::size_t most_bytes = 64U << 20U;
  bool compressed = true;  ///< the answer may be packed on the way
};

struct HttpAnswer {
  int status = 0;
  std::string body;
  std::string url;  ///< after redirects, without credentials
  std::string content_type;
  std::string etag;
  std::string last_modified;
  std::string cache_control;
  std::string content_range;
};

/// Which bytes of a file an answer of status 206 has.
struct ContentRange {
  std::uint64_t begin = 0;
  std::uint64_t end = 0;   ///< exclusive
  std::uint64_t size = 0;  ///< of the whole
};
/// Of `bytes 0-99/1234`; nothing where it is anything else, an unknown size too.
[[nodiscard]] std::optional<ContentRange> parse_content_range(std::string_view text);

struct HttpLimits {
  long connections = 16;
  long connections_per_host = 8;
  long redirects = 10;
  unsigned attempts = 4;
  std::chrono::milliseconds connect_timeout{15'000};
  std::chrono::seconds stalled_timeout{30};    ///< without a byte
  std::chrono::seconds total_timeout{300};     ///< of one attempt, redirects and all
  std::chrono::milliseconds first_delay{500};  ///< before the second attempt; doubles
  std::chrono::seconds longest_delay{30};      ///< a `Retry-After` above is not waited for
};

/// Told after each answer, from the calling thread: how many of the batch are done, of how many.
using HttpProgress = std::function<void(std::size_t, std::size_t)>;

/// Answers of status 2xx, 304, 404, 410 and 416 are answers; everything else is a Failure (`unavailable`; `invalid`
/// where a bound was passed), after the attempts that its kind deserves. A broken download goes on where it broke off
/// where the server can do that. Redirects never leave http and https, and never leave https for http. Credentials go
/// to the host that they are for: that of the URL they stand in, that of an index, that of the netrc file's entry.
class HttpClient {
 public:
  HttpClient(const IndexSettings& settings, const HttpLimits& limits);
  ~HttpClient();
  HttpClient(const HttpClient&) = delete;
  HttpClient& operator=(const HttpClient&) = delete;

  /// In the order of the requests. One batch at a time; a second thread waits.
  [[nodiscard]] std::vector<Result<HttpAnswer>> get(const std::vector<HttpRequest>& requests,
                                                    const HttpProgress& progress = {});

 private:
  class Session;
  std::unique_ptr<Session> session_;
};

}  // namespace forge::index
