#include "engine/formats/platform.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <set>

#include <fmt/format.h>

#include "engine/base/text.hpp"

namespace forge::formats {

namespace {

using AtomSet = std::set<std::string>;

/// A distribution that bindep knows more of than its id. From `python3_since` on it also has `base-py3`, before
/// `base-py2`; empty: neither.
struct Distribution {
  std::string_view id;
  std::string_view package_manager;
  std::string_view family{};
  std::string_view python3_since{};
};

constexpr Distribution distributions[] = {
    {"debian", "dpkg", {}, "10"},
    {"ubuntu", "dpkg", {}, "16.04"},
    {"pop", "dpkg", {}, "0"},
    {"amzn", "rpm", "redhat"},
    {"amazonami", "rpm", "redhat"},
    {"centos", "rpm", "redhat", "8"},
    {"fedora", "rpm", "redhat", "23"},
    {"rhel", "rpm", "redhat", "8"},
    {"redhatenterpriseserver", "rpm", "redhat", "8"},
    {"redhatenterpriseworkstation", "rpm", "redhat", "8"},
    {"oracle", "rpm", "redhat", "8"},
    {"rocky", "rpm", "redhat", "8"},
    {"almalinux", "rpm", "redhat", "8"},
    {"opensuse", "rpm", "suse"},
    {"opensuse-leap", "rpm", "suse"},
    {"opensuse-tumbleweed", "rpm", "suse"},
    {"opensuseproject", "rpm", "suse"},
    {"sles", "rpm", "suse"},
    {"suselinux", "rpm", "suse"},
    {"gentoo", "emerge"},
    {"arch", "pacman"},
    {"manjaro", "pacman"},
    {"alpine", "apk"},
};

// Distributions with atoms of their own and nothing more.
constexpr std::string_view other_ids[] = {
    "altlinux",    "anolis",     "artix",   "buildroot", "clear-linux-os", "cloudlinux", "devuan",    "elementary",
    "endeavouros", "euleros",    "exherbo", "freebsd",   "guix",           "kali",       "linuxmint", "mageia",
    "mariner",     "azurelinux", "netbsd",  "neon",      "nixos",          "openbsd",    "openeuler", "openmandriva",
    "openwrt",     "parrot",     "photon",  "raspbian",  "scientific",     "slackware",  "sled",      "solus",
    "tencentos",   "tuxedo",     "uos",     "virtuozzo", "void",           "wolfi",      "xcp-ng",    "zorin",
};

// Names without a version.
constexpr std::string_view virtual_atoms[] = {"dpkg", "rpm",  "redhat", "suse",     "emerge",  "pacman",
                                              "apk",  "brew", "darwin", "base-py2", "base-py3"};

struct KnownRelease {
  std::string_view id;
  std::string_view version;
  std::string_view codename;
};

constexpr KnownRelease known_releases[] = {
    {"ubuntu", "12.04", "precise"},  {"ubuntu", "14.04", "trusty"},   {"ubuntu", "14.10", "utopic"},
    {"ubuntu", "15.04", "vivid"},    {"ubuntu", "15.10", "wily"},     {"ubuntu", "16.04", "xenial"},
    {"ubuntu", "16.10", "yakkety"},  {"ubuntu", "17.04", "zesty"},    {"ubuntu", "17.10", "artful"},
    {"ubuntu", "18.04", "bionic"},   {"ubuntu", "18.10", "cosmic"},   {"ubuntu", "19.04", "disco"},
    {"ubuntu", "19.10", "eoan"},     {"ubuntu", "20.04", "focal"},    {"ubuntu", "20.10", "groovy"},
    {"ubuntu", "21.04", "hirsute"},  {"ubuntu", "21.10", "impish"},   {"ubuntu", "22.04", "jammy"},
    {"ubuntu", "22.10", "kinetic"},  {"ubuntu", "23.04", "lunar"},    {"ubuntu", "23.10", "mantic"},
    {"ubuntu", "24.04", "noble"},    {"ubuntu", "24.10", "oracular"}, {"ubuntu", "25.04", "plucky"},
    {"ubuntu", "25.10", "questing"}, {"ubuntu", "26.04", "resolute"}, {"debian", "7", "wheezy"},
    {"debian", "8", "jessie"},       {"debian", "9", "stretch"},      {"debian", "10", "buster"},
    {"debian", "11", "bullseye"},    {"debian", "12", "bookworm"},    {"debian", "13", "trixie"},
};

// Of distributions whose releases have minor versions too, all with the codename of the major one.
constexpr KnownRelease major_codenames[] = {
    {"rocky", "8", "green obsidian"}, {"rocky", "9", "blue onyx"}, {"rocky", "10", "red quartz"},
    {"rhel", "7", "maipo"},           {"rhel", "8", "ootpa"},      {"rhel", "9", "plow"},
    {"rhel", "10", "coughlan"},       {"centos", "7", "core"},
};

template <class Table>
const auto* find_id(const Table& table, std::string_view id) {
  const auto* const found = std::ranges::find(table, id, [](const auto& row) { return row.id; });
  return found == std::end(table) ? nullptr : found;
}

bool has_known_releases(std::string_view id) {
  return find_id(known_releases, id) != nullptr;
}

bool is_version(std::string_view text) {
  return !text.empty() && is_digit(text.front()) && is_digit(text.back()) &&
         std::ranges::all_of(text, [](char c) { return is_digit(c) || c == '.'; });
}

int number_at_start(std::string_view text) {
  int number = 0;
  std::from_chars(text.data(), text.data() + text.size(), number);
  return number;
}

/// By the first two numbers, which is all that the thresholds have.
bool is_at_least(std::string_view version, std::string_view threshold) {
  const auto numbers = [](std::string_view text) {
    const std::size_t dot = text.find('.');
    return std::pair{number_at_start(text), dot == std::string_view::npos ? 0 : number_at_start(text.substr(dot + 1))};
  };
  return numbers(version) >= numbers(threshold);
}

std::vector<std::string> words(std::string_view text) {
  std::vector<std::string> out;
  for (const std::string_view word : split(text, ' '))
    if (!word.empty()) out.emplace_back(word);
  return out;
}

/// `id`, and `id-` with each prefix of the version and of the codename.
void add_suffixed(std::string_view id, const OsFacts& facts, AtomSet& atoms) {
  atoms.emplace(id);
  std::string atom(id);
  char separator = '-';
  for (const std::string_view part : split(facts.version, '.')) {
    atom += separator;
    atom += part;
    atoms.insert(atom);
    separator = '.';
  }
  atom = id;
  for (const std::string& word : words(facts.codename)) atoms.insert(atom += "-" + word);
}

std::vector<std::string_view> aliases(const OsFacts& facts) {
  const std::string_view id = facts.id;
  const std::string name = to_lower(facts.name);
  if (id == "amzn") return {"amazonami"};
  if (id == "amazonami") return {"amzn"};
  if (id == "sles") return {"suselinux"};
  if (id == "suselinux") return {"sles"};
  if (id.starts_with("opensuse")) return {"opensuse", "opensuseproject"};
  if (id.starts_with("redhatenterprise")) return {"rhel"};
  if (id == "rhel" && name.find("server") != std::string::npos) return {"redhatenterpriseserver"};
  if (id == "rhel" && name.find("workstation") != std::string::npos) return {"redhatenterpriseworkstation"};
  return {};
}

void add_python(const Distribution& distribution, const OsFacts& facts, AtomSet& atoms) {
  if (distribution.python3_since.empty()) return;
  const bool unversioned = !is_version(facts.version);
  // Debian's testing and unstable have no version and count as new.
  if (unversioned && distribution.id != "debian" && distribution.id != "pop") return;
  atoms.insert(unversioned || is_at_least(facts.version, distribution.python3_since) ? "base-py3" : "base-py2");
}

std::string unquoted(std::string_view value) {
  value = trim(value);
  if (value.size() < 2 || value.front() != value.back() || (value.front() != '"' && value.front() != '\''))
    return std::string(value);
  const bool escapes = value.front() == '"';
  std::string out;
  for (std::size_t i = 1; i + 1 < value.size(); ++i) {
    if (escapes && value[i] == '\\' && i + 2 < value.size()) ++i;
    out += value[i];
  }
  return out;
}

/// Of `9.3 (Blue Onyx)` and of `18.04, Bionic Beaver`: the name, where it holds no digit.
std::string codename_in(std::string_view version) {
  for (std::size_t at = 0; at < version.size(); ++at) {
    const std::string_view rest = version.substr(at + 1);
    const std::string_view text =
        rest.substr(0, static_cast<std::size_t>(std::ranges::find_if(rest, is_digit) - rest.begin()));
    const std::size_t close = text.rfind(')');
    if (version[at] == '(' && close != std::string_view::npos && close > 0) return std::string(text.substr(0, close));
    if (version[at] == ',' && !text.empty()) return std::string(trim(text));
  }
  return {};
}

std::string normal_id(std::string_view id) {
  std::string lower = to_lower(id);
  if (lower == "ol") return "oracle";
  if (lower == "opensuse-leap") return "opensuse";
  return lower;
}

std::vector<std::string> target_examples() {
  std::vector<std::string> examples;
  for (const KnownRelease& release : known_releases)
    examples.push_back(fmt::format("{}:{}", release.id, release.codename));
  return examples;
}

tl::unexpected<Failure> unknown_target(std::string_view target) {
  const std::vector<std::string> examples = target_examples();
  std::string hint =
      "Write a distribution with its release, such as `ubuntu:noble`, `debian:12` or `rocky:9`, or a "
      "list of bindep's platform atoms, such as `dpkg,ubuntu,ubuntu-noble`.";
  if (const auto meant = nearest(target, examples)) hint = fmt::format("Did you mean `{}`?", *meant);
  return fail(Failure::Kind::invalid, fmt::format("`{}` is no known distribution release.", target), {std::move(hint)});
}

std::optional<OsFacts> release_facts(std::string_view id, std::string_view release) {
  if (has_known_releases(id)) {
    const auto* const known = std::ranges::find_if(known_releases, [&](const KnownRelease& row) {
      return row.id == id && (row.version == release || row.codename == release);
    });
    if (known == std::end(known_releases)) return std::nullopt;
    return OsFacts{std::string(id), std::string(known->version), std::string(known->codename), {}};
  }
  if (id == "centos" && release.starts_with("stream")) release.remove_prefix(6);
  if (release == "rolling") return OsFacts{normal_id(id), {}, {}, {}};
  if (!is_version(release)) return std::nullopt;
  OsFacts facts{normal_id(id), std::string(release), {}, {}};
  for (const KnownRelease& row : major_codenames)
    if (row.id == facts.id && row.version == release.substr(0, release.find('.'))) facts.codename = row.codename;
  return facts;
}

bool is_atom(std::string_view text) {
  return !text.empty() && std::ranges::all_of(text, [](char c) {
    return is_lower(c) || is_digit(c) || c == '-' || c == '.' || c == ':';
  });
}

Result<std::vector<std::string>> listed_atoms(std::string_view list) {
  AtomSet atoms;
  for (std::string_view atom : split(list, ',')) {
    atom = trim(atom);
    if (atom.starts_with("platform:")) atom.remove_prefix(9);
    if (!is_atom(atom)) return unknown_target(list);
    atoms.emplace(atom);
  }
  return std::vector<std::string>(atoms.begin(), atoms.end());
}

const std::vector<std::string>& known_atoms() {
  static const std::vector<std::string> atoms = [] {
    std::vector<std::string> all;
    for (const std::string_view atom : virtual_atoms) all.emplace_back(atom);
    for (const Distribution& row : distributions) all.emplace_back(row.id);
    for (const KnownRelease& row : known_releases) {
      all.push_back(fmt::format("{}-{}", row.id, row.codename));
      all.push_back(fmt::format("{}-{}", row.id, row.version));
    }
    return all;
  }();
  return atoms;
}

bool is_distribution_id(std::string_view id) {
  return id == "ol" || find_id(distributions, id) != nullptr || std::ranges::find(other_ids, id) != std::end(other_ids);
}

/// What stands behind the hyphen of `ubuntu-24.04` or `ubuntu-noble`. A name that is near no known one may be that of
/// a release to come.
std::optional<AtomDoubt> doubt_release(std::string_view id, std::string_view atom) {
  const std::string_view release = atom.substr(id.size() + 1);
  if (std::ranges::find(known_atoms(), atom) != known_atoms().end()) return std::nullopt;
  const std::size_t longest_version = id == "ubuntu" ? 5 : 4;
  if (is_version(release) && release.size() <= longest_version && (id != "ubuntu" || release.size() != 4))
    return std::nullopt;
  auto meant = nearest(atom, known_atoms());
  const bool typo = meant && edit_distance(atom, *meant, 2) <= 2;
  if (!typo && !is_version(release)) return std::nullopt;
  return AtomDoubt{fmt::format("no release of `{}` is called so", id), typo ? std::move(meant) : std::nullopt};
}

}  // namespace

OsFacts os_facts(std::string_view text) {
  OsFacts facts;
  std::optional<std::string> codename;
  std::optional<std::string> ubuntu_codename;
  std::string version;
  for (const std::string_view line : split(text, '\n')) {
    const std::size_t equals = line.find('=');
    if (equals == std::string_view::npos) continue;
    const std::string_view key = trim(line.substr(0, equals));
    const std::string value = unquoted(line.substr(equals + 1));
    if (key == "ID") facts.id = normal_id(value);
    if (key == "VERSION_ID") facts.version = to_lower(value);
    if (key == "NAME") facts.name = value;
    if (key == "VERSION") version = value;
    if (key == "VERSION_CODENAME") codename = value;
    if (key == "UBUNTU_CODENAME") ubuntu_codename = value;
  }
  if (!codename) codename = ubuntu_codename ? ubuntu_codename : codename_in(version);
  facts.codename = to_lower(*codename);
  return facts;
}

std::vector<std::string> platform_atoms(const OsFacts& facts) {
  AtomSet atoms;
  add_suffixed(facts.id, facts, atoms);
  if (const Distribution* distribution = find_id(distributions, facts.id)) {
    for (const std::string_view alias : aliases(facts)) add_suffixed(alias, facts, atoms);
    atoms.emplace(distribution->package_manager);
    if (!distribution->family.empty()) atoms.emplace(distribution->family);
    add_python(*distribution, facts, atoms);
  }
  return {atoms.begin(), atoms.end()};
}

Result<std::vector<std::string>> target_atoms(std::string_view target) {
  target = trim(target);
  const std::size_t colon = target.find(':');
  const bool is_list = target.find(',') != std::string_view::npos || target.starts_with("platform:");
  if (is_list || colon == std::string_view::npos) return listed_atoms(target);
  const std::string_view id = target.substr(0, colon);
  if (!is_distribution_id(id)) return unknown_target(target);
  const auto facts = release_facts(id, target.substr(colon + 1));
  if (!facts) return unknown_target(target);
  return platform_atoms(*facts);
}

std::optional<AtomDoubt> doubt_platform_atom(std::string_view atom) {
  if (atom.empty()) return AtomDoubt{"nothing stands behind the colon", std::nullopt};
  const bool is_virtual = std::ranges::find(virtual_atoms, atom) != std::end(virtual_atoms);
  if (is_virtual || is_distribution_id(atom)) return std::nullopt;
  for (std::size_t hyphen = atom.rfind('-'); hyphen != std::string_view::npos && hyphen > 0;
       hyphen = atom.rfind('-', hyphen - 1)) {
    const std::string_view id = atom.substr(0, hyphen);
    if (has_known_releases(id)) return doubt_release(id, atom);
    if (is_distribution_id(id)) return std::nullopt;
    if (std::ranges::find(virtual_atoms, id) == std::end(virtual_atoms)) continue;
    auto meant = id == "redhat" ? "rhel" + std::string(atom.substr(hyphen)) : std::string(id);
    return AtomDoubt{fmt::format("`{}` never carries a version", id), std::move(meant)};
  }
  return AtomDoubt{"no known platform is called so", nearest(atom, known_atoms())};
}

}  // namespace forge::formats
