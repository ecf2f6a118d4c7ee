#include "engine/model/source_tree.hpp"

#include <utility>

#include <fmt/format.h>

#include "engine/model/patch_series.hpp"

namespace forge::model {

namespace {

constexpr std::uint32_t file_kind_mask = 0170000;
constexpr std::uint32_t regular_file = 0100000;
constexpr std::size_t most_bytes = 1U << 20U;

}  // namespace

Result<SourceTree> SourceTree::open(const workspace::Snapshot& snapshot, std::string_view release,
                                    std::string_view component) {
  const auto* refs = snapshot.source_refs(release);
  const formats::SourceRef* entry = refs == nullptr ? nullptr : (*refs)->find(component);
  if (entry == nullptr || !entry->ref)
    return fail(Failure::Kind::not_found, fmt::format("`{}` has no ref in release `{}`", component, release));
  SourceTree out;
  out.component_ = component;
  out.ref_ = entry->ref->value;
  FORGE_TRY_ASSIGN(out.repository_, snapshot.upstreams().open(component));
  FORGE_TRY_ASSIGN(const git::ResolvedRef ref, out.repository_->resolve(out.ref_));
  FORGE_TRY_ASSIGN(const git::CommitInfo commit, out.repository_->commit(ref.commit));
  out.commit_ = ref.commit;
  out.tree_ = std::make_unique<TreeState>(*out.repository_, commit.tree);
  if (const workspace::PatchSeries* series = snapshot.patch_series(component, release)) out.apply(*series);
  if (out.tree_->failure()) return tl::unexpected(*out.tree_->failure());
  return out;
}

void SourceTree::apply(const workspace::PatchSeries& series) {
  const std::vector<PatchText> patches = patch_texts(series);
  patches_ = read_run(patches);
  RunMemory memory;
  for (std::size_t i = 0; i < patches.size(); ++i) {
    const formats::Patch& patch = patches_[i]->value;
    const bool applies =
        !patch.refused && attempt_patch(*tree_, memory, patches[i].text, patch, Direction::forward).applies;
    if (!applies) left_out_.push_back(series.patches[i]->file->path());
  }
}

SourceFilePtr SourceTree::read(std::string_view path) {
  if (const auto known = files_.find(path); known != files_.end()) return known->second;
  const TreeFile* file = tree_->find(path);
  if (file == nullptr || (file->mode & file_kind_mask) != regular_file) return nullptr;
  const git::BlobPtr text = tree_->content(path)->text();
  if (text->size() > most_bytes) return nullptr;
  const auto source = SourceFile::make(fmt::format("{}@{}:{}", component_, ref_, path), *text);
  return files_.emplace(path, source).first->second;
}

}  // namespace forge::model
