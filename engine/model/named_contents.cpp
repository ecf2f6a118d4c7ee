#include "engine/model/named_contents.hpp"

#include <algorithm>
#include <memory>
#include <utility>

#include "engine/base/text.hpp"
#include "engine/git/object_hash.hpp"

namespace forge::model {

namespace {

constexpr std::size_t fewest_digits = 4;
constexpr int deepest_chain = 1000;

bool is_id(std::string_view hex) {
  return hex.size() >= fewest_digits && hex.size() <= 40 && std::ranges::all_of(hex, is_hex);
}

bool is_nothing(std::string_view hex) {
  return hex.find_first_not_of('0') == std::string_view::npos;
}

bool may_be_same(std::string_view a, std::string_view b) {
  return a.starts_with(b) || b.starts_with(a);
}

}  // namespace

std::optional<PatchedText> patched_text(std::string_view content, std::string_view text, const formats::Patch& patch,
                                        const formats::Section& section) {
  return patched_text(content, text, patch, patch.hunks_of(section));
}

std::optional<PatchedText> patched_text(std::string_view content, std::string_view text, const formats::Patch& patch,
                                        std::span<const formats::Hunk> hunks) {
  const Lines base = split_lines(content);
  PatchedLines lines(base);
  PatchedText out;
  for (const formats::Hunk& hunk : hunks) {
    const HunkImages images = hunk_images(text, patch, hunk, Direction::forward);
    const std::optional<std::size_t> at = lines.find(images);
    if (!at) return std::nullopt;
    out.exact = out.exact && *at + 1 == std::max<std::uint64_t>(images.after_start, 1);
    lines.replace(*at, images);
  }
  for (const std::string_view line : lines.result()) out.text += line;
  return out;
}

void NamedContents::index() {
  for (std::size_t p = 0; p < patches_.size(); ++p) {
    const formats::Patch& patch = patches_[p].parsed->value;
    for (std::size_t s = 0; s < patch.sections.size(); ++s) {
      const TextSpan id = patch.sections[s].new_id;
      const std::string hex = to_lower(patches_[p].text.substr(id.begin, id.size()));
      if (is_id(hex) && patch.sections[s].hunk_count > 0) makers_.emplace(hex.substr(0, fewest_digits), Maker{p, s});
    }
  }
  indexed_ = true;
}

git::BlobPtr NamedContents::find(std::string_view hex, int depth) {
  if (!is_id(hex) || depth > deepest_chain) return nullptr;
  if (is_nothing(hex)) return std::make_shared<const std::string>();
  const std::string key = to_lower(hex);
  if (const auto at = known_.find(key); at != known_.end()) return at->second;
  known_[key] = nullptr;  // a chain that leads back to itself ends here
  git::BlobPtr found;
  if (const std::optional<git::ObjectId> id = repository_.find_blob(key)) {
    if (Result<git::BlobPtr> blob = repository_.blob(*id)) found = std::move(*blob);
  }
  if (!found) found = made_by_a_patch(key, depth);
  known_[key] = found;
  return found;
}

git::BlobPtr NamedContents::made_by_a_patch(std::string_view hex, int depth) {
  if (!indexed_) index();
  const auto [from, to] = makers_.equal_range(hex.substr(0, fewest_digits));
  for (auto at = from; at != to; ++at) {
    const PatchText& patch = patches_[at->second.patch];
    const formats::Section& section = patch.parsed->value.sections[at->second.section];
    const auto view = [&](TextSpan span) { return patch.text.substr(span.begin, span.size()); };
    if (!may_be_same(to_lower(view(section.new_id)), hex)) continue;
    const git::BlobPtr base = find(view(section.old_id), depth + 1);
    if (!base) continue;
    std::optional<PatchedText> made = patched_text(*base, patch.text, patch.parsed->value, section);
    if (made && git::hash_object("blob", made->text).hex().starts_with(hex))
      return std::make_shared<const std::string>(std::move(made->text));
  }
  return nullptr;
}

}  // namespace forge::model
