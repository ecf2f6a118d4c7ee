/// Against a stand-in archive on loopback that changes, lies and is cut in half.
#include "engine/index/distribution.hpp"

#include <algorithm>
#include <filesystem>
#include <fstream>

#include <doctest/doctest.h>
#include <fmt/format.h>

#include "engine/base/sha256.hpp"
#include "tests/support/archive.hpp"
#include "tests/support/git_fixture.hpp"
#include "tests/support/loopback_server.hpp"

namespace {

using namespace forge;
using index::AptSource;
using support::http_answer;
using support::LoopbackServer;
using support::ServerRequest;

std::string stanza(std::string_view name, std::string_view version) {
  return fmt::format("Package: {}\nVersion: {}\n\n", name, version);
}

std::string release_of(const std::string& path, const std::string& packed, bool by_hash = false) {
  return fmt::format("-----BEGIN PGP SIGNED MESSAGE-----\n\nOrigin: Test\n{}MD5Sum:\n {} 1 {}\nSHA256:\n {} {} {}\n",
                     by_hash ? "Acquire-By-Hash: yes\n" : "", std::string(32, '0'), path, sha256_hex(packed),
                     packed.size(), path);
}

index::DistributionPtr at(std::vector<AptSource> sources, const std::string& cache = {}, bool offline = false,
                          std::int64_t now = 1'000'000) {
  index::IndexOptions options{.cache_folder = cache, .offline = offline, .now = [now] { return now; }};
  options.limits.first_delay = std::chrono::milliseconds(0);
  return index::http_distribution(std::move(sources), {}, options);
}

AptSource source(const std::string& text, const std::string& root = "/") {
  const auto parsed = index::parse_apt_source(text, root);
  REQUIRE_MESSAGE(parsed.has_value(), text);
  return *parsed;
}

std::string names(const index::DistributionPtr& distribution, const std::string& architecture = "amd64") {
  const auto lists = distribution->lists(architecture);
  if (!lists) return "failure: " + lists.error().message;
  std::string text;
  for (const auto& list : *lists)
    for (std::uint32_t i = 0; i < list->size(); ++i)
      text += fmt::format("{}{} {}", text.empty() ? "" : ", ", list->package(i).name, list->package(i).version);
  return text;
}

}  // namespace

TEST_CASE("distribution: an archive's list by its digest; what did not change is not fetched again") {
  const std::string packed = support::packed(stanza("alpha", "1") + stanza("beta", "2"), "xz");
  bool by_hash = false;
  SUBCASE("under its path") by_hash = false;
  SUBCASE("under its digest") by_hash = true;
  const std::string path = "main/binary-amd64/Packages.xz";
  const std::string target =
      by_hash ? "/u/dists/noble/main/binary-amd64/by-hash/SHA256/" + sha256_hex(packed) : "/u/dists/noble/" + path;
  const LoopbackServer server([&](const ServerRequest& request) {
    if (request.target == "/u/dists/noble/InRelease") {
      if (request.headers.find("if-none-match: \"r1\"") != std::string::npos) return http_answer(304, "");
      return http_answer(200, release_of(path, packed, by_hash), "ETag: \"r1\"\r\n");
    }
    return request.target == target ? http_answer(200, packed) : http_answer(404, "");
  });
  const support::TempFolder cache;
  const std::vector<AptSource> sources = {source("deb [arch=amd64] " + server.url() + "/u noble main")};
  CHECK(names(at(sources, cache.path())) == "alpha 1, beta 2");
  CHECK(names(at(sources, cache.path())) == "alpha 1, beta 2");
  CHECK(std::ranges::count(server.requests(), target, &ServerRequest::target) == 1);
  CHECK(server.requests().size() == 3);  // the second run asks whether the index of indexes holds
  CHECK(names(at(sources, cache.path(), true)) == "alpha 1, beta 2");
  CHECK(server.requests().size() == 3);
  CHECK(names(at(sources, {}, true)).starts_with("failure: "));
  CHECK(names(at(sources, cache.path()), "arm64").starts_with("failure: No source"));
}

TEST_CASE("distribution: a list that is not what its archive says, one that is cut, an index that names nothing") {
  const std::string packed = support::packed(stanza("alpha", "1"), "gzip");
  const std::string path = "main/binary-amd64/Packages.gz";
  const auto answer = [&](const std::string& release, const std::string& list) {
    const LoopbackServer server([&](const ServerRequest& request) {
      return http_answer(200, request.target.ends_with("InRelease") ? release : list);
    });
    return names(at({source("deb " + server.url() + "/u noble main")}));
  };
  CHECK(answer(release_of(path, packed), packed) == "alpha 1");
  CHECK(answer(release_of(path, packed), packed + "x").find("not what its archive's InRelease says") !=
        std::string::npos);
  const std::string cut = packed.substr(0, packed.size() / 2);
  CHECK(answer(release_of(path, cut), cut).starts_with("failure: "));
  CHECK(answer("<html>not here</html>", packed).find("names no files") != std::string::npos);
  CHECK(answer(release_of("main/binary-arm64/Packages.gz", packed), packed).empty());  // not of this architecture
}

TEST_CASE("distribution: files and folders; a damaged cache entry is read anew") {
  const support::TempFolder folder;
  const support::TempFolder cache;
  const auto put = [&](const std::string& name, const std::string& text) {
    std::ofstream(folder.path() + "/" + name, std::ios::binary) << text;
  };
  put("one", stanza("alpha", "1"));
  put("mirror_dists_noble-updates_main_binary-amd64_Packages.lz4", support::packed(stanza("alpha", "3"), "lz4"));
  put("mirror_dists_noble_main_binary-amd64_Packages", stanza("alpha", "2"));
  put("mirror_dists_noble_main_binary-arm64_Packages", stanza("alpha", "9"));
  put("mirror_dists_noble_InRelease", "x");
  CHECK(names(at({source("one", folder.path())})) == "alpha 1");
  for (int round = 0; round < 2; ++round) {
    CHECK(names(at({source(folder.path() + "/")}, cache.path(), true)) == "alpha 2, alpha 3");
    for (const auto& entry : std::filesystem::recursive_directory_iterator(cache.path()))
      if (entry.is_regular_file()) std::filesystem::resize_file(entry.path(), entry.file_size() - 1);
  }
  CHECK(names(at({source(folder.path() + "/")}), "s390x").starts_with("failure: There are no package lists"));
  CHECK(names(at({source(folder.path() + "/nothing")})).starts_with("failure: "));
  put("page", "<html>\n<body>\n");
  CHECK(names(at({source("page", folder.path())})).find("no `Packages` file") != std::string::npos);
}

TEST_CASE("distribution: lines of sources.list, and what is none") {
  const AptSource line = source("deb [signed-by=/k.gpg arch=amd64,arm64] https://a.example/u/ noble main universe");
  CHECK(line.uri == "https://a.example/u");
  CHECK(line.components == std::vector<std::string>{"main", "universe"});
  CHECK(line.serves("arm64"));
  CHECK_FALSE(line.serves("s390x"));
  CHECK(source("deb https://a.example/flat ./").components.empty());
  CHECK(source("[arch=arm64] lists/arm64").architectures == std::vector<std::string>{"arm64"});
  CHECK(source("lists", "/forge").uri == "/forge/lists");
  for (const char* wrong :
       {"deb http://a.example", "deb http://a.example noble", "deb a.example noble main",
        "deb [arch=amd64 http://a.example noble main", "deb-src http://a.example noble main", "", "[arch=amd64"})
    CHECK_FALSE(index::parse_apt_source(wrong, "/").has_value());
  CHECK(index::default_apt_sources("rocky:9").empty());
  CHECK(index::default_apt_sources("ubuntu:24.04").front().suite == "noble");
  CHECK(index::debian_architecture("linux/arm/v7") == "armhf");
}

TEST_CASE("package list: what is packed is read back; other bytes are none") {
  const auto list = index::PackageList::parse(
      "Package: b\nVersion: 1:2-3\nArchitecture: amd64\nSource: src (2-2)\nPriority: required\nEssential: yes\n"
      "Installed-Size: 12\nSize: 34\nDepends: a\nProvides: v (= 4), w\nMulti-Arch: allowed\n\nPackage: a\nVersion: "
      "1\n\nPackage: noversion\n\nPackage: a\nVersion: 2\n");
  REQUIRE(list.has_value());
  const auto again = index::PackageList::from_bytes(SharedText(std::string((*list)->bytes().view())));
  REQUIRE(again != nullptr);
  REQUIRE(again->size() == 3);
  CHECK(again->find("a") == std::pair(0U, 2U));
  CHECK(again->find("c").first == again->find("c").second);
  const index::ListedPackage package = again->package(again->find("b").first);
  CHECK(package.version == "1:2-3");
  CHECK(package.source == "src");
  CHECK(package.source_version == "2-2");
  CHECK(package.priority == 1);
  CHECK(package.essential);
  CHECK(package.multi_arch_allowed);
  CHECK(package.installed_kib == 12);
  const auto [first, last] = again->find_providers("v");
  REQUIRE(last - first == 1);
  CHECK(again->provider(first).version == "4");
  CHECK(again->package(again->provider(first).package).name == "b");
  const std::string bytes((*list)->bytes().view());
  for (std::size_t size = 0; size < bytes.size(); size += 7)
    CHECK(index::PackageList::from_bytes(SharedText(bytes.substr(0, size))) == nullptr);
}
