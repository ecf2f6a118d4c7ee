/// The search for versions that no pin decides.
#include <string>

#include <doctest/doctest.h>
#include <fmt/format.h>

#include "engine/model/closure.hpp"
#include "tests/support/memory_index.hpp"
#include "tests/support/small_forge.hpp"

namespace {

using namespace forge;

support::MemoryIndex::Release requiring(const std::string& requirement) {
  return {.metadata = "Requires-Dist: " + requirement + "\n"};
}

model::Closure closure_of(const std::string& root, const std::string& constraints, const support::MemoryIndex& index) {
  const auto forge = support::snapshot_of({{"releases/2025.2/upper-constraints.txt", constraints}});
  model::ClosureRequest request{.sources = {},
                                .roots = {},
                                .environment = formats::MarkerEnvironment::linux_cpython("3.12.1", "x86_64"),
                                .target = formats::wheel_target("3.12", "linux/amd64", "ubuntu:noble")};
  request.roots.push_back({.requirement = formats::parse_requirement(root).value(), .text = root});
  return model::closure(request, model::effective_pins(*forge, "2025.2"), index);
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
