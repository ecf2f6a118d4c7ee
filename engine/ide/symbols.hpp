/// What a document holds, as an outline; and the same of all documents, to be searched.
#pragma once

#include <cstddef>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/workspace/snapshot.hpp"

namespace forge::ide {

enum class SymbolKind { component, package, file, hunk, list, entry, image, patch };

struct Symbol {
  SymbolKind kind = SymbolKind::component;
  std::string name;    ///< never empty
  std::string detail;  ///< a ref, a version; may be empty
  TextSpan span;       ///< all of it, children included
  TextSpan name_span;  ///< inside of `span`
  std::vector<Symbol> children{};
};

/// In file order. Components and their refs, pins, overrides, a patch's files with their hunks, a service's extras;
/// nothing for other documents.
[[nodiscard]] std::vector<Symbol> document_symbols(const workspace::Snapshot& snapshot, std::string_view path);

struct FoundSymbol {
  SymbolKind kind = SymbolKind::component;
  std::string name;
  std::string container;  ///< the release, or release and component of a patch
  SourceFilePtr file;
  TextSpan span;
};

/// Components, patches (by file name and subject), images, pins and overrides whose name holds the letters of `query`
/// in their order, letter case aside; those that begin with it come first. At most `most`. With an empty query no pins.
/// `stop` is asked now and then.
[[nodiscard]] std::vector<FoundSymbol> find_symbols(const workspace::Snapshot& snapshot, std::string_view query,
                                                    std::size_t most, const std::function<bool()>& stop = {});

}  // namespace forge::ide
