#include "engine/formats/requirements_file.hpp"

#include <string>
#include <vector>

#include <doctest/doctest.h>

using namespace forge;
using formats::parse_requirements_file;

namespace {

std::vector<std::string> texts(const std::string& text) {
  std::vector<std::string> out;
  for (const auto& entry : parse_requirements_file(text).value.entries)
    out.push_back(entry.line ? entry.line->text : "-r " + entry.include->value);
  return out;
}

}  // namespace

TEST_CASE("requirements file: comments, blank lines and options of an index are passed over, as in pbr") {
  CHECK(texts("# comment\n\nWebOb>=1.7.1 # MIT\noslo.config>=6.8.0#note\n  indented\n --extra-index-url https://x\n"
              "-i https://x/simple\n-f https://x/links\n # a comment, not at the line's start\n") ==
        std::vector<std::string>{"WebOb>=1.7.1", "oslo.config>=6.8.0", "indented"});
}

TEST_CASE("requirements file: CRLF, nested files, the last line without its end") {
  const std::string text = "a>=1\r\n-r other.txt\r\nb;python_version<'4'";
  CHECK(texts(text) == std::vector<std::string>{"a>=1", "-r other.txt", "b;python_version<'4'"});
  const auto parsed = parse_requirements_file(text);
  const auto& last = *parsed.value.entries.back().line;
  CHECK(text.substr(last.span.begin, last.span.size()) == "b;python_version<'4'");
  CHECK(last.requirement.marker);
}

TEST_CASE("requirements file: of a URL the name behind egg= counts") {
  CHECK(texts("-e git+https://example.org/nova#egg=nova\n"
              "git+https://example.org/x.git@master#egg=oslo.log-1.2.3&subdirectory=y\n"
              "https://example.org/zipball\n") == std::vector<std::string>{"nova", "oslo.log>=1.2.3"});
}

TEST_CASE("requirements file: lines that stop a build are problems") {
  const auto parsed = parse_requirements_file("-c constraints.txt\n-e .\na>=\n--requirement x\ngood\n-r\n-rx.txt\n");
  CHECK(parsed.problems.size() == 6);
  CHECK(parsed.value.entries.size() == 1);
  CHECK(parse_requirements_file("\xEF\xBB\xBF# comment\n").problems.size() == 1);
  CHECK(parse_requirements_file("\xEF\xBB\xBFname\n").problems.size() == 1);
}

TEST_CASE("requirements file: problems are bounded") {
  std::string text;
  for (int i = 0; i < 100'000; ++i) text += ">\n";
  CHECK(parse_requirements_file(text).problems.size() == 100);
}
