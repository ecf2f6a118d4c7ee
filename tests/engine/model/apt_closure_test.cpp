#include "engine/model/apt_closure.hpp"

#include <doctest/doctest.h>

#include "engine/base/text.hpp"
#include "engine/model/distribution_packages.hpp"

using namespace forge;

namespace {

index::PackageListPtr list_of(std::string_view text) {
  const auto list = index::PackageList::parse(text);
  REQUIRE(list.has_value());
  return *list;
}

std::string names_of(const model::AptClosure& closure) {
  std::vector<std::string> names;
  for (const model::AptInstall& install : closure.installs) names.emplace_back(install.version.package.name);
  return join(names, " ");
}

std::string closure_of(std::string_view packages, const std::vector<std::string>& asked,
                       std::string_view installed = {}) {
  const model::AptCache cache({list_of(packages)}, installed.empty() ? nullptr : list_of(installed));
  return names_of(model::apt_closure(cache, asked));
}

}  // namespace

TEST_CASE("apt closure: the first alternative that can be had, and one that is there already") {
  constexpr std::string_view packages =
      "Package: app\nVersion: 1\nDepends: missing | first | second\nRecommends: never\n\n"
      "Package: first\nVersion: 1\n\nPackage: second\nVersion: 1\n\nPackage: never\nVersion: 1\n";
  CHECK(closure_of(packages, {"app"}) == "app first");
  CHECK(closure_of(packages, {"app", "second"}) == "app second");
  CHECK(closure_of(packages, {"second", "app"}) == "app second");
  CHECK(closure_of(packages, {"app"}, "Package: second\nStatus: install ok installed\nVersion: 1\n") == "app");
}

TEST_CASE("apt closure: among providers the higher priority, then the one that the lists name last") {
  constexpr std::string_view packages =
      "Package: app\nVersion: 1\nDepends: mta\n\n"
      "Package: exim\nVersion: 1\nProvides: mta\nPriority: optional\n\n"
      "Package: postfix\nVersion: 1\nProvides: mta\nPriority: optional\n\n";
  CHECK(closure_of(packages, {"app"}) == "app postfix");
  CHECK(closure_of(std::string(packages) + "Package: dma\nVersion: 1\nProvides: mta\nPriority: standard\n", {"app"}) ==
        "app dma");
}

TEST_CASE("apt closure: versions of relations and of provided names") {
  constexpr std::string_view packages =
      "Package: app\nVersion: 1\nDepends: lib (>= 2), api (= 5)\n\n"
      "Package: lib\nVersion: 1\n\nPackage: lib\nVersion: 2.1\n\n"
      "Package: one\nVersion: 1\nProvides: api\n\nPackage: two\nVersion: 1\nProvides: api (= 5)\n";
  CHECK(closure_of(packages, {"app"}) == "app lib two");
}

TEST_CASE("apt closure: what conflicts with a package that was asked for is not taken") {
  constexpr std::string_view packages =
      "Package: app\nVersion: 1\nDepends: first | second\n\n"
      "Package: first\nVersion: 1\n\nPackage: second\nVersion: 1\n\n"
      "Package: hater\nVersion: 1\nConflicts: first\n";
  CHECK(closure_of(packages, {"hater", "app"}) == "app hater second");
}

TEST_CASE("apt closure: unknown names, names with several providers, relations that nothing meets") {
  const model::AptCache cache(
      {list_of("Package: app\nVersion: 1\nDepends: gone (>= 3)\n\nPackage: a\nVersion: 1\nProvides: v\n\n"
               "Package: b\nVersion: 1\nProvides: v, w\n")});
  const model::AptClosure closure = model::apt_closure(cache, {"app", "nothing", "v", "w"});
  CHECK(names_of(closure) == "app b");
  CHECK(closure.unknown == std::vector<std::string>{"nothing", "v"});
  REQUIRE(closure.unmet.size() == 1);
  CHECK(closure.unmet[0].relation == "gone (>= 3)");
}

TEST_CASE("apt closure: sizes, who asked, and cycles end") {
  const model::AptCache cache(
      {list_of("Package: a\nVersion: 1\nDepends: b\nInstalled-Size: 10\nSize: 4\n\n"
               "Package: b\nVersion: 1\nPre-Depends: a\nInstalled-Size: 20\nSize: 5\n")});
  const model::AptClosure closure = model::apt_closure(cache, {"a"});
  CHECK(closure.installed_kib == 30);
  CHECK(closure.download_bytes == 9);
  REQUIRE(closure.installs.size() == 2);
  CHECK(closure.installs[0].asked);
  CHECK(closure.installs[1].required_by == "a");
}

TEST_CASE("apt closure: an installed package is upgraded with its siblings where a newer one is needed") {
  constexpr std::string_view packages =
      "Package: app\nVersion: 1\nDepends: perl (>= 2)\n\n"
      "Package: perl\nVersion: 2\nDepends: perl-base (= 2)\nSource: perl\n\nPackage: perl-base\nVersion: 2\nSource: "
      "perl\n\nPackage: perl-doc\nVersion: 2\nSource: perl\n\nPackage: other\nVersion: 2\n";
  constexpr std::string_view installed =
      "Package: perl\nStatus: install ok installed\nVersion: 1\nDepends: perl-base (= 1)\nSource: perl\n\n"
      "Package: perl-base\nStatus: install ok installed\nVersion: 1\nSource: perl\n\n"
      "Package: perl-doc\nStatus: install ok installed\nVersion: 1\nSource: perl\n\n"
      "Package: other\nStatus: install ok installed\nVersion: 1\n\n"
      "Package: removed\nStatus: deinstall ok config-files\nVersion: 1\n";
  CHECK(closure_of(packages, {"app"}, installed) == "app perl perl-base perl-doc");
}

TEST_CASE("successor: time transition, soname, rename, typing error, nothing") {
  const model::AptCache cache({list_of(
      "Package: libssl3t64\nVersion: 3\n\nPackage: libicu72\nVersion: 72\n\nPackage: libicu74\nVersion: 74\n\nPackage: "
      "libicu-dev\nVersion: 74\n\nPackage: python3-dev\nVersion: 3\n\nPackage: open-iscsi\nVersion: 2\n")});
  const auto name = [&](std::string_view of) {
    const auto found = model::successor_of(cache, of);
    return found ? found->name + (found->is_likely ? "!" : "?") : std::string();
  };
  CHECK(name("libssl3") == "libssl3t64!");
  CHECK(name("libicu70") == "libicu74!");
  CHECK(name("python-dev") == "python3-dev!");
  CHECK(name("open-iscsi2") == "open-iscsi?");
  CHECK(name("zzz").empty());
}
