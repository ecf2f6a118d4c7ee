#include "engine/index/http_client.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <map>
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

bool is_secure(std::string_view url) {
  return to_lower(url.substr(0, 8)) == "https://";
}
bool is_plain(std::string_view url) {
  return to_lower(url.substr(0, 7)) == "http://";
}

/// Where credentials count: scheme, host and port.
std::string realm_of(const std::string& url) {
  std::string authority = host_of(url).first;
  const std::string_view usual = is_secure(url) ? ":443" : ":80";
  if (authority.ends_with(usual)) authority.resize(authority.size() - usual.size());
  return (is_secure(url) ? "https://" : "http://") + authority;
}

struct Credentials {
  std::string user;
  std::string password;
};

/// One request on its way, over all its attempts.
struct Transfer {
  const HttpRequest* request = nullptr;
  std::size_t number = 0;
  EasyHandle easy;
  HeaderList headers;
  HttpAnswer answer;
  std::string url;  ///< where it is now, after redirects
  std::string error = std::string(CURL_ERROR_SIZE, '\0');
  std::size_t resumed_at = 0;   ///< bytes of the body that an earlier attempt brought
  std::string resumed_etag;     ///< of what they are bytes of
  std::size_t thrown_away = 0;  ///< bytes of redirects' bodies
  bool too_large = false;
  unsigned attempt = 0;
  long redirects = 0;  ///< of this attempt
  Clock::time_point not_before{};
  Clock::time_point deadline{};  ///< of this attempt, redirects and all
};

void take_header(Transfer& transfer, std::string_view line) {
  if (line.starts_with("HTTP/")) {  // of each answer on the way: redirects, an interim one
    transfer.answer.content_type.clear();
    transfer.answer.etag.clear();
    transfer.answer.last_modified.clear();
    transfer.answer.cache_control.clear();
    transfer.answer.content_range.clear();
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
}

std::size_t on_header(char* bytes, std::size_t size, std::size_t count, void* self) {
  take_header(*static_cast<Transfer*>(self), std::string_view(bytes, size * count));
  return size * count;
}

bool is_redirect(long status) {
  return status == 301 || status == 302 || status == 303 || status == 307 || status == 308;
}

std::size_t on_body(char* bytes, std::size_t size, std::size_t count, void* self) {
  Transfer& transfer = *static_cast<Transfer*>(self);
  const std::size_t length = size * count;
  long status = 0;
  curl_easy_getinfo(transfer.easy.get(), CURLINFO_RESPONSE_CODE, &status);
  if (is_redirect(status)) {
    transfer.thrown_away += length;
    transfer.too_large = transfer.thrown_away > transfer.request->most_bytes;
    return transfer.too_large ? 0 : length;
  }
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
    for (const std::string& url : settings_.urls) {
      if (auto own = own_credentials(url)) credentials_.emplace(realm_of(url), *std::move(own));
    }
  }

  std::vector<Result<HttpAnswer>> get(const std::vector<HttpRequest>& requests, const HttpProgress& progress) {
    const std::scoped_lock lock(mutex_);
    open();
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
  /// When it is first needed: a run that finds all in the cache has no use for curl.
  void open() {
    if (multi_) return;
    initialise_curl();
    multi_.reset(curl_multi_init());
    if (!multi_) return;
    curl_multi_setopt(multi_.get(), CURLMOPT_MAX_TOTAL_CONNECTIONS, limits_.connections);
    curl_multi_setopt(multi_.get(), CURLMOPT_MAX_HOST_CONNECTIONS, limits_.connections_per_host);
  }

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
    transfer.redirects = 0;
    transfer.url = transfer.request->url;
    transfer.deadline = Clock::now() + limits_.total_timeout;
    send(transfer);
  }

  void send(Transfer& transfer) {
    transfer.too_large = false;
    transfer.thrown_away = 0;
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
    curl_easy_setopt(easy, CURLOPT_URL, formats::without_credentials(transfer.url).c_str());
    curl_easy_setopt(easy, CURLOPT_PRIVATE, &transfer);
    curl_easy_setopt(easy, CURLOPT_ERRORBUFFER, transfer.error.data());
    curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(easy, CURLOPT_HEADERFUNCTION, on_header);
    curl_easy_setopt(easy, CURLOPT_HEADERDATA, &transfer);
    curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, on_body);
    curl_easy_setopt(easy, CURLOPT_WRITEDATA, &transfer);
    curl_easy_setopt(easy, CURLOPT_USERAGENT, "forge-analyze");
    // follow() does that: proxies, certificates and credentials are each host's own.
    curl_easy_setopt(easy, CURLOPT_FOLLOWLOCATION, 0L);
    curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "http,https");
    curl_easy_setopt(easy, CURLOPT_HTTP_VERSION, static_cast<long>(CURL_HTTP_VERSION_2TLS));
    // Many requests on one connection where TLS tells that the server can; a plain one tells only with its answer.
    if (is_secure(transfer.url)) curl_easy_setopt(easy, CURLOPT_PIPEWAIT, 1L);
    curl_easy_setopt(easy, CURLOPT_CONNECTTIMEOUT_MS, static_cast<long>(limits_.connect_timeout.count()));
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(transfer.deadline - Clock::now()).count();
    curl_easy_setopt(easy, CURLOPT_TIMEOUT_MS, static_cast<long>(std::max<std::int64_t>(left, 1)));
    curl_easy_setopt(easy, CURLOPT_LOW_SPEED_LIMIT, 1L);
    curl_easy_setopt(easy, CURLOPT_LOW_SPEED_TIME, static_cast<long>(limits_.stalled_timeout.count()));
    if (request.compressed && request.range.empty()) curl_easy_setopt(easy, CURLOPT_ACCEPT_ENCODING, "gzip, deflate");
    set_way(easy, transfer);
    set_range(transfer);
  }

  /// Proxies, certificates, credentials.
  void set_way(CURL* easy, const Transfer& transfer) const {
    const std::string& url = transfer.url;
    const auto set = [easy](CURLoption option, const std::string& value) {
      if (!value.empty()) curl_easy_setopt(easy, option, value.c_str());
    };
    // Set in any case, or curl would look at the environment itself.
    curl_easy_setopt(easy, CURLOPT_PROXY, (is_secure(url) ? settings_.https_proxy : settings_.http_proxy).c_str());
    curl_easy_setopt(easy, CURLOPT_NOPROXY, settings_.no_proxy.c_str());
    set(CURLOPT_CAINFO, settings_.ca_file);
    set(CURLOPT_CAPATH, settings_.ca_folder);
    set(CURLOPT_SSLCERT, settings_.client_certificate);
    if (const auto credentials = credentials_for(transfer)) {
      curl_easy_setopt(easy, CURLOPT_USERNAME, credentials->user.c_str());
      curl_easy_setopt(easy, CURLOPT_PASSWORD, credentials->password.c_str());
    } else if (!settings_.netrc_file.empty()) {
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

  /// Those in the URL itself.
  static std::optional<Credentials> own_credentials(const std::string& url) {
    const std::size_t begin = url.find("://");
    const std::size_t bare = formats::without_credentials(url).size();
    if (begin == std::string::npos || bare == url.size()) return std::nullopt;
    const std::string_view both = std::string_view(url).substr(begin + 3, url.size() - bare - 1);
    const std::size_t colon = std::min(both.find(':'), both.size());
    return Credentials{formats::percent_decoded(both.substr(0, colon)),
                       formats::percent_decoded(both.substr(std::min(colon + 1, both.size())))};
  }

  /// An index's credentials are for everything on its host, as for pip and uv.
  [[nodiscard]] std::optional<Credentials> credentials_for(const Transfer& transfer) const {
    const std::string& url = transfer.url;
    const std::string& first = transfer.request->url;
    if (auto own = own_credentials(url)) return own;
    if (auto own = own_credentials(first); own && realm_of(first) == realm_of(url)) return own;
    const auto known = credentials_.find(realm_of(url));
    return known == credentials_.end() ? std::nullopt : std::optional(known->second);
  }

  static void set_range(Transfer& transfer) {
    const HttpRequest& request = *transfer.request;
    CURL* easy = transfer.easy.get();
    transfer.headers.reset();
    for (const std::string& header : request.headers) append(transfer.headers, header);
    if (!request.range.empty()) curl_easy_setopt(easy, CURLOPT_RANGE, request.range.c_str());
    if (transfer.resumed_at > 0) {
      curl_easy_setopt(easy, CURLOPT_RANGE, fmt::format("{}-", transfer.resumed_at).c_str());
      append(transfer.headers, "If-Range: " + transfer.resumed_etag);
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
    if (code == CURLE_OK && is_redirect(status) && follow(transfer)) return;
    const bool resumed = transfer.resumed_at > 0 && status == 206;
    const auto part = parse_content_range(transfer.answer.content_range);
    const bool other_part = resumed && (!part || part->begin != transfer.resumed_at);
    if (code == CURLE_OK && is_answer(status) && !other_part) {
      if (transfer.resumed_at > 0 && !resumed) transfer.answer.body.clear();
      transfer.answer.status = resumed ? 200 : static_cast<int>(status);
      transfer.answer.url = formats::without_credentials(transfer.url);
      finish(transfer, std::move(transfer.answer));
      return;
    }
    const bool passing = code == CURLE_OK ? is_passing(status) || other_part : is_passing(code) && !transfer.too_large;
    const auto delay = passing ? delay_before_next(transfer) : std::nullopt;
    if (!delay) {
      finish(transfer, failure_of(transfer, code, status));
      return;
    }
    const bool resumes = keeps_what_came(code) && status == 200 && transfer.request->range.empty() &&
                         !transfer.request->compressed && transfer.answer.etag.starts_with('"');
    const bool goes_on = keeps_what_came(code) && resumed && !other_part;
    if (resumes) transfer.resumed_etag = transfer.answer.etag;
    if (!resumes && !goes_on) transfer.answer = {};
    transfer.resumed_at = transfer.answer.body.size();
    transfer.not_before = Clock::now() + *delay;
    transfer.easy.reset();
    waiting_.push_back(&transfer);
  }

  /// Goes where the answer says, or ends where that may not be. False where it says nothing.
  bool follow(Transfer& transfer) {
    const char* location = nullptr;
    curl_easy_getinfo(transfer.easy.get(), CURLINFO_REDIRECT_URL, &location);
    if (location == nullptr) return false;
    const std::string target = location;
    const std::string where = formats::without_credentials(transfer.request->url);
    if (++transfer.redirects > limits_.redirects) {
      finish(transfer, fail(Failure::Kind::invalid,
                            fmt::format("`{}` is redirected more than {} times.", where, limits_.redirects)));
    } else if (!is_secure(target) && (!is_plain(target) || is_secure(transfer.url))) {
      finish(transfer, fail(Failure::Kind::invalid, fmt::format("`{}` is redirected to `{}`, which is not followed.",
                                                                where, formats::without_credentials(target))));
    } else {
      transfer.url = target;
      send(transfer);
    }
    return true;
  }

  /// How long to wait; nothing where it is no use to try again.
  [[nodiscard]] std::optional<Clock::duration> delay_before_next(const Transfer& transfer) const {
    if (transfer.attempt >= limits_.attempts) return std::nullopt;
    Clock::duration delay = limits_.first_delay * (1U << (transfer.attempt - 1));
    curl_off_t seconds = 0;  // of `Retry-After`, also where that is a date
    curl_easy_getinfo(transfer.easy.get(), CURLINFO_RETRY_AFTER, &seconds);
    if (seconds > limits_.longest_delay.count()) return std::nullopt;
    if (seconds > 0) delay = std::chrono::seconds(seconds);
    return std::min<Clock::duration>(delay, limits_.longest_delay);
  }

  [[nodiscard]] tl::unexpected<Failure> failure_of(const Transfer& transfer, CURLcode code, long status) const {
    const std::string where = formats::without_credentials(transfer.request->url);
    if (transfer.too_large)
      return fail(Failure::Kind::invalid, fmt::format("`{}` is larger than {} bytes, so it was not read.", where,
                                                      transfer.request->most_bytes));
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
  std::map<std::string, Credentials> credentials_;  ///< of the indexes, by realm
  std::mutex mutex_;
  MultiHandle multi_;
  std::vector<std::unique_ptr<Transfer>> transfers_;
  std::vector<Transfer*> waiting_;  ///< the next one last
  std::vector<Result<HttpAnswer>> results_;
  std::size_t done_ = 0;
  std::size_t running_ = 0;
};

std::optional<ContentRange> parse_content_range(std::string_view text) {
  constexpr std::string_view unit = "bytes ";
  if (!text.starts_with(unit)) return std::nullopt;
  std::array<std::uint64_t, 3> numbers{};
  constexpr std::array<char, 3> behind = {'-', '/', '\0'};
  text.remove_prefix(unit.size());
  for (std::size_t i = 0; i < numbers.size(); ++i) {
    const auto parsed = std::from_chars(text.data(), text.data() + text.size(), numbers.at(i));
    if (parsed.ec != std::errc{}) return std::nullopt;
    text.remove_prefix(static_cast<std::size_t>(parsed.ptr - text.data()));
    const bool last = i + 1 == numbers.size();
    if (last ? !text.empty() : !text.starts_with(behind.at(i))) return std::nullopt;
    if (!last) text.remove_prefix(1);
  }
  if (numbers[0] > numbers[1] || numbers[1] >= numbers[2]) return std::nullopt;
  return ContentRange{numbers[0], numbers[1] + 1, numbers[2]};
}

HttpClient::HttpClient(const IndexSettings& settings, const HttpLimits& limits)
    : session_(std::make_unique<Session>(settings, limits)) {}
HttpClient::~HttpClient() = default;

std::vector<Result<HttpAnswer>> HttpClient::get(const std::vector<HttpRequest>& requests,
                                                const HttpProgress& progress) {
  return session_->get(requests, progress);
}

}  // namespace forge::index
