/// forge.yaml at the root. Every key is optional.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "engine/base/finding.hpp"
#include "engine/base/problem.hpp"

namespace forge::formats {

struct ForgeConfig {
  /// git URL template; `{component}` is replaced. A relative path is from the root.
  std::string upstream = "https://opendev.org/openstack/{component}";
  std::map<std::string, std::string, std::less<>> upstreams;  ///< exceptions by component
  std::string distro = "ubuntu:noble";                        ///< for bindep and apt names
  std::vector<std::string> apt;  ///< sources of its package lists, as in sources.list; empty: the public archives
  std::string python = "3.12";
  std::vector<std::string> platforms = {"linux/amd64", "linux/arm64"};
  /// Profiles of bindep that are named for a phase. `{component}` and `{extras}` stand for the component's name and the
  /// pip extras that it is installed with.
  std::vector<std::string> build_profiles = {"{component}", "{extras}", "build"};
  std::vector<std::string> runtime_profiles = {"{component}", "{extras}"};
  std::string registry = "ghcr.io/c5c3";
  std::string index;                                       ///< Python package index; empty: pip's and uv's own
  std::map<std::string, Severity, std::less<>> rules;      ///< levels by rule name
  std::map<std::string, TextSpan, std::less<>> rule_keys;  ///< where `rules` names each rule
};

[[nodiscard]] Parsed<ForgeConfig> parse_forge_config(std::string_view text);

}  // namespace forge::formats
