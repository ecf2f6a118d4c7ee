#include "engine/formats/index_page.hpp"

#include <chrono>

#include <doctest/doctest.h>

using namespace forge;
using namespace forge::formats;

namespace {

const std::string digest(64, 'a');

std::vector<IndexFile> files_of(const std::string& text, const std::string& type = "text/html") {
  const auto page = parse_index_page(text, type, "https://h.example/simple/alpha/", *PackageName::parse("alpha"));
  REQUIRE(page.has_value());
  return page->files;
}

}  // namespace

TEST_CASE("index page: HTML as servers and people write it") {
  const auto files = files_of(
      "<!DOCTYPE html><html><head><base href='/files/'><title>x</title></head>\n<!-- <a "
      "href=\"alpha-0.1.tar.gz\">no</a> -->\n"
      "<A HREF=\"alpha-1.0-py3-none-any.whl#sha256=" +
      digest +
      "\" data-requires-python=\"&gt;=3.8,&lt;4\" "
      "data-dist-info-metadata='sha256=" +
      digest +
      "'>alpha</a>\n"
      "<a data-yanked href=alpha-1.1.tar.gz>b</a><a data-yanked=\"it&#39;s broken &amp; old\" href='alpha-1.2.tar.gz'>"
      "<a href=\"../x/alpha-1.3.egg\"><abbr href='alpha-1.4.tar.gz'><a href='beta-1.0.tar.gz'><a>");
  REQUIRE(files.size() == 3);
  CHECK(files[0].url == "https://h.example/files/alpha-1.0-py3-none-any.whl");
  CHECK(files[0].sha256 == digest);
  CHECK(files[0].requires_python == ">=3.8,<4");
  CHECK(files[0].has_metadata);
  CHECK(files[0].metadata_sha256 == digest);
  CHECK_FALSE(files[0].yanked);
  CHECK(files[1].yanked);
  CHECK(files[1].yanked_reason.empty());
  CHECK(files[2].yanked_reason == "it's broken & old");
}

TEST_CASE("index page: HTML that ends anywhere") {
  const std::string page =
      "<a href=\"alpha-1.0.tar.gz#sha256=x\" data-yanked=\"&#x41;\">alpha</a><!-- x --><base href=y>";
  for (std::size_t end = 0; end <= page.size(); ++end) CHECK(files_of(page.substr(0, end)).size() <= 1);
  CHECK(files_of("<a href=\"\"><a href><a =\"x\"><a / / href = 'alpha-1.0.zip' >").size() == 1);
}

TEST_CASE("index page: JSON") {
  const auto files = files_of(
      R"({"meta": {"api-version": "1.4", "x": [[{"filename": "no"}]]}, "name": "alpha", "versions": ["1.0"], "files": [
      {"filename": "alpha-1.0-py3-none-any.whl", "url": "../../f/alpha-1.0-py3-none-any.whl", "size": 12,
       "hashes": {"md5": "1", "sha256": ")" +
          digest + R"("}, "requires-python": null, "yanked": false,
       "core-metadata": {"sha256": ")" +
          digest + R"("}, "provenance": {"sha256": "no"}},
      {"filename": "alpha-1.1.tar.gz", "url": "https://o.example/alpha-1.1.tar.gz", "hashes": {}, "yanked": "why",
       "requires-python": ">=3", "core-metadata": false},
      {"filename": "alpha-1.2.tar.gz", "url": "", "hashes": {}}, 7, null, {"filename": 3}]})",
      "application/vnd.pypi.simple.v1+json");
  REQUIRE(files.size() == 2);
  CHECK(files[0].url == "https://h.example/f/alpha-1.0-py3-none-any.whl");
  CHECK(files[0].size == 12);
  CHECK(files[0].sha256 == digest);
  CHECK(files[0].metadata_sha256 == digest);
  CHECK(files[0].has_metadata);
  CHECK(files[1].yanked);
  CHECK(files[1].yanked_reason == "why");
  CHECK_FALSE(files[1].has_metadata);
}

TEST_CASE("index page: of several bases the first counts") {
  std::string page = "<base href='/a/'>";
  for (int i = 0; i < 300'000; ++i) page += "<base href=b/>";
  const auto files = files_of(page + "<a href=alpha-1.0.zip>");
  REQUIRE(files.size() == 1);
  CHECK(files[0].url == "https://h.example/a/alpha-1.0.zip");
}

TEST_CASE("index page: time grows with the size only") {
  constexpr std::size_t large = 4'000'000;
  const std::string name = "alpha-1.0.zip";
  std::string listing;
  while (listing.size() < large) listing += "<a href=\"" + name + "\" data-yanked=\"&amp;&\">" + name + "</a>\n";
  const auto start = std::chrono::steady_clock::now();
  CHECK(files_of("<a data-yanked=\"" + std::string(large, '&') + "\" href=" + name + ">").size() == 1);
  CHECK(files_of(std::string(large, '<')).empty());
  CHECK(files_of("<a " + std::string(large, '=') + " href=" + name).size() == 1);
  CHECK(files_of("<a " + std::string(large, ' ') + "href=\"" + name).size() == 1);
  CHECK_FALSE(files_of(listing).empty());
  const auto parse_json = [&](const std::string& text) {
    return parse_index_page(text, "application/json", "https://h.example/", *PackageName::parse("alpha"));
  };
  CHECK_FALSE(parse_json(std::string(large, '[')));
  CHECK_FALSE(parse_json(std::string(large, '{')));
  CHECK(parse_json("{\"files\": [" + std::string(large, ' ') + "]}")->files.empty());
  // A quadratic step anywhere would take hours.
  CHECK(std::chrono::steady_clock::now() - start < std::chrono::seconds(60));
}
