#include "engine/model/unpinned_on_purpose.hpp"

#include <algorithm>
#include <array>

namespace forge::model {

namespace {

using namespace std::string_view_literals;

/// Sorted.
constexpr std::array floating{"ansible"sv,
                              "ansible-compat"sv,
                              "ansible-core"sv,
                              "ansible-lint"sv,
                              "astroid"sv,
                              "bandit"sv,
                              "bashate"sv,
                              "certifi"sv,
                              "flake8"sv,
                              "flake8-docstrings"sv,
                              "flake8-import-order"sv,
                              "flake8-logging-format"sv,
                              "hacking"sv,
                              "isort"sv,
                              "mccabe"sv,
                              "mistral-tempest-tests"sv,
                              "molecule"sv,
                              "molecule-plugins"sv,
                              "mypy"sv,
                              "pep257"sv,
                              "pep8"sv,
                              "pip"sv,
                              "pkg-resources"sv,
                              "pre-commit"sv,
                              "pycodestyle"sv,
                              "pyflakes"sv,
                              "pylint"sv,
                              "setuptools"sv,
                              "tempest"sv,
                              "types-jinja2"sv,
                              "types-jsonschema"sv,
                              "types-paramiko"sv,
                              "types-python-dateutil"sv,
                              "types-pyyaml"sv,
                              "types-requests"sv,
                              "types-setuptools"sv,
                              "types-simplejson"sv,
                              "types-urllib3"sv,
                              "wheel"sv,
                              "yamllint"sv};
constexpr std::array services{"networking-bagpipe"sv,      "networking-bgpvpn"sv, "networking-l2gw"sv,
                              "networking-odl"sv,          "networking-sfc"sv,    "neutron"sv,
                              "neutron-dynamic-routing"sv, "neutron-fwaas"sv,     "neutron-lbaas"sv,
                              "neutron-vpnaas"sv,          "tap-as-a-service"sv,  "vmware-nsxlib"sv};

}  // namespace

UnpinnedReason unpinned_on_purpose(const PackageName& name) {
  if (std::ranges::binary_search(services, name.str())) return UnpinnedReason::service;
  const bool floats = std::ranges::binary_search(floating, name.str()) || name.str().ends_with("-tempest-plugin");
  return floats ? UnpinnedReason::floats : UnpinnedReason::none;
}

}  // namespace forge::model
