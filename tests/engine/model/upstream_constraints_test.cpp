#include "engine/model/upstream_constraints.hpp"

#include <filesystem>
#include <fstream>
#include <iterator>
#include <ostream>
#include <string>

#include <doctest/doctest.h>
#include <fmt/format.h>

#include "engine/base/sha256.hpp"
#include "engine/git/libgit2_repository.hpp"
#include "tests/support/git_fixture.hpp"
#include "tests/support/memory_repository.hpp"
#include "tests/support/small_forge.hpp"

namespace {

namespace fs = std::filesystem;
namespace model = forge::model;

using forge::support::GitFixture;
using forge::support::GitStream;
using forge::support::MemoryUpstreams;

GitStream requirements() {
  const char* const file = "upper-constraints.txt";
  GitStream stream;
  stream.commit({.files = {{file, "a===1\nb===1\nc===1\nd===1\n"}}});
  const int old = stream.commit({.files = {{file, "a===1\nb===1\nc===1\nd===2\n"}}});
  stream.branch("stable/2025.1", old);
  stream.commit({.files = {{file, "a===2\nb===2\nc===2\nd===2\n"}}});
  const int now = stream.commit({.files = {{file, "a===3\nb===2\nc===2\nd===2\n"}}});
  stream.branch("stable/2025.2", now);
  return stream;
}

/// What is said of a file that has the older state of `a`, another `b` than ever, and no `c`.
std::string said(const GitFixture& upstream) {
  auto repository = forge::git::open_repository(upstream.path(), {.cache_folder = upstream.beside("cache")});
  REQUIRE(repository);
  const auto upstreams = std::make_shared<MemoryUpstreams>();
  upstreams->add("requirements", *repository);
  const auto snapshot =
      forge::support::snapshot_of({{"releases/2025.2/source-refs.yaml", "keystone: \"28.0.0\"\n"},
                                   {"releases/2025.2/upper-constraints.txt", "a===2\nb===9 # ours\nd===2\n"}},
                                  upstreams);
  const auto& drift = model::constraints_drift(*snapshot, "2025.2");
  REQUIRE(drift);
  if (!*drift) return "nothing";
  const model::ConstraintsDrift& is = **drift;
  std::string text = fmt::format("{} newest {} nearest {} of {} lines {} foreign, {} missing\n", is.branch,
                                 *is.newest.text, *is.nearest.text, is.lines, is.foreign, is.missing);
  for (const model::EditedPin& pin : is.edited)
    text += fmt::format("edited {} {} lines, {} upstream, at {}\n", pin.name, pin.now.size(), pin.upstream.size(),
                        pin.at == nullptr ? "nothing" : pin.at->line());
  for (const model::MovedPin& pin : is.moved)
    text += fmt::format("moved {} to {}\n", pin.now.front()->line(), pin.newest.front());
  return text;
}

fs::path entry_of(const GitFixture& upstream) {
  return fs::directory_iterator(upstream.beside("cache") + "/constraints-drift-1")->path();
}

std::string read(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

}  // namespace

TEST_CASE("constraints drift: what is remembered is what was found, down to the lines it is about") {
  const GitFixture upstream(requirements());
  const std::string first = said(upstream);
  CHECK(first.find("edited b 1 lines, 1 upstream, at b===9") != std::string::npos);
  CHECK(first.find("edited c 0 lines, 1 upstream, at d===2") != std::string::npos);
  CHECK(first.find("moved a===2 to a===3") != std::string::npos);
  CHECK(said(upstream) == first);

  // It is the remembered one that answers, and it has to be whole.
  const std::string entry = read(entry_of(upstream));
  std::string answer = entry.substr(entry.find('\n') + 1);
  const std::size_t at = answer.find("\"missing\":");
  REQUIRE(at != std::string::npos);
  answer.insert(at + 10, "4");
  std::ofstream(entry_of(upstream), std::ios::binary) << forge::sha256_hex(answer) << "\n" << answer;
  CHECK(said(upstream) != first);
  for (const std::string& wrong : {std::string("{}"), std::string("[1"), std::string("{\"newest\":\"zz\"}")}) {
    std::ofstream(entry_of(upstream), std::ios::binary) << forge::sha256_hex(wrong) << "\n" << wrong;
    CHECK(said(upstream) == first);
  }
}

TEST_CASE("constraints drift: another state of upstream is another question") {
  const GitFixture upstream(requirements());
  const std::string first = said(upstream);
  upstream.git("update-ref refs/heads/stable/2025.2 stable/2025.2~1");
  const std::string second = said(upstream);
  CHECK(first.find("moved") != std::string::npos);
  CHECK(second.find("moved") == std::string::npos);
}
