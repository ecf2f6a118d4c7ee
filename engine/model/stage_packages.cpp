#include "engine/model/stage_packages.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "engine/base/text.hpp"
#include "engine/model/apt_closure.hpp"
#include "engine/model/apt_installs.hpp"
#include "engine/model/image_graph.hpp"
#include "engine/model/package_set.hpp"

namespace forge::model {

namespace {

using workspace::Snapshot;

/// What some stages ask for, without what that brings.
struct Asked {
  std::vector<StageInstall> installs{};
  bool is_known = true;
};

class Reader {
 public:
  explicit Reader(const Snapshot& snapshot) : graph_(image_graph(snapshot)) {}

  void add_stage(const ImageNode& node, std::size_t stage, Asked& asked) {
    const formats::Dockerfile& file = **node.document;
    for (const auto& package : apt_installs(file.stages[stage], node.document->file->text()))
      asked.installs.push_back({package.value, {node.document->file, package.span}});
    if (const auto base = base_stage(file, stage)) {
      add_stage(node, *base, asked);
      return;
    }
    add_base(node, file.stages[stage], asked);
  }

 private:
  void add_base(const ImageNode& node, const formats::Stage& stage, Asked& asked) {
    const auto need = std::ranges::find_if(node.needs, [&](const ImageNeed& one) {
      return one.where == formats::ExternalName::Where::from && one.span.begin == stage.base.span.begin;
    });
    if (need == node.needs.end()) return;
    if (need->kind == NeedKind::image && depth_ < graph_.nodes.size()) {
      const ImageNode* base = graph_.find(need->target);
      if (base == nullptr || (*base->document)->stages.empty()) return;
      ++depth_;
      add_stage(*base, (*base->document)->stages.size() - 1, asked);
      --depth_;
    } else if (need->kind == NeedKind::external) {
      const bool is_plain = std::ranges::any_of(std::array<std::string_view, 2>{"ubuntu", "debian"}, [&](auto name) {
        return need->name.find(std::string(name) + ":") != std::string::npos;
      });
      if (!is_plain) asked.is_known = false;
    } else {
      asked.is_known = false;
    }
  }

  const ImageGraph& graph_;
  std::size_t depth_ = 0;  ///< a cycle of images ends
};

/// What debootstrap puts into the smallest system.
std::vector<std::string> required_packages(const AptCache& cache) {
  std::vector<std::string> names = {"apt"};
  for (const std::string_view name : cache.required()) names.emplace_back(name);
  return names;
}

PackageNames closed(const AptCache& cache, const std::vector<std::string>& names) {
  PackageNames all(names.begin(), names.end());
  for (const AptInstall& install : apt_closure(cache, names).installs) {
    all.emplace(install.version.package.name);
    for (const formats::RelationGroup& group : formats::parse_relations(install.version.package.provides))
      all.emplace(group.front().name);
  }
  return all;
}

ImagePackages compute(const Snapshot& snapshot, const AptCache& cache, const std::string& release,
                      const std::string& image, const std::string& platform) {
  const std::vector<std::string>& base = base_system(snapshot, cache, platform);
  const StageInstalls installs = stage_installs(snapshot, image);
  const auto all = [&](const std::vector<StageInstall>& from, PackagePhase phase) {
    std::vector<std::string> names = base;
    for (const StageInstall& one : from) names.push_back(one.name);
    for (const SystemPackage& package : forge_packages(snapshot, release, image, phase)) names.push_back(package.name);
    // Releases and images often ask for the same.
    return snapshot.once<PackageNames>(fmt::format("closed {} {}", platform, join(names, " ")),
                                       [&] { return closed(cache, names); });
  };
  return {.build = all(installs.build, PackagePhase::build),
          .runtime = all(installs.runtime, PackagePhase::runtime),
          .is_known = installs.is_known};
}

}  // namespace

StageInstalls stage_installs(const Snapshot& snapshot, const std::string& image) {
  const ImageNode* node = image_graph(snapshot).find(image);
  if (node == nullptr || (*node->document)->stages.empty()) return {.build = {}, .runtime = {}, .is_known = false};
  const formats::Dockerfile& file = **node->document;
  Reader reader(snapshot);
  Asked build;
  Asked runtime;
  const std::size_t last = file.stages.size() - 1;
  reader.add_stage(*node, last, runtime);
  std::vector<std::size_t> standing = {last};  // stages that the last one is made of
  for (auto stage = base_stage(file, last); stage; stage = base_stage(file, *stage)) standing.push_back(*stage);
  const std::vector<bool> used = used_stages(file);
  bool has_builder = false;
  for (std::size_t i = 0; i < file.stages.size(); ++i) {
    if (!used[i] || std::ranges::count(standing, i) > 0) continue;
    has_builder = true;
    reader.add_stage(*node, i, build);
  }
  if (!has_builder) build = runtime;
  return {.build = std::move(build.installs),
          .runtime = std::move(runtime.installs),
          .is_known = build.is_known && runtime.is_known};
}

const std::vector<std::string>& base_system(const Snapshot& snapshot, const AptCache& cache,
                                            const std::string& platform) {
  return snapshot.once<std::vector<std::string>>("base system " + platform, [&] { return required_packages(cache); });
}

const ImagePackages& image_packages(const Snapshot& snapshot, const AptCache& cache, const std::string& release,
                                    const std::string& image, const std::string& platform) {
  return snapshot.once<ImagePackages>(release + "/" + image + "/" + platform,
                                      [&] { return compute(snapshot, cache, release, image, platform); });
}

}  // namespace forge::model
