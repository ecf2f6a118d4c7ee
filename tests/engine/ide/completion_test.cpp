#include "engine/ide/completion.hpp"

#include <algorithm>
#include <array>
#include <ostream>
#include <string>
#include <utility>
#include <vector>

#include <doctest/doctest.h>

#include "engine/formats/config_keys.hpp"
#include "engine/formats/forge_config.hpp"
#include "tests/engine/ide/navigation_forge.hpp"

using namespace forge::ide::test;
using forge::ide::Completion;
using forge::ide::Completions;

namespace {

constexpr std::array rules = {forge::ide::RuleWords{"ref-is-branch", "hint", "a ref that moves", "It moves."},
                              forge::ide::RuleWords{"ref-missing", "error", "no ref", "There is none."}};

struct Asked {
  Completions completions;
  std::string text;

  /// The document with the item put in, the cursor as `|`.
  [[nodiscard]] std::string with(const std::string& label) const {
    for (const Completion& item : completions.items) {
      if (item.label != label) continue;
      std::string done = text;
      const std::string put = item.cursor == std::string::npos
                                  ? item.new_text
                                  : item.new_text.substr(0, item.cursor) + "|" + item.new_text.substr(item.cursor);
      return done.replace(completions.span.begin, completions.span.size(), put);
    }
    return "-";
  }
  [[nodiscard]] std::vector<std::string> labels() const {
    std::vector<std::string> out;
    for (const Completion& item : completions.items) out.push_back(item.label);
    return out;
  }
  [[nodiscard]] bool has(const std::string& label) const { return with(label) != "-"; }
};

/// `<|>` is the cursor.
Asked ask(const char* path, std::string text, forge::support::ForgeFiles all = files()) {
  const std::size_t at = text.find("<|>");
  text.erase(at, 3);
  all[path] = text;
  const auto forge = snapshot(std::move(all));
  return {forge::ide::completions(*forge, path, static_cast<std::uint32_t>(at), rules), text};
}

using Labels = std::vector<std::string>;

}  // namespace

TEST_CASE("completion: refs of the release's series newest first, then branches, commits and other series") {
  const Asked asked = ask(refs_path, "keystone: \"<|>\"\n");
  const Labels labels = asked.labels();
  REQUIRE(labels.size() >= 5);
  CHECK(Labels(labels.begin(), labels.begin() + 4) == Labels{"28.0.1", "28.0.0", "stable/2025.2", "master"});
  CHECK(labels.back() == "27.0.0");
  CHECK(asked.completions.items[0].detail == "2023-11-14 · 1 behind the head");
  CHECK(!asked.completions.incomplete);
}

TEST_CASE("completion: a ref in a whole quote, a half-typed one, none, and right behind the colon") {
  CHECK(ask(refs_path, "keystone: \"28<|>\" # why\n").with("28.0.1") == "keystone: \"28.0.1\" # why\n");
  CHECK(ask(refs_path, "keystone: \"28.<|>0.0\"\n").with("28.0.1") == "keystone: \"28.0.1\"\n");
  CHECK(ask(refs_path, "nova: \"1\"\nkeystone: \"28.<|>\nglance: \"1\"\n").with("28.0.1") ==
        "nova: \"1\"\nkeystone: \"28.0.1\"\nglance: \"1\"\n");
  CHECK(ask(refs_path, "keystone: \"28.<|> # why\n").with("28.0.1") == "keystone: \"28.0.1\" # why\n");
  CHECK(ask(refs_path, "keystone: 28<|>\n").with("28.0.1") == "keystone: \"28.0.1\"\n");
  CHECK(ask(refs_path, "nova: \"1\"\nkeystone: 28<|>\n").with("28.0.1") == "nova: \"1\"\nkeystone: \"28.0.1\"\n");
  CHECK(ask(refs_path, "a: 1.2.3\nb: 1.2.3\nkeystone: 28<|>\n").with("28.0.1") ==
        "a: 1.2.3\nb: 1.2.3\nkeystone: 28.0.1\n");
  CHECK(ask(refs_path, "nova: '1'\nkeystone: <|>\n").with("28.0.1") == "nova: '1'\nkeystone: '28.0.1'\n");
  CHECK(ask(refs_path, "nova: \"1\"\nkeystone:<|>\n").with("28.0.1") == "nova: \"1\"\nkeystone: \"28.0.1\"\n");
  CHECK(ask(refs_path, "nova: \"1\"\nkeystone: <|>").with("master") == "nova: \"1\"\nkeystone: \"master\"");
  CHECK(ask(refs_path, "keystone: '28<|>'\r\nnova: \"1\"\r\n").with("28.0.1") ==
        "keystone: '28.0.1'\r\nnova: \"1\"\r\n");
}

TEST_CASE("completion: only what holds the typed letters, commits by their subject too") {
  CHECK(ask(refs_path, "keystone: \"28<|>\"\n").has("28.0.0"));
  CHECK(!ask(refs_path, "keystone: \"28<|>\"\n").has("master"));
  const Asked by_subject = ask(refs_path, "keystone: \"Head of<|>\"\n");
  REQUIRE(by_subject.completions.items.size() == 1);
  CHECK(by_subject.completions.items[0].new_text.size() == 40);
  CHECK(ask(refs_path, "keystone: \"zzz<|>\"\n").completions.items.empty());
  CHECK(ask(refs_path, "# keystone: \"<|>\"\n").completions.items.empty());
  CHECK(ask(refs_path, "keystone: <|>\"28.0.0\"\n").completions.items.empty());
}

TEST_CASE("completion: of very many refs 200, and that there are more") {
  auto repository = std::make_shared<forge::support::MemoryRepository>();
  const auto commit = repository->add_commit({{"a", "b"}}, "x");
  for (int i = 0; i < 300; ++i) repository->tag("1.0." + std::to_string(i), commit);
  auto all = std::make_shared<forge::support::MemoryUpstreams>();
  all->add("keystone", repository);
  auto some = files();
  some[refs_path] = "keystone: \"\"\n";
  const auto forge = forge::support::snapshot_of(some, all);
  const Completions found = forge::ide::completions(*forge, refs_path, 11, rules);
  CHECK(found.items.size() == forge::ide::most_completions);
  CHECK(found.incomplete);
}

TEST_CASE("completion: a component without a line, with the cursor between the file's own quotes") {
  const Asked asked = ask(refs_path, "nova: '32.0.0'\nk<|>\n");
  CHECK(asked.with("keystone") == "nova: '32.0.0'\nkeystone: '|'\n");
  CHECK(!asked.has("nova"));
  CHECK(!asked.has("venv-builder"));
  CHECK(ask(refs_path, "<|>: \"28.0.0\"\n").with("keystone") == "keystone: \"28.0.0\"\n");
  CHECK(ask(refs_path, "nova: \"32.0.0\"\n<|>").has("oslo.messaging"));
}

TEST_CASE("completion: overrides take packages, then the versions of all releases, this one's first") {
  CHECK(ask(override_path, "osl<|>\n").with("oslo.config") == "oslo.config===\n");
  CHECK(ask(override_path, "-osl<|>\n").with("oslo.config") == "-oslo.config\n");
  CHECK(ask(override_path, "osl<|>===1\n").with("oslo.config") == "oslo.config===1\n");
  CHECK(ask(override_path, "oslo.config===<|>\n").labels() == Labels{"9.8.0", "9.7.0"});
  CHECK(ask(override_path, "Oslo_config==<|>\n").with("9.8.0") == "Oslo_config===9.8.0\n");
  CHECK(ask(override_path, "oslo.config===9.7<|>; x\n").with("9.7.0") == "oslo.config===9.7.0; x\n");
  CHECK(ask(override_path, "# osl<|>\n").completions.items.empty());
}

TEST_CASE("completion: extra-packages takes services, keys and packages, in lists of both forms") {
  CHECK(ask(extras_path, "keystone:\n  pip_extras: []\nn<|>\n").labels() == Labels{"nova"});
  CHECK(ask(extras_path, "keystone:\n  pip<|>\n").with("pip_packages") == "keystone:\n  pip_packages: \n");
  CHECK(ask(extras_path, "keystone:\n  pip_packages: [\"a\", PyM<|>]\n").with("PyMySQL") ==
        "keystone:\n  pip_packages: [\"a\", PyMySQL]\n");
  CHECK(ask(extras_path, "keystone:\n  pip_packages: [\"PyM<|>\n").with("PyMySQL") ==
        "keystone:\n  pip_packages: [\"PyMySQL\"\n");
  CHECK(ask(extras_path, "keystone:\n  pip_packages:\n    - PyM<|>\n").with("PyMySQL") ==
        "keystone:\n  pip_packages:\n    - PyMySQL\n");
  CHECK(ask(extras_path, "keystone:\n  pip_packages:\n  - \"PyM<|>\"\n").with("PyMySQL") ==
        "keystone:\n  pip_packages:\n  - \"PyMySQL\"\n");
}

TEST_CASE("completion: keys and levels of forge.yaml, rules there and in comments that ignore them") {
  CHECK(ask("forge.yaml", "up<|>\n").labels() == Labels{"upstream", "upstreams"});
  CHECK(ask("forge.yaml", "target:\n  <|>\n").labels() == Labels{"distro", "apt", "python", "platforms"});
  CHECK(ask("forge.yaml", "rules:\n  ref<|>\n").labels() == Labels{"ref-is-branch", "ref-missing"});
  CHECK(ask("forge.yaml", "rules:\n  ref-missing: w<|>\n").labels() == Labels{"warning"});
  CHECK(ask("forge.yaml", "upstreams:\n  ke<|>\n").with("keystone") == "upstreams:\n  keystone: \n");
  CHECK(ask(refs_path, "keystone: \"1\" # forge: ignore[ref-m<|>\n").with("ref-missing") ==
        "keystone: \"1\" # forge: ignore[ref-missing\n");
  CHECK(ask(upper_path, "# forge: ignore[ref-missing, <|>]\n").with("ref-is-branch") ==
        "# forge: ignore[ref-missing, ref-is-branch]\n");
  CHECK(ask(patch_path, "Subject: x\nForge-Ignore:<|>\n\n---\n").with("ref-missing") ==
        "Subject: x\nForge-Ignore: ref-missing\n\n---\n");
}

TEST_CASE("completion: platforms and profiles between the brackets of a bindep.txt") {
  const Asked asked = ask("images/keystone/bindep.txt", "libldap2 [platform:ubuntu-n<|> keystone]\n");
  CHECK(asked.with("platform:ubuntu-noble") == "libldap2 [platform:ubuntu-noble keystone]\n");
  CHECK(ask("images/keystone/bindep.txt", "libldap2 [!key<|>").with("keystone") == "libldap2 [!keystone");
  CHECK(ask("images/keystone/bindep.txt", "libl<|>dap2 [x]").completions.items.empty());
}

TEST_CASE("completion: everywhere in every document the place that is replaced holds the cursor on one line") {
  const auto forge = snapshot();
  for (const std::string& path : forge->paths()) {
    const forge::SourceFilePtr file = forge->file(path);
    const auto size = static_cast<std::uint32_t>(file->text().size());
    for (std::uint32_t at = 0; at < size + 3; ++at) {
      const Completions found = forge::ide::completions(*forge, path, at, rules);
      if (found.items.empty()) continue;
      CAPTURE(path);
      CAPTURE(at);
      const std::uint32_t cursor = std::min(at, size);
      CHECK(found.span.begin <= cursor);
      CHECK(found.span.end >= cursor);
      CHECK(file->lines().line_of(found.span.begin) == file->lines().line_of(found.span.end));
    }
  }
}

TEST_CASE("completion: details of an item") {
  const auto forge = snapshot();
  using forge::ide::CompletionKind;
  const auto details = [&](CompletionKind kind, const std::string& label) {
    const auto found = forge::ide::completion_details(*forge, refs_path, kind, "keystone", label, {rules, 0});
    return found ? forge::ide::to_plain_text(*found) : std::string();
  };
  CHECK(details(CompletionKind::tag, "28.0.0").find("keystone 28.0.0: tag (annotated)\ncommit ") == 0);
  CHECK(details(CompletionKind::tag, "28.0.0").find("2 commits behind the head of stable/2025.2") != std::string::npos);
  CHECK(details(CompletionKind::branch, "stable/2025.2").find("last tag: 28.0.1, 1 commit before it") !=
        std::string::npos);
  CHECK(details(CompletionKind::rule, "ref-missing").find("ref-missing (error): no ref") == 0);
  CHECK(details(CompletionKind::tag, "9.9.9") == "keystone 9.9.9");
  CHECK(details(CompletionKind::key, "upstream").empty());
  const auto context =
      forge::ide::completion_details(*forge, docker_path, CompletionKind::context, "", "oslo.messaging", {});
  REQUIRE(context);
  CHECK(forge::ide::to_plain_text(*context).find("oslo.messaging: the source tree of oslo.messaging") == 0);
}

TEST_CASE("config keys: each is one that forge.yaml may have") {
  for (const forge::formats::ConfigKey& key : forge::formats::config_keys()) {
    const std::size_t dot = key.name.find('.');
    const std::string outer(key.name.substr(0, dot));
    const std::string text =
        dot == std::string_view::npos ? outer + ":\n" : outer + ":\n  " + std::string(key.name.substr(dot + 1)) + ":\n";
    for (const forge::Problem& problem : forge::formats::parse_forge_config(text).problems) {
      CAPTURE(text);
      CHECK(problem.message.find("is no key of") == std::string::npos);
    }
  }
}

TEST_CASE(
    "completion: what a Dockerfile can take something from: its stages, the forge's images, folders and sources") {
  const std::string head = "FROM python-base AS build\nFROM python-base AS tools\n";
  const Asked copy = ask(docker_path, head + "FROM scratch\nCOPY --from=<|>\n");
  const Labels labels = copy.labels();
  REQUIRE(labels.size() > 6);
  CHECK(labels[0] == "build");
  CHECK(labels[1] == "tools");
  for (const char* name : {"python-base", "venv-builder", "upper-constraints", "patched-libraries", "keystone", "nova",
                           "oslo.messaging", "nova-image"}) {
    CAPTURE(name);
    CHECK(copy.has(name));
  }
  CHECK(copy.with("build") == head + "FROM scratch\nCOPY --from=build\n");
  const auto only = [&](const std::string& line, const std::string& label) {
    const Asked asked = ask(docker_path, head + line);
    return asked.labels().empty() ? "-" : asked.with(label);
  };
  CHECK(only("FROM to<|>", "tools") == head + "FROM tools");
  CHECK(only("from --platform=$BUILDPLATFORM to<|> AS x", "tools") ==
        head + "from --platform=$BUILDPLATFORM tools AS x");
  CHECK(only("FROM scratch\nRUN --mount=type=bind,from=upp<|>,target=/x true", "upper-constraints") ==
        head + "FROM scratch\nRUN --mount=type=bind,from=upper-constraints,target=/x true");
  CHECK(only("FROM scratch\nRUN --mount=from=<|>", "keystone") == head + "FROM scratch\nRUN --mount=from=keystone");
  CHECK(only("FROM scratch\nRUN x && \\\n  --from=b<|>", "build") ==
        head + "FROM scratch\nRUN x && \\\n  --from=build");
  for (const char* nothing :
       {"FROM scratch AS b<|>", "RUN b<|>", "# FROM b<|>", "FROM scratch\nRUN --mount=type=b<|>", "COPY --from=b /b<|>",
        "RUN --mount=from=b,target=b<|>", "RUN --mo<|>unt=from=b", "FROM --plat<|>"}) {
    CAPTURE(nothing);
    CHECK(ask(docker_path, head + nothing).labels().empty());
  }
}
