#include "engine/workspace/forge_layout.hpp"

#include <algorithm>
#include <array>
#include <vector>

#include "engine/base/text.hpp"

namespace forge::workspace {

namespace {

using Parts = std::vector<std::string_view>;

constexpr std::array<std::string_view, 9> folders = {".github", "ci",       "hack",    "images", "overrides",
                                                     "patches", "releases", "scripts", "tools"};
constexpr std::array<std::string_view, 6> root_files = {".renovaterc", ".renovaterc.json", "bindep.txt",
                                                        "forge.yaml",  "renovate.json",    "renovate.json5"};

DocumentPath in_release(const Parts& parts) {
  if (parts.size() != 3) return {};
  const std::string release(parts[1]);
  if (parts[2] == "source-refs.yaml") return {DocumentKind::source_refs, release};
  if (parts[2] == "test-refs.yaml") return {DocumentKind::test_refs, release};
  if (parts[2] == "upper-constraints.txt") return {DocumentKind::upper_constraints, release};
  if (parts[2] == "extra-packages.yaml") return {DocumentKind::extra_packages, release};
  return {};
}

DocumentPath in_patches(const Parts& parts) {
  if (parts.size() < 4 || parts.back().starts_with('.')) return {};
  const bool applied = parts.size() == 4 && parts.back().ends_with(".patch");
  return {applied ? DocumentKind::patch : DocumentKind::patch_stray, std::string(parts[2]), std::string(parts[1])};
}

DocumentPath in_images(const Parts& parts) {
  if (parts.size() != 3) return {};
  const std::string image(parts[1]);
  if (parts[2] == "Dockerfile") return {DocumentKind::dockerfile, {}, image};
  if (parts[2] == "bindep.txt") return {DocumentKind::bindep, {}, image};
  if (parts[2].ends_with(".txt")) return {DocumentKind::image_text, {}, image};
  return {};
}

bool is_yaml(std::string_view name) {
  return name.ends_with(".yaml") || name.ends_with(".yml");
}

bool is_workflow(const Parts& parts) {
  if (parts[0] != ".github" || parts.size() < 3 || !is_yaml(parts.back())) return false;
  const bool action = parts.back() == "action.yaml" || parts.back() == "action.yml";
  return action || (parts[1] == "workflows" && parts.size() == 3);
}

bool is_build_script(const Parts& parts) {
  const std::string_view name = parts.back();
  if (parts[0] == "scripts") return true;
  if (parts[0] == ".github") return is_yaml(name) || name.ends_with(".sh");
  const bool scripts = parts[0] == "hack" || parts[0] == "ci" || parts[0] == "tools";
  return scripts && (name.ends_with(".sh") || name.find('.') == std::string_view::npos);
}

/// Where Renovate looks for its configuration.
bool is_update_config(std::string_view path) {
  constexpr std::array<std::string_view, 6> known = {"renovate.json",         "renovate.json5",
                                                     ".renovaterc",           ".renovaterc.json",
                                                     ".github/renovate.json", ".github/renovate.json5"};
  return std::ranges::find(known, path) != known.end();
}

}  // namespace

std::span<const std::string_view> forge_folders() {
  return folders;
}

std::span<const std::string_view> forge_root_files() {
  return root_files;
}

DocumentPath classify(std::string_view path) {
  const Parts parts = split(path, '/');
  if (path == "forge.yaml") return {DocumentKind::config};
  if (path == "bindep.txt") return {DocumentKind::bindep};
  if (parts[0] == "releases") return in_release(parts);
  if (parts[0] == "patches") return in_patches(parts);
  if (parts[0] == "images") return in_images(parts);
  if (parts.size() == 3 && parts[0] == "overrides" && parts[2] == "constraints.txt")
    return {DocumentKind::overrides, std::string(parts[1])};
  if (is_update_config(path)) return {DocumentKind::update_config};
  if (is_workflow(parts)) return {DocumentKind::workflow};
  if (parts.size() > 1 && is_build_script(parts)) return {DocumentKind::build_script};
  return {};
}

bool is_build_text(DocumentKind kind) {
  return kind == DocumentKind::build_script || kind == DocumentKind::workflow;
}

}  // namespace forge::workspace
