#include "engine/git/libgit2_repository.hpp"

#include <algorithm>
#include <atomic>
#include <filesystem>
#include <fstream>
#include <limits>
#include <set>

#include <fmt/format.h>

#include "engine/base/cancellation.hpp"
#include "engine/base/names.hpp"
#include "engine/base/on_first_use.hpp"
#include "engine/git/blob_cache.hpp"
#include "engine/git/change_history_file.hpp"
#include "engine/git/fetch_time.hpp"
#include "engine/git/history.hpp"
#include "engine/git/history_facts.hpp"
#include "engine/git/libgit2_change_walk.hpp"
#include "engine/git/libgit2_commit_name.hpp"
#include "engine/git/libgit2_handles.hpp"

namespace forge::git {

namespace {

constexpr std::size_t max_object_bytes = 64U << 20;
constexpr std::size_t max_path_bytes = 4096;
constexpr std::size_t max_ref_bytes = 1024;
constexpr std::size_t blob_cache_bytes = 32U << 20;

constexpr std::string_view tags_prefix = "refs/tags/";
constexpr std::string_view heads_prefix = "refs/heads/";
constexpr std::string_view remote_prefix = "refs/remotes/origin/";

tl::unexpected<Failure> unreadable(std::string_view what) {
  return fail(Failure::Kind::invalid, fmt::format("{} can't be read: {}.", what, last_libgit2_error()));
}

CommitInfo commit_info(const git_commit* commit) {
  CommitInfo info;
  info.id = from_oid(*git_commit_id(commit));
  info.tree = from_oid(*git_commit_tree_id(commit));
  for (unsigned i = 0; i < git_commit_parentcount(commit); ++i)
    info.parents.push_back(from_oid(*git_commit_parent_id(commit, i)));
  const git_signature* author = git_commit_author(commit);
  info.author = fmt::format("{} <{}>", author->name, author->email);
  info.author_time = {author->when.time, author->when.offset};
  info.commit_time = {git_commit_time(commit), git_commit_time_offset(commit)};
  info.message = git_commit_message_raw(commit);
  return info;
}

TreeEntry tree_entry(const git_tree_entry* entry) {
  return {git_tree_entry_name(entry), static_cast<std::uint32_t>(git_tree_entry_filemode(entry)),
          from_oid(*git_tree_entry_id(entry))};
}

bool is_tree_path(std::string_view path) {
  return !path.empty() && path.size() <= max_path_bytes && path.front() != '/' && path.back() != '/' &&
         path.find("//") == std::string_view::npos && path.find('\0') == std::string_view::npos;
}

/// The commits whose parents a shallow clone left out; git keeps them one a line.
std::set<ObjectId> shallow_boundary(git_repository* repository) {
  std::set<ObjectId> boundary;
  std::ifstream file(std::filesystem::path(git_repository_commondir(repository)) / "shallow");
  for (std::string line; std::getline(file, line);) {
    if (const auto id = ObjectId::from_hex(line)) boundary.insert(*id);
  }
  return boundary;
}

/// The commit that a ref stands for, annotated tags peeled; nothing where it stands for something else.
Result<std::optional<ObjectId>> peeled_commit(git_odb* odb, const git_reference* reference) {
  const git_oid* named = git_reference_target_peel(reference);  // packed-refs knows of annotated tags
  if (named == nullptr) named = git_reference_target(reference);
  std::size_t size = 0;
  git_object_t type = GIT_OBJECT_INVALID;
  // What it is tells its head; the whole commit need not be read.
  if (named != nullptr && git_odb_read_header(&size, &type, odb, named) == 0 && type == GIT_OBJECT_COMMIT)
    return from_oid(*named);
  git_object* object = nullptr;
  const int code = git_reference_peel(&object, reference, GIT_OBJECT_COMMIT);
  if (code == GIT_EPEEL || code == GIT_EINVALIDSPEC) return std::nullopt;
  if (code != 0) return unreadable(fmt::format("The commit of `{}`", git_reference_name(reference)));
  const ObjectHandle owner(object);
  return from_oid(*git_object_id(object));
}

void collect_matches(git_odb* odb, const git_oid& prefix, std::size_t digits, std::vector<git_oid>& found);

void collect_longer_matches(git_odb* odb, const git_oid& prefix, std::size_t digits, std::vector<git_oid>& found) {
  for (unsigned digit = 0; digit < 16; ++digit) {
    git_oid longer = prefix;
    longer.id[digits / 2] |= static_cast<unsigned char>(digits % 2 == 0 ? digit << 4 : digit);
    collect_matches(odb, longer, digits + 1, found);
  }
}

/// Every object whose id starts with the first `digits` of `prefix` (the rest is 0). Ambiguity is followed digit by
/// digit, since the id of a commit often shares seven digits with some blob in a big repository.
void collect_matches(git_odb* odb, const git_oid& prefix, std::size_t digits, std::vector<git_oid>& found) {
  constexpr std::size_t enough = 64;
  if (found.size() >= enough) return;
  git_oid match;
  const int code = git_odb_exists_prefix(&match, odb, &prefix, digits);
  if (code == 0)
    found.push_back(match);
  else if (code == GIT_EAMBIGUOUS && digits < GIT_OID_HEXSZ)
    collect_longer_matches(odb, prefix, digits, found);
}

/// The objects of one type whose id starts with `hex`.
std::vector<ObjectId> objects_named(git_odb* odb, std::string_view hex, git_object_t type) {
  git_oid prefix;
  if (git_oid_fromstrn(&prefix, hex.data(), hex.size()) != 0) return {};
  std::vector<git_oid> candidates;
  collect_matches(odb, prefix, hex.size(), candidates);
  std::vector<ObjectId> found;
  for (const git_oid& candidate : candidates) {
    std::size_t size = 0;
    git_object_t is = GIT_OBJECT_INVALID;
    if (git_odb_read_header(&size, &is, odb, &candidate) == 0 && is == type) found.push_back(from_oid(candidate));
  }
  return found;
}

/// Puts together what libgit2 prints of a diff.
class DiffText {
 public:
  static int take(const git_diff_delta* /*delta*/, const git_diff_hunk* /*hunk*/, const git_diff_line* line,
                  void* text) {
    static_cast<DiffText*>(text)->add(*line);
    return 0;
  }
  [[nodiscard]] std::string finish() && {
    drop_idle_names();
    return std::move(text_);
  }

 private:
  void add(const git_diff_line& line) {
    const std::string_view content(line.content, line.content_len);
    if (line.origin == GIT_DIFF_LINE_FILE_HDR) {
      drop_idle_names();
      const std::size_t names = content.rfind("\n--- ");
      if (names != std::string_view::npos) names_ = text_.size() + names + 1;
    } else {
      names_.reset();
    }
    const bool is_of_hunk = line.origin == GIT_DIFF_LINE_CONTEXT || line.origin == GIT_DIFF_LINE_ADDITION ||
                            line.origin == GIT_DIFF_LINE_DELETION;
    if (is_of_hunk) text_ += line.origin;
    text_ += content;
  }
  /// git writes the lines `---` and `+++` before hunks only, libgit2 for a new empty file too.
  void drop_idle_names() {
    if (names_) text_.resize(*names_);
    names_.reset();
  }

  std::string text_;
  std::optional<std::size_t> names_;  ///< where those of a file without a hunk yet begin
};

class Libgit2Repository final : public Repository, public RepositoryOnDisk {
 public:
  Libgit2Repository(const std::string& path, RepositoryHandle first, RepositoryOptions options)
      : path_(path),
        options_(std::move(options)),
        answers_(options_.cache_folder),
        facts_(answers_, path),
        shallow_(shallow_boundary(first.get())),
        handles_(path, std::move(first)),
        history_([this](const ObjectId& id) { return link(id); }) {}

  [[nodiscard]] Result<ResolvedRef> resolve(std::string_view ref) const override;
  [[nodiscard]] Result<std::shared_ptr<const std::vector<NamedRef>>> refs() const override;
  [[nodiscard]] Result<CommitInfo> commit(const ObjectId& id) const override;
  [[nodiscard]] CommitName commit_name(const ObjectId& id) const override;
  [[nodiscard]] Result<std::optional<TreeEntry>> entry(const ObjectId& tree, std::string_view path) const override;
  [[nodiscard]] Result<std::vector<TreeEntry>> list(const ObjectId& tree) const override;
  [[nodiscard]] Result<BlobPtr> blob(const ObjectId& id) const override;
  [[nodiscard]] std::optional<ObjectId> find_blob(std::string_view abbreviated_hex) const override;
  [[nodiscard]] Result<std::size_t> count_between(const ObjectId& base, const ObjectId& tip) const override {
    if (is_shallow()) return history_.count_between(base, tip);
    return facts_.get(HistoryFacts::Question::count_between, base, tip,
                      [&] { return history_.count_between(base, tip); });
  }
  [[nodiscard]] Result<bool> is_ancestor(const ObjectId& ancestor, const ObjectId& descendant) const override {
    if (is_shallow()) return history_.is_ancestor(ancestor, descendant);
    return facts_
        .get(HistoryFacts::Question::is_ancestor, ancestor, descendant,
             [&] { return history_.is_ancestor(ancestor, descendant).map([](bool is) { return std::size_t{is}; }); })
        .map([](std::size_t is) { return is != 0; });
  }
  [[nodiscard]] Result<void> walk(const ObjectId& from, const std::vector<ObjectId>& hidden,
                                  const std::function<bool(const CommitInfo&)>& visit) const override;
  [[nodiscard]] Result<std::shared_ptr<const ChangeHistory>> changes() const override;
  [[nodiscard]] ChangeHistoryPtr changes_if_known() const override {
    const Result<ChangeHistoryPtr>* known = changes_.if_ready();
    return known != nullptr ? known->value_or(nullptr) : nullptr;
  }
  [[nodiscard]] Result<std::vector<PathChange>> changed_paths(const ObjectId& commit) const override;
  [[nodiscard]] Result<std::string> diff(const ObjectId& commit) const override;
  [[nodiscard]] bool is_shallow() const override { return !shallow_.empty(); }
  [[nodiscard]] std::optional<Timestamp> fetched() const override { return fetch_time(path_); }
  [[nodiscard]] const AnswerFolder& answers() const override { return answers_; }
  bool rest() const override {
    blobs_.clear();
    return handles_.close_idle();
  }

 private:
  [[nodiscard]] Result<std::optional<ResolvedRef>> named(git_repository* repository, git_odb* odb, RefKind kind,
                                                         std::string_view prefix, std::string_view name) const;
  [[nodiscard]] Result<ResolvedRef> by_hex(git_odb* odb, std::string_view hex) const;
  [[nodiscard]] Result<CommitHandle> open_commit(git_repository* repository, const ObjectId& id) const;
  [[nodiscard]] Result<HistoryLink> link(const ObjectId& id) const;
  [[nodiscard]] Result<std::vector<NamedRef>> list_refs() const;
  [[nodiscard]] Result<DiffHandle> diff_of(git_repository* repository, const ObjectId& commit) const;
  [[nodiscard]] Result<ChangeHistory> read_changes() const;

  const std::string path_;
  const RepositoryOptions options_;
  const AnswerFolder answers_;
  mutable HistoryFacts facts_;
  const std::set<ObjectId> shallow_;
  mutable HandlePool handles_;
  mutable History history_;
  mutable BlobCache blobs_{blob_cache_bytes};
  mutable std::mutex changed_mutex_;
  /// Renames are looked for by comparing contents, and every file that a commit moved asks for the same commit.
  mutable std::map<ObjectId, std::vector<PathChange>> changed_;
  mutable std::size_t changed_paths_ = 0;
  mutable OnFirstUse<Result<ChangeHistoryPtr>> changes_;
  mutable std::mutex refs_mutex_;
  mutable std::shared_ptr<const std::vector<NamedRef>> refs_;
};

Result<ResolvedRef> Libgit2Repository::resolve(std::string_view ref) const {
  const auto missing = [&] { return fail(Failure::Kind::not_found, fmt::format("There is no ref `{}`.", ref)); };
  if (ref.size() > max_ref_bytes || ref == "HEAD" || !ref_name_problem(ref).empty()) return missing();
  FORGE_TRY_ASSIGN(const HandlePool::Lease lease, handles_.lease());
  constexpr std::pair<RefKind, std::string_view> places[] = {
      {RefKind::tag, tags_prefix}, {RefKind::branch, heads_prefix}, {RefKind::branch, remote_prefix}};
  for (const auto& [kind, prefix] : places) {
    FORGE_TRY_ASSIGN(const std::optional<ResolvedRef> found, named(lease.repository(), lease.odb(), kind, prefix, ref));
    if (found) return *found;
  }
  if (is_full_commit(ref) || is_abbreviated_commit(ref)) return by_hex(lease.odb(), ref);
  return missing();
}

Result<std::optional<ResolvedRef>> Libgit2Repository::named(git_repository* repository, git_odb* odb, RefKind kind,
                                                            std::string_view prefix, std::string_view name) const {
  std::string full_name = fmt::format("{}{}", prefix, name);
  git_reference* reference = nullptr;
  const int code = git_reference_lookup(&reference, repository, full_name.c_str());
  if (code == GIT_ENOTFOUND || code == GIT_EINVALIDSPEC) return std::nullopt;
  if (code != 0) return unreadable(fmt::format("The {} `{}`", to_string(kind), name));
  const ReferenceHandle owner(reference);
  FORGE_TRY_ASSIGN(const std::optional<ObjectId> commit, peeled_commit(odb, reference));
  if (!commit) return std::nullopt;
  return ResolvedRef{kind, *commit, std::move(full_name)};
}

Result<ResolvedRef> Libgit2Repository::by_hex(git_odb* odb, std::string_view hex) const {
  const std::vector<ObjectId> commits = objects_named(odb, hex, GIT_OBJECT_COMMIT);
  if (commits.size() == 1) return ResolvedRef{RefKind::commit, commits.front()};
  return fail(Failure::Kind::not_found,
              fmt::format("{} commit has an id that starts with `{}`.", commits.empty() ? "No" : "More than one", hex));
}

Result<std::shared_ptr<const std::vector<NamedRef>>> Libgit2Repository::refs() const {
  const std::lock_guard lock(refs_mutex_);
  if (!refs_) {
    FORGE_TRY_ASSIGN(std::vector<NamedRef> all, list_refs());
    refs_ = std::make_shared<const std::vector<NamedRef>>(std::move(all));
  }
  return refs_;
}

Result<std::vector<NamedRef>> Libgit2Repository::list_refs() const {
  FORGE_TRY_ASSIGN(const HandlePool::Lease lease, handles_.lease());
  git_reference_iterator* raw = nullptr;
  if (git_reference_iterator_new(&raw, lease.repository()) != 0) return unreadable("The list of refs");
  const ReferenceIterator iterator(raw);
  std::vector<NamedRef> all;
  git_reference* reference = nullptr;
  int code = 0;
  while ((code = git_reference_next(&reference, raw)) == 0) {
    const ReferenceHandle owner(reference);
    std::string_view name = git_reference_name(reference);
    const bool is_tag = name.starts_with(tags_prefix);
    if (!is_tag && !name.starts_with(heads_prefix) && !name.starts_with(remote_prefix)) continue;
    if (name == "refs/remotes/origin/HEAD") continue;
    const std::string_view prefix = is_tag                           ? tags_prefix
                                    : name.starts_with(heads_prefix) ? heads_prefix
                                                                     : remote_prefix;
    name.remove_prefix(prefix.size());
    // One ref whose object is lost must not hide the others; resolve() tells when somebody wants that one.
    if (const auto commit = peeled_commit(lease.odb(), reference); commit && *commit)
      all.push_back({is_tag ? RefKind::tag : RefKind::branch, std::string(name), **commit});
  }
  if (code != GIT_ITEROVER) return unreadable("The list of refs");
  // Stable: a head comes before the remote's branch of the same name in git's order, and wins as in resolve().
  const auto key = [](const NamedRef& ref) { return std::tie(ref.name, ref.kind); };
  std::ranges::stable_sort(all, {}, key);
  const auto repeated = std::ranges::unique(all, {}, key);
  all.erase(repeated.begin(), repeated.end());
  return all;
}

Result<CommitHandle> Libgit2Repository::open_commit(git_repository* repository, const ObjectId& id) const {
  const git_oid oid = to_oid(id);
  git_commit* commit = nullptr;
  const int code = git_commit_lookup(&commit, repository, &oid);
  if (code == GIT_ENOTFOUND) return fail(Failure::Kind::not_found, fmt::format("There is no commit `{}`.", id.hex()));
  if (code != 0) return unreadable(fmt::format("The commit `{}`", id.hex()));
  return CommitHandle(commit);
}

Result<CommitInfo> Libgit2Repository::commit(const ObjectId& id) const {
  throw_if_cancelled();
  FORGE_TRY_ASSIGN(const HandlePool::Lease lease, handles_.lease());
  FORGE_TRY_ASSIGN(const CommitHandle handle, open_commit(lease.repository(), id));
  CommitInfo info = commit_info(handle.get());
  if (shallow_.contains(id)) info.parents.clear();
  return info;
}

Result<HistoryLink> Libgit2Repository::link(const ObjectId& id) const {
  FORGE_TRY_ASSIGN(const HandlePool::Lease lease, handles_.lease());
  FORGE_TRY_ASSIGN(const CommitHandle handle, open_commit(lease.repository(), id));
  HistoryLink link{git_commit_time(handle.get()), {}};
  if (shallow_.contains(id)) return link;
  for (unsigned i = 0; i < git_commit_parentcount(handle.get()); ++i)
    link.parents.push_back(from_oid(*git_commit_parent_id(handle.get(), i)));
  return link;
}

CommitName Libgit2Repository::commit_name(const ObjectId& id) const {
  const auto all = refs();
  const Result<HandlePool::Lease> lease = handles_.lease();
  if (!all || !lease) return Repository::commit_name(id);
  std::vector<NamedRef> tags;
  std::ranges::copy_if(**all, std::back_inserter(tags),
                       [&](const NamedRef& ref) { return ref.kind == RefKind::tag && ref.commit == id; });
  return read_commit_name(lease->repository(), lease->odb(), id, tags);
}

Result<std::optional<TreeEntry>> Libgit2Repository::entry(const ObjectId& tree, std::string_view path) const {
  throw_if_cancelled();
  if (!is_tree_path(path)) return std::nullopt;
  FORGE_TRY_ASSIGN(const HandlePool::Lease lease, handles_.lease());
  const git_oid oid = to_oid(tree);
  git_tree* raw_tree = nullptr;
  if (git_tree_lookup(&raw_tree, lease.repository(), &oid) != 0)
    return unreadable(fmt::format("The tree `{}`", tree.hex()));
  const TreeHandle tree_owner(raw_tree);
  git_tree_entry* raw_entry = nullptr;
  const int code = git_tree_entry_bypath(&raw_entry, raw_tree, std::string(path).c_str());
  if (code == GIT_ENOTFOUND) return std::nullopt;
  if (code != 0) return unreadable(fmt::format("`{}` in the tree `{}`", path, tree.hex()));
  const TreeEntryHandle entry_owner(raw_entry);
  return tree_entry(raw_entry);
}

Result<std::vector<TreeEntry>> Libgit2Repository::list(const ObjectId& tree) const {
  FORGE_TRY_ASSIGN(const HandlePool::Lease lease, handles_.lease());
  const git_oid oid = to_oid(tree);
  git_tree* raw = nullptr;
  if (git_tree_lookup(&raw, lease.repository(), &oid) != 0) return unreadable(fmt::format("The tree `{}`", tree.hex()));
  const TreeHandle owner(raw);
  std::vector<TreeEntry> entries;
  for (std::size_t i = 0; i < git_tree_entrycount(raw); ++i)
    entries.push_back(tree_entry(git_tree_entry_byindex(raw, i)));
  return entries;
}

Result<BlobPtr> Libgit2Repository::blob(const ObjectId& id) const {
  throw_if_cancelled();
  if (BlobPtr known = blobs_.find(id)) return known;
  FORGE_TRY_ASSIGN(const HandlePool::Lease lease, handles_.lease());
  const git_oid oid = to_oid(id);
  std::size_t size = 0;
  git_object_t type = GIT_OBJECT_INVALID;
  const int code = git_odb_read_header(&size, &type, lease.odb(), &oid);
  if (code == GIT_ENOTFOUND || (code == 0 && type != GIT_OBJECT_BLOB))
    return fail(Failure::Kind::not_found, fmt::format("There is no blob `{}`.", id.hex()));
  if (code == 0 && size > max_object_bytes) {
    return fail(Failure::Kind::invalid, fmt::format("The blob `{}` has {} bytes; the bound is {} MiB.", id.hex(), size,
                                                    max_object_bytes >> 20));
  }
  git_odb_object* object = nullptr;
  if (code != 0 || git_odb_read(&object, lease.odb(), &oid) != 0)
    return unreadable(fmt::format("The blob `{}`", id.hex()));
  const OdbObjectHandle owner(object);
  auto blob = std::make_shared<const std::string>(static_cast<const char*>(git_odb_object_data(object)),
                                                  git_odb_object_size(object));
  blobs_.add(id, blob);
  return blob;
}

std::optional<ObjectId> Libgit2Repository::find_blob(std::string_view abbreviated_hex) const {
  constexpr std::size_t shortest = 4;  // as git's
  if (abbreviated_hex.size() < shortest || abbreviated_hex.size() > GIT_OID_HEXSZ) return std::nullopt;
  const Result<HandlePool::Lease> lease = handles_.lease();
  if (!lease) return std::nullopt;
  const std::vector<ObjectId> blobs = objects_named(lease->odb(), abbreviated_hex, GIT_OBJECT_BLOB);
  if (blobs.size() != 1) return std::nullopt;
  return blobs.front();
}

Result<void> Libgit2Repository::walk(const ObjectId& from, const std::vector<ObjectId>& hidden,
                                     const std::function<bool(const CommitInfo&)>& visit) const {
  return history_.walk(from, hidden, [&](const ObjectId& id) -> Result<bool> {
    FORGE_TRY_ASSIGN(const CommitInfo info, commit(id));
    return visit(info);
  });
}

/// The commit's diff against its first parent (against nothing for a root).
Result<DiffHandle> Libgit2Repository::diff_of(git_repository* repository, const ObjectId& commit) const {
  FORGE_TRY_ASSIGN(const CommitHandle handle, open_commit(repository, commit));
  const auto stop = [&] { return unreadable(fmt::format("The change of the commit `{}`", commit.hex())); };
  git_tree* raw_new = nullptr;
  if (git_commit_tree(&raw_new, handle.get()) != 0) return stop();
  const TreeHandle new_tree(raw_new);
  TreeHandle old_tree;
  if (git_commit_parentcount(handle.get()) > 0 && !shallow_.contains(commit)) {
    git_commit* raw_parent = nullptr;
    if (git_commit_parent(&raw_parent, handle.get(), 0) != 0) return stop();
    const CommitHandle parent(raw_parent);
    git_tree* raw_old = nullptr;
    if (git_commit_tree(&raw_old, parent.get()) != 0) return stop();
    old_tree.reset(raw_old);
  }
  git_diff_options options = GIT_DIFF_OPTIONS_INIT;
  options.flags = GIT_DIFF_INDENT_HEURISTIC;
  options.id_abbrev = GIT_OID_HEXSZ;
  git_diff* raw = nullptr;
  if (git_diff_tree_to_tree(&raw, repository, old_tree.get(), new_tree.get(), &options) != 0) return stop();
  DiffHandle diff(raw);
  // As git: what moved unchanged first, by its ids. Only what is left is compared, content by content.
  git_diff_find_options renames = GIT_DIFF_FIND_OPTIONS_INIT;
  renames.flags = GIT_DIFF_FIND_RENAMES | GIT_DIFF_FIND_EXACT_MATCH_ONLY;
  renames.rename_limit = std::numeric_limits<int>::max();
  if (git_diff_find_similar(diff.get(), &renames) != 0) return stop();
  renames = GIT_DIFF_FIND_OPTIONS_INIT;
  renames.flags = GIT_DIFF_FIND_RENAMES;
  if (git_diff_find_similar(diff.get(), &renames) != 0) return stop();
  return diff;
}

Result<std::vector<PathChange>> Libgit2Repository::changed_paths(const ObjectId& commit) const {
  throw_if_cancelled();
  {
    const std::scoped_lock lock(changed_mutex_);
    const auto known = changed_.find(commit);
    if (known != changed_.end()) return known->second;
  }
  FORGE_TRY_ASSIGN(const HandlePool::Lease lease, handles_.lease());
  FORGE_TRY_ASSIGN(const DiffHandle diff, diff_of(lease.repository(), commit));
  std::vector<PathChange> out;
  for (std::size_t i = 0; i < git_diff_num_deltas(diff.get()); ++i) {
    const git_diff_delta* delta = git_diff_get_delta(diff.get(), i);
    switch (delta->status) {
      case GIT_DELTA_ADDED:
        out.push_back({PathChange::Kind::add, {}, delta->new_file.path});
        break;
      case GIT_DELTA_DELETED:
        out.push_back({PathChange::Kind::remove, delta->old_file.path, {}});
        break;
      case GIT_DELTA_RENAMED:
        out.push_back({PathChange::Kind::rename, delta->old_file.path, delta->new_file.path});
        break;
      default:
        out.push_back({PathChange::Kind::modify, delta->old_file.path, delta->new_file.path});
    }
  }
  constexpr std::size_t most_kept = 100'000;  // paths
  const std::scoped_lock lock(changed_mutex_);
  changed_paths_ += out.size();
  if (changed_paths_ > most_kept) {
    changed_.clear();
    changed_paths_ = out.size();
  }
  changed_.insert_or_assign(commit, out);
  return out;
}

Result<std::string> Libgit2Repository::diff(const ObjectId& commit) const {
  throw_if_cancelled();
  FORGE_TRY_ASSIGN(const HandlePool::Lease lease, handles_.lease());
  FORGE_TRY_ASSIGN(const DiffHandle diff, diff_of(lease.repository(), commit));
  DiffText text;
  if (git_diff_print(diff.get(), GIT_DIFF_FORMAT_PATCH, DiffText::take, &text) != 0)
    return unreadable(fmt::format("The change of the commit `{}`", commit.hex()));
  return std::move(text).finish();
}

/// What is remembered, with the commits that have come since.
Result<ChangeHistory> Libgit2Repository::read_changes() const {
  FORGE_TRY_ASSIGN(const auto all, refs());
  std::vector<ObjectId> tips;
  for (const NamedRef& ref : *all) tips.push_back(ref.commit);
  const std::vector<ObjectId> boundary(shallow_.begin(), shallow_.end());
  const std::string file =
      options_.cache_folder.empty() ? std::string() : change_history_file(options_.cache_folder, path_, boundary);
  ChangeHistory known = load_change_history(file);
  if (std::ranges::all_of(tips, [&](const ObjectId& tip) { return known.find(tip).has_value(); })) return known;
  FORGE_TRY_ASSIGN(const std::vector<HashedChange> added,
                   walk_changes(handles_, shallow_, tips, known, TaskPool(options_.jobs)));
  known = known.extended(added, tips);
  if (!file.empty()) save_change_history(file, known);
  return known;
}

Result<ChangeHistoryPtr> Libgit2Repository::changes() const {
  return changes_.get([&]() -> Result<ChangeHistoryPtr> {
    // Whoever asks next needs the same walk, so an answer that has become obsolete does not cut it.
    const CancellationScope to_its_end({.ending = current_cancellation().ending});
    return read_changes().map(
        [](ChangeHistory&& history) { return std::make_shared<const ChangeHistory>(std::move(history)); });
  });
}

}  // namespace

Result<RepositoryPtr> open_repository(const std::string& path, RepositoryOptions options) {
  FORGE_TRY_ASSIGN(RepositoryHandle handle, open_handle(path));
  return std::make_shared<const Libgit2Repository>(path, std::move(handle), std::move(options));
}

}  // namespace forge::git
