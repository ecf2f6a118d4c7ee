#include "engine/model/native_needs.hpp"

#include <algorithm>
#include <array>
#include <set>

#include "engine/formats/debian_control.hpp"

namespace forge::model {

namespace {

const std::vector<NativeNeeds>& all_needs() {
  static const std::vector<NativeNeeds> needs = {
      {"cffi", {"libffi-dev", "python3-dev"}},
      {"cryptography", {"libssl-dev"}},
      {"dbus-python", {"libdbus-1-dev", "libglib2.0-dev", "python3-dev"}, true},
      {"gssapi", {"libkrb5-dev|heimdal-dev", "python3-dev"}, true},
      {"libvirt-python", {"libvirt-dev", "python3-dev"}, true},
      {"lxml", {"libxml2-dev", "libxslt1-dev|libxslt-dev", "python3-dev"}},
      {"m2crypto", {"libssl-dev", "swig", "python3-dev"}, true},
      {"mysqlclient", {"default-libmysqlclient-dev|libmysqlclient-dev|libmariadb-dev", "python3-dev"}, true},
      {"psycopg2", {"libpq-dev", "python3-dev"}, true},
      {"pycairo", {"libcairo2-dev", "python3-dev"}, true},
      {"pycurl", {"libcurl4-openssl-dev|libcurl4-gnutls-dev|libcurl4-nss-dev", "libssl-dev", "python3-dev"}},
      {"pygobject", {"libgirepository1.0-dev|libgirepository-2.0-dev", "libcairo2-dev", "python3-dev"}, true},
      {"pykerberos", {"libkrb5-dev|heimdal-dev", "python3-dev"}, true},
      {"pynacl", {"libffi-dev", "python3-dev"}},
      {"pyodbc", {"unixodbc-dev", "python3-dev"}},
      {"python-ldap", {"libldap2-dev|libldap-dev", "libsasl2-dev", "python3-dev"}, true},
      {"python-pcre", {"libpcre3-dev", "python3-dev"}, true},
      {"rados", {"librados-dev", "python3-dev"}, true},
      {"rbd", {"librbd-dev", "librados-dev", "python3-dev"}, true},
      {"systemd-python", {"libsystemd-dev", "python3-dev"}, true},
      {"uwsgi", {"python3-dev"}, true},
      {"xattr", {"libffi-dev", "python3-dev"}},
      {"xmlsec", {"libxmlsec1-dev", "libxml2-dev", "python3-dev"}},
  };
  return needs;
}

/// Parts of a source that no program links.
bool is_library(std::string_view name) {
  if (!name.starts_with("lib")) return false;
  constexpr std::array<std::string_view, 8> other = {"-dev", "-bin",    "-stdlib",  "-minimal",
                                                     "-doc", "-common", "-modules", "-utils"};
  return std::ranges::none_of(other, [&](std::string_view part) { return name.find(part) != std::string_view::npos; });
}

void add_libraries(const AptCache& packages, std::string_view headers, std::set<std::string_view>& seen,
                   std::vector<std::string_view>& libraries) {
  const auto version = packages.candidate(headers);
  if (!version || !seen.insert(version->package.name).second) return;
  // Python's own headers come through a package that only names the default version.
  const bool is_default = version->package.source == "python3-defaults";
  for (const formats::RelationGroup& group : formats::parse_relations(version->package.depends)) {
    const auto other = packages.candidate(group.front().name);
    if (!other) continue;
    const bool is_dev = other->package.name.ends_with("-dev");
    const bool same_source = other->package.source == version->package.source;
    if (is_dev && (same_source || (is_default && other->package.name.starts_with("libpython3"))))
      add_libraries(packages, other->package.name, seen, libraries);
    else if (same_source && group.front().relation == formats::VersionRelation::equal &&
             is_library(other->package.name) && seen.insert(other->package.name).second)
      libraries.push_back(other->package.name);
  }
}

}  // namespace

std::span<const NativeNeeds> all_native_needs() {
  return all_needs();
}

const NativeNeeds* native_needs(const PackageName& package) {
  const auto found = std::ranges::find(all_needs(), package.str(), &NativeNeeds::package);
  return found == all_needs().end() || found->headers.empty() ? nullptr : &*found;
}

std::vector<std::string_view> libraries_behind(const AptCache& packages, std::string_view headers) {
  std::set<std::string_view> seen;
  std::vector<std::string_view> libraries;
  add_libraries(packages, headers, seen, libraries);
  return libraries;
}

}  // namespace forge::model
