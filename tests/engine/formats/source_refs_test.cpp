#include "engine/formats/source_refs.hpp"

#include <string>

#include <doctest/doctest.h>

using forge::formats::parse_source_refs;
using forge::formats::SourceRef;

namespace {

std::string words_at(std::string_view text, forge::TextSpan span) {
  return std::string(text.substr(span.begin, span.size()));
}

/// `component=ref` of every entry, in file order.
std::string entries_of(std::string_view text) {
  std::string out;
  for (const SourceRef& entry : parse_source_refs(text).value.entries)
    out += entry.component.value + "=" + (entry.ref ? entry.ref->value : "(null)") + "\n";
  return out;
}

std::string problems_of(std::string_view text) {
  std::string out;
  for (const forge::Problem& problem : parse_source_refs(text).problems)
    out += words_at(text, problem.span) + ": " + problem.message + "\n";
  return out;
}

}  // namespace

TEST_CASE("source refs: entries with the spans of their scalars, quotes included") {
  const std::string text = "# refs\nkeystone: \"28.0.0\"   # tag\nnova: 'stable/2025.2'\nglance:\n";
  const auto parsed = parse_source_refs(text);
  CHECK(entries_of(text) == "keystone=28.0.0\nnova=stable/2025.2\nglance=(null)\n");
  CHECK(parsed.problems.empty());
  CHECK(words_at(text, parsed.value.entries[0].ref->span) == "\"28.0.0\"");
  CHECK(words_at(text, parsed.value.entries[1].ref->span) == "'stable/2025.2'");
  CHECK(words_at(text, parsed.value.entries[1].component.span) == "nova");
}

TEST_CASE("source refs: an unquoted value that YAML reads as something else is told") {
  const auto type_of = [](const std::string& value) {
    return std::string(parse_source_refs("a: " + value + "\n").value.entries.at(0).not_string);
  };
  CHECK(type_of("28.10") == "number");
  CHECK(type_of("14") == "number");
  CHECK(type_of("1234567e10") == "number");
  CHECK(type_of("0x1F") == "number");
  CHECK(type_of("1:20") == "number");
  CHECK(type_of("2025-10-01") == "date");
  CHECK(type_of("yes") == "boolean");
  CHECK(type_of("28.0.0") == "");
  CHECK(type_of("\"28.10\"") == "");
  CHECK(type_of("stable/2025.2") == "");
  CHECK(type_of("a1b2c3d4e5f6a1b2c3d4e5f6a1b2c3d4e5f6a1b2") == "");
}

TEST_CASE("source refs: a key twice is a problem at the second, and the last one counts") {
  const std::string text = "nova: \"1.0.0\"\nnova: \"2.0.0\"\n";
  const auto parsed = parse_source_refs(text);
  REQUIRE(parsed.problems.size() == 1);
  CHECK(parsed.problems[0].span.begin == text.rfind("nova"));
  CHECK(parsed.problems[0].related.begin == 0);
  CHECK(parsed.value.find("nova")->ref->value == "2.0.0");
  CHECK(parsed.problems[0].fixes.at(0).span == forge::TextSpan{14, 28});
}

TEST_CASE("source refs: half-typed files keep the entries around the broken line") {
  CHECK(entries_of("keystone: \"28.0.0\"\nnova: \"32\nglance: \"31.0.0\"\n") == "keystone=28.0.0\nglance=31.0.0\n");
  CHECK(problems_of("keystone: \"28.0.0\"\nnova: \"32\nglance: \"31.0.0\"\n") ==
        "nova: \"32: The quote on this line is never closed.\n");
  CHECK(entries_of("keystone: \"28.0.0\"\nnova: \"32\n") == "keystone=28.0.0\n");
  CHECK(entries_of("keystone: [\nnova: \"1.0.0\"\n") == "nova=1.0.0\n");
  CHECK(entries_of("keystone: \"28.0.0\"\n\tnova: \"1\"\nglance: \"2.0.0\"\n") == "keystone=28.0.0\nglance=2.0.0\n");
}

TEST_CASE("source refs: a word without a colon is a problem although yaml-cpp drops it") {
  CHECK(problems_of("keystone: \"28.0.0\"\nnova\n") == "nova: `nova` is no `key: value`; readers of YAML drop it.\n");
  CHECK(problems_of("placement: 14.0.0\nword\n") != "");
}

TEST_CASE("source refs: what is no mapping, no text or no UTF-8 is a problem, never an exception") {
  CHECK(problems_of("- a\n- b\n") != "");
  CHECK(problems_of("just words\n") != "");
  CHECK(problems_of("nova: {a: b}\n") != "");
  CHECK(problems_of("nova: \"\xFF\"\n") == "\xFF: This byte is no UTF-8; YAML files must be UTF-8.\n");
  CHECK(problems_of(std::string("nova: \"1\"\n\0", 11)) != "");
  CHECK(problems_of("a: 1\n---\nb: 2\n") != "");
  CHECK(problems_of("") == "");
  CHECK(problems_of("# only a comment\n") == "");
}

TEST_CASE("source refs: deep nesting and multiplying aliases are bounded") {
  CHECK(problems_of(std::string(100'000, '[')) != "");
  std::string bomb = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n";
  for (int i = 1; i < 12; ++i) {
    const std::string below = "*a" + std::to_string(i - 1);
    std::string list = below;
    for (int j = 0; j < 9; ++j) list += ", " + below;
    bomb += "a" + std::to_string(i) + ": &a" + std::to_string(i) + " [" + list + "]\n";
  }
  CHECK(problems_of(bomb) != "");
}

TEST_CASE("source refs: CRLF, a byte order mark and characters of several bytes do not move spans") {
  const std::string text = "\xEF\xBB\xBF# \xC3\xA9\r\nnova: \"1.0.0\" # \xE4\xB8\xAD\r\nglance: \"2.0.0\"\r\n";
  const auto parsed = parse_source_refs(text);
  REQUIRE(parsed.value.entries.size() == 2);
  CHECK(words_at(text, parsed.value.entries[0].component.span) == "nova");
  CHECK(words_at(text, parsed.value.entries[1].ref->span) == "\"2.0.0\"");
}
