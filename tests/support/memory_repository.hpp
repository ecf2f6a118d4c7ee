/// An upstream repository that lives in memory, for tests of everything above git. Ids are the real ones.
#pragma once

#include <map>
#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "engine/git/upstreams.hpp"

namespace forge::support {

/// Thread-safe as long as nothing is added while it is read.
class MemoryRepository : public git::Repository {
 public:
  struct File {
    File(const char* content) : text(content) {}
    File(std::string content, std::uint32_t its_mode = 0100644) : text(std::move(content)), mode(its_mode) {}
    std::string text;  ///< for a submodule its commit in hexadecimal digits
    std::uint32_t mode = 0100644;
  };
  /// By path.
  using Files = std::map<std::string, File>;

  /// A commit whose tree is `files`, one minute later than the one added before it.
  git::ObjectId add_commit(const Files& files, std::string message = "change", std::vector<git::ObjectId> parents = {});
  git::ObjectId add_blob(std::string text);
  void tag(std::string name, const git::ObjectId& commit) { add_ref(git::RefKind::tag, std::move(name), commit); }
  void branch(std::string name, const git::ObjectId& commit) { add_ref(git::RefKind::branch, std::move(name), commit); }
  [[nodiscard]] git::ObjectId tree_of(const git::ObjectId& commit) const { return commits_.at(commit).tree; }

  [[nodiscard]] Result<git::ResolvedRef> resolve(std::string_view ref) const override;
  [[nodiscard]] Result<std::shared_ptr<const std::vector<git::NamedRef>>> refs() const override;
  [[nodiscard]] Result<git::CommitInfo> commit(const git::ObjectId& id) const override;
  /// Every tag is an annotated one.
  [[nodiscard]] git::CommitName commit_name(const git::ObjectId& id) const override;
  [[nodiscard]] Result<std::optional<git::TreeEntry>> entry(const git::ObjectId& tree,
                                                            std::string_view path) const override;
  [[nodiscard]] Result<std::vector<git::TreeEntry>> list(const git::ObjectId& tree) const override;
  [[nodiscard]] Result<git::BlobPtr> blob(const git::ObjectId& id) const override;
  [[nodiscard]] std::optional<git::ObjectId> find_blob(std::string_view abbreviated_hex) const override;
  [[nodiscard]] Result<std::size_t> count_between(const git::ObjectId& base, const git::ObjectId& tip) const override;
  [[nodiscard]] Result<bool> is_ancestor(const git::ObjectId& ancestor, const git::ObjectId& descendant) const override;
  [[nodiscard]] Result<void> walk(const git::ObjectId& from, const std::vector<git::ObjectId>& hidden,
                                  const std::function<bool(const git::CommitInfo&)>& visit) const override;
  [[nodiscard]] Result<std::shared_ptr<const git::ChangeHistory>> changes() const override;
  /// A file that goes and one with equal content that comes are a rename.
  [[nodiscard]] Result<std::vector<git::PathChange>> changed_paths(const git::ObjectId& commit) const override;
  /// Not to be had here; tests that need it use a real repository.
  [[nodiscard]] Result<std::string> diff(const git::ObjectId& commit) const override;
  [[nodiscard]] bool is_shallow() const override { return false; }

 private:
  void add_ref(git::RefKind kind, std::string name, const git::ObjectId& commit);
  git::ObjectId add_tree(const Files& files, const std::string& prefix);
  [[nodiscard]] std::set<git::ObjectId> reachable(const std::vector<git::ObjectId>& from) const;

  [[nodiscard]] std::map<std::string, git::ObjectId> files_of(const git::ObjectId& tree,
                                                              const std::string& prefix = "") const;

  std::map<git::ObjectId, git::CommitInfo> commits_;
  std::vector<git::ObjectId> order_;  ///< of commits_, as they were added
  std::map<git::ObjectId, std::vector<git::TreeEntry>> trees_;
  std::map<git::ObjectId, git::BlobPtr> blobs_;
  std::vector<git::NamedRef> refs_;
};

/// Repositories by component.
class MemoryUpstreams : public git::Upstreams {
 public:
  void add(std::string component, git::RepositoryPtr repository) {
    repositories_[std::move(component)] = std::move(repository);
  }
  [[nodiscard]] Result<git::RepositoryPtr> open(std::string_view component) const override;

 private:
  std::map<std::string, git::RepositoryPtr, std::less<>> repositories_;
};

}  // namespace forge::support
