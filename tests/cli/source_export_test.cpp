#include <filesystem>
#include <fstream>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include <doctest/doctest.h>
#include <sys/mount.h>

#include "tests/cli/example_forge.hpp"

namespace {

namespace fs = std::filesystem;
using forge::cli_tests::read_file;
using forge::cli_tests::SmallForge;
using forge::cli_tests::write_file;
using forge::support::ProcessResult;

/// A file system of its own in memory, gone at the end of the test. Only root may have one, and not everywhere.
class Disk {
 public:
  explicit Disk(fs::path folder) : folder_(std::move(folder)) {
    fs::create_directories(folder_);
    mounted_ = ::mount("tmpfs", folder_.c_str(), "tmpfs", 0, "size=256k") == 0;
  }
  ~Disk() {
    if (mounted_) ::umount2(folder_.c_str(), MNT_DETACH);
  }
  Disk(const Disk&) = delete;
  Disk& operator=(const Disk&) = delete;

  [[nodiscard]] bool mounted() const { return mounted_; }
  [[nodiscard]] bool make_read_only() const {
    return ::mount(nullptr, folder_.c_str(), nullptr, MS_REMOUNT | MS_RDONLY, nullptr) == 0;
  }
  void fill() const {
    std::ofstream filler(folder_ / "filler", std::ios::binary);
    while (filler << std::string(4096, 'x') << std::flush) {
    }
  }
  /// Every path with its content.
  [[nodiscard]] std::set<std::string> listing() const {
    std::set<std::string> all;
    for (const auto& entry : fs::recursive_directory_iterator(folder_))
      all.insert(entry.path().string() + "\n" + (entry.is_regular_file() ? read_file(entry.path()) : ""));
    return all;
  }

 private:
  fs::path folder_;
  bool mounted_ = false;
};

std::vector<std::string> export_to(const fs::path& folder, const std::string& release, const std::string& form) {
  return {"source", "export", "--component", "beacon", "--release", release, "--sources", form, "-o", folder.string()};
}

}  // namespace

TEST_CASE("source export: on a full disk and on a read-only one the old tree stays, and the message says why") {
  const SmallForge forge;
  const Disk disk(forge / "disk");
  if (!disk.mounted()) {
    MESSAGE("not tried: no file system can be mounted here");
    return;
  }
  const fs::path folder = forge / "disk/beacon";
  const fs::path layout = forge / "disk/layout";
  REQUIRE(forge.run(export_to(folder, "2025.1", "folder")).exit_code == 0);
  REQUIRE(forge.run(export_to(layout, "2025.1", "oci")).exit_code == 0);
  disk.fill();
  const std::set<std::string> before = disk.listing();
  for (const auto& [target, form] : {std::pair(folder, "folder"), std::pair(layout, "oci")}) {
    const ProcessResult full = forge.run(export_to(target, "2025.2", form));
    CHECK(full.exit_code == 2);
    CHECK_MESSAGE(full.err.find("No space left on device") != std::string::npos, full.err);
    CHECK(disk.listing() == before);
  }
  REQUIRE(disk.make_read_only());
  for (const auto& [target, form] : {std::pair(folder, "folder"), std::pair(layout, "oci")}) {
    const ProcessResult fixed = forge.run(export_to(target, "2025.2", form));
    CHECK(fixed.exit_code == 2);
    CHECK_MESSAGE(fixed.err.find("Read-only file system") != std::string::npos, fixed.err);
    CHECK(forge.run(export_to(target, "2025.1", form)).exit_code == 0);  // nothing to write
    CHECK(disk.listing() == before);
  }
}

TEST_CASE("source export: what may surprise is said each time, also where nothing is written") {
  const SmallForge forge;
  write_file(forge / "patches/beacon/2025.2/0009-surprise.patch",
             "From: A <a@example.org>\nSubject: [PATCH] x\n\nChange-Id: I1\n---\n"
             "diff --git a/.dockerignore b/.dockerignore\nnew file mode 100644\n--- /dev/null\n+++ b/.dockerignore\n"
             "@@ -0,0 +1 @@\n+*\n"
             "diff --git a/etc-link b/etc-link\nnew file mode 120000\n--- /dev/null\n+++ b/etc-link\n"
             "@@ -0,0 +1 @@\n+/etc/beacon\n\\ No newline at end of file\n");
  const fs::path folder = forge / "out";
  for (const char* done : {"written", "unchanged"}) {
    const ProcessResult result = forge.run(export_to(folder, "2025.2", "folder"));
    CHECK(result.exit_code == 0);
    CHECK_MESSAGE(result.err.find(done) != std::string::npos, result.err);
    CHECK(result.err.find("warning: `beacon` of 2025.2: the link `etc-link` leads to `/etc/beacon`") !=
          std::string::npos);
    CHECK(result.err.find("warning: `beacon` of 2025.2: a build leaves out what its `.dockerignore` says") !=
          std::string::npos);
  }
  CHECK(fs::read_symlink(folder / "etc-link") == "/etc/beacon");
}

TEST_CASE("source export: an earlier export of the same is left alone, and found by what it was made of") {
  const SmallForge forge;
  const fs::path folder = forge / "out";
  const auto says = [&](const std::string& form, const char* what) {
    const ProcessResult result = forge.run(export_to(folder, "2025.2", form));
    REQUIRE(result.exit_code == 0);
    CHECK_MESSAGE(result.err.find(what) != std::string::npos, result.err);
  };
  says("folder", "written");
  says("folder", "unchanged");
  says("oci", "written");  // another form at the same place
  says("oci", "unchanged");
  says("folder", "written");
  const std::string manifest = read_file(forge / "out.json");
  write_file(forge / "out.json", manifest.substr(0, manifest.size() / 2));
  says("folder", "written");
  CHECK(read_file(forge / "out.json") == manifest);
  write_file(forge / "patches/beacon/2025.2/0009-more.patch",
             "From: A <a@example.org>\nSubject: [PATCH] x\n\nChange-Id: I1\n---\n"
             "diff --git a/more b/more\nnew file mode 100644\n--- /dev/null\n+++ b/more\n@@ -0,0 +1 @@\n+*\n");
  says("folder", "written");
  CHECK(fs::exists(folder / "more"));
}
