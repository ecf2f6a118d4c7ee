#include <algorithm>
#include <filesystem>
#include <fstream>
#include <sstream>

#include <doctest/doctest.h>

#include "engine/base/text.hpp"
#include "engine/plan/render_bake.hpp"
#include "tests/support/git_fixture.hpp"
#include "tests/support/process.hpp"

namespace {

namespace fs = std::filesystem;
using namespace forge;
using namespace forge::plan;

/// A base, a service on it, and a blocked one; words that a shell would take apart.
BuildPlan small_plan() {
  BuildPlan plan;
  PlanTarget base{.id = "base", .image = "base", .repository = "r/base"};
  base.context = "images/base";
  base.tags = {"r/base:1"};
  PlanTarget service{.id = "nova-2025-2", .kind = PlanTarget::Kind::service, .image = "nova", .release = "2025.2"};
  service.stage = 2;
  service.context = "images/nova";
  service.contexts = {{"base", PlanContext::Kind::base, "target:base", false, "base"},
                      {"nova", PlanContext::Kind::source, "build/src/nova-2025.2"},
                      {"upper-constraints", PlanContext::Kind::constraints, "build/constraints/2025.2"}};
  service.args = {{"PIP_PACKAGES", "a[b] 'c' $(touch hacked)"}};
  service.labels = {{"title", "it's \"nova\"\nline two"}};
  service.platforms = {"linux/amd64", "linux/arm64"};
  service.sources = {{.component = "nova",
                      .release = "2025.2",
                      .ref = "32.0.0",
                      .commit = std::string(40, 'a'),
                      .patches = 2,
                      .path = "build/src/nova-2025.2"}};
  PlanTarget blocked{.id = "glance-2025-2",
                     .kind = PlanTarget::Kind::service,
                     .state = PlanTarget::State::blocked,
                     .image = "glance",
                     .release = "2025.2"};
  plan.targets = {service, blocked, base};
  plan.sources = service.sources;
  plan.constraints = {"2025.2"};
  return plan;
}

void put_program(const fs::path& path, const std::string& script) {
  std::ofstream(path) << script;
  fs::permissions(path, fs::perms::owner_all);
}

}  // namespace

TEST_CASE("shell form: parents first, every word arrives as it is, a blocked target is left out") {
  const support::TempFolder folder;
  const fs::path root = folder.path();
  fs::create_directories(root / "releases");
  fs::create_directories(root / "bin");
  for (const char* name : {"docker", "forge-analyze"})
    put_program(root / "bin" / name, "#!/bin/sh\nfor word; do printf '<%s>' \"$word\"; done >> log\necho >> log\n");
  std::ofstream(root / "plan.sh") << render_shell(small_plan());
  const auto done = support::run_process({"sh", "-c", "cd '" + root.string() + "' && PATH=$PWD/bin:$PATH sh plan.sh"});
  CHECK(done.exit_code == 0);
  std::ifstream log(root / "log");
  const std::string text{std::istreambuf_iterator<char>(log), {}};
  const std::size_t exported = text.find("<source><export><--release><2025.2>");
  const std::size_t base = text.find("<images/base>");
  const std::size_t nova = text.find("<images/nova>");
  REQUIRE(nova != std::string::npos);
  CHECK(exported < base);
  CHECK(base < nova);
  CHECK(text.find("glance") == std::string::npos);
  CHECK(text.find("<PIP_PACKAGES=a[b] 'c' $(touch hacked)>") != std::string::npos);
  CHECK(text.find("<title=it's \"nova\"\nline two>") != std::string::npos);
  CHECK(text.find("<type=oci,dest=build/oci/base,tar=false,rewrite-timestamp=true>") < base);
  CHECK(text.find("<base=oci-layout://build/oci/base>") > base);
  CHECK_FALSE(fs::exists(root / "hacked"));
}

TEST_CASE("shell form: strings of any kind arrive as they are, and every shell reads the script") {
  for (const std::string text : {"${x}", "$(touch hacked)", "`touch hacked`", "it's", "a \"b\"", "line\none",
                                 "-leading", "back\\slash\\", "tab\t", "\xE2\x98\xBA", "a;touch hacked|c&d", "*?[a-z]~",
                                 "!history", "#comment", "\x01", " ", "'", "$", "\n"}) {
    CAPTURE(text);
    const support::TempFolder folder;
    const fs::path root = folder.path();
    fs::create_directories(root / "releases");
    fs::create_directories(root / "bin");
    for (const char* name : {"docker", "forge-analyze"})
      put_program(root / "bin" / name, "#!/bin/sh\nfor word; do printf '<%s>' \"$word\"; done >> log\necho >> log\n");
    BuildPlan plan = small_plan();
    PlanTarget& nova = plan.targets.front();
    nova.args = {{"ARG", text}};
    nova.labels = {{text, text}};
    nova.context = "images/" + text;
    nova.contexts.push_back({text, PlanContext::Kind::source, text});
    nova.cache_from = {"type=gha,scope=" + text};
    std::ofstream(root / "plan.sh") << render_shell(plan);
    for (const char* shell : {"sh", "dash", "bash"})
      if (fs::exists(fs::path("/bin") / shell))
        CHECK(support::run_process({shell, "-n", (root / "plan.sh").string()}).exit_code == 0);
    CHECK(support::run_process({"sh", "-c", "PATH=$PWD/bin:$PATH sh plan.sh"}, root.string()).exit_code == 0);
    std::ifstream log(root / "log");
    const std::string words{std::istreambuf_iterator<char>(log), {}};
    for (const std::string& word : {"<ARG=" + text + ">", "<" + text + "=" + text + ">", "<images/" + text + ">",
                                    "<images/" + text + "/Dockerfile>", "<type=gha,scope=" + text + ">"})
      CHECK_MESSAGE(words.find(word) != std::string::npos, word);
    CHECK_FALSE(fs::exists(root / "hacked"));
  }
}

TEST_CASE("shell form: the first failure ends it, and it says where to run it") {
  const support::TempFolder folder;
  const fs::path root = folder.path();
  fs::create_directories(root / "bin");
  put_program(root / "bin/docker", "#!/bin/sh\necho called >> log\nexit 3\n");
  put_program(root / "bin/forge-analyze", "#!/bin/sh\n");
  std::ofstream(root / "plan.sh") << render_shell(small_plan());
  const std::string command = "cd '" + root.string() + "' && PATH=$PWD/bin:$PATH sh plan.sh";
  CHECK(support::run_process({"sh", "-c", command}).exit_code == 2);
  fs::create_directories(root / "releases");
  CHECK(support::run_process({"sh", "-c", command}).exit_code == 3);
  std::ifstream log(root / "log");
  const std::string text{std::istreambuf_iterator<char>(log), {}};
  CHECK(text == "called\n");
}

TEST_CASE("pictures: the same nodes and edges in each language, in the same bytes for the same plan") {
  const BuildPlan plan = small_plan();
  for (const std::string& text : {render_mermaid(plan), render_dot(plan), render_svg(plan)}) {
    for (const char* label :
         {"nova 2025.2", "nova 32.0.0, 2 patches", "constraints of 2025.2", "glance 2025.2 (blocked)"})
      CHECK(text.find(label) != std::string::npos);
  }
  CHECK(std::ranges::count(render_mermaid(plan), '|') == 2 * 3);
  BuildPlan turned = plan;
  std::ranges::reverse(turned.targets);
  CHECK(render_mermaid(turned) == render_mermaid(plan));
  CHECK(render_svg(turned) == render_svg(plan));
}

TEST_CASE("pictures: names can't break out of their quotes") {
  BuildPlan plan = small_plan();
  plan.targets.front().image = "\"]; evil <b>&\\";
  CHECK(render_mermaid(plan).find("#quot;]; evil &lt;b&gt;") != std::string::npos);
  CHECK(render_dot(plan).find("\\\"]; evil <b>&\\\\") != std::string::npos);
  CHECK(render_svg(plan).find("&quot;]; evil &lt;b&gt;&amp;") != std::string::npos);
}
