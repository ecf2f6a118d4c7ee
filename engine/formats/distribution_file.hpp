/// Names of files on a package index, and which of them an installer can use on a target. Wheel names follow the binary
/// distribution format, tags PEP 425, 600 (manylinux) and 656 (musllinux).
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/base/names.hpp"
#include "engine/formats/version.hpp"

namespace forge::formats {

enum class FileKind { wheel, sdist };

struct WheelTags {
  std::vector<std::string> pythons;  ///< `py3`, `cp312`
  std::vector<std::string> abis;     ///< `none`, `abi3`, `cp312`
  std::vector<std::string> platforms;
};

struct DistributionFile {
  FileKind kind = FileKind::wheel;
  PackageName name;
  Version version;
  std::string version_text;  ///< as the name spells it
  WheelTags tags;            ///< of a wheel
};

/// Nothing where `file_name` is no wheel and no sdist of `project` (eggs, installers, other projects' files). An
/// sdist's name may hold `-`, so it is read with the project's name in hand.
[[nodiscard]] std::optional<DistributionFile> parse_file_name(std::string_view file_name, const PackageName& project);

/// CPython on a Linux.
struct WheelTarget {
  unsigned python_minor = 12;      ///< of Python 3
  std::string machine = "x86_64";  ///< as `uname -m` says
  bool musl = false;               ///< else glibc
  unsigned libc_major = 2;
  unsigned libc_minor = 28;
};

/// By forge.yaml's words: `3.12`, `linux/arm64`, `ubuntu:noble`. An unknown distribution counts as one with glibc 2.28,
/// which all that are still supported have.
[[nodiscard]] WheelTarget wheel_target(std::string_view python, std::string_view platform, std::string_view distro);
/// `x86_64` of `linux/amd64`; nothing where it is no such platform.
[[nodiscard]] std::string machine_of_platform(std::string_view platform);

/// How well a wheel fits: smaller is better, as installers order tags; nothing where it can't be installed there.
[[nodiscard]] std::optional<unsigned> wheel_rank(const WheelTags& tags, const WheelTarget& target);

}  // namespace forge::formats
