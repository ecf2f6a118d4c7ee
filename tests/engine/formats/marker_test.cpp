#include "engine/formats/marker.hpp"

#include <ostream>

#include <doctest/doctest.h>

using forge::TextSpan;
using forge::formats::can_both_hold;
using forge::formats::MarkerEnvironment;
using forge::formats::parse_marker;

namespace {

bool holds(std::string_view text, std::vector<std::string> extras = {}) {
  const auto marker = parse_marker(text);
  REQUIRE(marker);
  return marker->evaluate(MarkerEnvironment::linux_cpython("3.12.3", "x86_64"), extras);
}

std::string printed(std::string_view text) {
  const auto marker = parse_marker(text);
  return marker ? marker->str() : "error: " + marker.error().message;
}

bool both(std::string_view a, std::string_view b) {
  const auto first = parse_marker(a);
  const auto second = parse_marker(b);
  REQUIRE(first);
  REQUIRE(second);
  return can_both_hold(&*first, &*second);
}

}  // namespace

TEST_CASE("marker: Pythons compare as versions") {
  CHECK(holds("python_version >= '3.9'"));
  CHECK_FALSE(holds("python_version >= '3.12.1'"));
  CHECK(holds("python_full_version >= '3.12.1'"));
  CHECK(holds("'3.9' < python_version"));
  CHECK(holds("python_version == '3.*'"));
  CHECK(holds("python_version in '3.11 3.12'"));
  CHECK_FALSE(holds("python_version not in '3.11 3.12'"));
  CHECK(holds("python_version ~= '3.8'"));
}

TEST_CASE("marker: versions of a list stand between white space as uv's language has it") {
  for (const char* between : {" ", "  ", "\t", "\x0b", "\xC2\x85", "\xC2\xA0", "\xE2\x80\x83", "\xE3\x80\x80"}) {
    CAPTURE(between);
    CHECK_FALSE(holds("python_version in '3.10" + std::string(between) + "3.11'"));
    CHECK(holds("python_version in '" + std::string(between) + "3.11" + between + "3.12'"));
  }
  // Python's separators are none: what stands there is no version, so the clause counts as absent.
  CHECK(
      holds("python_version in '3.10\x1c"
            "3.11'"));
  CHECK(
      holds("python_version in '3.13.0r\x1c"
            "1'"));
}

TEST_CASE("marker: `and` binds tighter than `or`, parentheses bind tightest") {
  CHECK(holds("sys_platform == 'linux' or os_name == 'nt' and os_name == 'x'"));
  CHECK_FALSE(holds("(sys_platform == 'linux' or os_name == 'nt') and os_name == 'x'"));
}

TEST_CASE("marker: texts compare as texts") {
  CHECK(holds("sys_platform < 'win32'"));
  CHECK(holds("'lin' in sys_platform"));
  CHECK(holds("platform_machine in 'x86_64 aarch64'"));
  CHECK(holds("os.name == 'posix' and platform.python_implementation == 'CPython'"));
}

TEST_CASE("marker: an extra is normalised, and none is active unless asked for") {
  CHECK_FALSE(holds("extra == 'A_b'"));
  CHECK(holds("extra != 'A_b'"));
  CHECK(holds("extra == 'A_b'", {"a-b"}));
  CHECK(holds("'test' == extra and python_version >= '3'", {"a-b", "test"}));
}

TEST_CASE("marker: a clause that makes no sense counts as absent") {
  CHECK(holds("'a' == 'b'"));
  CHECK(holds("python_version >= 'x'"));
  CHECK_FALSE(holds("python_version >= 'x' and os_name == 'nt'"));
  CHECK_FALSE(holds("python_version >= 'x' or os_name == 'nt'"));
  CHECK(holds("python_version in '3.9,3.10'"));
  CHECK(holds("os_name ~= '1.0'"));
}

TEST_CASE("marker: printing as packaging prints") {
  CHECK(printed("python_version>='3.8'and( os_name=='nt' or(os.name == 'x'))") ==
        R"(python_version >= "3.8" and (os_name == "nt" or os_name == "x"))");
  CHECK(printed("((python_version>='3.8'))") == R"(python_version >= "3.8")");
  CHECK(printed("extra == 'A_b'") == R"(extra == "a-b")");
  CHECK(printed("os_name == 'a\"b'") == R"(os_name == 'a"b')");
  CHECK(printed("python_implementation  not   in 'x'") == R"(platform_python_implementation not in "x")");
}

TEST_CASE("marker: errors are where they are") {
  const auto at = [](std::string_view text) {
    const auto marker = parse_marker(text);
    REQUIRE_FALSE(marker);
    return marker.error().span;
  };
  CHECK(at("python_versoin == '3'") == TextSpan{0, 14});
  CHECK(at("python_version = '3'") == TextSpan{15, 16});
  CHECK(at("python_version == '3") == TextSpan{18, 20});
  CHECK(at("(python_version == '3'") == TextSpan{0, 1});
  CHECK(at("python_version == '3')") == TextSpan{21, 22});
  CHECK(at("python_version == '3' nor os_name == 'x'") == TextSpan{22, 25});
  CHECK(at("") == TextSpan{0, 0});
  CHECK(at("extras == 'x'") == TextSpan{0, 6});
  CHECK(at("not os_name == 'x'") == TextSpan{0, 3});
}

TEST_CASE("marker: deep nesting is refused, not recursed into") {
  const std::string deep(100000, '(');
  CHECK_FALSE(parse_marker(deep + "os_name == 'x'"));
  const std::string fine(60, '(');
  CHECK(parse_marker(fine + "os_name == 'x'" + std::string(60, ')')));
}

TEST_CASE("marker: whether two can both be true") {
  CHECK_FALSE(both("python_version=='3.9'", "python_version>='3.10'"));
  CHECK(both("python_version<='3.10'", "python_version>='3.10'"));
  CHECK_FALSE(both("python_version<'3.9'", "python_version>'3.9'"));
  CHECK_FALSE(both("python_full_version<'3.9.2'", "python_full_version>='3.9.2'"));
  CHECK(both("python_full_version<='3.9.2'", "python_full_version>='3.9.2'"));
  CHECK(both("python_version>='3.40'", "python_version>='3.41'"));
  CHECK(both("python_version=='3.9' or python_version=='3.11'", "python_version>='3.10'"));
  CHECK_FALSE(both("sys_platform=='win32'", "sys_platform!='win32'"));
  CHECK(both("sys_platform=='win32'", "python_version>='3.10'"));
  CHECK(can_both_hold(nullptr, nullptr));
  const auto never = parse_marker("python_version<'3' and python_version>'3'");
  CHECK_FALSE(can_both_hold(nullptr, &*never));
}
