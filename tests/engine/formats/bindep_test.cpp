#include "engine/formats/bindep.hpp"

#include <string>
#include <vector>

#include <doctest/doctest.h>

using forge::Problem;
using forge::TextSpan;
using forge::formats::BindepAtom;
using forge::formats::BindepGroup;
using forge::formats::parse_bindep;

namespace {

std::string_view slice(std::string_view text, TextSpan span) {
  return text.substr(span.begin, span.size());
}

/// The text after the first fix of its only problem.
std::string mended(std::string text) {
  const auto parsed = parse_bindep(text);
  REQUIRE_MESSAGE(parsed.problems.size() == 1, text);
  REQUIRE_MESSAGE(!parsed.problems.front().fixes.empty(), text);
  const forge::ProblemFix& fix = parsed.problems.front().fixes.front();
  text.replace(fix.span.begin, fix.span.size(), fix.new_text);
  CHECK_MESSAGE(parse_bindep(text).problems.empty(), text);
  return text;
}

/// The message for the only problem of `text`, which must point to `culprit`.
std::string message(const std::string& text, const std::string& culprit) {
  const auto parsed = parse_bindep(text);
  REQUIRE_MESSAGE(parsed.problems.size() == 1, text);
  CHECK_MESSAGE(slice(text, parsed.problems.front().span) == culprit, text);
  CHECK(parsed.value.rules.empty());
  return parsed.problems.front().message;
}

bool is_valid(const std::string& text) {
  return parse_bindep(text).problems.empty();
}

}  // namespace

TEST_CASE("bindep: every part of a line has its span") {
  const std::string text = "# c\nlibvirt0 [!a platform:dpkg (nova !kvm)]  >=1:8,<11~rc # c\n";
  const auto parsed = parse_bindep(text);
  REQUIRE(parsed.problems.empty());
  REQUIRE(parsed.value.rules.size() == 1);
  const forge::formats::BindepRule& rule = parsed.value.rules.front();
  CHECK(rule.name.value == "libvirt0");
  CHECK(slice(text, rule.name.span) == "libvirt0");
  CHECK(slice(text, rule.selector_span) == "[!a platform:dpkg (nova !kvm)]");
  REQUIRE(rule.selector.size() == 3);
  const auto& negated = std::get<BindepAtom>(rule.selector[0]);
  CHECK(negated.negated);
  CHECK(negated.name == "a");
  CHECK(slice(text, negated.span) == "!a");
  CHECK(std::get<BindepAtom>(rule.selector[1]).is_platform());
  const auto& group = std::get<BindepGroup>(rule.selector[2]);
  CHECK(slice(text, group.span) == "(nova !kvm)");
  CHECK(slice(text, group.atoms.at(1).span) == "!kvm");
  REQUIRE(rule.constraints.size() == 2);
  CHECK(slice(text, rule.constraints[1].span) == "<11~rc");
  CHECK(slice(text, rule.constraints[0].version.span) == "1:8");
  CHECK(forge::formats::constraint_text(rule) == ">=1:8,<11~rc");
}

TEST_CASE("bindep: odd lines that are valid") {
  for (const char* text : {"",
                           "\n",
                           "  \n",
                           "  # c\n",
                           "#\t\n",
                           "x1# c\n",
                           "x1 [a]#c\n",
                           "x1  >=1 # c\n",
                           "X_1.2+3/y\n",
                           "/usr/bin/bash\n",
                           "x1 []\n",
                           "x1 [ ]\n",
                           "x1 [()]\n",
                           "x1 [a!b]\n",
                           "x1 [(a b)(c d)]\n",
                           "x1 [x(a)]\n",
                           "x1 [: - .]\n",
                           "x1 [platform:]\n",
                           "x1 >=1--2\n",
                           "x1 ==1:2:3-4\n"})
    CHECK_MESSAGE(is_valid(text), text);
}

TEST_CASE("bindep: a bad line leaves the others") {
  const auto parsed = parse_bindep("one\ntwo \nthree [a]\r\nfour\r");
  REQUIRE(parsed.problems.size() == 1);
  REQUIRE(parsed.value.rules.size() == 3);
  CHECK(parsed.value.rules[2].name.value == "four");
}

TEST_CASE("bindep: what a person meant is offered as a fix") {
  CHECK(mended("one\ntwo") == "one\ntwo\n");
  CHECK(mended("one\r\ntwo") == "one\r\ntwo\r\n");
  CHECK(mended("one \n") == "one\n");
  CHECK(mended("one [a]  \n") == "one [a]\n");
  CHECK(mended("one\t[a]\n") == "one [a]\n");
  CHECK(mended("one [a]\t# c\n") == "one [a] # c\n");
  CHECK(mended("\t# c\n") == "# c\n");
  CHECK(mended("one [a\tb]\n") == "one [a b]\n");
  CHECK(mended("one\t\n") == "one\n");
  CHECK(mended("  one\n") == "one\n");
  CHECK(mended("one[a]\n") == "one [a]\n");
  CHECK(mended("one>=1\n") == "one >=1\n");
  CHECK(mended("one [a]>=1\n") == "one [a] >=1\n");
  CHECK(mended("one >= 1\n") == "one >=1\n");
  CHECK(mended("one >=1, <2\n") == "one >=1,<2\n");
  CHECK(mended("one >=1 ,<2\n") == "one >=1,<2\n");
  CHECK(mended("one =1\n") == "one ==1\n");
  CHECK(mended("one >>1\n") == "one >1\n");
  CHECK(mended("one >=1 [a]\n") == "one [a] >=1\n");
  CHECK(mended("one [a, b]\n") == "one [a b]\n");
  CHECK(mended("one [Nova]\n") == "one [nova]\n");
  CHECK(mended("one [!platform:Ubuntu_noble]\n") == "one [!platform:ubuntu-noble]\n");
  CHECK(mended("one [! a]\n") == "one [!a]\n");
  CHECK(mended("one [a\n") == "one [a]\n");
  CHECK(mended("one [a # c\n") == "one [a] # c\n");
  CHECK(mended("one [(a b]\n") == "one [(a b)]\n");
  CHECK(mended("one [a)]\n") == "one [a]\n");
  CHECK(mended("one [a]]\n") == "one [a]\n");
  CHECK(mended("\xEF\xBB\xBFone\n") == "one\n");
}

TEST_CASE("bindep: the cause is named and its place is exact") {
  CHECK(message("r\n", "r").find("two or more characters") != std::string::npos);
  CHECK(message("libc6:i386\n", ":").find("architectures") != std::string::npos);
  CHECK(message("pkgconfig(x)\n", "(").find("rpm capabilities") != std::string::npos);
  CHECK(message("one two\n", "t").find("Only") != std::string::npos);
  CHECK(message("one [((a))]\n", "(").find("do not nest") != std::string::npos);
  CHECK(message("one [!(a)]\n", "!").find("no `!`") != std::string::npos);
  CHECK(message("one [!!a]\n", "!").find("two are not allowed") != std::string::npos);
  CHECK(message("one [a] [b]\n", "[").find("one selector") != std::string::npos);
  CHECK(message("one [a*]\n", "*").find("can't hold `*`") != std::string::npos);
  CHECK(message("one >=v1\n", "v").find("starts with a digit") != std::string::npos);
  CHECK(message("one >=1_2\n", "_").find("can't go on with `_`") != std::string::npos);
  CHECK(message("one ~=1\n", "~=").find("no comparison") != std::string::npos);
  CHECK(message("<<<<<<< HEAD\n", "<<<<<<< HEAD").find("conflict") != std::string::npos);
  CHECK(message("na\xC3\xAFve\n", "\xC3\xAF").find("can't hold") != std::string::npos);
  CHECK(message("one # \xFF\n", "\xFF").find("UTF-8") != std::string::npos);
  CHECK(message("one", "e").find("newline") != std::string::npos);
  CHECK(message("one\x01\n", "\x01").find("U+0001") != std::string::npos);
}

TEST_CASE("bindep: hostile input is bounded") {
  std::string lines;
  for (int i = 0; i < 100'000; ++i) lines += " x\n";
  CHECK(parse_bindep(lines).problems.size() <= 501);
  const std::string wide = "x1 [" + std::string(60'000, '(') + "]\n";
  CHECK(parse_bindep(wide).problems.size() == 1);
  CHECK(parse_bindep("x1 #" + std::string(70'000, 'c') + "\nx2\n").value.rules.size() == 1);
  CHECK(parse_bindep(std::string(9U << 20U, 'x')).problems.size() == 1);
}
