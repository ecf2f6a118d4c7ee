/// What is worth knowing about the thing under the cursor.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/ide/rule_words.hpp"
#include "engine/workspace/snapshot.hpp"

namespace forge::ide {

/// A piece of a line. The writers escape all text but that of `markdown`, which is for our own words alone. `source` is
/// a whole line of a file; lines of it that follow each other are one block.
struct HoverPiece {
  enum class Style { plain, strong, code, source, markdown };
  Style style = Style::plain;
  std::string text;
};

struct Hover {
  TextSpan span;  ///< the token that it is about
  std::vector<std::vector<HoverPiece>> lines;
};

/// What the answer depends on beside the forge.
struct HoverOptions {
  RuleList rules{};
  std::int64_t now = 0;  ///< seconds since the epoch; 0: nothing is said of how long ago something was
};

/// `path` is relative to the root. Nothing where nothing is known. May read the upstream's repository.
[[nodiscard]] std::optional<Hover> hover(const workspace::Snapshot& snapshot, std::string_view path,
                                         std::uint32_t offset, const HoverOptions& options = {});

/// At most 25 lines; text that is not ours can't become markup.
[[nodiscard]] std::string to_markdown(const Hover& hover);
[[nodiscard]] std::string to_plain_text(const Hover& hover);

}  // namespace forge::ide
