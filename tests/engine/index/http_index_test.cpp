/// Against a stand-in index on loopback that delays, fails, lies and attacks.
#include "engine/index/http_index.hpp"

#include <algorithm>
#include <condition_variable>
#include <filesystem>
#include <functional>
#include <map>
#include <mutex>
#include <optional>

#include <doctest/doctest.h>
#include <fmt/format.h>
#include <zlib.h>

#include "engine/base/sha256.hpp"
#include "tests/support/git_fixture.hpp"
#include "tests/support/loopback_server.hpp"

namespace {

using namespace forge;
using index::HttpAnswer;
using index::HttpClient;
using index::HttpLimits;
using index::HttpRequest;
using index::IndexSettings;
using support::http_answer;
using support::LoopbackServer;
using support::ServerRequest;

HttpLimits impatient() {
  HttpLimits limits;
  limits.first_delay = std::chrono::milliseconds(0);
  limits.total_timeout = std::chrono::seconds(20);
  return limits;
}

Result<HttpAnswer> get(const LoopbackServer& server, HttpRequest request, const HttpLimits& limits = impatient()) {
  HttpClient client(IndexSettings{}, limits);
  request.url = server.url() + request.url;
  return client.get({request}).front();
}

const PackageName& alpha() {
  static const PackageName name = *PackageName::parse("alpha");
  return name;
}

index::PackageIndexPtr index_at(const LoopbackServer& server, const std::string& cache = {}, bool offline = false,
                                std::int64_t now = 1'000'000) {
  IndexSettings settings;
  settings.urls = {server.url() + "/simple/"};
  return index::http_index(
      settings, {.cache_folder = cache, .offline = offline, .limits = impatient(), .now = [now] { return now; }});
}

std::vector<std::string> versions_of(const index::PackageIndexPtr& index) {
  const auto page = index->pages({alpha()}).front();
  REQUIRE_MESSAGE(page.has_value(), (page ? "" : page.error().message));
  std::vector<std::string> versions;
  for (const auto& version : (*page)->versions()) versions.push_back(version.str());
  return versions;
}

Failure failure_of(const index::PackageIndexPtr& index) {
  const auto page = index->pages({alpha()}).front();
  REQUIRE_FALSE(page.has_value());
  return page.error();
}

std::string link(const std::string& file, const std::string& attributes = {}) {
  return fmt::format("<a href=\"../../files/{0}\" {1}>{0}</a>\n", file, attributes);
}

std::string packed(const std::string& bytes) {
  z_stream stream{};
  REQUIRE(deflateInit2(&stream, 9, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY) == Z_OK);
  std::string out(deflateBound(&stream, bytes.size()) + 64, '\0');
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(bytes.data()));
  stream.avail_in = static_cast<uInt>(bytes.size());
  stream.next_out = reinterpret_cast<Bytef*>(out.data());
  stream.avail_out = static_cast<uInt>(out.size());
  REQUIRE(deflate(&stream, Z_FINISH) == Z_STREAM_END);
  out.resize(stream.total_out);
  deflateEnd(&stream);
  return out;
}

std::string number(std::uint64_t value, int width) {
  std::string out;
  for (int i = 0; i < width; ++i) out += static_cast<char>(value >> (8 * i) & 0xFFU);
  return out;
}

/// A zip of stored files.
std::string zip_of(const std::vector<std::pair<std::string, std::string>>& files) {
  std::string zip;
  std::string directory;
  for (const auto& [name, text] : files) {
    const auto checksum = crc32(0, reinterpret_cast<const Bytef*>(text.data()), static_cast<uInt>(text.size()));
    const std::string common = number(20, 2) + number(0, 2) + number(0, 2) + number(0, 4) + number(checksum, 4) +
                               number(text.size(), 4) + number(text.size(), 4) + number(name.size(), 2) + number(0, 2);
    directory += "PK\x01\x02" + number(20, 2) + common + number(0, 2) + number(0, 2) + number(0, 2) + number(0, 4) +
                 number(zip.size(), 4) + name;
    zip += "PK\x03\x04" + common + name + text;
  }
  const std::size_t offset = zip.size();
  return zip + directory + "PK\x05\x06" + number(0, 4) + number(files.size(), 2) + number(files.size(), 2) +
         number(directory.size(), 4) + number(offset, 4) + number(0, 2);
}

std::string header(const ServerRequest& request, const std::string& name) {
  const std::size_t at = request.headers.find(name + ": ");
  if (at == std::string::npos) return {};
  const std::size_t begin = at + name.size() + 2;
  return request.headers.substr(begin, request.headers.find('\n', begin) - begin);
}

/// What an honest server says to a `Range`.
std::string part_of(const std::string& file, const ServerRequest& request) {
  const std::string range = header(request, "range");
  if (range.empty()) return http_answer(200, file);
  const std::string bounds = range.substr(range.find('=') + 1);
  std::size_t begin = 0;
  std::size_t end = file.size();
  if (bounds.starts_with('-')) {
    begin = file.size() - std::min<std::size_t>(file.size(), std::stoul(bounds.substr(1)));
  } else {
    begin = std::stoul(bounds);
    const std::string last = bounds.substr(bounds.find('-') + 1);
    if (!last.empty()) end = std::min<std::size_t>(file.size(), std::stoul(last) + 1);
  }
  if (begin >= end) return http_answer(416, "");
  return http_answer(206, file.substr(begin, end - begin),
                     fmt::format("Content-Range: bytes {}-{}/{}\r\n", begin, end - 1, file.size()));
}

constexpr const char* metadata = "Metadata-Version: 2.1\nName: alpha\nVersion: 1.0\nRequires-Dist: beta>=2\n\nWords.\n";
constexpr const char* wheel = "alpha-1.0-py3-none-any.whl";

Result<index::FileMetadataPtr> metadata_at(const index::PackageIndexPtr& index) {
  const auto page = index->pages({alpha()}).front();
  REQUIRE(page.has_value());
  const auto files = (*page)->files(*formats::Version::parse("1.0"));
  REQUIRE(files.size() == 1);
  return index->metadata({{alpha(), files.front()}}).front();
}

}  // namespace

TEST_CASE("index: what comes is kept, asked about again with its validator, and used as it is while it is fresh") {
  const support::TempFolder cache;
  const LoopbackServer server([](const ServerRequest& request) {
    if (header(request, "if-none-match") == "\"one\"") return http_answer(304, "", "ETag: \"one\"\r\n");
    return http_answer(200, link("alpha-1.0-py3-none-any.whl") + link("alpha-2.0.tar.gz"),
                       "Content-Type: text/html\r\nETag: \"one\"\r\nCache-Control: max-age=60\r\n");
  });
  const std::vector<std::string> both = {"1.0", "2.0"};
  CHECK(versions_of(index_at(server, cache.path())) == both);
  CHECK(server.requests().size() == 1);
  CHECK(versions_of(index_at(server, cache.path(), false, 1'000'059)) == both);
  CHECK(server.requests().size() == 1);
  CHECK(versions_of(index_at(server, cache.path(), false, 1'000'061)) == both);
  CHECK(server.requests().size() == 2);
  // Offline its age does not matter, and what is not there is said.
  const auto offline = index_at(server, cache.path(), true, 9'000'000);
  CHECK(versions_of(offline) == both);
  const auto other = offline->pages({*PackageName::parse("beta")}).front();
  REQUIRE_FALSE(other.has_value());
  CHECK(other.error().kind == Failure::Kind::unavailable);
  CHECK(server.requests().size() == 2);
}

TEST_CASE("index: an entry of the cache whose digest does not fit is fetched again") {
  const support::TempFolder cache;
  const LoopbackServer server(
      [](const ServerRequest&) { return http_answer(200, link(wheel), "Cache-Control: max-age=6000\r\n"); });
  CHECK(versions_of(index_at(server, cache.path())).size() == 1);
  for (const auto& entry : std::filesystem::recursive_directory_iterator(cache.path())) {
    if (!entry.is_regular_file()) continue;
    const std::string path = entry.path().lexically_relative(cache.path()).string();
    std::string text = cache.read(path);
    text.replace(text.find("alpha-1.0"), 9, "alpha-9.9");
    cache.write(path, text);
  }
  CHECK(versions_of(index_at(server, cache.path())) == std::vector<std::string>{"1.0"});
  CHECK(server.requests().size() == 2);
}

TEST_CASE("index: a project that is not there is no failure of the index") {
  const LoopbackServer server([](const ServerRequest&) { return http_answer(404, "no"); });
  CHECK(failure_of(index_at(server)).kind == Failure::Kind::not_found);
}

TEST_CASE("index: what may pass is tried again, what stays is said") {
  for (const char* first : {"500", "503", "429"}) {
    CAPTURE(first);
    const LoopbackServer server([&](const ServerRequest& request) {
      if (request.number == 0) return http_answer(std::stoi(first), "", "Retry-After: 0\r\n");
      return http_answer(200, link(wheel));
    });
    CHECK(versions_of(index_at(server)).size() == 1);
    CHECK(server.requests().size() == 2);
  }
  const LoopbackServer down([](const ServerRequest&) { return http_answer(502, ""); });
  CHECK(failure_of(index_at(down)).message.find("502") != std::string::npos);
  CHECK(down.requests().size() == impatient().attempts);
  // Nobody waits for an hour.
  const LoopbackServer later([](const ServerRequest&) { return http_answer(429, "", "Retry-After: 3600\r\n"); });
  CHECK(failure_of(index_at(later)).kind == Failure::Kind::unavailable);
  CHECK(later.requests().size() == 1);
  const LoopbackServer denied([](const ServerRequest&) { return http_answer(403, ""); });
  CHECK_FALSE(failure_of(index_at(denied)).hints.empty());
  CHECK(denied.requests().size() == 1);
}

TEST_CASE("index: a body that is shorter than announced is not taken") {
  const std::string page = link(wheel) + link("alpha-2.0-py3-none-any.whl");
  const LoopbackServer server([&](const ServerRequest& request) {
    const std::string whole = http_answer(200, page);
    return request.number == 0 ? whole.substr(0, whole.size() - 50) : whole;
  });
  CHECK(versions_of(index_at(server)).size() == 2);
  const LoopbackServer liar(
      [&](const ServerRequest&) { return "HTTP/1.1 200 Yes\r\nContent-Length: 99999\r\n\r\n" + page; });
  CHECK(failure_of(index_at(liar)).kind == Failure::Kind::unavailable);
  const LoopbackServer mute([](const ServerRequest&) { return std::string(); });
  CHECK(failure_of(index_at(mute)).kind == Failure::Kind::unavailable);
  const LoopbackServer babble([](const ServerRequest&) { return std::string("\x16\x03\x01 what?"); });
  CHECK(failure_of(index_at(babble)).kind == Failure::Kind::invalid);
}

TEST_CASE("http: a broken download goes on where it broke off") {
  const std::string file = "0123456789";
  const LoopbackServer server([&](const ServerRequest& request) {
    if (request.number == 0) return "HTTP/1.1 200 Yes\r\nETag: \"f\"\r\nContent-Length: 10\r\n\r\n" + file.substr(0, 4);
    if (header(request, "range") == "bytes=4-" && header(request, "if-range") == "\"f\"")
      return http_answer(206, file.substr(4), "ETag: \"f\"\r\nContent-Range: bytes 4-9/10\r\n");
    return http_answer(400, "");
  });
  const auto answer = get(server, {.url = "/file", .compressed = false});
  REQUIRE_MESSAGE(answer.has_value(), (answer ? "" : answer.error().message));
  CHECK(answer->status == 200);
  CHECK(answer->body == file);
  // The file is another one by now: it comes as a whole.
  const LoopbackServer changed([&](const ServerRequest& request) {
    if (request.number == 0) return std::string("HTTP/1.1 200 Yes\r\nETag: \"f\"\r\nContent-Length: 10\r\n\r\nabcd");
    return http_answer(200, file, "ETag: \"g\"\r\n");
  });
  const auto other = get(changed, {.url = "/file", .compressed = false});
  REQUIRE(other.has_value());
  CHECK(other->body == file);
}

TEST_CASE("http: bodies, redirects and time have bounds") {
  const std::string many(1U << 20U, 'x');
  const LoopbackServer large([&](const ServerRequest&) { return http_answer(200, many); });
  const auto too_large = get(large, {.url = "/", .most_bytes = 1000});
  REQUIRE_FALSE(too_large.has_value());
  CHECK(too_large.error().kind == Failure::Kind::invalid);
  CHECK(large.requests().size() == 1);

  const std::string bomb = packed(std::string(64U << 20U, '\0'));
  const LoopbackServer bomber(
      [&](const ServerRequest&) { return http_answer(200, bomb, "Content-Encoding: gzip\r\n"); });
  const auto exploded = get(bomber, {.url = "/", .most_bytes = 1U << 20U});
  REQUIRE_FALSE(exploded.has_value());
  CHECK(exploded.error().kind == Failure::Kind::invalid);

  const LoopbackServer loop([](const ServerRequest&) { return http_answer(302, "", "Location: /again\r\n"); });
  const auto redirected = get(loop, {.url = "/"});
  REQUIRE_FALSE(redirected.has_value());
  CHECK(redirected.error().kind == Failure::Kind::invalid);
  CHECK(loop.requests().size() == 11);

  for (const char* where : {"file:///etc/passwd", "ftp://127.0.0.1/x", "gopher://127.0.0.1/x"}) {
    CAPTURE(where);
    const LoopbackServer elsewhere(
        [&](const ServerRequest&) { return http_answer(301, "", fmt::format("Location: {}\r\n", where)); });
    const auto led = get(elsewhere, {.url = "/"});
    REQUIRE_FALSE(led.has_value());
    CHECK(led.error().kind == Failure::Kind::invalid);
    CHECK(elsewhere.requests().size() == 1);
  }
}

TEST_CASE("http: a server that says nothing is given up") {
  std::mutex mutex;
  std::condition_variable over;
  bool done = false;
  {
    const LoopbackServer silent([&](const ServerRequest&) {
      std::unique_lock lock(mutex);
      over.wait(lock, [&] { return done; });
      return std::string();
    });
    HttpLimits limits = impatient();
    limits.total_timeout = std::chrono::seconds(1);
    limits.attempts = 1;
    const auto answer = get(silent, {.url = "/"}, limits);
    REQUIRE_FALSE(answer.has_value());
    CHECK(answer.error().kind == Failure::Kind::unavailable);
    const std::scoped_lock lock(mutex);
    done = true;
    over.notify_all();
  }
}

TEST_CASE("http: a server that drips is given up, on its first page and behind a redirect") {
  for (const int hops : {0, 1}) {
    CAPTURE(hops);
    std::mutex mutex;
    std::condition_variable over;
    bool done = false;
    int drops = 0;
    const LoopbackServer server(
        [&](const ServerRequest& request) {
          if (hops > 0 && request.target == "/") return http_answer(307, "", "Location: /drip\r\n");
          return std::string("HTTP/1.1 200 Yes\r\nContent-Length: 1000000\r\n\r\n");
        },
        [&](const ServerRequest& request) -> std::optional<std::string> {
          if (hops > 0 && request.target == "/") return std::nullopt;
          std::unique_lock lock(mutex);
          const bool enough = over.wait_for(lock, std::chrono::milliseconds(20), [&] { return done; });
          ++drops;
          return enough ? std::nullopt : std::optional<std::string>("x");
        });
    HttpLimits limits = impatient();
    limits.total_timeout = std::chrono::seconds(1);
    limits.attempts = 1;
    const auto answer = get(server, {.url = "/"}, limits);
    REQUIRE_FALSE(answer.has_value());
    CHECK(answer.error().kind == Failure::Kind::unavailable);
    const std::scoped_lock lock(mutex);
    CHECK(drops > 5);  // bytes came all the time
    done = true;
    over.notify_all();
  }
}

TEST_CASE("http: headers and a redirect's body have no end, but bounds") {
  const auto endless = [](const ServerRequest&) { return std::optional(std::string(1U << 16U, 'x') + "\r\n"); };
  const LoopbackServer headers([](const ServerRequest&) { return std::string("HTTP/1.1 200 Yes\r\nX: "); }, endless);
  HttpLimits limits = impatient();
  limits.attempts = 1;
  CHECK_FALSE(get(headers, {.url = "/"}, limits).has_value());
  const LoopbackServer body(
      [](const ServerRequest&) {
        return std::string("HTTP/1.1 302 Yes\r\nLocation: /x\r\nContent-Length: 99999999999\r\n\r\n");
      },
      endless);
  const auto answer = get(body, {.url = "/", .most_bytes = 1U << 20U}, limits);
  REQUIRE_FALSE(answer.has_value());
  CHECK(answer.error().kind == Failure::Kind::invalid);
  CHECK(body.requests().size() == 1);
}

TEST_CASE("http: `Retry-After` may be a date") {
  const LoopbackServer later(
      [](const ServerRequest&) { return http_answer(503, "", "Retry-After: Fri, 31 Dec 2100 23:59:59 GMT\r\n"); });
  CHECK_FALSE(get(later, {.url = "/"}).has_value());
  CHECK(later.requests().size() == 1);
  const LoopbackServer past([](const ServerRequest& request) {
    if (request.number == 0) return http_answer(503, "", "Retry-After: Fri, 31 Dec 1999 23:59:59 GMT\r\n");
    return http_answer(200, "x");
  });
  CHECK(get(past, {.url = "/"}).has_value());
}

TEST_CASE("http: a rest that is of another place is not put behind what came") {
  const std::string file = "0123456789";
  for (const char* range : {"bytes 0-5/10", "bytes 5-9/10", "bytes 4-9/*", "bytes 9-4/10", "words", ""}) {
    CAPTURE(range);
    const LoopbackServer server([&](const ServerRequest& request) {
      if (request.number == 0)
        return "HTTP/1.1 200 Yes\r\nETag: \"f\"\r\nContent-Length: 10\r\n\r\n" + file.substr(0, 4);
      if (header(request, "range").empty()) return http_answer(200, file);
      return http_answer(206, "abcdef", fmt::format("ETag: \"f\"\r\nContent-Range: {}\r\n", range));
    });
    const auto answer = get(server, {.url = "/file", .compressed = false});
    REQUIRE(answer.has_value());
    CHECK(answer->body == file);
    CHECK(server.requests().size() == 3);
  }
}

TEST_CASE("http: a broken download goes on behind a redirect") {
  const LoopbackServer server([&](const ServerRequest& request) {
    if (request.target == "/file") return http_answer(302, "elsewhere", "ETag: \"r\"\r\nLocation: /real\r\n");
    if (request.number == 0) return std::string("HTTP/1.1 200 Yes\r\nETag: \"f\"\r\nContent-Length: 10\r\n\r\n0123");
    if (header(request, "range") != "bytes=4-" || header(request, "if-range") != "\"f\"") return http_answer(400, "");
    return http_answer(206, "456789", "ETag: \"f\"\r\nContent-Range: bytes 4-9/10\r\n");
  });
  const auto answer = get(server, {.url = "/file", .compressed = false});
  REQUIRE_MESSAGE(answer.has_value(), (answer ? "" : answer.error().message));
  CHECK(answer->body == "0123456789");
  CHECK(answer->url == server.url() + "/real");
}

TEST_CASE("http: Content-Range") {
  const auto part = index::parse_content_range("bytes 2-5/10");
  REQUIRE(part);
  CHECK(part->begin == 2);
  CHECK(part->end == 6);
  CHECK(part->size == 10);
  for (const char* text :
       {"", "bytes", "bytes 2-5", "bytes 2-5/", "bytes 2-5/*", "bytes */10", "bytes 5-2/10", "bytes 2-10/10",
        "bytes -2-5/10", "bytes 2-5/10 ", "lines 2-5/10", "bytes 0-99999999999999999999/999999999999999999999"}) {
    CAPTURE(text);
    CHECK_FALSE(index::parse_content_range(text));
  }
}

TEST_CASE("http: credentials go to no other host, whoever says so") {
  const LoopbackServer other([](const ServerRequest&) { return http_answer(200, "x"); });
  // Another name and another port: either alone would be another realm.
  const std::string by_name = "http://localhost:" + other.url().substr(other.url().rfind(':') + 1);
  for (const std::string& target : {other.url(), by_name}) {
    CAPTURE(target);
    const LoopbackServer server([&](const ServerRequest& request) {
      if (request.target == "/here") return http_answer(200, "x");
      return http_answer(302, "", fmt::format("Location: {}\r\n", request.target == "/" ? target + "/there" : "/here"));
    });
    const std::string place = server.url().substr(7);
    const support::TempFolder folder;
    folder.write("netrc", "machine 127.0.0.1 login reader password s3cret\nmachine localhost\n");
    IndexSettings in_url;
    IndexSettings of_index;
    IndexSettings of_netrc;
    of_index.urls = {"http://reader:s3cret@" + place + "/simple/"};
    of_netrc.netrc_file = folder.path() + "/netrc";
    for (const auto& [settings, own] :
         {std::pair(in_url, "reader:s3cret@"), std::pair(of_index, ""), std::pair(of_netrc, "")}) {
      const bool same_machine = !settings.netrc_file.empty() && target != by_name;  // netrc knows no ports
      HttpClient client(settings, impatient());
      const auto answers = client.get(
          {{.url = fmt::format("http://{}{}/", own, place)}, {.url = fmt::format("http://{}{}/2", own, place)}});
      REQUIRE(answers[0].has_value());
      REQUIRE(answers[1].has_value());
      CHECK(answers[0]->url == target + "/there");
      CHECK(answers[1]->url == server.url() + "/here");
      CHECK(header(other.requests().back(), "authorization").empty() != same_machine);
      for (const ServerRequest& request : server.requests())
        CHECK(header(request, "authorization").starts_with("basic "));
    }
  }
}

TEST_CASE("index: credentials of an index reach its files, and neither page nor cache shows them") {
  const support::TempFolder cache;
  const LoopbackServer* self = nullptr;
  const LoopbackServer server([&](const ServerRequest& request) {
    if (header(request, "authorization").empty()) return http_answer(401, "");
    if (request.target.ends_with(".metadata")) return http_answer(200, metadata);
    const bool absolute = request.target.starts_with("/absolute/");
    return http_answer(200, fmt::format("<a href=\"{}/files/{}\" data-core-metadata=true>x</a>",
                                        absolute ? self->url() : std::string(), wheel));
  });
  self = &server;
  for (const char* path : {"absolute", "relative"}) {
    CAPTURE(path);
    IndexSettings settings;
    settings.urls = {fmt::format("http://reader:s3cret@{}/{}/", server.url().substr(7), path)};
    const auto index = index::http_index(settings, {.cache_folder = cache.path(), .limits = impatient()});
    const auto answer = metadata_at(index);
    CHECK_MESSAGE(answer.has_value(), (answer ? "" : answer.error().message));
    const auto page = index->pages({alpha()}).front();
    REQUIRE(page.has_value());
    CHECK((*page)->text().view().find("s3cret") == std::string::npos);
  }
  std::size_t entries = 0;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(cache.path())) {
    if (!entry.is_regular_file()) continue;
    ++entries;
    CHECK(cache.read(entry.path().lexically_relative(cache.path()).string()).find("s3cret") == std::string::npos);
  }
  CHECK(entries == 3);  // two pages, one metadata
}

TEST_CASE("index: a page from elsewhere names no files of this machine") {
  const LoopbackServer server([](const ServerRequest&) {
    return http_answer(200,
                       "<base href='file:///srv/'><a href=alpha-1.0.zip></a><a href='FILE:/x/alpha-2.0.zip'></a>"
                       "<a href='http://h.example/alpha-3.0.zip'></a>");
  });
  CHECK(versions_of(index_at(server)) == std::vector<std::string>{"3.0"});
}

TEST_CASE("index: a page of 50 MB is read, one over the bound is not") {
  std::string page;
  while (page.size() < 50'000'000) page += "<p>words that are no link at all, and an <a name=anchor>anchor</a></p>\n";
  page += link(wheel);
  const LoopbackServer server([&](const ServerRequest&) { return http_answer(200, page); });
  CHECK(versions_of(index_at(server)).size() == 1);
  // It says 64 KiB and unpacks to more than any page may have.
  const std::string bomb = packed(std::string(200U << 20U, ' '));
  const LoopbackServer bomber(
      [&](const ServerRequest&) { return http_answer(200, bomb, "Content-Encoding: gzip\r\n"); });
  CHECK(failure_of(index_at(bomber)).kind == Failure::Kind::invalid);
  // Cut where Content-Length says so too, which curl does not notice: JSON that breaks off is refused, HTML is not, and
  // what stood behind is missing. Only a look at the packed stream's own end would tell.
  for (const bool json : {true, false}) {
    const std::string text = json ? "{\"files\": [" + std::string(page.size(), ' ') + "]}" : link(wheel) + page;
    const LoopbackServer torn([half = packed(text).substr(0, 5000)](const ServerRequest&) {
      return http_answer(200, half, "Content-Encoding: gzip\r\n");
    });
    CHECK(index_at(torn)->pages({alpha()}).front().has_value() != json);
  }
}

TEST_CASE("index: an entry of the cache that is bent, cut or moved counts for nothing") {
  const support::TempFolder cache;
  const LoopbackServer server([](const ServerRequest& request) {
    if (request.target.ends_with(".metadata")) return http_answer(200, metadata);
    return http_answer(200, link(std::string(wheel), "data-core-metadata=true"), "Cache-Control: max-age=6000\r\n");
  });
  REQUIRE(metadata_at(index_at(server, cache.path())).has_value());
  std::map<std::string, std::string> entries;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(cache.path())) {
    if (!entry.is_regular_file()) continue;
    const std::string path = entry.path().lexically_relative(cache.path()).string();
    entries[path] = cache.read(path);
  }
  REQUIRE(entries.size() == 2);
  const auto check = [&](const std::string& path, const std::string& text) {
    for (const auto& [other, good] : entries) cache.write(other, good);
    cache.write(path, text);
    const std::size_t before = server.requests().size();
    const auto answer = metadata_at(index_at(server, cache.path()));
    REQUIRE(answer.has_value());
    CHECK((*answer)->core.requires_dist == std::vector<std::string>{"beta>=2"});
    CHECK(server.requests().size() == before + 1);
  };
  for (const auto& [path, good] : entries) {
    for (std::size_t at = 0; at < good.size(); at += 7) {
      std::string bent = good;
      bent[at] = static_cast<char>(bent[at] ^ 1);
      check(path, bent);
      check(path, good.substr(0, at));
    }
    check(path, good + "Requires-Dist: evil\n");
    for (const auto& [other, text] : entries) {
      if (other != path) check(path, text);
    }
  }
}

TEST_CASE("index: an entry of the cache that claims to hold for years is asked about again") {
  const support::TempFolder cache;
  const LoopbackServer server(
      [](const ServerRequest&) { return http_answer(200, link(wheel), "Cache-Control: max-age=99999999999\r\n"); });
  CHECK(versions_of(index_at(server, cache.path(), false, 2'000'000'000)).size() == 1);  // by a wrong clock
  CHECK(versions_of(index_at(server, cache.path(), false, 1'000'000)).size() == 1);
  CHECK(server.requests().size() == 2);
  CHECK(versions_of(index_at(server, cache.path(), false, 1'080'000)).size() == 1);
  CHECK(server.requests().size() == 2);
  CHECK(versions_of(index_at(server, cache.path(), false, 1'090'000)).size() == 1);  // more than a day later
  CHECK(server.requests().size() == 3);
}

TEST_CASE("index: parts of a wheel that are others than asked for are not taken for it") {
  const std::string filler(300'000, 'f');
  // METADATA and the directory are both out of the tail's reach, so there are three rounds.
  std::vector<std::pair<std::string, std::string>> files = {{"alpha-1.0.dist-info/METADATA", metadata},
                                                            {"alpha/data", filler}};
  for (int i = 0; i < 2000; ++i) files.emplace_back(fmt::format("alpha/a-rather-long-name-of-a-file-{}", i), "");
  const std::string file = zip_of(files);
  using Lie = std::function<std::string(const ServerRequest&)>;
  const Lie whole = [&](const ServerRequest&) { return http_answer(200, file); };
  const Lie no_range = [&](const ServerRequest& request) {
    const std::string honest = part_of(file, request);
    return http_answer(206, honest.substr(honest.find("\r\n\r\n") + 4));
  };
  const Lie start = [&](const ServerRequest&) {
    return http_answer(206, file.substr(0, 500), fmt::format("Content-Range: bytes 0-499/{}\r\n", file.size()));
  };
  const Lie short_part = [&](const ServerRequest& request) {
    const std::string honest = part_of(file, request);
    const std::size_t body = honest.find("\r\n\r\n") + 4;
    const std::size_t range = honest.find("Content-Range");
    return http_answer(206, honest.substr(body, 10), honest.substr(range, body - 2 - range));
  };
  const Lie missing = [](const ServerRequest&) { return http_answer(416, ""); };
  for (int round = 0; round < 3; ++round) {
    for (const Lie& lie : {whole, no_range, start, short_part, missing}) {
      CAPTURE(round);
      int ranges = 0;
      const LoopbackServer server([&](const ServerRequest& request) {
        if (!request.target.ends_with(".whl"))
          return http_answer(200, fmt::format("<a href=\"/files/{}#sha256={}\">x</a>", wheel, sha256_hex(file)));
        if (header(request, "range").empty()) return http_answer(200, file);
        return ranges++ == round ? lie(request) : part_of(file, request);
      });
      const auto answer = metadata_at(index_at(server));
      CHECK_MESSAGE(answer.has_value(), (answer ? "" : answer.error().message));
      if (answer) CHECK((*answer)->core.requires_dist == std::vector<std::string>{"beta>=2"});
      CHECK(ranges == round + 1);  // then the whole
    }
  }
}

TEST_CASE("http: several requests at a time, never more than the bound") {
  constexpr int bound = 4;
  std::mutex mutex;
  std::condition_variable arrived;
  int waiting = 0;
  bool all_came = true;
  const LoopbackServer server([&](const ServerRequest&) {
    std::unique_lock lock(mutex);
    const int group = waiting++ / bound;
    arrived.notify_all();
    all_came &= arrived.wait_for(lock, std::chrono::seconds(20), [&] { return waiting >= (group + 1) * bound; });
    return http_answer(200, "x");
  });
  HttpLimits limits = impatient();
  limits.connections_per_host = bound;
  HttpClient client(IndexSettings{}, limits);
  std::vector<HttpRequest> requests;
  for (int i = 0; i < 3 * bound; ++i) requests.push_back({.url = fmt::format("{}/{}", server.url(), i)});
  std::size_t told = 0;
  const auto answers = client.get(requests, [&](std::size_t done, std::size_t) { told = done; });
  CHECK(std::ranges::all_of(answers, [](const auto& answer) { return answer.has_value(); }));
  CHECK(all_came);
  CHECK(server.most_at_once() <= bound);
  CHECK(told == requests.size());
}

TEST_CASE("http: credentials are sent and never shown") {
  const LoopbackServer server([](const ServerRequest&) { return http_answer(500, ""); });
  IndexSettings settings;
  const std::string place = server.url().substr(7);
  settings.urls = {"http://reader:s3cret@" + place + "/simple"};
  const auto index = index::http_index(settings, {.cache_folder = {}, .limits = impatient()});
  const auto page = index->pages({alpha()}).front();
  REQUIRE_FALSE(page.has_value());
  CHECK(header(server.requests().front(), "authorization").starts_with("basic "));
  CHECK(page.error().message.find("s3cret") == std::string::npos);
  CHECK(page.error().message.find("reader") == std::string::npos);
  CHECK(index->name().find("s3cret") == std::string::npos);
}

TEST_CASE("index: the netrc file that is named has the credentials") {
  const support::TempFolder folder;
  folder.write("netrc", "machine 127.0.0.1 login reader password s3cret\n");
  const LoopbackServer server([](const ServerRequest&) { return http_answer(200, link(wheel)); });
  IndexSettings settings;
  settings.urls = {server.url() + "/simple"};
  settings.netrc_file = folder.path() + "/netrc";
  const auto index = index::http_index(settings, {.cache_folder = {}, .limits = impatient()});
  CHECK(index->pages({alpha()}).front().has_value());
  CHECK(header(server.requests().front(), "authorization").starts_with("basic "));
}

TEST_CASE("index: pages that make no sense are no empty pages") {
  for (const std::string& body :
       {std::string("{\"files\": ["), std::string("[[[[[["), std::string(200'000, '['),
        std::string("{\"meta\": {\"api-version\": \"2.0\"}, \"files\": []}"), std::string("{}")}) {
    const LoopbackServer server([&](const ServerRequest&) {
      return http_answer(200, body, "Content-Type: application/vnd.pypi.simple.v1+json\r\n");
    });
    CHECK(failure_of(index_at(server)).kind == Failure::Kind::invalid);
  }
}

TEST_CASE("index: of several indexes uv takes the first that has the project, pip takes all") {
  const LoopbackServer server([](const ServerRequest& request) {
    if (request.target.starts_with("/none/")) return http_answer(404, "");
    return http_answer(200, link(request.target.starts_with("/first/") ? "alpha-1.0.tar.gz" : "alpha-2.0.tar.gz"));
  });
  IndexSettings settings;
  settings.urls = {server.url() + "/none", server.url() + "/first", server.url() + "/second"};
  CHECK(versions_of(index::http_index(settings, {.cache_folder = {}})) == std::vector<std::string>{"1.0"});
  settings.merge = true;
  CHECK(versions_of(index::http_index(settings, {.cache_folder = {}})) == std::vector<std::string>{"1.0", "2.0"});
}

TEST_CASE("index: metadata beside a wheel, with its digest") {
  for (const bool honest : {true, false}) {
    const std::string digest = honest ? sha256_hex(metadata) : sha256_hex("another text");
    const LoopbackServer server([&](const ServerRequest& request) {
      if (request.target.ends_with(".metadata")) return http_answer(200, metadata);
      return http_answer(200, link(wheel, fmt::format("data-core-metadata=\"sha256={}\"", digest)));
    });
    const auto answer = metadata_at(index_at(server));
    CHECK(answer.has_value() == honest);
    if (honest) CHECK((*answer)->core.requires_dist == std::vector<std::string>{"beta>=2"});
  }
}

TEST_CASE("index: metadata inside a wheel, of which only parts are fetched") {
  const support::TempFolder cache;
  const std::string filler(300'000, 'f');
  const std::string file = zip_of({{"alpha/data", filler}, {"alpha-1.0.dist-info/METADATA", metadata}});
  const LoopbackServer server([&](const ServerRequest& request) {
    return request.target.ends_with(".whl") ? part_of(file, request) : http_answer(200, link(wheel));
  });
  const auto answer = metadata_at(index_at(server, cache.path()));
  REQUIRE_MESSAGE(answer.has_value(), (answer ? "" : answer.error().message));
  CHECK((*answer)->core.requires_dist == std::vector<std::string>{"beta>=2"});
  // The second time nothing is fetched but the page.
  const std::size_t before = server.requests().size();
  CHECK(metadata_at(index_at(server, cache.path())).has_value());
  CHECK(server.requests().size() == before);
}

TEST_CASE("index: a server without ranges sends the whole wheel; its digest counts then") {
  const std::string file = zip_of({{"alpha-1.0.dist-info/METADATA", metadata}});
  for (const bool honest : {true, false}) {
    const LoopbackServer server([&](const ServerRequest& request) {
      if (request.target.ends_with(".whl")) return http_answer(200, file);
      return http_answer(200, fmt::format("<a href=\"/files/{}#sha256={}\">x</a>", wheel,
                                          sha256_hex(honest ? file : std::string("other"))));
    });
    CHECK(metadata_at(index_at(server)).has_value() == honest);
  }
}

TEST_CASE("index: a broken wheel is a failure and nothing worse") {
  const std::string good = zip_of({{"alpha-1.0.dist-info/METADATA", metadata}});
  std::vector<std::string> broken = {"",
                                     "PK",
                                     std::string(22, '\0'),
                                     "PK\x05\x06" + std::string(18, '\xFF'),
                                     zip_of({{"alpha/data", "x"}}),
                                     zip_of({{"alpha-1.0.dist-info/METADATA", "Name: beta\nVersion: 1.0\n"}})};
  for (std::size_t i = 0; i < good.size(); i += 3) {
    std::string bent = good;
    bent[i] = static_cast<char>(bent[i] ^ 0x55);
    broken.push_back(std::move(bent));
    broken.push_back(good.substr(0, i));
  }
  std::size_t at = 0;
  const LoopbackServer server([&](const ServerRequest& request) {
    return request.target.ends_with(".whl") ? part_of(broken[at], request) : http_answer(200, link(wheel));
  });
  std::size_t failures = 0;
  for (; at < broken.size(); ++at) failures += metadata_at(index_at(server)).has_value() ? 0U : 1U;
  CHECK(failures >= broken.size() / 2);  // some bent bytes are of no consequence
}
