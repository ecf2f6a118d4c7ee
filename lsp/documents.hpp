/// The documents that the client has open: what it shows is the truth, whatever the disk says.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "lsp/forge_state.hpp"
#include "lsp/text_buffer.hpp"

namespace forge::lsp {

struct OpenDocument {
  std::string uri;   ///< as the client spells it
  std::string path;  ///< absolute; empty where the scheme is not file:
  std::int64_t version = 0;
  std::uint64_t opening = 0;
  TextBuffer text;
};

class Documents {
 public:
  /// A document that is open already is replaced: the client knows better.
  void open(const std::string& uri, std::int64_t version, std::string text);
  /// False where it is not open. Versions never go back.
  bool change(const std::string& uri, std::int64_t version, const std::vector<protocol::ContentChange>& changes,
              ColumnUnit unit);
  void close(const std::string& uri);

  [[nodiscard]] const OpenDocument* at_path(const std::string& path) const;
  /// Those below `root`, by their path relative to it, without those of a forge further inside (`nested`).
  [[nodiscard]] OpenTexts below(const std::string& root, const std::vector<std::string>& nested) const;

 private:
  std::map<std::string, OpenDocument> by_key_;
  std::uint64_t last_opening_ = 0;
};

/// `path` relative to `root`; empty where it is not below it.
[[nodiscard]] std::string relative_to(const std::string& root, std::string_view path);

}  // namespace forge::lsp
