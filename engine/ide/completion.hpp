/// What can be written at a place of a document that may be broken everywhere else: everything here looks at the line
/// under the cursor, and at the documents that parse.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/ide/hover.hpp"
#include "engine/ide/rule_words.hpp"
#include "engine/workspace/snapshot.hpp"

namespace forge::ide {

enum class CompletionKind { tag, branch, commit, component, package, version, key, rule, atom, stage, context };
inline constexpr CompletionKind last_completion_kind = CompletionKind::context;

struct Completion {
  CompletionKind kind = CompletionKind::key;
  std::string label;
  std::string detail{};    ///< a date and a distance, a subject, a few words; may be empty
  std::string new_text{};  ///< goes in the place of Completions::span
  std::string filter{};    ///< what is compared with the text in that place; empty: the label
  /// `new_text` has the cursor's place in it, at this offset; nowhere where it is its size.
  std::size_t cursor = std::string::npos;
};

struct Completions {
  TextSpan span;                  ///< on one line, holds the cursor
  std::vector<Completion> items;  ///< the best first
  bool incomplete = false;        ///< there are more than `most_completions`
};

inline constexpr std::size_t most_completions = 200;

/// Only what holds the letters before the cursor in their order. May read the upstream's repository.
[[nodiscard]] Completions completions(const workspace::Snapshot& snapshot, std::string_view path, std::uint32_t offset,
                                      RuleList rules);

/// What is worth knowing about an item that `completions` gave for a document; nothing where there is nothing more.
/// `label` of a commit is its id.
[[nodiscard]] std::optional<Hover> completion_details(const workspace::Snapshot& snapshot, std::string_view path,
                                                      CompletionKind kind, const std::string& component,
                                                      const std::string& label, const HoverOptions& options);

/// Of a place in source-refs.yaml behind a key: that key, so that an item can be resolved later; else empty.
[[nodiscard]] std::string completed_component(const workspace::Snapshot& snapshot, std::string_view path,
                                              std::uint32_t offset);

/// All letters of `typed` stand in `text` in their order, letter case aside.
[[nodiscard]] bool holds_letters(std::string_view text, std::string_view typed);

}  // namespace forge::ide
