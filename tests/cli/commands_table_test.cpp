/// What is made from the commands' table: the manual, completion of words.
#include <filesystem>
#include <set>
#include <string>
#include <vector>

#include <doctest/doctest.h>
#include <nlohmann/json.hpp>

#include "tests/cli/example_forge.hpp"

using forge::cli_tests::read_file;
using forge::cli_tests::SmallForge;
namespace fs = std::filesystem;

namespace {

/// The values without what they are, one a line.
std::string completed(const SmallForge& forge, std::vector<std::string> words) {
  words.insert(words.begin(), "__complete");
  const auto run = forge.run(std::move(words));
  CHECK(run.exit_code == 0);
  std::string values;
  std::size_t at = 0;
  while (at < run.out.size()) {
    const std::size_t end = run.out.find('\n', at);
    values += run.out.substr(at, std::min(run.out.find('\t', at), end) - at) + " ";
    at = end + 1;
  }
  return values;
}

}  // namespace

TEST_CASE("man: docs/commands.md is what `man --format markdown` prints") {
  const SmallForge forge;
  const auto run = forge.run({"man", "--format", "markdown"});
  CHECK(run.exit_code == 0);
  CHECK_MESSAGE(run.out == read_file(fs::path(FORGE_SOURCE_DIR) / "docs/commands.md"),
                "write it anew: forge-analyze man --format markdown > docs/commands.md");
}

TEST_CASE("man: every command is in the page, and groff has nothing to say of it") {
  const SmallForge forge;
  const auto run = forge.run({"man", "-o", "forge-analyze.1"});
  CHECK(run.exit_code == 0);
  const std::string page = read_file(forge / "forge-analyze.1");
  CHECK(page.find(".SS patch check [OPTION]...") != std::string::npos);
  if (!fs::exists("/usr/bin/groff")) return;
  const auto groff = forge::support::run_process(
      {"/usr/bin/groff", "-man", "-Tutf8", "-ww", "-z", (forge / "forge-analyze.1").string()});
  CHECK(groff.exit_code == 0);
  CHECK(groff.err == "");
}

TEST_CASE("completion: commands, options and their values come from the table") {
  const SmallForge forge;
  CHECK(completed(forge, {"che"}) == "check ");
  CHECK(completed(forge, {"patch", ""}) == "check refresh ");
  CHECK(completed(forge, {"check", "--fail"}) == "--fail-on ");
  CHECK(completed(forge, {"check", "--format", "s"}) == "sarif ");
  CHECK(completed(forge, {"check", "--format=s"}) == "--format=sarif ");
  CHECK(completed(forge, {"check", "--format", "=", "s"}) == "sarif ");
  CHECK(completed(forge, {"--color", "a"}) == "always auto ");
  CHECK(completed(forge, {"completion", ""}) == "bash fish zsh ");
  CHECK(completed(forge, {"explain", "ref-is-b"}) == "ref-is-branch ");
  CHECK(completed(forge, {"patch", "check", "--repo", ""}).starts_with(":f"));
}

TEST_CASE("completion: releases and components are the forge's") {
  const SmallForge forge;
  CHECK(completed(forge, {"check", "--release", ""}) == "2025.1 2025.2 ");
  CHECK(completed(forge, {"closure", "--component", "o"}) == "oslo.lantern ");
  CHECK(completed(forge, {"check", "-C", "/", "--release", ""}).empty());
  CHECK(completed(forge, {"nonsense", "--release", ""}).empty());
}

TEST_CASE("completion: bash takes what its script gives") {
  const SmallForge forge;
  const auto script = forge.run({"completion", "bash"});
  const std::string test = script.out + "COMP_WORDS=(" FORGE_ANALYZE_BINARY
                                        " check --release 2025.)\nCOMP_CWORD=3\n"
                                        "_forge_analyze\necho \"${COMPREPLY[@]}\"\n";
  const auto run = forge::support::run_process({"/bin/bash", "-c", test}, (forge / "").string(), {});
  CHECK(run.out == "2025.1 2025.2\n");
  CHECK(run.err == "");
  CHECK(forge.run({"completion", "csh"}).exit_code == 2);
}

TEST_CASE("completion: fish and zsh take their scripts, where they are installed") {
  const SmallForge forge;
  CHECK(forge.run({"completion", "fish", "-o", "forge-analyze.fish"}).exit_code == 0);
  CHECK(forge.run({"completion", "zsh", "-o", "_forge-analyze"}).exit_code == 0);
  const std::string folder = fs::path(FORGE_ANALYZE_BINARY).parent_path().string();
  if (fs::exists("/usr/bin/fish")) {
    const std::string test = "set PATH " + folder + " $PATH; source forge-analyze.fish; " +
                             "complete -C 'forge-analyze check --release 2025.'";
    const auto run = forge::support::run_process({"/usr/bin/fish", "-N", "-c", test}, (forge / "").string(),
                                                 {"HOME=" + (forge / "").string()});
    CHECK(run.out == "2025.1\n2025.2\n");
  }
  if (fs::exists("/usr/bin/zsh")) {
    const auto run = forge::support::run_process({"/usr/bin/zsh", "-n", (forge / "_forge-analyze").string()});
    CHECK(run.exit_code == 0);
    CHECK(run.err == "");
  }
}

TEST_CASE("schema: each of schemas/ is printed as it stands, and they are listed") {
  const SmallForge forge;
  const std::string list = forge.run({"schema"}).out;
  const auto json = nlohmann::json::parse(forge.run({"schema", "--format", "json"}).out);
  CHECK(json.at("version") == 1);
  std::set<std::string> listed;
  for (const auto& one : json.at("schemas")) listed.insert(one.at("name").get<std::string>());
  std::set<std::string> there;
  for (const auto& entry : fs::directory_iterator(fs::path(FORGE_SOURCE_DIR) / "schemas")) {
    const std::string name = entry.path().stem().stem().string();  // of `forge.schema.json`
    there.insert(name);
    const auto run = forge.run({"schema", name});
    CHECK(run.exit_code == 0);
    CHECK(run.out == read_file(entry.path()));
    CHECK(list.find("\n" + name + " ") != std::string::npos);
  }
  CHECK(there.size() >= 3);
  CHECK(listed == there);
  CHECK(completed(forge, {"schema", "for"}) == "forge ");
  CHECK(forge.run({"schema", "release"}).exit_code == 2);
}
