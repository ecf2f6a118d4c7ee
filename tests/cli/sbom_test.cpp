/// `forge-analyze sbom` on the small forge: whole documents as files beside this one, and what is said of gaps.
#include <cstdlib>
#include <filesystem>
#include <string>

#include <doctest/doctest.h>
#include <nlohmann/json.hpp>

#include "tests/cli/example_forge.hpp"

using forge::cli_tests::read_file;
using forge::cli_tests::SmallForge;
using forge::cli_tests::write_file;
using forge::support::ProcessResult;
using Json = nlohmann::json;
namespace fs = std::filesystem;

namespace {

/// Compares with a golden file, or writes it where FORGE_UPDATE_EXPECT is set.
void check_golden(const std::string& name, const std::string& text) {
  const fs::path path = fs::path(FORGE_SOURCE_DIR) / "tests/cli/sbom" / name;
  if (std::getenv("FORGE_UPDATE_EXPECT") != nullptr) write_file(path, text);
  CHECK(text == read_file(path));
}

Json component(const Json& document, const std::string& name) {
  for (const Json& one : document.at("components"))
    if (one.at("name") == name) return one;
  FAIL_CHECK("no component " << name);
  return Json::object();
}

std::string property(const Json& holder, const std::string& name) {
  if (!holder.contains("properties")) return {};
  for (const Json& one : holder.at("properties"))
    if (one.at("name") == name) return one.at("value");
  return {};
}

}  // namespace

TEST_CASE("sbom: one image is one document, whose bytes follow from the forge alone") {
  const SmallForge forge;
  const ProcessResult run = forge.run({"sbom", "--release", "2025.2", "--component", "courier"});
  CHECK_MESSAGE(run.exit_code == 0, run.err);
  CHECK(run.err.empty());
  check_golden("courier-2025.2.cdx.json", run.out);
  const SmallForge elsewhere;
  CHECK(elsewhere.run({"sbom", "--release", "2025.2", "--component", "courier"}).out == run.out);
}

TEST_CASE("sbom: patches come with their bugs, overrides with their reasons") {
  const SmallForge forge;
  const ProcessResult run =
      forge.run({"sbom", "--release", "2025.2", "--component", "beacon", "--mirror", (forge / "upstream").string(),
                 "--upstream", "https://github.com/Small/{component}"});
  CHECK_MESSAGE(run.exit_code == 0, run.err);
  const Json document = Json::parse(run.out);
  const Json beacon = component(document, "beacon");
  CHECK(beacon.at("purl") == "pkg:github/small/beacon@d148a4e2479db45bdab3d3acee478d1f03c6ae30");
  CHECK(beacon.at("externalReferences").at(0).at("url") == "https://github.com/Small/beacon");
  const Json patch = beacon.at("pedigree").at("patches").at(0);
  CHECK(patch.at("type") == "cherry-pick");
  CHECK(patch.at("resolves").at(0).at("id") == "2044");
  CHECK(patch.at("resolves").at(0).at("type") == "defect");
  const Json urllib3 = component(document, "urllib3");
  CHECK(urllib3.at("purl") == "pkg:pypi/urllib3@2.6.0");
  CHECK(property(urllib3, "forge:override:reason").starts_with("CVE-2025-66418: "));
  CHECK(property(urllib3, "forge:override:replaces") == "===2.5.0");
}

TEST_CASE("sbom: several images go into a folder, one file each") {
  const SmallForge forge;
  const ProcessResult refused = forge.run({"sbom"});
  CHECK(refused.exit_code == 2);
  CHECK(refused.err.find("-o DIR") != std::string::npos);
  const ProcessResult run = forge.run({"sbom", "-o", "boms"});
  CHECK_MESSAGE(run.exit_code == 0, run.err);
  for (const char* name : {"almanac-2025.1", "beacon-2025.2", "courier-2025.2", "python-base", "venv-builder"}) {
    CAPTURE(name);
    CHECK(fs::exists(forge / ("boms/" + std::string(name) + ".cdx.json")));
  }
  const ProcessResult one = forge.run({"sbom", "--component", "python-base"});
  CHECK(one.out == read_file(forge / "boms/python-base.cdx.json"));
}

TEST_CASE("sbom: patches are told without the tree that they are for") {
  const SmallForge forge;
  fs::remove_all(forge / "upstream/beacon.git");
  const ProcessResult run = forge.run({"sbom", "--release", "2025.2", "--component", "beacon", "--offline"});
  CHECK(run.exit_code == 0);
  const Json beacon = component(Json::parse(run.out), "beacon");
  CHECK(property(beacon, "forge:ref") == "7.0.1");
  CHECK(beacon.at("pedigree").at("patches").at(0).at("resolves").at(0).at("id") == "2044");
}

TEST_CASE("sbom: what could not be examined is said, in the document and beside it") {
  const SmallForge forge;
  fs::remove_all(forge / "upstream/courier.git");
  fs::remove_all(forge / "packages");
  const std::vector<std::string> arguments{"sbom", "--release", "2025.2", "--component", "courier"};
  const ProcessResult run = forge.run(arguments);
  CHECK(run.exit_code == 1);
  CHECK(run.err.find("error: not examined: the source of courier") != std::string::npos);
  CHECK(run.err.find("error: not examined: versions of system packages") != std::string::npos);
  const Json document = Json::parse(run.out);
  CHECK(document.at("compositions").at(0).at("aggregate") == "incomplete");
  CHECK(property(document.at("metadata"), "forge:not-examined").starts_with("the source of courier"));
  CHECK_FALSE(property(component(document, "courier"), "forge:not-examined").empty());
  CHECK(component(document, "libpq5").at("purl") == "pkg:deb/ubuntu/libpq5?distro=noble");
  CHECK(run.out.find((forge / "").string()) == std::string::npos);  // no path of this machine

  std::vector<std::string> offline = arguments;
  offline.emplace_back("--offline");
  const ProcessResult warned = forge.run(offline);
  CHECK(warned.exit_code == 0);
  CHECK(warned.err.find("warning: not examined: the source of courier") != std::string::npos);
}
