/// The search for versions that no pin decides.
#include <string>

#include <doctest/doctest.h>
#include <fmt/format.h>

#include "engine/model/closure.hpp"
#include "engine/model/published_version.hpp"
#include "tests/support/memory_index.hpp"
#include "tests/support/small_forge.hpp"

namespace {

using namespace forge;

support::MemoryIndex::Release requiring(const std::string& requirement) {
  return {.metadata = "Requires-Dist: " + requirement + "\n"};
}

/// Counts what is asked.
class CountingIndex : public support::MemoryIndex {
 public:
  [[nodiscard]] std::vector<Result<index::ProjectPagePtr>> pages(
      const std::vector<PackageName>& projects) const override {
    pages_asked += projects.size();
    return MemoryIndex::pages(projects);
  }
  [[nodiscard]] std::vector<Result<index::FileMetadataPtr>> metadata(
      const std::vector<index::FileQuestion>& questions) const override {
    metadata_asked += questions.size();
    return MemoryIndex::metadata(questions);
  }
  mutable std::size_t pages_asked = 0;
  mutable std::size_t metadata_asked = 0;
};

model::Closure closure_of(const std::string& root, const std::string& constraints, const support::MemoryIndex& index,
                          const model::PublishedVersions& known = {}) {
  const auto forge = support::snapshot_of({{"releases/2025.2/upper-constraints.txt", constraints}});
  model::ClosureRequest request{.sources = {},
                                .roots = {},
                                .environment = formats::MarkerEnvironment::linux_cpython("3.12.1", "x86_64"),
                                .target = formats::wheel_target("3.12", "linux/amd64", "ubuntu:noble")};
  request.roots.push_back({.requirement = formats::parse_requirement(root).value(), .text = root});
  return model::closure(request, model::effective_pins(*forge, "2025.2"), index, known);
}

std::string version_in(const model::Closure& closure, std::string_view name) {
  const model::ClosurePackage* package = closure.find(*PackageName::parse(name));
  return package == nullptr ? "absent" : package->version;
}

}  // namespace

TEST_CASE("closure search: what a rejected version asked for is forgotten, however long the search") {
  support::MemoryIndex index;
  index.add("paint", "1.0", {});
  index.add("shell", "0.9", requiring("paint>=1"));
  for (int minor = 0; minor < 20; ++minor) index.add("shell", fmt::format("1.{}", minor), requiring("paint>=2"));
  index.add("console", "2.0", requiring("shell>=0.5"));
  index.add("console", "3.0", requiring("shell>=1"));

  const model::Closure closure = closure_of("console", "paint===1.0\n", index);

  CHECK(closure.succeeds());
  CHECK(version_in(closure, "console") == "2.0");
  CHECK(version_in(closure, "shell") == "0.9");
}

TEST_CASE("closure: what one found out of a pinned version, the next ones do not ask") {
  CountingIndex index;
  index.add("console", "2.0", requiring("paint>=1"));
  index.add("paint", "1.0", {});
  index.add("paint", "2.0", {});
  const std::string constraints = "console===2.0\npaint===1.0\nabsent===1.0\n";
  const model::PublishedVersions known;
  const model::Closure first = closure_of("console", constraints, index, known);
  CHECK(index.pages_asked == 2);
  CHECK(index.metadata_asked == 2);
  const model::Closure second = closure_of("console", constraints, index, known);
  CHECK(index.pages_asked == 2);
  CHECK(index.metadata_asked == 2);
  CHECK(second.packages.size() == 2);
  CHECK(second.find(*PackageName::parse("paint"))->file == first.find(*PackageName::parse("paint"))->file);
  // Another version of it is another question, and so is a name without a pin, each time.
  CHECK(version_in(closure_of("console", "console===2.0\npaint===2.0\n", index, known), "paint") == "2.0");
  CHECK(index.pages_asked == 3);
  for (int i = 0; i < 2; ++i)
    CHECK(version_in(closure_of("console", "console===2.0\n", index, known), "paint") == "2.0");
  CHECK(index.pages_asked == 5);
  // What is not there is known as well.
  for (int i = 0; i < 2; ++i) CHECK_FALSE(closure_of("absent", constraints, index, known).succeeds());
  CHECK(index.pages_asked == 6);
}
