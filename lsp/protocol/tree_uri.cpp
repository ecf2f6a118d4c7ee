#include "lsp/protocol/tree_uri.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "engine/base/text.hpp"
#include "engine/formats/url.hpp"
#include "lsp/protocol/uri.hpp"

namespace forge::lsp::protocol {

namespace {

constexpr std::string_view scheme = "forge:";
constexpr std::string_view root_key = "root=";

std::string escaped(std::string_view text, std::string_view also_plain) {
  std::string out;
  for (const char c : text) {
    const bool plain = is_alnum(c) || also_plain.find(c) != std::string_view::npos;
    out += plain ? std::string(1, c) : fmt::format("%{:02X}", static_cast<unsigned char>(c));
  }
  return out;
}

/// The part of `path` up to its next slash, which is taken off with it.
std::string_view next_part(std::string_view& path) {
  const std::size_t slash = std::min(path.find('/'), path.size());
  const std::string_view part = path.substr(0, slash);
  path.remove_prefix(std::min(slash + 1, path.size()));
  return part;
}

}  // namespace

std::string tree_uri(const ide::TreeFile& file, std::string_view root) {
  return fmt::format("{}/{}/{}/{}?{}{}", scheme, escaped(file.component, "-._~"), file.commit,
                     escaped(file.path, "/-._~"), root_key, escaped(uri_of_path(root), "-._~"));
}

std::optional<TreeUri> read_tree_uri(std::string_view uri) {
  if (to_lower(uri.substr(0, scheme.size())) != scheme) return std::nullopt;
  uri.remove_prefix(scheme.size());
  uri = uri.substr(0, uri.find('#'));
  const std::size_t mark = uri.find('?');
  if (mark == std::string_view::npos) return std::nullopt;
  const std::string query = formats::percent_decoded(uri.substr(mark + 1));
  std::string_view path = uri.substr(0, mark);
  while (path.starts_with('/')) path.remove_prefix(1);
  TreeUri read;
  read.file.component = formats::percent_decoded(next_part(path));
  read.file.commit = to_lower(next_part(path));
  read.file.path = formats::percent_decoded(path);
  if (!query.starts_with(root_key) || read.file.component.empty() || read.file.path.empty()) return std::nullopt;
  read.root_uri = query.substr(root_key.size());
  while (read.root_uri.ends_with('/')) read.root_uri.pop_back();
  return read;
}

}  // namespace forge::lsp::protocol
