/// What is worth knowing about the thing under the cursor.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/workspace/snapshot.hpp"

namespace forge::ide {

/// A piece of a line. Only `plain` may come from elsewhere (commit messages, say); the writers escape all of it.
struct HoverPiece {
  enum class Style { plain, strong, code };
  Style style = Style::plain;
  std::string text;
};

struct Hover {
  TextSpan span;  ///< the token that it is about
  std::vector<std::vector<HoverPiece>> lines;
};

/// `path` is relative to the root. Nothing where nothing is known. May read the upstream's repository.
[[nodiscard]] std::optional<Hover> hover(const workspace::Snapshot& snapshot, std::string_view path,
                                         std::uint32_t offset);

/// At most 25 lines; text that is not ours can't become markup.
[[nodiscard]] std::string to_markdown(const Hover& hover);
[[nodiscard]] std::string to_plain_text(const Hover& hover);

}  // namespace forge::ide
