#include "engine/git/object_hash.hpp"

#include <algorithm>
#include <string>

#include <fmt/format.h>

#include "engine/base/sha1.hpp"

namespace forge::git {

ObjectId hash_object(std::string_view type, std::string_view content) {
  const std::string header = fmt::format("{} {}", type, content.size());
  Sha1 hash;
  hash.update({header.c_str(), header.size() + 1});
  hash.update(content);
  return {hash.finish()};
}

ObjectId hash_tree(std::span<const TreeEntry> entries) {
  std::vector<const TreeEntry*> order;
  order.reserve(entries.size());
  for (const TreeEntry& entry : entries) order.push_back(&entry);
  std::ranges::sort(order, [](const TreeEntry* a, const TreeEntry* b) { return before_in_tree(*a, *b); });
  std::string content;
  for (const TreeEntry* entry : order) {
    content += fmt::format("{:o} {}", entry->mode, entry->name);
    content += '\0';
    for (const std::uint8_t byte : entry->id.bytes) content += static_cast<char>(byte);
  }
  return hash_object("tree", content);
}

bool before_in_tree(const TreeEntry& a, const TreeEntry& b) {
  const std::size_t common = std::min(a.name.size(), b.name.size());
  const int order = std::string_view(a.name).substr(0, common).compare(std::string_view(b.name).substr(0, common));
  if (order != 0) return order < 0;
  const auto next = [common](const TreeEntry& entry) -> unsigned char {
    if (entry.name.size() > common) return static_cast<unsigned char>(entry.name[common]);
    return (entry.mode & mode_type_mask) == mode_folder ? '/' : '\0';
  };
  return next(a) < next(b);
}

}  // namespace forge::git
