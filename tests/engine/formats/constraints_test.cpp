#include "engine/formats/constraints.hpp"

#include <chrono>
#include <ostream>

#include <doctest/doctest.h>

using forge::TextSpan;
using forge::formats::parse_constraints;
using forge::formats::parse_overrides;
using forge::formats::SpecifierOperator;

namespace {

std::string_view part(std::string_view text, TextSpan span) {
  return text.substr(span.begin, span.size());
}

}  // namespace

TEST_CASE("constraints: every part of a pin with its place") {
  const std::string_view text = "# header\n\nclick===8.1.8;python_version=='3.9'  # why\n";
  const auto parsed = parse_constraints(text);
  CHECK(parsed.problems.empty());
  REQUIRE(parsed.value.pins.size() == 1);
  const auto& pin = parsed.value.pins[0];
  CHECK(pin.name.str() == "click");
  CHECK(pin.parsed->str() == "8.1.8");
  CHECK(pin.condition->str() == R"(python_version == "3.9")");
  CHECK(part(text, pin.spelling.span) == "click");
  CHECK(part(text, pin.op_span) == "===");
  CHECK(part(text, pin.version.span) == "8.1.8");
  CHECK(part(text, pin.marker->span) == "python_version=='3.9'");
  CHECK(part(text, pin.span) == "click===8.1.8;python_version=='3.9'");
}

TEST_CASE("constraints: line ends, a byte order mark and blanks change nothing") {
  const auto parsed = parse_constraints(
      "\xEF\xBB\xBF"
      "a===1\r\n  b === 2 ; os_name=='nt'\r\n\r\nc===3");
  CHECK(parsed.problems.empty());
  REQUIRE(parsed.value.pins.size() == 3);
  CHECK(parsed.value.pins[0].line() == "a===1");
  CHECK(parsed.value.pins[1].line() == "b===2;os_name=='nt'");
  CHECK(parsed.value.pins[1].span == TextSpan{12, 35});
  CHECK(parsed.value.pins[2].line() == "c===3");
}

TEST_CASE("constraints: other requirements are kept as what they are") {
  const auto parsed = parse_constraints("a==1.0\nb>=1,<2\nc @ https://example.org/c.whl ; os_name=='nt'\nd==1.*\n");
  REQUIRE(parsed.value.pins.size() == 4);
  const auto& pins = parsed.value.pins;
  CHECK(pins[0].exact());
  CHECK(pins[0].op == SpecifierOperator::equal);
  CHECK_FALSE(pins[1].exact());
  CHECK(pins[1].line() == "b>=1,<2");
  CHECK(pins[2].line() == "c @ https://example.org/c.whl ;os_name=='nt'");
  CHECK_FALSE(pins[3].exact());
  REQUIRE(parsed.problems.size() == 1);
  CHECK(parsed.problems[0].rule == "pin-syntax");
}

TEST_CASE("constraints: a comma ends `===` too") {
  const auto parsed = parse_constraints("a===2,<3,!=1.5\na === 2,<3,!=1.5\n");
  CHECK(parsed.problems.empty());
  REQUIRE(parsed.value.pins.size() == 2);
  for (const auto& pin : parsed.value.pins) {
    CHECK(pin.line() == "a===2,<3,!=1.5");
    CHECK(pin.version.value == "2");
    CHECK(pin.rest.size() == 2);
    CHECK_FALSE(pin.exact());
  }
}

TEST_CASE("constraints: a line without sense has a problem and counts for nothing") {
  for (const auto* line : {"-r x", "--pre", "a===", "a===x", "a===1;python_versoin>'3'", "a", "a b===1", "a===1#x",
                           "https://example.org/a.whl", "\x01", "a===1;"}) {
    CAPTURE(line);
    const auto parsed = parse_constraints(line);
    CHECK(parsed.problems.size() == 1);
    CHECK(parsed.value.left_out.size() == 1);
    for (const auto& pin : parsed.value.pins) CHECK_FALSE(pin.usable());
  }
}

TEST_CASE("constraints: time grows with the size only") {
  std::string text;
  for (int i = 0; i < 100000; ++i) text += "package-" + std::to_string(i) + "===1." + std::to_string(i) + "\n";
  const auto start = std::chrono::steady_clock::now();
  CHECK(parse_constraints(text).value.pins.size() == 100000);
  CHECK(parse_constraints(std::string(1000000, '(')).problems.size() == 1);
  CHECK(parse_constraints("a===1;" + std::string(1000000, '(')).problems.size() == 1);
  // A bound far above what any machine needs, far below what a quadratic scan would take.
  CHECK(std::chrono::steady_clock::now() - start < std::chrono::seconds(20));
}

TEST_CASE("overrides: replacements, removals and their reasons") {
  const std::string_view text =
      "# unrelated\n\n# built from\n#  source\n-Horizon\nrequests===2.33.0;os_name=='posix'\n";
  const auto parsed = parse_overrides(text);
  CHECK(parsed.problems.empty());
  REQUIRE(parsed.value.entries.size() == 2);
  const auto& removal = parsed.value.entries[0];
  CHECK(removal.removes());
  CHECK(removal.name.str() == "horizon");
  CHECK(part(text, removal.spelling.span) == "Horizon");
  CHECK(part(text, removal.span) == "-Horizon");
  CHECK(removal.reason == "built from source");
  CHECK(part(text, removal.reason_span) == "# built from\n#  source");
  const auto& replacement = parsed.value.entries[1];
  CHECK_FALSE(replacement.removes());
  CHECK(replacement.pin->line() == "requests===2.33.0;os_name=='posix'");
  CHECK(replacement.reason.empty());
}

TEST_CASE("overrides: an odd dress is a problem whose fix mends the line, and what is meant still counts") {
  struct Case {
    std::string_view line;
    std::string_view mended;
  };
  for (const Case& one : {Case{"-horizon  # why", "# why\n-horizon"},
                          {"-horizon\r", "-horizon"},
                          {"  -horizon", "-horizon"},
                          {"- horizon", "-horizon"},
                          {"-horizon ", "-horizon"},
                          {" a===1", "a===1"},
                          {"a === 1", "a===1"},
                          {"a==1", "a===1"},
                          {"a===1\r", "a===1"},
                          {"a[x]===1", "a===1"}}) {
    CAPTURE(one.line);
    const auto parsed = parse_overrides(std::string(one.line) + "\n");
    CHECK(parsed.value.entries.size() == 1);
    REQUIRE(parsed.problems.size() == 1);
    CHECK(parsed.problems[0].rule == "override-syntax");
    REQUIRE(parsed.problems[0].fixes.size() == 1);
    std::string fixed(one.line);
    const auto& fix = parsed.problems[0].fixes[0];
    fixed.replace(fix.span.begin, fix.span.size(), fix.new_text);
    CHECK(fixed == one.mended);
    CHECK(parse_overrides(fixed + "\n").problems.empty());
  }
}

TEST_CASE("overrides: a line without sense is left out, and said") {
  for (const auto* line :
       {"-", "-horizon===1", "-a b", "-r x.txt", "-e .", "a", "a===", "a===x", "a>=1", "a!=1", "a~=1.0",
        "a @ https://example.org/a.whl", "a===1 b===2", "a===1;python_versoin>'3'", "===1"}) {
    CAPTURE(line);
    const auto parsed = parse_overrides(std::string(line) + "\n");
    CHECK(parsed.value.entries.empty());
    CHECK(parsed.value.left_out.size() == 1);
    REQUIRE(parsed.problems.size() == 1);
    CHECK(parsed.problems[0].rule == "override-syntax");
  }
}

TEST_CASE("overrides: what does no harm is no problem") {
  for (const auto* text : {"", "\n", "# x", "  # x\n", "a===1  # why\n", "a===1 ; os_name=='nt' \n"}) {
    CAPTURE(text);
    CHECK(parse_overrides(text).problems.empty());
  }
}

TEST_CASE("overrides: a last entry without newline is a problem, and counts") {
  const auto parsed = parse_overrides("a===1\n-b");
  CHECK(parsed.value.entries.size() == 2);
  REQUIRE(parsed.problems.size() == 1);
  CHECK(parsed.problems[0].rule == "override-no-final-newline");
  CHECK(parsed.problems[0].span == TextSpan{6, 8});
  CHECK(parsed.problems[0].fixes.at(0).span == TextSpan{8, 8});
}

TEST_CASE("constraints: letters that look alike, white space that is none") {
  for (const char* line : {"c\xD0\xB5ph===1", "ceph===1\xD9\xA1", "ceph=\xEF\xBC\x9D=1", "ceph\xE2\x80\x8B===1",
                           "\xC2\xA0"
                           "ceph===1",
                           "ceph===1.0\xC2\xA0;os_name=='nt'"}) {
    CAPTURE(line);
    const auto parsed = parse_constraints(line);
    CHECK(parsed.problems.size() == 1);
    CHECK(parsed.value.left_out.size() == 1);
  }
}

TEST_CASE("constraints: URLs and options, as pip and uv would take them or not") {
  const auto parsed = parse_constraints(
      "--index-url https://h.example/\n-c other.txt\n-e .\n./folder\ngit+https://h.example/x\n--hash=sha256:00\n"
      "a===1 --hash=sha256:00\nb @ file:///x.whl\nc[x] @ https://u:p@h.example/c.zip#egg=c ; os_name=='nt'\n");
  CHECK(parsed.value.left_out.size() == 7);
  REQUIRE(parsed.value.pins.size() >= 2);
  const auto& last = parsed.value.pins.back();
  CHECK(last.url->value == "https://u:p@h.example/c.zip#egg=c");
  CHECK(last.usable());
  CHECK_FALSE(last.exact());
  CHECK(parsed.problems.size() == 10);  // each of them, and the extras
}

TEST_CASE("constraints: no line is continued, however many say so") {
  const auto parsed = parse_constraints("a===1 \\\n;os_name=='nt'\nb===2\n");
  CHECK(parsed.value.left_out.size() == 2);
  REQUIRE(parsed.value.pins.size() == 1);
  CHECK(parsed.value.pins[0].line() == "b===2");
  std::string text;
  for (int i = 0; i < 100'000; ++i) text += "a===1\\\n";
  const auto start = std::chrono::steady_clock::now();
  CHECK(parse_constraints(text).problems.size() == 100'000);
  CHECK(parse_constraints(std::string(65'536, 'a') + "===1").value.left_out.size() == 1);
  CHECK(std::chrono::steady_clock::now() - start < std::chrono::seconds(20));
}
