/// One section of a patch made to fit the tree it meets exactly: moved, merged three-way, or taken out where its
/// change is in already.
#pragma once

#include <cstdint>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <string_view>

#include "engine/model/file_states.hpp"
#include "engine/model/named_contents.hpp"
#include "engine/model/patch_attempt.hpp"
#include "engine/model/patch_rewrite.hpp"

namespace forge::model {

struct SectionRefresh {
  enum class Kind {
    same,       ///< it applies exactly as it is
    rewritten,  ///< `text` does
    gone,       ///< the tree has its change
    stuck       ///< neither git nor a merge finds a place; the tree is as it was
  };
  Kind kind = Kind::same;
  std::string text{};
  std::string note{};   ///< what was done and why, or why nothing can be done; a clause that names the file
  TextSpan culprit{};   ///< in the patch, where it is stuck
  bool merged = false;  ///< the result is a merge's, not where `git apply` puts it
};

struct RefreshOptions {
  /// Whether bases are looked for in history, and files under other names, where the index line does not help. Asks
  /// for the repository's whole history.
  bool search_history = true;
};

/// Not for use by several threads.
class SectionRefresher {
 public:
  SectionRefresher(const git::Repository& repository, const git::ObjectId& commit, TreeState& tree,
                   std::span<const PatchText> patches, RefreshOptions options)
      : tree_(tree), named_(repository, patches), states_(repository, commit), options_(options) {}

  /// Leaves the section's result in the tree. Fails where the repository does.
  [[nodiscard]] Result<SectionRefresh> refresh(std::string_view text, const formats::Patch& patch, std::size_t section);

 private:
  struct Item;
  struct Target;
  struct Merged {
    std::string text;
    std::string from;  ///< which base it was merged from
  };
  [[nodiscard]] SectionRefresh moved(const Item& item, const Target& target);
  [[nodiscard]] Result<SectionRefresh> repaired(const Item& item, const SectionPlacement& placement);
  [[nodiscard]] Result<SectionRefresh> merged(const Item& item, const SectionPlacement& placement, Target target,
                                              const std::string& preface);
  [[nodiscard]] Result<SectionRefresh> without_target(const Item& item, const SectionPlacement& placement);
  [[nodiscard]] SectionRefresh existing_target(const Item& item, const SectionPlacement& placement);
  [[nodiscard]] SectionRefresh finish(const Item& item, const Target& target, const std::string& result,
                                      std::string note);
  [[nodiscard]] std::optional<Merged> from_named(const Item& item, const Target& target);
  [[nodiscard]] Result<std::optional<Merged>> from_history(const Item& item, const Target& target);
  [[nodiscard]] bool is_in_already(const Item& item);
  [[nodiscard]] std::string conflict_words(const Item& item, const Target& target, TextSpan& culprit);
  [[nodiscard]] std::optional<Target> target_at(const Item& item, const std::string& path);

  TreeState& tree_;
  NamedContents named_;
  FileStates states_;
  RefreshOptions options_;
};

}  // namespace forge::model
