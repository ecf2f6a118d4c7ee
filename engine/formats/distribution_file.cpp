#include "engine/formats/distribution_file.hpp"

#include <algorithm>
#include <array>
#include <charconv>

#include "engine/base/text.hpp"

namespace forge::formats {

namespace {

constexpr std::array<std::string_view, 6> sdist_endings = {".tar.gz", ".zip", ".tar.bz2", ".tar.xz", ".tgz", ".tar.Z"};
constexpr std::size_t most_tags = 64;

std::vector<std::string> tags_of(std::string_view text) {
  std::vector<std::string> tags;
  for (const std::string_view tag : split(text, '.')) {
    if (tags.size() < most_tags) tags.push_back(to_lower(tag));
  }
  return tags;
}

/// `name-version(-build)?-python-abi-platform.whl`
std::optional<DistributionFile> parse_wheel(std::string_view stem) {
  const auto fields = split(stem, '-');
  if (fields.size() != 5 && fields.size() != 6) return std::nullopt;
  const auto name = PackageName::parse(fields[0]);
  // Some builders wrote `_` where the version has `-` or `+`.
  auto version = Version::parse(fields[1]);
  if (!version) {
    std::string mended(fields[1]);
    std::ranges::replace(mended, '_', '-');
    version = Version::parse(mended);
  }
  const bool build_is_number = fields.size() == 5 || (!fields[2].empty() && is_digit(fields[2].front()));
  if (!name || !version || !build_is_number) return std::nullopt;
  const std::size_t last = fields.size() - 1;
  return DistributionFile{FileKind::wheel,
                          *name,
                          *version,
                          std::string(fields[1]),
                          {tags_of(fields[last - 2]), tags_of(fields[last - 1]), tags_of(fields[last])}};
}

std::optional<DistributionFile> parse_sdist(std::string_view stem, const PackageName& project) {
  for (std::size_t dash = stem.find('-'); dash != std::string_view::npos; dash = stem.find('-', dash + 1)) {
    const auto name = PackageName::parse(stem.substr(0, dash));
    if (!name || *name != project) continue;
    const std::string_view text = stem.substr(dash + 1);
    if (const auto version = Version::parse(text))
      return DistributionFile{FileKind::sdist, *name, *version, std::string(text), {}};
  }
  return std::nullopt;
}

// Which libc a distribution has. Facts of the distributions' own package lists.
struct KnownLibc {
  std::string_view distro;  ///< `id:release` or `id:codename`
  bool musl;
  unsigned minor;
};
constexpr KnownLibc known_libcs[] = {
    {"ubuntu:focal", false, 31},    {"ubuntu:20.04", false, 31},    {"ubuntu:jammy", false, 35},
    {"ubuntu:22.04", false, 35},    {"ubuntu:noble", false, 39},    {"ubuntu:24.04", false, 39},
    {"ubuntu:oracular", false, 40}, {"ubuntu:24.10", false, 40},    {"ubuntu:plucky", false, 41},
    {"ubuntu:25.04", false, 41},    {"ubuntu:questing", false, 42}, {"ubuntu:25.10", false, 42},
    {"ubuntu:26.04", false, 42},    {"debian:buster", false, 28},   {"debian:10", false, 28},
    {"debian:bullseye", false, 31}, {"debian:11", false, 31},       {"debian:bookworm", false, 36},
    {"debian:12", false, 36},       {"debian:trixie", false, 41},   {"debian:13", false, 41},
    {"centos:8", false, 28},        {"centos:9", false, 34},        {"centos:10", false, 39},
    {"rocky:8", false, 28},         {"rocky:9", false, 34},         {"rocky:10", false, 39},
    {"almalinux:8", false, 28},     {"almalinux:9", false, 34},     {"almalinux:10", false, 39},
    {"rhel:8", false, 28},          {"rhel:9", false, 34},          {"rhel:10", false, 39},
};

/// `12` of `12`, `312` of `312`; nothing where something else follows.
std::optional<unsigned> number(std::string_view text) {
  unsigned value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size() || text.empty()) return std::nullopt;
  return value;
}

/// The oldest libc that a platform tag asks for; nothing where it is no such tag for this machine.
struct LibcTag {
  bool musl = false;
  unsigned major = 0;
  unsigned minor = 0;
};
std::optional<LibcTag> libc_tag(std::string_view tag, std::string_view machine) {
  constexpr std::array<std::pair<std::string_view, unsigned>, 3> old = {
      {{"manylinux1", 5}, {"manylinux2010", 12}, {"manylinux2014", 17}}};
  if (!tag.ends_with(machine) || tag.size() <= machine.size() + 1) return std::nullopt;
  const std::string_view prefix = tag.substr(0, tag.size() - machine.size() - 1);
  if (tag[prefix.size()] != '_') return std::nullopt;
  const auto legacy = std::ranges::find(old, prefix, [](const auto& entry) { return entry.first; });
  if (legacy != old.end()) return LibcTag{false, 2, legacy->second};
  const auto fields = split(prefix, '_');
  if (fields.size() != 3 || (fields[0] != "manylinux" && fields[0] != "musllinux")) return std::nullopt;
  const auto major = number(fields[1]);
  const auto minor = number(fields[2]);
  if (!major || !minor) return std::nullopt;
  return LibcTag{fields[0] == "musllinux", *major, *minor};
}

/// Newer libc tags first, then plain Linux, then any platform.
std::optional<unsigned> platform_rank(std::string_view tag, const WheelTarget& target) {
  if (tag == "any") return 2000;
  if (tag == "linux_" + target.machine) return 1000;
  const auto libc = libc_tag(tag, target.machine);
  if (!libc || libc->musl != target.musl || libc->major != target.libc_major || libc->minor > target.libc_minor)
    return std::nullopt;
  return target.libc_minor - libc->minor;
}

/// The order of packaging.tags.sys_tags: own ABI, stable ABI, own Python without ABI, older stable ABIs, pure Python.
std::optional<unsigned> python_rank(std::string_view python, std::string_view abi, unsigned minor) {
  const std::string own = "cp3" + std::to_string(minor);
  if (python == own && abi == own) return 0;
  if (python == own && abi == "abi3") return 1;
  if (python == own && abi == "none") return 2;
  const auto since = [&](std::string_view prefix) -> std::optional<unsigned> {
    return python.starts_with(prefix) ? number(python.substr(prefix.size())) : std::nullopt;
  };
  if (const auto version = since("cp3"); version && abi == "abi3" && *version >= 2 && *version < minor)
    return 3 + minor - *version;
  if (abi != "none") return std::nullopt;
  if (const auto version = since("py3"); version && *version <= minor) return 101 + minor - *version;
  if (python == "py3") return 100;
  return std::nullopt;
}

}  // namespace

std::optional<DistributionFile> parse_file_name(std::string_view file_name, const PackageName& project) {
  if (file_name.size() > 512) return std::nullopt;
  if (file_name.ends_with(".whl")) {
    auto wheel = parse_wheel(file_name.substr(0, file_name.size() - 4));
    if (wheel && wheel->name != project) return std::nullopt;
    return wheel;
  }
  for (const std::string_view ending : sdist_endings) {
    if (file_name.ends_with(ending)) return parse_sdist(file_name.substr(0, file_name.size() - ending.size()), project);
  }
  return std::nullopt;
}

std::string machine_of_platform(std::string_view platform) {
  constexpr std::array<std::pair<std::string_view, std::string_view>, 7> machines = {{{"amd64", "x86_64"},
                                                                                      {"arm64", "aarch64"},
                                                                                      {"386", "i686"},
                                                                                      {"arm", "armv7l"},
                                                                                      {"ppc64le", "ppc64le"},
                                                                                      {"s390x", "s390x"},
                                                                                      {"riscv64", "riscv64"}}};
  const auto fields = split(platform, '/');
  if (fields.size() < 2 || fields[0] != "linux") return {};
  const auto found = std::ranges::find(machines, fields[1], [](const auto& entry) { return entry.first; });
  return found == machines.end() ? std::string() : std::string(found->second);
}

WheelTarget wheel_target(std::string_view python, std::string_view platform, std::string_view distro) {
  WheelTarget target;
  const auto numbers = split(python, '.');
  if (numbers.size() > 1) target.python_minor = number(numbers[1]).value_or(target.python_minor);
  if (std::string machine = machine_of_platform(platform); !machine.empty()) target.machine = std::move(machine);
  if (distro.starts_with("alpine")) {
    target.musl = true;
    target.libc_major = 1;
    target.libc_minor = 2;
  }
  const auto known = std::ranges::find(known_libcs, distro, &KnownLibc::distro);
  if (known != std::ranges::end(known_libcs)) target.libc_minor = known->minor;
  return target;
}

std::optional<unsigned> wheel_rank(const WheelTags& tags, const WheelTarget& target) {
  constexpr unsigned platform_weight = 4096;
  std::optional<unsigned> best;
  for (const std::string& python : tags.pythons) {
    for (const std::string& abi : tags.abis) {
      const auto by_python = python_rank(python, abi, target.python_minor);
      if (!by_python) continue;
      for (const std::string& platform : tags.platforms) {
        const auto by_platform = platform_rank(platform, target);
        if (!by_platform) continue;
        const unsigned rank = *by_python * platform_weight + *by_platform;
        best = best ? std::min(*best, rank) : rank;
      }
    }
  }
  return best;
}

}  // namespace forge::formats
