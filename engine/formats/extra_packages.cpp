#include "engine/formats/extra_packages.hpp"

#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "engine/base/text.hpp"
#include "engine/formats/extras_keys.hpp"
#include "engine/formats/yaml_tree.hpp"

namespace forge::formats {

namespace {

constexpr std::string_view rule = "extra-packages-schema";

struct ListKey {
  std::string_view name;
  std::vector<Spanned<std::string>> ServiceExtras::* list;
};

constexpr std::array list_keys = {
    ListKey{"pip_extras", &ServiceExtras::pip_extras},
    ListKey{"pip_packages", &ServiceExtras::pip_packages},
    ListKey{"apt_packages", &ServiceExtras::apt_packages},
};

constexpr std::array described_keys = {
    ExtrasKey{"pip_extras", "Extras of the service itself, as bare names: build argument `PIP_EXTRAS`."},
    ExtrasKey{"pip_packages",
              "Python packages installed beside the service, pinned by the constraints; extras are allowed: build "
              "argument `PIP_PACKAGES`."},
    ExtrasKey{"apt_packages", "System packages of the final stage: build argument `EXTRA_APT_PACKAGES`."},
};

/// Entries reach the Dockerfile as one string, split at blanks; so an entry must hold none.
void check_entry(std::string_view key, const YamlNode& item, std::vector<Problem>& problems) {
  if (item.text.find_first_of(" \t\r\n") != std::string::npos)
    problems.push_back(
        {rule, item.span, fmt::format("`{}` has a blank; the build splits entries at blanks.", item.text)});
  const std::size_t bracket = item.text.find('[');
  if (key == "pip_extras" && bracket != std::string::npos) {
    const std::size_t close = item.text.find(']', bracket);
    const std::string inner = item.text.substr(bracket + 1, close == std::string::npos ? close : close - bracket - 1);
    problems.push_back(
        {rule,
         item.span,
         fmt::format("`pip_extras` takes bare names of extras; `{}` would become `[{}]`.", item.text, item.text),
         {{fmt::format("Write `{}`", inner), item.span, inner}}});
  }
}

void read_list(std::string_view key, const YamlNode& node, std::vector<Spanned<std::string>>& list,
               std::vector<Problem>& problems) {
  if (node.is_null()) return;
  if (node.kind != YamlNode::Kind::sequence) {
    problems.push_back({rule, node.span, fmt::format("`{}` must be a list of strings.", key)});
    return;
  }
  for (const YamlNode& item : node.items) {
    if (!item.is_scalar()) {
      problems.push_back({rule, item.span, fmt::format("An entry of `{}` must be a string.", key)});
      continue;
    }
    check_entry(key, item, problems);
    list.push_back({item.text, item.span});
  }
}

void report_unknown_key(const YamlNode& key, std::vector<Problem>& problems) {
  std::vector<std::string> names;
  for (const ListKey& known : list_keys) names.emplace_back(known.name);
  Problem problem{rule, key.span,
                  fmt::format("`{}` is read by nothing; the keys are {}.", key.text, join(names, ", "))};
  if (const auto meant = nearest(key.text, names)) {
    problem.message += fmt::format(" Did you mean `{}`?", *meant);
    problem.fixes.push_back({fmt::format("Write `{}`", *meant), key.span, *meant});
  }
  problems.push_back(std::move(problem));
}

ServiceExtras read_service(const YamlNode::Entry& entry, std::vector<Problem>& problems) {
  ServiceExtras extras{
      .service = {entry.key.text, entry.key.span}, .pip_extras = {}, .pip_packages = {}, .apt_packages = {}};
  if (!entry.value.is_null() && entry.value.kind != YamlNode::Kind::mapping)
    problems.push_back({rule, entry.value.span, fmt::format("`{}` must be a mapping of lists.", entry.key.text)});
  for (const YamlNode::Entry& inner : entry.value.entries) {
    const auto known = std::ranges::find(list_keys, std::string_view(inner.key.text), &ListKey::name);
    if (known == list_keys.end())
      report_unknown_key(inner.key, problems);
    else
      read_list(known->name, inner.value, extras.*(known->list), problems);
  }
  return extras;
}

}  // namespace

std::span<const ExtrasKey> extras_keys() {
  return described_keys;
}

const ServiceExtras* ExtraPackages::find(std::string_view service) const {
  const auto found = std::ranges::find_if(services, [&](const ServiceExtras& s) { return s.service.value == service; });
  return found == services.end() ? nullptr : &*found;
}

Parsed<ExtraPackages> parse_extra_packages(std::string_view text) {
  Parsed<YamlNode> tree = parse_yaml(text);
  Parsed<ExtraPackages> parsed{{}, std::move(tree.problems)};
  if (tree.value.kind == YamlNode::Kind::scalar || tree.value.kind == YamlNode::Kind::sequence)
    parsed.problems.push_back({rule, tree.value.span, "This file must be a mapping of service to lists of packages."});
  for (const YamlNode::Entry& entry : tree.value.entries)
    parsed.value.services.push_back(read_service(entry, parsed.problems));
  return parsed;
}

}  // namespace forge::formats
