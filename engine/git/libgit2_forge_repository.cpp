#include <algorithm>
#include <filesystem>
#include <system_error>

#include <fmt/format.h>

#include "engine/base/text.hpp"
#include "engine/git/forge_repository.hpp"
#include "engine/git/libgit2_handles.hpp"
#include "engine/git/libgit2_repository.hpp"

namespace forge::git {

namespace {

namespace fs = std::filesystem;

using StatusHandle = std::unique_ptr<git_status_list, Libgit2Delete<git_status_list_free>>;

class Libgit2ForgeRepository : public ForgeRepository {
 public:
  Libgit2ForgeRepository(const std::string& path, RepositoryHandle handle, RepositoryPtr objects, std::string prefix)
      : pool_(std::make_unique<HandlePool>(path, std::move(handle))),
        objects_(std::move(objects)),
        prefix_(std::move(prefix)) {}

  [[nodiscard]] const Repository& objects() const override { return *objects_; }
  [[nodiscard]] const std::string& prefix() const override { return prefix_; }

  [[nodiscard]] Result<ObjectId> find_commit(std::string_view revision) const override {
    FORGE_TRY_ASSIGN(const HandlePool::Lease lease, pool_->lease());
    git_object* found = nullptr;
    if (git_revparse_single(&found, lease.repository(), std::string(revision).c_str()) != 0) return none(revision);
    const ObjectHandle object(found);
    git_object* peeled = nullptr;
    if (git_object_peel(&peeled, object.get(), GIT_OBJECT_COMMIT) != 0) return none(revision);
    const ObjectHandle commit(peeled);
    return from_oid(*git_object_id(commit.get()));
  }

  [[nodiscard]] Result<ObjectId> merge_base(const ObjectId& a, const ObjectId& b) const override {
    FORGE_TRY_ASSIGN(const HandlePool::Lease lease, pool_->lease());
    git_oid base;
    const git_oid one = to_oid(a);
    const git_oid two = to_oid(b);
    if (git_merge_base(&base, lease.repository(), &one, &two) != 0)
      return fail(Failure::Kind::not_found,
                  fmt::format("{} and {} have no common ancestor here.", a.abbreviated(), b.abbreviated()));
    return from_oid(base);
  }

  [[nodiscard]] std::optional<std::string> current_branch() const override {
    const Result<HandlePool::Lease> lease = pool_->lease();
    if (!lease) return std::nullopt;
    git_reference* head = nullptr;
    if (git_repository_head(&head, lease->repository()) != 0) return std::nullopt;
    const ReferenceHandle reference(head);
    if (git_reference_is_branch(reference.get()) != 1) return std::nullopt;
    return git_reference_shorthand(reference.get());
  }

  [[nodiscard]] Result<std::vector<std::string>> changed_files(const std::vector<std::string>& below,
                                                               std::size_t most) const override {
    FORGE_TRY_ASSIGN(const HandlePool::Lease lease, pool_->lease());
    if (git_repository_is_bare(lease.repository()) == 1) return std::vector<std::string>{};
    std::vector<std::string> paths;
    for (const std::string& path : below) paths.push_back(prefix_ + path);
    std::vector<char*> pointers;
    for (std::string& path : paths) pointers.push_back(path.data());
    git_status_options options;
    git_status_options_init(&options, GIT_STATUS_OPTIONS_VERSION);
    options.show = GIT_STATUS_SHOW_INDEX_AND_WORKDIR;
    options.flags = GIT_STATUS_OPT_INCLUDE_UNTRACKED | GIT_STATUS_OPT_RECURSE_UNTRACKED_DIRS |
                    GIT_STATUS_OPT_EXCLUDE_SUBMODULES | GIT_STATUS_OPT_DISABLE_PATHSPEC_MATCH;
    options.pathspec = {pointers.data(), pointers.size()};
    git_status_list* made = nullptr;
    if (git_status_list_new(&made, lease.repository(), &options) != 0)
      return fail(Failure::Kind::io,
                  fmt::format("What has changed since the commit can't be told: {}.", last_libgit2_error()));
    return paths_of(*StatusHandle(made), most);
  }

 private:
  [[nodiscard]] tl::unexpected<Failure> none(std::string_view revision) const {
    std::vector<std::string> hints = {"fetch it first: `git fetch origin REF`"};
    if (objects_->is_shallow())
      hints = {"the clone is shallow: `git fetch --unshallow`, or clone with `fetch-depth: 0`"};
    return fail(Failure::Kind::not_found, fmt::format("The forge's repository has no commit `{}`.", revision),
                std::move(hints));
  }

  [[nodiscard]] std::vector<std::string> paths_of(git_status_list& list, std::size_t most) const {
    std::vector<std::string> out;
    const std::size_t count = git_status_list_entrycount(&list);
    for (std::size_t i = 0; i < count && out.size() < most; ++i) {
      const git_status_entry* entry = git_status_byindex(&list, i);
      const git_diff_delta* delta = entry->index_to_workdir ? entry->index_to_workdir : entry->head_to_index;
      const std::string_view path = delta->new_file.path ? delta->new_file.path : delta->old_file.path;
      out.emplace_back(path.starts_with(prefix_) ? path.substr(prefix_.size()) : path);
    }
    std::ranges::sort(out);
    return out;
  }

  std::unique_ptr<HandlePool> pool_;
  RepositoryPtr objects_;
  std::string prefix_;
};

/// The forge's root below the repository's work tree. A bare repository has none: then the forge is at its top.
std::string prefix_below(const git_repository& repository, const std::string& root) {
  const char* top = git_repository_workdir(&repository);
  if (top == nullptr) return "";
  std::error_code error;
  const fs::path real_root = fs::canonical(root, error);
  const fs::path real_top = fs::canonical(top, error);
  if (error) return "";
  std::string below = real_root.lexically_relative(real_top).generic_string();
  if (below == "." || below.starts_with("..")) return "";
  return below + "/";
}

}  // namespace

Result<ForgeRepositoryPtr> open_forge_repository(const std::string& root) {
  git_repository* opened = nullptr;
  if (!libgit2_is_ready() || git_repository_open_ext(&opened, root.c_str(), 0, nullptr) != 0)
    return fail(Failure::Kind::not_found, fmt::format("`{}` is in no git repository.", root));
  RepositoryHandle handle(opened);
  const std::string path = git_repository_path(handle.get());
  std::string prefix = prefix_below(*handle, root);
  FORGE_TRY_ASSIGN(RepositoryPtr objects, open_repository(path));
  return std::make_shared<const Libgit2ForgeRepository>(path, std::move(handle), std::move(objects), std::move(prefix));
}

}  // namespace forge::git
