#include "engine/model/distribution_packages.hpp"

#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "engine/base/text.hpp"
#include "engine/formats/debian_version.hpp"

namespace forge::model {

namespace {

/// Packages that live on under a name which no rule leads to.
constexpr std::array<std::pair<std::string_view, std::string_view>, 21> renames = {{
    {"libmysqlclient-dev", "default-libmysqlclient-dev"},
    {"libmariadb-client-lgpl-dev", "libmariadb-dev"},
    {"libmariadbclient-dev", "libmariadb-dev"},
    {"libmysqld-dev", "libmariadbd-dev"},
    {"mysql-client", "default-mysql-client"},
    {"mysql-server", "default-mysql-server"},
    {"python", "python3"},
    {"python-dev", "python3-dev"},
    {"python-all-dev", "python3-all-dev"},
    {"python-pip", "python3-pip"},
    {"python-setuptools", "python3-setuptools"},
    {"libvirt-bin", "libvirt-clients"},
    {"libldap-2.4-2", "libldap2"},
    {"libpcre3-dev", "libpcre2-dev"},
    {"libpcre3", "libpcre2-8-0"},
    {"openjdk-8-jre-headless", "default-jre-headless"},
    {"ntp", "ntpsec"},
    {"iscsitarget", "tgt"},
    {"libncursesw5-dev", "libncurses-dev"},
    {"libncurses5-dev", "libncurses-dev"},
    {"apt-transport-https", "apt"},
}};

/// `libicu` of `libicu74`, `libldap` of `libldap-2.5-0`, `libpython` of `libpython3.12t64`.
std::string_view stem_of(std::string_view name) {
  for (const std::string_view ending : {"t64", "v5", "c2a", "c2"})
    if (name.ends_with(ending)) {
      name.remove_suffix(ending.size());
      break;
    }
  while (!name.empty() && (is_digit(name.back()) || name.back() == '.' || name.back() == '-')) name.remove_suffix(1);
  return name;
}

std::optional<std::string> by_stem(const std::vector<std::string_view>& names, std::string_view wanted) {
  constexpr std::size_t shortest = 5;  // `lib` and two letters: less says nothing
  const std::string_view stem = stem_of(wanted);
  if (stem.size() < shortest || stem.size() == wanted.size()) return std::nullopt;
  std::optional<std::string> best;
  for (auto name = std::ranges::lower_bound(names, stem); name != names.end() && name->starts_with(stem); ++name) {
    if (stem_of(*name) != stem || *name == stem) continue;
    const auto number = [&](std::string_view of) { return formats::split_debian_version(of.substr(stem.size())); };
    if (!best || compare(number(*name), number(*best)) > 0) best = std::string(*name);
  }
  return best;
}

}  // namespace

Result<AptCache> packages_of(const index::Distribution* distribution, const std::string& platform) {
  if (distribution == nullptr) return fail(Failure::Kind::not_found, "There is no distribution to ask.");
  const std::string architecture = index::debian_architecture(platform);
  if (architecture.empty())
    return fail(Failure::Kind::not_found, fmt::format("Debian has no port for `{}`.", platform));
  FORGE_TRY_ASSIGN(std::vector<index::PackageListPtr> lists, distribution->lists(architecture));
  return AptCache(std::move(lists));
}

const Result<AptCache>* distribution_packages(const workspace::Snapshot& snapshot, const std::string& platform) {
  const index::Distribution* distribution = snapshot.distribution();
  if (distribution == nullptr) return nullptr;
  return &snapshot.once<Result<AptCache>>(platform, [&] { return packages_of(distribution, platform); });
}

std::optional<Successor> successor_of(const AptCache& cache, std::string_view name) {
  const auto known = std::ranges::find(renames, name, &std::pair<std::string_view, std::string_view>::first);
  if (known != renames.end() && cache.has(known->second)) return Successor{std::string(known->second), true};
  if (const std::string later = std::string(name) + "t64"; cache.has(later)) return Successor{later, true};
  const std::vector<std::string_view> names = cache.names();
  if (auto same = by_stem(names, name)) return Successor{*std::move(same), true};
  std::vector<std::string> near;
  const std::size_t bound = name.size() / 3;
  for (const std::string_view other : names)
    if (other.size() + bound >= name.size() && other.size() <= name.size() + bound && other.front() == name.front())
      near.emplace_back(other);
  if (auto typo = nearest(name, near)) return Successor{*std::move(typo), false};
  return std::nullopt;
}

}  // namespace forge::model
