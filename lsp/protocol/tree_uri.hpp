/// `forge:/<component>/<commit>/<path>?root=<URI of the forge's root>`: a file of an upstream tree, as an editor names
/// it.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "engine/ide/source_text.hpp"

namespace forge::lsp::protocol {

struct TreeUri {
  ide::TreeFile file;
  std::string root_uri;  ///< without a slash at its end
};

/// `root`: the forge's root on disk.
[[nodiscard]] std::string tree_uri(const ide::TreeFile& file, std::string_view root);
/// Nothing for another scheme or form. Editors escape more, or less, than they were given.
[[nodiscard]] std::optional<TreeUri> read_tree_uri(std::string_view uri);

}  // namespace forge::lsp::protocol
