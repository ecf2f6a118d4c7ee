#include "lsp/documents.hpp"

#include <algorithm>
#include <utility>

#include "lsp/protocol/uri.hpp"

namespace forge::lsp {

namespace {

/// What a document may grow to by edits; offsets are 32 bits wide, and a file may have 64 MiB.
constexpr std::size_t max_document = std::size_t{256} << 20;

}  // namespace

void Documents::open(const std::string& uri, std::int64_t version, std::string text) {
  OpenDocument document{.uri = uri,
                        .path = protocol::path_of_uri(uri).value_or(""),
                        .version = version,
                        .opening = ++last_opening_,
                        .text = TextBuffer(std::move(text))};
  by_key_.insert_or_assign(protocol::uri_key(uri), std::move(document));
}

bool Documents::change(const std::string& uri, std::int64_t version,
                       const std::vector<protocol::ContentChange>& changes, ColumnUnit unit) {
  const auto found = by_key_.find(protocol::uri_key(uri));
  if (found == by_key_.end()) return false;
  OpenDocument& document = found->second;
  for (const protocol::ContentChange& change : changes) {
    if (document.text.text().size() + change.text.size() > max_document) return false;
    document.text.apply(change, unit);
  }
  document.version = std::max(document.version, version);
  return true;
}

void Documents::close(const std::string& uri) {
  by_key_.erase(protocol::uri_key(uri));
}

const OpenDocument* Documents::at_path(const std::string& path) const {
  const auto found = by_key_.find(protocol::uri_of_path(path));
  return found == by_key_.end() ? nullptr : &found->second;
}

OpenTexts Documents::below(const std::string& root, const std::vector<std::string>& nested) const {
  OpenTexts texts;
  for (const auto& [key, document] : by_key_) {
    std::string path = relative_to(root, document.path);
    const bool further_inside = std::ranges::any_of(
        nested, [&](const std::string& inner) { return !relative_to(inner, document.path).empty(); });
    if (path.empty() || further_inside) continue;
    texts.emplace(std::move(path),
                  OpenText{document.uri, document.version, document.opening, document.text.shared_text()});
  }
  return texts;
}

std::string relative_to(const std::string& root, std::string_view path) {
  const std::string prefix = root.ends_with('/') ? root : root + "/";
  return path.starts_with(prefix) ? std::string(path.substr(prefix.size())) : std::string();
}

}  // namespace forge::lsp
