#include <fmt/format.h>

#include "engine/base/names.hpp"
#include "engine/git/import_tag.hpp"
#include "engine/git/libgit2_handles.hpp"

namespace forge::git {

namespace {

using IndexHandle = std::unique_ptr<git_index, Libgit2Delete<git_index_free>>;
using SignatureHandle = std::unique_ptr<git_signature, Libgit2Delete<git_signature_free>>;

tl::unexpected<Failure> not_written(const std::string& repository) {
  return fail(Failure::Kind::io, fmt::format("`{}` can't be written: {}.", repository, last_libgit2_error()));
}

Result<RepositoryHandle> open_or_make(const std::string& path) {
  if (Result<RepositoryHandle> there = open_handle(path)) return there;
  git_repository_init_options options = GIT_REPOSITORY_INIT_OPTIONS_INIT;
  options.flags = GIT_REPOSITORY_INIT_BARE | GIT_REPOSITORY_INIT_MKPATH;
  git_repository* raw = nullptr;
  if (git_repository_init_ext(&raw, path.c_str(), &options) != 0) return not_written(path);
  return RepositoryHandle(raw);
}

Result<git_oid> write_tree(git_repository* repository, const std::string& path,
                           const std::function<Result<void>(const AddFile&)>& fill) {
  git_index* raw = nullptr;
  if (git_index_new(&raw) != 0) return not_written(path);
  const IndexHandle index(raw);
  const auto add = [&](std::string_view name, std::uint32_t mode, std::string_view content) -> Result<void> {
    git_index_entry entry{};
    const std::string text(name);
    entry.path = text.c_str();
    entry.mode = mode;
    if (git_blob_create_from_buffer(&entry.id, repository, content.data(), content.size()) != 0 ||
        git_index_add(index.get(), &entry) != 0)
      return not_written(path);
    return {};
  };
  FORGE_TRY(fill(add));
  git_oid tree;
  if (git_index_write_tree_to(&tree, index.get(), repository) != 0) return not_written(path);
  return tree;
}

Result<git_oid> write_commit(git_repository* repository, const std::string& path, const TagImport& import,
                             const git_oid& tree_id) {
  git_signature* raw_signature = nullptr;
  if (git_signature_new(&raw_signature, "forge-analyze", "forge-analyze@localhost", import.time, 0) != 0)
    return not_written(path);
  const SignatureHandle signature(raw_signature);
  git_tree* raw_tree = nullptr;
  if (git_tree_lookup(&raw_tree, repository, &tree_id) != 0) return not_written(path);
  const TreeHandle tree(raw_tree);
  git_oid commit;
  if (git_commit_create(&commit, repository, nullptr, signature.get(), signature.get(), nullptr, import.message.c_str(),
                        tree.get(), 0, nullptr) != 0)
    return not_written(path);
  return commit;
}

}  // namespace

Result<ObjectId> import_tag(const std::string& repository, const TagImport& import,
                            const std::function<Result<void>(const AddFile&)>& fill) {
  if (!ref_name_problem(import.tag).empty())
    return fail(Failure::Kind::invalid, fmt::format("`{}` can't be the name of a tag.", import.tag));
  FORGE_TRY_ASSIGN(const RepositoryHandle handle, open_or_make(repository));
  FORGE_TRY_ASSIGN(const git_oid tree, write_tree(handle.get(), repository, fill));
  FORGE_TRY_ASSIGN(const git_oid commit, write_commit(handle.get(), repository, import, tree));
  const std::string name = fmt::format("refs/tags/{}", import.tag);
  git_oid known;
  if (git_reference_name_to_id(&known, handle.get(), name.c_str()) == 0) {
    if (git_oid_equal(&known, &commit) != 0) return from_oid(commit);
    return fail(
        Failure::Kind::invalid,
        fmt::format("The tag `{}` of `{}` stands for other content than the released archive.", import.tag, repository),
        {fmt::format("if that is right, remove `{}` and run `forge-analyze mirror sync` again", repository)});
  }
  git_reference* raw = nullptr;
  if (git_reference_create(&raw, handle.get(), name.c_str(), &commit, 0, nullptr) != 0) return not_written(repository);
  const ReferenceHandle made(raw);
  return from_oid(commit);
}

}  // namespace forge::git
