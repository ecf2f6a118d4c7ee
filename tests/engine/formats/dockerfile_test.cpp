#include "engine/formats/dockerfile.hpp"

#include <string>
#include <string_view>
#include <vector>

#include <doctest/doctest.h>

namespace {

using namespace forge::formats;
using forge::Parsed;
using forge::TextSpan;

std::string_view at(std::string_view text, TextSpan span) {
  return text.substr(span.begin, span.size());
}

std::vector<std::string> external(std::string_view text) {
  std::vector<std::string> names;
  for (const ExternalName& name : external_names(parse_dockerfile(text).value)) names.push_back(name.name.value);
  return names;
}

std::vector<std::string> messages(std::string_view text) {
  std::vector<std::string> out;
  for (const forge::Problem& problem : parse_dockerfile(text).problems) out.push_back(problem.message);
  return out;
}

using Names = std::vector<std::string>;

}  // namespace

TEST_CASE("Dockerfile: stages, their names and what they take from outside") {
  const std::string text =
      "FROM ghcr.io/c5c3/venv-builder:3.12-noble AS Build\n"
      "RUN --mount=type=bind,from=upper-constraints,source=/upper-constraints.txt,target=/uc.txt \\\n"
      "    --mount=type=bind,from=keystone,source=/,target=/src/keystone,readwrite \\\n"
      "    uv pip install --constraint /uc.txt /src/keystone\n"
      "FROM python-base\n"
      "COPY --from=build --link /var/lib/openstack /var/lib/openstack\n"
      "COPY --from=ghcr.io/astral-sh/uv:0.6.3 /uv /bin/\n";
  const Parsed<Dockerfile> parsed = parse_dockerfile(text);
  CHECK(parsed.problems.empty());
  REQUIRE(parsed.value.stages.size() == 2);
  CHECK(parsed.value.stages[0].name->value == "build");
  CHECK(at(text, parsed.value.stages[0].name->span) == "Build");
  CHECK(external(text) == Names{"ghcr.io/c5c3/venv-builder:3.12-noble", "upper-constraints", "keystone", "python-base",
                                "ghcr.io/astral-sh/uv:0.6.3"});
  const std::vector<ExternalName> names = external_names(parsed.value);
  CHECK(at(text, names[2].name.span) == "keystone");
  CHECK(names[2].where == ExternalName::Where::mount);
  const Instruction& run = parsed.value.stages[0].instructions.at(0);
  REQUIRE(run.mounts.size() == 2);
  CHECK_FALSE(run.mounts[0].read_write);
  CHECK(run.mounts[1].read_write);
  CHECK(at(text, run.mounts[1].span) == "type=bind,from=keystone,source=/,target=/src/keystone,readwrite");
  CHECK(at(text, run.mounts[1].target->span) == "/src/keystone");
  CHECK(run.words.front().value == "uv");
  CHECK(at(text, run.span).ends_with("/src/keystone"));
}

TEST_CASE("Dockerfile: defaults of global ARGs are put into FROM, platforms stay open") {
  CHECK(external("ARG TAG=noble\nARG IMAGE=ubuntu:${TAG}\nFROM $IMAGE\n") == Names{"ubuntu:noble"});
  CHECK(external("ARG R\nFROM ${R:-ghcr.io/c5c3}/python-base\n") == Names{"ghcr.io/c5c3/python-base"});
  CHECK(external("ARG T=3\nFROM a:${T:+x}${U:-y}${U-z}\n") == Names{"a:xyz"});
  CHECK(external("FROM base-${TARGETARCH}\n").empty());
  CHECK(external("ARG A=x:1\nFROM ${A%:*}\n") == external("FROM x\n"));
  CHECK(external("ARG A=\"quoted:1\"\nFROM $A\n") == Names{"quoted:1"});
  CHECK(messages("FROM $UNSET\n").size() == 1);
  CHECK(messages("ARG GIVEN\nFROM $GIVEN\n").empty());
}

TEST_CASE("Dockerfile: FROM sees earlier stages only, COPY and mounts see all") {
  CHECK(external("FROM b AS a\nFROM a AS b\nRUN --mount=from=c,target=/c true\nFROM b AS c\n") == Names{"b"});
  CHECK(external("FROM x AS x\nFROM X\n") == Names{"x"});
  CHECK(external("FROM scratch\nCOPY --from=0 / /\n").empty());
  CHECK(messages("FROM scratch\nCOPY --from=1 / /\n").size() == 1);
}

TEST_CASE("Dockerfile: which stages a build of the last one needs") {
  const Dockerfile file =
      parse_dockerfile("FROM a AS one\nFROM one AS two\nFROM c AS lost\nFROM scratch\nCOPY --from=TWO / /\n").value;
  CHECK(used_stages(file) == std::vector<bool>{true, true, false, true});
  CHECK(base_stage(file, 1) == 0U);
}

TEST_CASE("Dockerfile: continuations skip comments and empty lines, an escaped escape is none") {
  const std::string text =
      "FROM a\n"
      "RUN one \\\n"
      "  # a comment \\\n"
      "\n"
      "  two \\ \t\n"
      "  three\n"
      "RUN four\\\\\n"
      "USER five\n";
  const Parsed<Dockerfile> parsed = parse_dockerfile(text);
  CHECK(parsed.problems.empty());
  const Stage& stage = parsed.value.stages.at(0);
  REQUIRE(stage.instructions.size() == 3);
  REQUIRE(stage.instructions[0].words.size() == 3);
  CHECK(stage.instructions[0].words[2].value == "three");
  CHECK(at(text, stage.instructions[0].words[2].span) == "three");
  CHECK(stage.instructions[2].keyword.value == "USER");
}

TEST_CASE("Dockerfile: a word and a flag may go over a line's end") {
  const std::string text = "FROM a\nRUN --mount=type=bind,\\\nfrom=key\\\nstone,target=/x true\n";
  const Dockerfile file = parse_dockerfile(text).value;
  REQUIRE(file.stages.at(0).instructions.at(0).mounts.size() == 1);
  const Mount& mount = file.stages[0].instructions[0].mounts[0];
  CHECK(mount.from->value == "keystone");
  CHECK(at(text, mount.from->span) == "key\\\nstone");
}

TEST_CASE("Dockerfile: directives come first; the escape character is theirs to choose") {
  const std::string text = "# syntax=docker/dockerfile:1.7\n# escape=`\nFROM a\nRUN one `\n two\\\nUSER b\n";
  const Parsed<Dockerfile> parsed = parse_dockerfile(text);
  CHECK(parsed.problems.empty());
  REQUIRE(parsed.value.directives.size() == 2);
  CHECK(parsed.value.directives[0].value.value == "docker/dockerfile:1.7");
  CHECK(at(text, parsed.value.directives[1].value.span) == "`");
  REQUIRE(parsed.value.stages.at(0).instructions.size() == 2);
  CHECK(parse_dockerfile("# a comment\n# escape=`\nFROM a\n").value.escape == '\\');
  CHECK(messages("# escape=x\nFROM a\n").size() == 1);
}

TEST_CASE("Dockerfile: here-documents end at their word and hide what looks like instructions") {
  const std::string text =
      "FROM a\n"
      "RUN <<-\"EOF\" <<B\n"
      "FROM no\n"
      "\tEOF\n"
      "USER no\n"
      "B\n"
      "COPY <<file /x\n"
      "text\n"
      "file\n"
      "USER yes\n";
  const Parsed<Dockerfile> parsed = parse_dockerfile(text);
  CHECK(parsed.problems.empty());
  REQUIRE(parsed.value.stages.size() == 1);
  const std::vector<Instruction>& all = parsed.value.stages[0].instructions;
  REQUIRE(all.size() == 3);
  REQUIRE(all[0].heredocs.size() == 2);
  CHECK(at(text, all[0].heredocs[0].body) == "FROM no\n");
  CHECK_FALSE(all[0].heredocs[0].expands);
  CHECK(all[0].heredocs[1].expands);
  CHECK(at(text, all[0].heredocs[1].body) == "USER no\n");
  CHECK(all[2].words.at(0).value == "yes");
}

TEST_CASE("Dockerfile: a here-document without an end is reported once") {
  CHECK(messages("FROM a\nRUN cat <<EOF\nx\n").size() == 1);
  CHECK(messages("FROM a\nRUN echo $((1 << 2)) '<<EOF'\nUSER x\n").empty());
}

TEST_CASE("Dockerfile: exec form is a list of strings, anything else a shell command") {
  const std::string text = "FROM a\nCMD [\"a b\", \"c\\\"d\"]\nRUN [ -f x ] && true\nVOLUME []\n";
  const std::vector<Instruction> all = parse_dockerfile(text).value.stages.at(0).instructions;
  REQUIRE(all.size() == 3);
  CHECK(all[0].exec_form);
  CHECK(all[0].words.at(1).value == "c\"d");
  CHECK_FALSE(all[1].exec_form);
  CHECK(all[2].exec_form);
}

TEST_CASE("Dockerfile: assignments of ARG, ENV and LABEL") {
  const std::string text = "FROM a\nARG ONE TWO=2\nENV OLD some words here\nENV A=1 B=\"x y\"\nLABEL k='v w' j=\n";
  const Parsed<Dockerfile> parsed = parse_dockerfile(text);
  CHECK(parsed.problems.empty());
  const std::vector<Instruction>& all = parsed.value.stages.at(0).instructions;
  CHECK_FALSE(all[0].assignments.at(0).value);
  CHECK(all[0].assignments.at(1).value->value == "2");
  CHECK(all[1].assignments.at(0).value->value == "some words here");
  CHECK(all[2].assignments.at(1).value->value == "\"x y\"");
  CHECK(all[3].assignments.at(1).value->value.empty());
  CHECK(declares_arg(parsed.value, 0, "TWO"));
  CHECK_FALSE(declares_arg(parsed.value, 0, "A"));
  CHECK(messages("FROM a\nENV A=1 B\n").size() == 1);
}

TEST_CASE("Dockerfile: a stage sees the ARGs of the stages it is based on, not the global ones") {
  const Dockerfile file = parse_dockerfile("ARG G\nFROM a AS one\nARG X\nFROM one\nFROM b\n").value;
  CHECK(declares_arg(file, 1, "X"));
  CHECK_FALSE(declares_arg(file, 2, "X"));
  CHECK_FALSE(declares_arg(file, 0, "G"));
}

TEST_CASE("Dockerfile: what the build refuses is reported where it stands") {
  const std::string text =
      "FORM ubuntu\nFROM a b\nFROM a OF b\nFROM a AS 1st\nCOPY x\nRUN --mount=type=bnd,target=/x true\n";
  const Parsed<Dockerfile> parsed = parse_dockerfile(text);
  REQUIRE(parsed.problems.size() == 6);
  CHECK(at(text, parsed.problems[0].span) == "FORM");
  REQUIRE(parsed.problems[0].fixes.size() == 1);
  CHECK(parsed.problems[0].fixes[0].new_text == "FROM");
  CHECK(at(text, parsed.problems[1].span) == "FROM a b");
  CHECK(at(text, parsed.problems[2].span) == "OF");
  CHECK(at(text, parsed.problems[3].span) == "1st");
  CHECK(messages("").size() == 1);
  CHECK(messages("RUN x\nFROM a\n").size() == 1);
  CHECK(messages("FROM a\nRUN --mount=from=$X,target=/x true\nCOPY --from=${Y} / /\n").size() == 2);
}

TEST_CASE("Dockerfile: hostile input stays bounded") {
  std::string doubling = "ARG A0=xxxxxxxxxx\n";
  for (int i = 1; i < 64; ++i)
    doubling += "ARG A" + std::to_string(i) + "=$A" + std::to_string(i - 1) + "$A" + std::to_string(i - 1) + "\n";
  CHECK(external(doubling + "FROM $A63\n").empty());
  std::string nested = "FROM ";
  for (int i = 0; i < 50000; ++i) nested += "${A:-";
  CHECK(external(nested).empty());
  std::string stages;
  for (int i = 0; i < 3000; ++i) stages += "FROM a AS b\n";
  CHECK(messages(stages).size() == 1);
  const std::string escapes(200000, '\\');
  CHECK_NOTHROW(parse_dockerfile("FROM a\nRUN " + escapes + "\n" + escapes));
  CHECK_NOTHROW(parse_dockerfile(std::string("\0\xFF\xFE FROM\r\r\n--\n--mount\nRUN --mount", 32)));
}

TEST_CASE("Dockerfile: a byte order mark and CRLF mean nothing") {
  const std::string text = "\xEF\xBB\xBF# syntax=a\r\nFROM ubuntu:noble\r\nRUN a \\\r\n  b\r\n";
  const Parsed<Dockerfile> parsed = parse_dockerfile(text);
  CHECK(parsed.problems.empty());
  CHECK(parsed.value.directives.size() == 1);
  CHECK(parsed.value.stages.at(0).base_name == "ubuntu:noble");
  CHECK(parsed.value.stages[0].instructions.at(0).words.size() == 2);
}

TEST_CASE("Dockerfile: patterns take a variable's value apart") {
  const auto base = [](const std::string& word) {
    return parse_dockerfile("ARG A=a/b/c:1\nFROM " + word + "\n").value.stages.at(0).base_name.value_or("?");
  };
  CHECK(base("${A#*/}") == "b/c:1");
  CHECK(base("${A##*/}") == "c:1");
  CHECK(base("${A%/*}") == "a/b");
  CHECK(base("${A%%/*}") == "a");
  CHECK(base("${A/b/x}") == "a/x/c:1");
  CHECK(base("${A//\\//-}") == "a-b-c:1");
  CHECK(base("${A#?}") == "/b/c:1");
  CHECK(base("${A#none}") == "a/b/c:1");
  CHECK(base("${NONE:-x${A+y}}") == "xy");
  CHECK(base("${A%") == "?");
}

TEST_CASE("Dockerfile: stages that need each other can't be built") {
  CHECK(messages("FROM a AS x\nCOPY --from=y / /\nFROM b AS y\nRUN --mount=from=x,target=/x true\n").size() == 1);
  CHECK(messages("FROM a AS x\nCOPY --from=0 / /\n").size() == 1);
  CHECK(messages("FROM a AS x\nFROM x AS y\nCOPY --from=x / /\nCOPY --from=0 / /\n").empty());
}

TEST_CASE("Dockerfile: an instruction for later may have a here-document; SHELL is a list") {
  const std::string text = "FROM a\nonbuild run <<-'E O' cat\n\tFROM no\n\tE O\nUSER yes\n";
  const Parsed<Dockerfile> parsed = parse_dockerfile(text);
  CHECK(parsed.problems.empty());
  REQUIRE(parsed.value.stages.size() == 1);
  CHECK(parsed.value.stages[0].instructions.back().words.at(0).value == "yes");
  CHECK(messages("FROM a\nSHELL /bin/bash -c\n").size() == 1);
  CHECK(messages("FROM a\nSHELL [\"/bin/bash\", \"-c\"]\n").empty());
}

TEST_CASE("Dockerfile: a file that is none has bounded problems; so have a hundred thousand stages") {
  std::string junk;
  for (int i = 0; i < 200000; ++i) junk += "nothing of this is an instruction\n";
  CHECK(messages(junk).size() == 201);
  std::string stages;
  for (int i = 0; i < 100000; ++i) stages += "FROM a AS s" + std::to_string(i) + "\nCOPY --from=s1 / /\n";
  CHECK(messages(stages).size() == 2);
  std::string endless = "FROM a\nRUN x \\\n";
  for (int i = 0; i < 500000; ++i) endless += "  # c\n  y \\\n";
  CHECK(messages(endless).empty());
}
