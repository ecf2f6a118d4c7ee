#include "engine/index/http_client.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <mutex>
#include <optional>
#include <string_view>

#include <curl/curl.h>
#include <fmt/format.h>

#include "engine/base/text.hpp"
#include "engine/formats/url.hpp"

namespace forge::index {

namespace {

using Clock = std::chrono::steady_clock;

struct EasyDelete {
  void operator()(CURL* easy) const { curl_easy_cleanup(easy); }
};
struct MultiDelete {
  void operator()(CURLM* multi) const { curl_multi_cleanup(multi); }
};
struct ListDelete {
  void operator()(curl_slist* list) const { curl_slist_free_all(list); }
};
using EasyHandle = std::unique_ptr<CURL, EasyDelete>;
using MultiHandle = std::unique_ptr<CURLM, MultiDelete>;
using HeaderList = std::unique_ptr<curl_slist, ListDelete>;

void append(HeaderList& list, const std::string& header) {
  curl_slist* longer = curl_slist_append(list.get(), header.c_str());
  if (longer == nullptr) return;
  curl_slist* const same = list.release();  // curl kept it as the longer list's head
  static_cast<void>(same);
  list.reset(longer);
}

/// curl's global state lives as long as the process.
void initialise_curl() {
  static std::once_flag once;
  std::call_once(once, [] { curl_global_init(CURL_GLOBAL_DEFAULT); });
}

/// `example.org:8443` of a URL, and `example.org`.
std::pair<std::string, std::string> host_of(const std::string& url) {
  const std::string clean = formats::without_credentials(url);
  const std::size_t begin = clean.find("://");
  if (begin == std::string::npos) return {};
  const std::size_t end = clean.find_first_of("/?#", begin + 3);
  std::string authority = to_lower(clean.substr(begin + 3, end == std::string::npos ? end : end - begin - 3));
  std::string host = authority.substr(0, authority.rfind(':'));
  if (authority.ends_with(']')) host = authority;
  return {std::move(authority), std::move(host)};
}

bool is_secure(const std::string& url) {
  return to_lower(std::string_view(url).substr(0, 8)) == "https://";
}

/// One request on its way, over all its attempts.
struct Transfer {
  const HttpRequest* request = nullptr;
  std::size_t number = 0;
  EasyHandle easy;
  HeaderList headers;
  HttpAnswer answer;
  std::string retry_after;
  std::string error = std::string(CURL_ERROR_SIZE, '\0');
  std::size_t resumed_at = 0;  ///< bytes of the body that an earlier attempt brought
  bool too_large = false;
  unsigned attempt = 0;
  Clock::time_point not_before{};
};

void take_header(Transfer& transfer, std::string_view line) {
  if (line.starts_with("HTTP/")) {  // of each answer on the way: redirects, an interim one
    transfer.answer.content_type.clear();
    transfer.answer.etag.clear();
    transfer.answer.last_modified.clear();
    transfer.answer.cache_control.clear();
    transfer.answer.content_range.clear();
    transfer.retry_after.clear();
    return;
  }
  const std::size_t colon = line.find(':');
  if (colon == std::string_view::npos || line.size() > 4096) return;
  const std::string name = to_lower(line.substr(0, colon));
  const std::string value(trim(line.substr(colon + 1)));
  if (name == "content-type") transfer.answer.content_type = value;
  if (name == "etag") transfer.answer.etag = value;
  if (name == "last-modified") transfer.answer.last_modified = value;
  if (name == "cache-control") transfer.answer.cache_control = value;
  if (name == "content-range") transfer.answer.content_range = value;
  if (name == "retry-after") transfer.retry_after = value;
}

std::size_t on_header(char* bytes, std::size_t size, std::size_t count, void* self) {
  take_header(*static_cast<Transfer*>(self), std::string_view(bytes, size * count));
  return size * count;
}

std::size_t on_body(char* bytes, std::size_t size, std::size_t count, void* self) {
  Transfer& transfer = *static_cast<Transfer*>(self);
  const std::size_t length = size * count;
  long status = 0;
  curl_easy_getinfo(transfer.easy.get(), CURLINFO_RESPONSE_CODE, &status);
  if (transfer.resumed_at > 0 && status != 206) {  // the server starts anew
    transfer.answer.body.clear();
    transfer.resumed_at = 0;
  }
  if (transfer.answer.body.size() + length > transfer.request->most_bytes) {
    transfer.too_large = true;
    return 0;
  }
  transfer.answer.body.append(bytes, length);
  return length;
}

bool is_answer(long status) {
  return (status >= 200 && status < 300) || status == 304 || status == 404 || status == 410 || status == 416;
}

bool is_passing(long status) {
  return status == 408 || status == 429 || status == 500 || status == 502 || status == 503 || status == 504;
}

bool is_passing(CURLcode code) {
  constexpr std::array<CURLcode, 10> passing = {
      CURLE_COULDNT_CONNECT, CURLE_OPERATION_TIMEDOUT,  CURLE_PARTIAL_FILE, CURLE_RECV_ERROR,
      CURLE_SEND_ERROR,      CURLE_GOT_NOTHING,         CURLE_HTTP2,        CURLE_HTTP2_STREAM,
      CURLE_HTTP3,           CURLE_COULDNT_RESOLVE_HOST};
  return std::ranges::count(passing, code) > 0;
}

bool keeps_what_came(CURLcode code) {
  return code == CURLE_PARTIAL_FILE || code == CURLE_RECV_ERROR || code == CURLE_OPERATION_TIMEDOUT;
}

}  // namespace

class HttpClient::Session {
 public:
  Session(IndexSettings settings, const HttpLimits& limits) : settings_(std::move(settings)), limits_(limits) {
    initialise_curl();
    multi_.reset(curl_multi_init());
    if (!multi_) return;
    curl_multi_setopt(multi_.get(), CURLMOPT_MAX_TOTAL_CONNECTIONS, limits_.connections);
    curl_multi_setopt(multi_.get(), CURLMOPT_MAX_HOST_CONNECTIONS, limits_.connections_per_host);
  }

  std::vector<Result<HttpAnswer>> get(const std::vector<HttpRequest>& requests, const HttpProgress& progress) {
    const std::scoped_lock lock(mutex_);
    results_.assign(requests.size(), fail(Failure::Kind::unavailable, "The request was not made."));
    transfers_.clear();
    for (std::size_t i = 0; i < requests.size(); ++i) {
      transfers_.push_back(std::make_unique<Transfer>());
      transfers_.back()->request = &requests[i];
      transfers_.back()->number = i;
    }
    waiting_.clear();
    for (auto transfer = transfers_.rbegin(); transfer != transfers_.rend(); ++transfer)
      waiting_.push_back(transfer->get());
    done_ = 0;
    running_ = 0;
    if (multi_) run(progress);
    transfers_.clear();
    return std::move(results_);
  }

 private:
  void run(const HttpProgress& progress) {
    while (done_ < results_.size()) {
      start_what_may();
      int active = 0;
      if (curl_multi_perform(multi_.get(), &active) != CURLM_OK) break;
      if (take_finished()) {
        if (progress) progress(done_, results_.size());
        continue;
      }
      curl_multi_poll(multi_.get(), nullptr, 0, wait_time(), nullptr);
    }
    for (const auto& transfer : transfers_) {
      if (transfer->easy) curl_multi_remove_handle(multi_.get(), transfer->easy.get());
    }
  }

  /// Not all at once: curl would hold a handle for each of thousands of requests.
  void start_what_may() {
    const Clock::time_point now = Clock::now();
    for (std::size_t i = waiting_.size(); i > 0 && running_ < most_running; --i) {
      Transfer* transfer = waiting_[i - 1];
      if (transfer->not_before > now) continue;
      waiting_.erase(waiting_.begin() + static_cast<std::ptrdiff_t>(i - 1));
      start(*transfer);
    }
  }

  /// Milliseconds until there is something to do besides reading.
  [[nodiscard]] int wait_time() const {
    Clock::duration wait = std::chrono::seconds(1);
    const Clock::time_point now = Clock::now();
    for (const Transfer* transfer : waiting_) {
      if (running_ < most_running) wait = std::min(wait, std::max(transfer->not_before - now, Clock::duration::zero()));
    }
    return static_cast<int>(std::chrono::ceil<std::chrono::milliseconds>(wait).count());
  }

  void start(Transfer& transfer) {
    ++transfer.attempt;
    transfer.too_large = false;
    transfer.easy.reset(curl_easy_init());
    if (!transfer.easy) {
      finish(transfer, fail(Failure::Kind::unavailable, "There is no memory left for a request."));
      return;
    }
    set_options(transfer);
    ++running_;
    curl_multi_add_handle(multi_.get(), transfer.easy.get());
  }

  void set_options(Transfer& transfer) {
    CURL* easy = transfer.easy.get();
    const HttpRequest& request = *transfer.request;
    curl_easy_setopt(easy, CURLOPT_URL, request.url.c_str());
    curl_easy_setopt(easy, CURLOPT_PRIVATE, &transfer);
    curl_easy_setopt(easy, CURLOPT_ERRORBUFFER, transfer.error.data());
    curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(easy, CURLOPT_HEADERFUNCTION, on_header);
    curl_easy_setopt(easy, CURLOPT_HEADERDATA, &transfer);
    curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, on_body);
    curl_easy_setopt(easy, CURLOPT_WRITEDATA, &transfer);
    curl_easy_setopt(easy, CURLOPT_USERAGENT, "forge-analyze");
    curl_easy_setopt(easy, CURLOPT_FOLLOWLOCATION, 1L);
    curl_easy_setopt(easy, CURLOPT_MAXREDIRS, limits_.redirects);
    curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "http,https");
    curl_easy_setopt(easy, CURLOPT_REDIR_PROTOCOLS_STR, is_secure(request.url) ? "https" : "http,https");
    curl_easy_setopt(easy, CURLOPT_HTTP_VERSION, static_cast<long>(CURL_HTTP_VERSION_2TLS));
    // Many requests on one connection where TLS tells that the server can; a plain one tells only with its answer.
    if (is_secure(request.url)) curl_easy_setopt(easy, CURLOPT_PIPEWAIT, 1L);
    curl_easy_setopt(easy, CURLOPT_CONNECTTIMEOUT_MS, static_cast<long>(limits_.connect_timeout.count()));
    curl_easy_setopt(easy, CURLOPT_TIMEOUT_MS, static_cast<long>(limits_.total_timeout.count()) * 1000L);
    curl_easy_setopt(easy, CURLOPT_LOW_SPEED_LIMIT, 1L);
    curl_easy_setopt(easy, CURLOPT_LOW_SPEED_TIME, static_cast<long>(limits_.stalled_timeout.count()));
    if (request.compressed && request.range.empty()) curl_easy_setopt(easy, CURLOPT_ACCEPT_ENCODING, "gzip, deflate");
    set_way(easy, request.url);
    set_range(transfer);
  }

  /// Proxies, certificates, credentials.
  void set_way(CURL* easy, const std::string& url) const {
    const auto set = [easy](CURLoption option, const std::string& value) {
      if (!value.empty()) curl_easy_setopt(easy, option, value.c_str());
    };
    // Set in any case, or curl would look at the environment itself.
    curl_easy_setopt(easy, CURLOPT_PROXY, (is_secure(url) ? settings_.https_proxy : settings_.http_proxy).c_str());
    curl_easy_setopt(easy, CURLOPT_NOPROXY, settings_.no_proxy.c_str());
    set(CURLOPT_CAINFO, settings_.ca_file);
    set(CURLOPT_CAPATH, settings_.ca_folder);
    set(CURLOPT_SSLCERT, settings_.client_certificate);
    if (!settings_.netrc_file.empty()) {
      curl_easy_setopt(easy, CURLOPT_NETRC, static_cast<long>(CURL_NETRC_OPTIONAL));
      curl_easy_setopt(easy, CURLOPT_NETRC_FILE, settings_.netrc_file.c_str());
    }
    const auto [authority, host] = host_of(url);
    const bool insecure = std::ranges::any_of(
        settings_.insecure_hosts,
        [&, &a = authority, &h = host](const auto& one) { return to_lower(one) == a || to_lower(one) == h; });
    if (!insecure) return;
    curl_easy_setopt(easy, CURLOPT_SSL_VERIFYPEER, 0L);
    curl_easy_setopt(easy, CURLOPT_SSL_VERIFYHOST, 0L);
  }

  static void set_range(Transfer& transfer) {
    const HttpRequest& request = *transfer.request;
    CURL* easy = transfer.easy.get();
    transfer.headers.reset();
    for (const std::string& header : request.headers) append(transfer.headers, header);
    if (!request.range.empty()) curl_easy_setopt(easy, CURLOPT_RANGE, request.range.c_str());
    if (transfer.resumed_at > 0) {
      curl_easy_setopt(easy, CURLOPT_RANGE, fmt::format("{}-", transfer.resumed_at).c_str());
      append(transfer.headers, "If-Range: " + transfer.answer.etag);
    }
    if (transfer.headers) curl_easy_setopt(easy, CURLOPT_HTTPHEADER, transfer.headers.get());
  }

  bool take_finished() {
    bool any = false;
    int left = 0;
    while (const CURLMsg* message = curl_multi_info_read(multi_.get(), &left)) {
      if (message->msg != CURLMSG_DONE) continue;
      any = true;
      const CURLcode code = message->data.result;
      Transfer* transfer = nullptr;
      curl_easy_getinfo(message->easy_handle, CURLINFO_PRIVATE, &transfer);
      curl_multi_remove_handle(multi_.get(), message->easy_handle);
      --running_;
      judge(*transfer, code);
    }
    return any;
  }

  void judge(Transfer& transfer, CURLcode code) {
    long status = 0;
    curl_easy_getinfo(transfer.easy.get(), CURLINFO_RESPONSE_CODE, &status);
    const char* last_url = nullptr;
    curl_easy_getinfo(transfer.easy.get(), CURLINFO_EFFECTIVE_URL, &last_url);
    if (code == CURLE_OK && is_answer(status)) {
      const bool completed = transfer.resumed_at > 0 && status == 206;
      if (transfer.resumed_at > 0 && !completed) transfer.answer.body.clear();
      transfer.answer.status = completed ? 200 : static_cast<int>(status);
      transfer.answer.url = last_url == nullptr ? transfer.request->url : last_url;
      finish(transfer, std::move(transfer.answer));
      return;
    }
    const bool passing = code == CURLE_OK ? is_passing(status) : is_passing(code) && !transfer.too_large;
    const auto delay = passing ? delay_before_next(transfer) : std::nullopt;
    if (!delay) {
      finish(transfer, failure_of(transfer, code, status));
      return;
    }
    const bool resumes = keeps_what_came(code) && status == 200 && transfer.request->range.empty() &&
                         !transfer.request->compressed && transfer.answer.etag.starts_with('"');
    const bool goes_on = keeps_what_came(code) && status == 206 && transfer.resumed_at > 0;
    if (!resumes && !goes_on) transfer.answer = {};
    transfer.resumed_at = transfer.answer.body.size();
    transfer.not_before = Clock::now() + *delay;
    transfer.easy.reset();
    waiting_.push_back(&transfer);
  }

  /// How long to wait; nothing where it is no use to try again.
  [[nodiscard]] std::optional<Clock::duration> delay_before_next(const Transfer& transfer) const {
    if (transfer.attempt >= limits_.attempts) return std::nullopt;
    Clock::duration delay = limits_.first_delay * (1U << (transfer.attempt - 1));
    std::int64_t seconds = 0;
    const std::string& told = transfer.retry_after;
    const auto parsed = std::from_chars(told.data(), told.data() + told.size(), seconds);
    if (!told.empty() && parsed.ec == std::errc{} && parsed.ptr == told.data() + told.size()) {
      if (seconds > limits_.longest_delay.count()) return std::nullopt;
      delay = std::chrono::seconds(seconds);
    }
    return std::min<Clock::duration>(delay, limits_.longest_delay);
  }

  [[nodiscard]] tl::unexpected<Failure> failure_of(const Transfer& transfer, CURLcode code, long status) const {
    const std::string where = formats::without_credentials(transfer.request->url);
    if (transfer.too_large)
      return fail(Failure::Kind::invalid, fmt::format("`{}` is larger than {} bytes, so it was not read.", where,
                                                      transfer.request->most_bytes));
    if (code == CURLE_TOO_MANY_REDIRECTS)
      return fail(Failure::Kind::invalid,
                  fmt::format("`{}` is redirected more than {} times.", where, limits_.redirects));
    if (code != CURLE_OK) {
      const std::string words(transfer.error.data());
      const bool nonsense = code == CURLE_UNSUPPORTED_PROTOCOL || code == CURLE_WEIRD_SERVER_REPLY;
      return fail(nonsense ? Failure::Kind::invalid : Failure::Kind::unavailable,
                  fmt::format("`{}` can't be read: {}.", where, words.empty() ? curl_easy_strerror(code) : words));
    }
    const bool denied = status == 401 || status == 403;
    return fail(Failure::Kind::unavailable, fmt::format("`{}` answers with status {}.", where, status),
                denied ? std::vector<std::string>{"put the credentials into your netrc file or the index's URL"}
                       : std::vector<std::string>());
  }

  void finish(Transfer& transfer, Result<HttpAnswer> result) {
    results_[transfer.number] = std::move(result);
    transfer.easy.reset();
    transfer.headers.reset();
    ++done_;
  }

  static constexpr std::size_t most_running = 64;

  IndexSettings settings_;
  HttpLimits limits_;
  std::mutex mutex_;
  MultiHandle multi_;
  std::vector<std::unique_ptr<Transfer>> transfers_;
  std::vector<Transfer*> waiting_;  ///< the next one last
  std::vector<Result<HttpAnswer>> results_;
  std::size_t done_ = 0;
  std::size_t running_ = 0;
};

HttpClient::HttpClient(const IndexSettings& settings, const HttpLimits& limits)
    : session_(std::make_unique<Session>(settings, limits)) {}
HttpClient::~HttpClient() = default;

std::vector<Result<HttpAnswer>> HttpClient::get(const std::vector<HttpRequest>& requests,
                                                const HttpProgress& progress) {
  return session_->get(requests, progress);
}

}  // namespace forge::index
