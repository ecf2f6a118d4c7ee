#include "engine/model/build_only_packages.hpp"

#include <algorithm>
#include <array>

#include "engine/base/text.hpp"

namespace forge::model {

namespace {

using namespace std::string_view_literals;

constexpr std::array compilers{"build-essential"sv, "cargo"sv,  "clang"sv, "cpp"sv,      "g++"sv, "gcc"sv,
                               "gfortran"sv,        "golang"sv, "rustc"sv, "golang-go"sv};
constexpr std::array build_tools{"autoconf"sv,    "automake"sv,   "binutils"sv, "bison"sv,       "cmake"sv,
                                 "dpkg-dev"sv,    "flex"sv,       "libtool"sv,  "make"sv,        "meson"sv,
                                 "ninja-build"sv, "pkg-config"sv, "pkgconf"sv,  "python3-pip"sv, "uv"sv};

/// `gcc` of `gcc-13`; `gcc-13-base` stays whole, since it is a runtime package.
std::string_view without_major_version(std::string_view package) {
  const std::size_t dash = package.rfind('-');
  if (dash == std::string_view::npos || dash + 1 == package.size()) return package;
  return std::ranges::all_of(package.substr(dash + 1), is_digit) ? package.substr(0, dash) : package;
}

}  // namespace

std::string_view build_only_kind(std::string_view package) {
  const std::string_view name = without_major_version(package);
  if (std::ranges::find(compilers, name) != compilers.end()) return "a compiler";
  if (std::ranges::find(build_tools, package) != build_tools.end()) return "a build tool";
  if (package == "git") return "a tool to fetch sources";
  // `libmariadb-dev-compat` and `postgresql-server-dev-all` are headers too; `-devel` is how rpm spells it.
  const std::string_view headers[] = {"-dev", "-devel"};
  const bool ends_so = std::ranges::any_of(headers, [&](auto suffix) { return name.ends_with(suffix); });
  if (ends_so || package.starts_with("linux-headers-") || package.ends_with("-dev-all") ||
      package.ends_with("-dev-compat"))
    return "a package of headers";
  return {};
}

}  // namespace forge::model
