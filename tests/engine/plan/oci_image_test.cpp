#include "engine/plan/oci_image.hpp"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <memory>
#include <string>
#include <vector>

#include <doctest/doctest.h>
#include <nlohmann/json.hpp>
#include <unistd.h>

#include "engine/base/sha256.hpp"
#include "engine/plan/plan_builds.hpp"
#include "engine/plan/render_bake.hpp"
#include "tests/support/small_forge.hpp"

namespace {

namespace fs = std::filesystem;
using namespace forge;
using namespace forge::plan;

ExportedFile file_of(std::string path, std::string content, std::uint32_t mode = 0644) {
  return {std::move(path), mode, std::make_shared<const std::string>(std::move(content))};
}

ExportedTree tree_of(std::vector<ExportedFile> files) {
  ExportedTree tree;
  std::ranges::sort(files, {}, &ExportedFile::path);
  tree.source.component = "svc";
  tree.source.release = "2025.2";
  tree.source.time = 1'758'110'400;
  tree.files = std::move(files);
  tree.manifest = "{}\n";
  return tree;
}

ExportedTree every_kind() {
  return tree_of(
      {file_of("b/run", "#!/bin/sh\n", 0755), file_of("b.txt", "x"), file_of("b/c/link", "../run", git::mode_link),
       file_of("\xc3\xa9/" + std::string(180, 'n') + "/" + std::string(120, 'm'), "long"), file_of("empty", "")});
}

/// A tar archive's entry as `type mode name`, of the records that are no PAX header.
std::vector<std::string> entries(const std::string& layer) {
  std::vector<std::string> out;
  for (std::size_t at = 0; at + 512 <= layer.size() && layer[at] != '\0';) {
    const std::string name = layer.substr(at, 100).c_str();
    const std::size_t size = std::stoul(layer.substr(at + 124, 11), nullptr, 8);
    CHECK(layer.substr(at + 108, 8).find_first_not_of(std::string("0 \0", 3)) == std::string::npos);  // owner
    CHECK(layer[at + 265] == '\0');                                                                   // its name
    out.push_back(layer.substr(at + 156, 1) + " " + layer.substr(at + 101, 6) + " " + name);
    at += 512 + (size + 511) / 512 * 512;
  }
  return out;
}

struct Folder {
  fs::path path = fs::temp_directory_path() / ("forge-oci-" + std::to_string(::getpid()));
  Folder() { fs::create_directories(path); }
  ~Folder() { fs::remove_all(path); }
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;
};

std::string read_file(const fs::path& path) {
  std::ifstream stream(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(stream), {}};
}

}  // namespace

TEST_CASE("oci image: entries sorted by bytes, folders before what is in them, modes and owner fixed") {
  const Result<OciImage> image = oci_image(tree_of(
      {file_of("b/run", "#!/bin/sh\n", 0755), file_of("b.txt", "x"), file_of("b/c/link", "../run", git::mode_link)}));
  REQUIRE(image);
  CHECK(entries(image->layer) == std::vector<std::string>{"0 000644 b.txt", "5 000755 b/", "5 000755 b/c/",
                                                          "2 000777 b/c/link", "0 000755 b/run"});
  CHECK(image->layer.size() % 512 == 0);
}

TEST_CASE("oci image: the bytes are the same on every machine") {
  const Result<OciImage> image = oci_image(every_kind());
  REQUIRE(image);
  CHECK(sha256_hex(image->layer) == "7df65ca612efebdf93fa697c77f84c25c34be0c6386475858c2feefc5e88b5e3");
  CHECK(image->digest == "sha256:dce345e6bc37ea34631f525f5b923e65884facd70ed6503d17f9b50a343bcf4e");
}

TEST_CASE("oci image: config and manifest name the layer by its digest") {
  const Result<OciImage> image = oci_image(every_kind());
  REQUIRE(image);
  const auto manifest = nlohmann::json::parse(image->manifest);
  const auto config = nlohmann::json::parse(image->config);
  const std::string layer = "sha256:" + sha256_hex(image->layer);
  CHECK(manifest["layers"][0]["digest"] == layer);
  CHECK(manifest["layers"][0]["size"] == image->layer.size());
  CHECK(manifest["config"]["digest"] == "sha256:" + sha256_hex(image->config));
  CHECK(config["rootfs"]["diff_ids"][0] == layer);
  CHECK(image->digest == "sha256:" + sha256_hex(image->manifest));
}

TEST_CASE("oci layout: written whole, a second time not at all, and again where something is missing") {
  const Folder folder;
  const std::string to = (folder.path / "svc-2025.2").string();
  const ExportedTree tree = every_kind();
  const OciImage image = *oci_image(tree);
  CHECK(*write_oci_layout(image, tree, to) == Written::changed);
  CHECK(*write_oci_layout(image, tree, to) == Written::unchanged);
  const auto index = nlohmann::json::parse(read_file(to + "/index.json"));
  CHECK(index["manifests"][0]["digest"] == image.digest);
  CHECK(read_file(to + "/oci-layout") == R"({"imageLayoutVersion":"1.0.0"})");
  const fs::path layer = fs::path(to) / "blobs" / "sha256" / sha256_hex(image.layer);
  CHECK(read_file(layer) == image.layer);
  fs::remove(layer);
  CHECK(*write_oci_layout(image, tree, to) == Written::changed);
  CHECK(read_file(layer) == image.layer);
  const ExportedTree other = tree_of({file_of("a", "x")});
  CHECK(*write_oci_layout(*oci_image(other), other, to) == Written::changed);
  CHECK_FALSE(fs::exists(layer));
  CHECK(std::distance(fs::directory_iterator(folder.path), {}) == 2);
}

TEST_CASE("plan with OCI sources: each source context is a layout and the digest that an export gives it") {
  const auto snapshot = support::snapshot_of(support::small_forge());
  BuildRequest request = default_request(snapshot->config());
  request.sources = SourceForm::oci;
  BuildPlan plan = *plan_builds(*snapshot, request, {});
  REQUIRE(plan.complete());
  CHECK(pin_sources(*snapshot, plan, TaskPool(1)).empty());
  const PlanTarget& target = *plan.find("keystone-2025-2");
  for (const PlanSource& source : target.sources) {
    const auto context = std::ranges::find(target.contexts, source.component, &PlanContext::name);
    REQUIRE(context != target.contexts.end());
    const std::string digest = oci_image(*exported_tree(*snapshot, source))->digest;
    CHECK(context->value == "oci-layout://build/oci-src/" + source.component + "-2025.2@" + digest);
  }
  CHECK(target.sources.size() == 2);
  CHECK(render_bake(plan).find("\"oslo.messaging\": \"oci-layout://build/oci-src/oslo.messaging-2025.2@sha256:") !=
        std::string::npos);
  CHECK(render_shell(plan).find("source export \\\n  --sources oci") != std::string::npos);
  // A library that a release does not patch stays an empty folder.
  CHECK(std::ranges::find(plan.find("keystone-2025-1")->contexts, PlanContext::Kind::empty, &PlanContext::kind) !=
        plan.find("keystone-2025-1")->contexts.end());
}

TEST_CASE("plan with OCI sources: a tree that can't be exported is a finding about its ref") {
  support::ForgeFiles files = support::small_forge();
  files["patches/keystone/2025.2/0001-x.patch"] = "--- a/a.txt\n+++ b/a.txt\n@@ -1 +1 @@\n-none\n+x\n";
  const auto snapshot = support::snapshot_of(files);
  BuildRequest request = default_request(snapshot->config());
  request.sources = SourceForm::oci;
  BuildPlan plan = *plan_builds(*snapshot, request, {});
  const std::vector<Finding> findings = pin_sources(*snapshot, plan, TaskPool(1));
  REQUIRE(findings.size() == 1);
  CHECK(findings[0].rule == "source-not-exportable");
  CHECK(findings[0].place.file->path() == "releases/2025.2/source-refs.yaml");
  const BuildPlan again = *plan_builds(*snapshot, request, findings);
  CHECK(again.find("keystone-2025-2")->state == PlanTarget::State::blocked);
  CHECK(again.find("keystone-2025-1")->state == PlanTarget::State::planned);
}
