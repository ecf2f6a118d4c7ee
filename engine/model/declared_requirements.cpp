#include "engine/model/declared_requirements.hpp"

#include <utility>

#include <fmt/format.h>

#include "engine/formats/pbr_version.hpp"
#include "engine/model/known_answers.hpp"
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
  return built_version(*upstream, tree->commit, declared.static_version);
}

std::string requirements_key(const std::string& release, const std::string& component) {
  return "requirements of " + release + "/" + component;
}

}  // namespace

Place ComponentRequirements::place(const formats::TreePlace& in_tree) const {
  const auto file = files.find(in_tree.path);
  return {
      file == files.end() ? SourceFile::make(fmt::format("{}@{}:{}", component, ref, in_tree.path), "") : file->second,
      in_tree.span};
}

Result<std::string> tree_version(const Snapshot& snapshot, const std::string& release, const std::string& component,
                                 std::string_view ref, const git::ObjectId& commit) {
  const Result<UpstreamRefs>& upstream = upstream_refs(snapshot, component);
  if (!upstream) return tl::unexpected(upstream.error());
  const Result<ComponentRequirements>& tree = declared_requirements(snapshot, release, component);
  if (tree && tree->native) return native_version(*upstream, ref, commit);
  const bool works_towards = tree && tree->declared.uses_pbr;
  return built_version(*upstream, commit, works_towards ? tree->declared.static_version : "");
}

const Result<ComponentRequirements>& declared_requirements(const Snapshot& snapshot, const std::string& release,
                                                           const std::string& component) {
  const std::string question = requirements_key(release, component);
  const auto& answer =
      snapshot.once<Result<ComponentRequirements>>(question, [&] { return read_tree(snapshot, release, component); });
  KnownAnswer<Result<ComponentRequirements>>::of(snapshot, question) = &answer;
  return answer;
}

const Result<ComponentRequirements>* known_requirements(const Snapshot& snapshot, const std::string& release,
                                                        const std::string& component) {
  return KnownAnswer<Result<ComponentRequirements>>::of(snapshot, requirements_key(release, component));
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
