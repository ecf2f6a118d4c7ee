#include "engine/model/declared_requirements.hpp"

#include <utility>

#include <fmt/format.h>

#include "engine/formats/pbr_version.hpp"
#include "engine/model/source_tree.hpp"
#include "engine/model/upstream_refs.hpp"

namespace forge::model {

namespace {

using workspace::Snapshot;

bool is_native_tree(SourceTree& tree) {
  return tree.has("configure.ac") && !tree.has("setup.cfg") && !tree.has("setup.py") && !tree.has("pyproject.toml");
}

Result<ComponentRequirements> read_tree(const Snapshot& snapshot, const std::string& release,
                                        const std::string& component) {
  FORGE_TRY_ASSIGN(SourceTree tree, SourceTree::open(snapshot, release, component));
  ComponentRequirements out;
  out.native = is_native_tree(tree);
  if (!out.native)
    out.declared = formats::declared_requirements([&](std::string_view path) -> std::optional<std::string_view> {
      const SourceFilePtr file = tree.read(path);
      return file ? std::optional(file->text()) : std::nullopt;
    });
  if (tree.failure()) return tl::unexpected(*tree.failure());
  out.release = release;
  out.component = component;
  out.ref = tree.ref();
  out.commit = tree.commit();
  out.files = tree.files();
  out.left_out = tree.left_out();
  return out;
}

/// pbr's pre-version, `[metadata] version` of setup.cfg: what a tree that is no tagged version comes to at least.
std::string at_least(const std::string& counted, const std::string& target) {
  const auto version = formats::PbrVersion::parse_tag(counted);
  const auto least = formats::PbrVersion::parse_tag(target);
  if (!version || !least || version->dev == 0) return counted;
  const formats::PbrVersion target_dev = least->with_dev(version->dev);
  return target_dev > *version ? target_dev.str() : counted;
}

Result<std::string> version_of(const Snapshot& snapshot, const std::string& release, const std::string& component) {
  const Result<ComponentRequirements>& tree = declared_requirements(snapshot, release, component);
  if (!tree) return tl::unexpected(tree.error());
  const formats::DeclaredRequirements& declared = tree->declared;
  if (tree->native) {
    const Result<UpstreamRefs>& upstream = upstream_refs(snapshot, component);
    if (!upstream) return tl::unexpected(upstream.error());
    return native_version(*upstream, tree->ref, tree->commit);
  }
  if (!declared.uses_pbr) {
    if (!declared.static_version.empty()) return declared.static_version;
    return fail(Failure::Kind::invalid, fmt::format("The version of `{}` is made when it is built.", component));
  }
  const Result<UpstreamRefs>& upstream = upstream_refs(snapshot, component);
  if (!upstream) return tl::unexpected(upstream.error());
  FORGE_TRY_ASSIGN(const std::string counted, built_version(*upstream, tree->commit));
  return declared.static_version.empty() ? counted : at_least(counted, declared.static_version);
}

}  // namespace

Place ComponentRequirements::place(const formats::TreePlace& in_tree) const {
  const auto file = files.find(in_tree.path);
  return {
      file == files.end() ? SourceFile::make(fmt::format("{}@{}:{}", component, ref, in_tree.path), "") : file->second,
      in_tree.span};
}

const Result<ComponentRequirements>& declared_requirements(const Snapshot& snapshot, const std::string& release,
                                                           const std::string& component) {
  return snapshot.once<Result<ComponentRequirements>>("requirements of " + release + "/" + component,
                                                      [&] { return read_tree(snapshot, release, component); });
}

bool is_native(const Snapshot& snapshot, const std::string& release, const std::string& component) {
  const Result<ComponentRequirements>& tree = declared_requirements(snapshot, release, component);
  return tree && tree->native;
}

const Result<std::string>& source_version(const Snapshot& snapshot, const std::string& release,
                                          const std::string& component) {
  return snapshot.once<Result<std::string>>("version of " + release + "/" + component,
                                            [&] { return version_of(snapshot, release, component); });
}

}  // namespace forge::model
