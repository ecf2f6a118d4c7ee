#include "cli/commands/bindep_closure.hpp"

#include <fmt/format.h>

#include "cli/render/text.hpp"

namespace forge::cli {

namespace {

using Json = nlohmann::ordered_json;

std::string mebibytes(std::uint64_t kib) {
  return fmt::format("{:.1f}", static_cast<double>(kib) / 1024);
}

}  // namespace

Json closure_json(const model::AptClosure& closure, const std::string& platform) {
  Json packages = Json::array();
  for (const model::AptInstall& install : closure.installs) {
    const index::ListedPackage& package = install.version.package;
    packages.push_back({{"name", package.name},
                        {"version", package.version},
                        {"installedKiB", package.installed_kib},
                        {"downloadBytes", package.download_bytes},
                        {"requiredBy", install.asked ? Json(nullptr) : Json(install.required_by)}});
  }
  Json unmet = Json::array();
  for (const model::AptUnmet& one : closure.unmet)
    unmet.push_back({{"package", one.package}, {"relation", one.relation}, {"conflict", one.conflict}});
  return {{"platform", platform},
          {"packages", std::move(packages)},
          {"installedKiB", closure.installed_kib},
          {"downloadBytes", closure.download_bytes},
          {"unknown", closure.unknown},
          {"unmet", std::move(unmet)}};
}

std::string closure_text(const model::AptClosure& closure, bool color) {
  std::vector<std::vector<std::string>> rows = {{"PACKAGE", "VERSION", "MIB", "FOR"}};
  for (const model::AptInstall& install : closure.installs) {
    const index::ListedPackage& package = install.version.package;
    rows.push_back({std::string(package.name), std::string(package.version), mebibytes(package.installed_kib),
                    install.asked ? "-" : install.required_by});
  }
  std::string text = table_text(rows, color);
  text += fmt::format("{} packages, {} MiB installed, {} MiB to download\n", closure.installs.size(),
                      mebibytes(closure.installed_kib), mebibytes(closure.download_bytes / 1024));
  return text;
}

}  // namespace forge::cli
