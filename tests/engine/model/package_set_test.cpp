#include "engine/model/package_set.hpp"

#include <algorithm>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include <doctest/doctest.h>

#include "engine/workspace/workspace.hpp"
#include "tests/support/memory_repository.hpp"

namespace {

using namespace forge;
using Files = std::map<std::string, std::string, std::less<>>;
using Names = std::vector<std::string>;

const std::string refs = "nova: \"32.0.0\"\nglance: \"31.0.0\"\n";

workspace::SnapshotPtr snapshot(Files files, const std::string& nova_bindep = {}) {
  files.try_emplace("releases/2025.2/source-refs.yaml", refs);
  auto nova = std::make_shared<support::MemoryRepository>();
  support::MemoryRepository::Files tree{{"setup.cfg", "[metadata]\n"}};
  if (!nova_bindep.empty()) tree.insert_or_assign("bindep.txt", nova_bindep);
  nova->tag("32.0.0", nova->add_commit(tree));
  auto upstreams = std::make_shared<support::MemoryUpstreams>();
  upstreams->add("nova", nova);
  workspace::Workspace workspace([&](const formats::ForgeConfig&) { return upstreams; });
  return workspace.load(workspace::memory_files(std::move(files)), TaskPool(0)).value();
}

Names names(const std::vector<model::SystemPackage>& packages) {
  Names out;
  for (const model::SystemPackage& package : packages)
    out.push_back(package.constraint.empty() ? package.name : package.name + " " + package.constraint);
  return out;
}

}  // namespace

TEST_CASE("package sets: the component is a profile, the build has one more") {
  const auto forge = snapshot({{"bindep.txt",
                                "libpq-dev [platform:dpkg build]\nlibpq5 [platform:dpkg] >=9\n"
                                "libvirt-dev [platform:dpkg nova build]\nlibvirt0 [platform:dpkg nova]\n"
                                "libpq-devel [platform:rpm build]\nbash [default]\n"}});
  const auto& nova = model::package_sets(*forge, "2025.2", "nova");
  CHECK(names(nova.build) == Names{"libpq-dev", "libpq5 >=9", "libvirt-dev", "libvirt0"});
  CHECK(names(nova.runtime) == Names{"libpq5 >=9", "libvirt-dev", "libvirt0"});
  CHECK_FALSE(nova.failure);
  REQUIRE(nova.notes.size() == 1);
  CHECK(nova.notes.front().find("`default`") != std::string::npos);
  const auto& glance = model::package_sets(*forge, "2025.2", "glance");
  CHECK(names(glance.build) == Names{"libpq-dev", "libpq5 >=9", "libvirt-dev"});
  CHECK(names(glance.runtime) == Names{"libpq5 >=9"});
}

TEST_CASE("package sets: the image's own file, the root's, then extra-packages.yaml; the first of duplicates stays") {
  const auto forge =
      snapshot({{"bindep.txt", "bash\nqemu-utils >=2\n"},
                {"images/nova/bindep.txt", "qemu-utils\nlibldap2 [(nova ldap)]\n"},
                {"releases/2025.2/extra-packages.yaml",
                 "nova:\n  pip_extras: [LDAP]\n  apt_packages: [bash, libvirt0]\nglance:\n  apt_packages: [x1]\n"}});
  const auto& nova = model::package_sets(*forge, "2025.2", "nova");
  CHECK(names(nova.build) == Names{"qemu-utils", "libldap2", "bash"});
  CHECK(names(nova.runtime) == Names{"qemu-utils", "libldap2", "bash", "libvirt0"});
  CHECK(nova.runtime.at(2).file->path() == "bindep.txt");
  CHECK(nova.runtime.at(3).origin == model::PackageOrigin::extra_packages);
}

TEST_CASE("package sets: without a file of the forge's the source tree's counts") {
  const auto forge = snapshot({}, "libffi-dev [platform:dpkg]\ngraphviz [test]\nbad \n");
  const auto& nova = model::package_sets(*forge, "2025.2", "nova");
  CHECK(names(nova.build) == Names{"libffi-dev"});
  REQUIRE(nova.runtime.size() == 1);
  CHECK(nova.runtime.front().origin == model::PackageOrigin::upstream_bindep);
  CHECK(nova.runtime.front().file->path() == "nova@32.0.0:bindep.txt");
  REQUIRE(nova.notes.size() == 1);
  CHECK(nova.notes.front().find("one place") != std::string::npos);
}

TEST_CASE("package sets: what can't be known is said") {
  const auto forge = snapshot({});
  CHECK(model::package_sets(*forge, "2025.2", "nova").notes.size() == 1);
  CHECK_FALSE(model::package_sets(*forge, "2025.2", "nova").failure);
  CHECK(model::package_sets(*forge, "2025.2", "glance").failure);
  CHECK(model::package_sets(*forge, "2025.2", "nowhere").failure);
  CHECK(model::package_sets(*forge, "2024.2", "nova").failure);
}

TEST_CASE("package sets: the target distribution decides") {
  const auto forge = snapshot({{"forge.yaml", "target:\n  distro: rocky:9\n"},
                               {"bindep.txt", "libpq5 [platform:dpkg]\nlibpq [platform:rpm]\n"}});
  CHECK(names(model::package_sets(*forge, "2025.2", "nova").runtime) == Names{"libpq"});
}

TEST_CASE("package sets: the apt-get lines of the image's stages and of the images below, each to its phase") {
  const auto forge = snapshot({{"images/base/Dockerfile", "FROM ubuntu:noble\nRUN apt-get install -y tzdata\n"},
                               {"images/builder/Dockerfile", "FROM base\nRUN apt-get install -y gcc\n"},
                               {"images/nova/Dockerfile",
                                "FROM builder AS build\nRUN apt-get install -y libvirt-dev\nFROM base\n"
                                "RUN apt-get install -y libvirt0\nCOPY --from=build /venv /venv\n"}});
  const auto& nova = model::package_sets(*forge, "2025.2", "nova");
  CHECK(names(nova.build) == Names{"libvirt-dev", "gcc", "tzdata"});
  CHECK(names(nova.runtime) == Names{"libvirt0", "tzdata"});
  CHECK(nova.build.at(1).origin == model::PackageOrigin::dockerfile);
  CHECK(nova.build.at(1).file->path() == "images/builder/Dockerfile");
}

TEST_CASE("package sets: the source tree's file is read with the patches of the series") {
  const auto forge = snapshot({{"patches/nova/2025.2/0001-x.patch",
                                "--- a/bindep.txt\n+++ b/bindep.txt\n@@ -1 +1,2 @@\n libffi-dev\n+libvirt0\n"}},
                              "libffi-dev\n");
  CHECK(names(model::package_sets(*forge, "2025.2", "nova").runtime) == Names{"libffi-dev", "libvirt0"});
}

TEST_CASE("package sets: forge.yaml names the profiles") {
  const auto forge = snapshot({{"forge.yaml", "profiles:\n  runtime: [default, \"{extras}\"]\n  build: [compile]\n"},
                               {"bindep.txt", "a1 [default]\nb1 [nova]\nc1 [ldap]\nd1 [compile]\n"},
                               {"releases/2025.2/extra-packages.yaml", "nova:\n  pip_extras: [ldap]\n"}});
  const auto& nova = model::package_sets(*forge, "2025.2", "nova");
  CHECK(names(nova.runtime) == Names{"a1", "c1"});
  CHECK(names(nova.build) == Names{"d1"});
}
