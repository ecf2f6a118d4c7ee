#include "engine/git/object_hash.hpp"

#include <algorithm>
#include <memory>
#include <new>
#include <string>

#include <fmt/format.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>

namespace forge::git {

namespace {

/// Fetched once: OpenSSL 3 otherwise looks the algorithm up for every digest. Its configuration file is of no
/// interest here and costs a cold process more than the hashing.
const EVP_MD* sha1() {
  static const EVP_MD* const algorithm = [] {
    OPENSSL_init_crypto(OPENSSL_INIT_NO_LOAD_CONFIG, nullptr);
    return EVP_MD_fetch(nullptr, "SHA1", nullptr);
  }();
  return algorithm;
}

struct FreeContext {
  void operator()(EVP_MD_CTX* context) const { EVP_MD_CTX_free(context); }
};

}  // namespace

ObjectId hash_object(std::string_view type, std::string_view content) {
  const std::unique_ptr<EVP_MD_CTX, FreeContext> context(EVP_MD_CTX_new());
  const std::string header = fmt::format("{} {}", type, content.size());
  ObjectId id;
  unsigned length = 0;
  const bool done = context != nullptr && EVP_DigestInit_ex(context.get(), sha1(), nullptr) == 1 &&
                    EVP_DigestUpdate(context.get(), header.c_str(), header.size() + 1) == 1 &&
                    EVP_DigestUpdate(context.get(), content.data(), content.size()) == 1 &&
                    EVP_DigestFinal_ex(context.get(), id.bytes.data(), &length) == 1;
  if (!done) throw std::bad_alloc();
  return id;
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
