#include "engine/formats/setup_py.hpp"

#include <string>
#include <vector>

#include <doctest/doctest.h>

using namespace forge;
using formats::scan_setup_py;
using formats::SetupArgument;
using formats::SetupPy;

namespace {

std::vector<std::string> strings(const SetupPy& file, std::string_view name) {
  const SetupArgument* argument = file.find(name);
  REQUIRE(argument != nullptr);
  REQUIRE(argument->known);
  std::vector<std::string> out;
  for (const auto& one : argument->strings) out.push_back(one.value);
  return out;
}

bool is_known(const std::string& text, std::string_view name) {
  const SetupPy file = scan_setup_py(text);
  const SetupArgument* argument = file.find(name);
  REQUIRE(argument != nullptr);
  return argument->known;
}

}  // namespace

TEST_CASE("setup.py: literals, also over lines, side by side and in all quotes") {
  const std::string text =
      "# setup(name='no')\n"
      "import setuptools\n"
      "def setup(name): pass\n"
      "setuptools.setup(\n"
      "    name=\"x\", version='1' '.2',\n"
      "    install_requires=['a>=1', # comment, with a )\n"
      "        r\"b\", '''c'''],\n"
      "    extras_require={'ldap': ['python-ldap'], 'all': ('x', 'y',)},\n"
      "    pbr=True)\n";
  const SetupPy file = scan_setup_py(text);
  CHECK(file.calls_setup);
  CHECK(strings(file, "name") == std::vector<std::string>{"x"});
  CHECK(strings(file, "version") == std::vector<std::string>{"1.2"});
  CHECK(strings(file, "install_requires") == std::vector<std::string>{"a>=1", "b", "c"});
  CHECK(text.substr(file.find("install_requires")->strings[1].span.begin, 4) == "r\"b\"");
  CHECK(file.find("pbr")->word == "True");
  const auto& mapping = file.find("extras_require")->mapping;
  REQUIRE(mapping.size() == 2);
  CHECK(mapping[1].first.value == "all");
  CHECK(mapping[1].second.size() == 2);
  CHECK_FALSE(file.unpacked);
}

TEST_CASE("setup.py: a module's variable that is a literal and never changed is known") {
  CHECK(is_known("R = ['a']\nsetup(install_requires=R)\n", "install_requires"));
  CHECK(is_known("R = [\n 'a',\n]\nx = 1\nsetup(install_requires=R)\n", "install_requires"));
  CHECK_FALSE(is_known("R = ['a']\nR.append('b')\nsetup(install_requires=R)\n", "install_requires"));
  CHECK_FALSE(is_known("R = ['a']\nR += ['b']\nsetup(install_requires=R)\n", "install_requires"));
  CHECK_FALSE(is_known("R = ['a']\nif x:\n    R = ['b']\nsetup(install_requires=R)\n", "install_requires"));
  CHECK_FALSE(is_known("R = ['a'] + more()\nsetup(install_requires=R)\n", "install_requires"));
  CHECK_FALSE(is_known("setup(install_requires=R)\n", "install_requires"));
}

TEST_CASE("setup.py: what is computed is not known") {
  for (const char* value : {"read('r.txt')", "['a', b]", "['a'] + ['b']", "[f'a{x}']", "['a' % x]", "b'a'", "['\\x61']",
                            "{'a': x}", "['a'", "['a' if x else 'b']", "[x for x in 'ab']"}) {
    CAPTURE(value);
    CHECK_FALSE(is_known(std::string("setup(\n  v=") + value + ")\n", "v"));
  }
  CHECK(scan_setup_py("setup(name='x', **more)\n").unpacked);
  CHECK_FALSE(scan_setup_py("print('setup(name=1)')\n").calls_setup);
}

TEST_CASE("setup.py: any text ends") {
  for (const char* text : {"setup(", "setup(a", "setup(a=", "setup(a='", "setup(a=[", "setup(a={'b'", "setup(a={'b':",
                           "setup(a={'b':['c'],", "'''", "\\", "setup(a=R)\nR =", "R = (\nsetup(a=R)"}) {
    CAPTURE(text);
    (void)scan_setup_py(text);
  }
  (void)scan_setup_py("setup(x=" + std::string(100'000, '['));
}
