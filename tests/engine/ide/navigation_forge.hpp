/// A small forge with something of everything that editors can point at, and its upstream.
#pragma once

#include <cstdint>
#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>

#include "tests/support/memory_repository.hpp"
#include "tests/support/small_forge.hpp"

namespace forge::ide::test {

inline constexpr const char* refs_path = "releases/2025.2/source-refs.yaml";
inline constexpr const char* upper_path = "releases/2025.2/upper-constraints.txt";
inline constexpr const char* override_path = "overrides/2025.2/constraints.txt";
inline constexpr const char* extras_path = "releases/2025.2/extra-packages.yaml";
inline constexpr const char* patch_path = "patches/keystone/2025.2/0001-fix.patch";
inline constexpr const char* docker_path = "images/keystone/Dockerfile";
inline constexpr const char* change_id = "I0123456789abcdef0123456789abcdef01234567";

inline std::string patch_text() {
  return std::string(
             "From 1111111111111111111111111111111111111111 Mon Sep 17 00:00:00 2001\n"
             "From: A <a@b>\n"
             "Date: Mon, 1 Sep 2025 10:00:00 +0000\n"
             "Subject: [PATCH] Fix a thing, see OSSA-2025-001\n"
             "\n"
             "This is for CVE-2025-1234.\n"
             "\n"
             "Closes-Bug: #2012345\n"
             "Change-Id: ") +
         change_id +
         "\n"
         "(cherry picked from commit 2222222222222222222222222222222222222222)\n"
         "---\n"
         " a.txt | 2 +-\n"
         "\n"
         "diff --git a/a.txt b/a.txt\n"
         "index 1234567..89abcde 100644\n"
         "--- a/a.txt\n"
         "+++ b/a.txt\n"
         "@@ -2,3 +2,3 @@ def thing():\n"
         " one\n"
         "-two\n"
         "+deux\n"
         " three\n";
}

inline support::ForgeFiles files() {
  support::ForgeFiles all = support::small_forge();
  all[refs_path] = "# which refs\n# are built\nkeystone: \"28.0.0\"\nnova: \"32.0.0\"\noslo.messaging: \"17.1.0\"\n";
  all[upper_path] = "cryptography===43.0.3\noslo.config===9.8.0\nPyMySQL===1.1.1;python_version>='3.9'\n";
  all["releases/2025.1/upper-constraints.txt"] = "oslo.messaging===16.1.0\noslo.config===9.7.0\n";
  all[override_path] = "# a CVE\noslo.config===9.8.1\n-cryptography\n";
  all[extras_path] =
      "keystone:\n  pip_extras: [ldap]\n  pip_packages:\n    - \"PyMySQL\"\n  apt_packages: [libldap2]\n";
  all[patch_path] = patch_text();
  all["images/keystone/bindep.txt"] = "libldap2-dev [platform:dpkg keystone]\ngcc [build]\n";
  all["forge.yaml"] = "upstream: \"https://opendev.org/openstack/{component}\"\nrules:\n  ref-is-branch: off\n";
  return all;
}

/// keystone with a series, a newer tag and a commit behind it; the others as in small_upstreams().
inline std::shared_ptr<support::MemoryUpstreams> upstreams() {
  auto all = support::small_upstreams();
  auto repository = std::make_shared<support::MemoryRepository>();
  const support::MemoryRepository::Files old = {{"a.txt", "zero\nhalf\none\ntwo\nthree\n"}};
  const auto before = repository->add_commit(old, "Old");
  const auto first = repository->add_commit(old, "First\n\nChange-Id: " + std::string(change_id), {before});
  const auto second = repository->add_commit({{"a.txt", "zero\nhalf\none\ntwo\nthree\nfour\n"}}, "Second", {first});
  const auto head = repository->add_commit({{"a.txt", "x\n"}}, "Head of *it*", {second});
  repository->tag("27.0.0", before);
  repository->tag("28.0.0", first);
  repository->tag("28.0.1", second);
  repository->branch("stable/2025.1", before);
  repository->branch("stable/2025.2", head);
  repository->branch("master", head);
  all->add("keystone", repository);
  return all;
}

inline workspace::SnapshotPtr snapshot(support::ForgeFiles all = files()) {
  return support::snapshot_of(std::move(all), upstreams());
}

/// Where `needle` begins in a document.
inline std::uint32_t offset_of(const workspace::Snapshot& snapshot, std::string_view path, std::string_view needle) {
  const SourceFilePtr file = snapshot.file(path);
  const std::size_t at = file ? file->text().find(needle) : std::string_view::npos;
  if (at == std::string_view::npos) throw std::runtime_error("no `" + std::string(needle) + "`");
  return static_cast<std::uint32_t>(at);
}

}  // namespace forge::ide::test
