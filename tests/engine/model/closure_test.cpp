/// Shapes of dependency graphs that an index may have, hostile ones too.
#include "engine/model/closure.hpp"

#include <chrono>

#include <doctest/doctest.h>
#include <fmt/format.h>

#include "engine/base/text.hpp"
#include "tests/support/memory_index.hpp"
#include "tests/support/small_forge.hpp"

namespace {

using namespace forge;

model::Closure closure_of(const support::MemoryIndex& index, const std::string& root, const std::string& constraints) {
  const workspace::SnapshotPtr forge = support::snapshot_of({{"releases/2025.2/upper-constraints.txt", constraints}});
  model::ClosureRequest request{.sources = {},
                                .roots = {},
                                .environment = formats::MarkerEnvironment::linux_cpython("3.12.1", "x86_64"),
                                .target = formats::wheel_target("3.12", "linux/amd64", "ubuntu:noble"),
                                .installer = model::Installer::uv};
  request.roots.push_back({.requirement = formats::parse_requirement(root).value(), .text = root});
  return model::closure(request, model::effective_pins(*forge, "2025.2"), index);
}

/// `alpha[a,b] beta[]`
std::string words(const model::Closure& closure) {
  std::vector<std::string> packages;
  for (const auto& package : closure.packages)
    packages.push_back(fmt::format("{}[{}]", package.name.str(), join(package.extras, ",")));
  return join(packages, " ");
}

void add(support::MemoryIndex& index, const std::string& project, const std::string& metadata) {
  index.add(project, "1.0", {.metadata = metadata});
}

}  // namespace

TEST_CASE("closure: extras that ask for each other, within a project and across two, come to an end") {
  support::MemoryIndex index;
  add(index, "alpha",
      "Provides-Extra: a\nProvides-Extra: b\nProvides-Extra: all\nProvides-Extra: none\n"
      "Requires-Dist: alpha[b]; extra == 'a'\nRequires-Dist: alpha[A]; extra == 'b'\n"
      "Requires-Dist: beta[x]; extra == 'b'\nRequires-Dist: alpha[a,all]; extra == 'all'\n"
      "Requires-Dist: never; extra == 'none'\n");
  add(index, "beta", "Provides-Extra: x\nRequires-Dist: alpha[all]; extra == 'x'\nRequires-Dist: gamma\n");
  add(index, "gamma", "Requires-Dist: beta\nRequires-Dist: gamma\n");
  const std::string pins = "alpha===1.0\nbeta===1.0\ngamma===1.0\n";
  const auto closure = closure_of(index, "alpha[a]", pins);
  CHECK(closure.succeeds());
  CHECK(words(closure) == "alpha[a,all,b] beta[x] gamma[]");
  CHECK(words(closure_of(index, "alpha", pins)) == "alpha[]");
  CHECK(words(closure_of(index, "gamma", pins)) == "beta[] gamma[]");
  const auto unknown = closure_of(index, "alpha[c]", pins);
  CHECK(unknown.succeeds());
  CHECK(unknown.unknown_extras.size() == 1);
}

TEST_CASE("closure: markers that exclude each other, and pins that only one of them meets") {
  support::MemoryIndex index;
  index.add("beta", "2.0", {});
  add(index, "beta", "");
  add(index, "alpha",
      "Requires-Dist: never; python_version < '3' and python_version >= '3'\n"
      "Requires-Dist: beta<2; python_version < '3.12'\nRequires-Dist: beta>=2; python_version >= '3.12'\n");
  const std::string alpha = "alpha===1.0\n";
  const auto fits =
      closure_of(index, "alpha", alpha + "beta===1.0;python_version<'3.12'\nbeta===2.0;python_version>='3.12'\n");
  CHECK(fits.succeeds());
  CHECK(words(fits) == "alpha[] beta[]");
  CHECK(fits.find(*PackageName::parse("beta"))->version == "2.0");
  const auto clash = closure_of(index, "alpha", alpha + "beta===1.0;python_version>='3'\nbeta===2.0;os_name!='nt'\n");
  CHECK_FALSE(clash.succeeds());
}

TEST_CASE("closure: a long chain and a wide fan cost what they are long and wide") {
  constexpr int many = 2000;
  support::MemoryIndex index;
  std::string pins = "root===1.0\n";
  std::string fan;
  for (int i = 0; i < many; ++i) {
    add(index, fmt::format("p{}", i), fmt::format("Requires-Dist: p{}\n", (i + 1) % many));
    pins += fmt::format("p{}===1.0\n", i);
    fan += fmt::format("Requires-Dist: p{}\n", i);
  }
  add(index, "root", fan);
  const auto start = std::chrono::steady_clock::now();
  CHECK(closure_of(index, "p0", pins).packages.size() == many);
  CHECK(closure_of(index, "root", pins).packages.size() == many + 1);
  CHECK(std::chrono::steady_clock::now() - start < std::chrono::seconds(60));
}
