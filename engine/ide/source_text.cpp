#include "engine/ide/source_text.hpp"

#include <fmt/format.h>

#include "engine/base/names.hpp"
#include "engine/base/utf8.hpp"
#include "engine/git/object_hash.hpp"

namespace forge::ide {

namespace {

constexpr std::size_t most_bytes = std::size_t{8} << 20;

}  // namespace

Result<std::string> source_text(const workspace::Snapshot& snapshot, const TreeFile& file) {
  const auto missing = [&] {
    return fail(Failure::Kind::not_found,
                fmt::format("`{}` has no file `{}` at that commit.", file.component, file.path));
  };
  if (!is_component_name(file.component) || !is_full_commit(file.commit)) return missing();
  const auto id = git::ObjectId::from_hex(file.commit);
  if (!id) return missing();
  FORGE_TRY_ASSIGN(const git::RepositoryPtr repository, snapshot.upstreams().open(file.component));
  FORGE_TRY_ASSIGN(const git::CommitInfo commit, repository->commit(*id));
  FORGE_TRY_ASSIGN(const auto entry, repository->entry(commit.tree, file.path));
  if (!entry) return missing();
  if ((entry->mode & git::mode_type_mask) != git::mode_file)
    return fail(Failure::Kind::invalid, fmt::format("`{}` is no regular file.", file.path));
  FORGE_TRY_ASSIGN(const git::BlobPtr blob, repository->blob(entry->id));
  if (blob->size() > most_bytes)
    return fail(Failure::Kind::invalid, fmt::format("`{}` is larger than eight megabytes.", file.path));
  return to_valid_utf8(*blob);
}

}  // namespace forge::ide
