/// A forge as the server sees it: its files on disk with the open documents over them, at one moment.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "engine/base/finding.hpp"
#include "engine/base/on_first_use.hpp"
#include "engine/ide/forge_facts.hpp"
#include "engine/workspace/workspace.hpp"
#include "lsp/settings.hpp"

namespace forge::lsp {

/// An open document, as the client names it.
struct OpenText {
  std::string uri;
  std::int64_t version = 0;
  std::uint64_t opening = 0;  ///< grows with each didOpen, so that a reopened document is told from the former
  std::shared_ptr<const std::string> text;
};

/// By path relative to the root.
using OpenTexts = std::map<std::string, OpenText, std::less<>>;
using Findings = std::vector<Finding>;
using FindingsPtr = std::shared_ptr<const Findings>;
/// Told after each piece of work, from any thread: how many are done, of how many, and what the last one was.
using RunProgress = std::function<void(std::size_t, std::size_t, std::string_view)>;

/// One root, and what was parsed of it lately. The lock is held while a state is loaded, never on the main thread.
class ForgeRoot {
 public:
  ForgeRoot(std::string path, workspace::UpstreamsFactory upstreams);

  [[nodiscard]] const std::string& path() const { return path_; }
  [[nodiscard]] Result<workspace::SnapshotPtr> load(const OpenTexts& open, const Settings& settings);
  /// Whether a repository, or with `files` a file of the forge, is another than at the last look. For those who are
  /// not told.
  [[nodiscard]] bool has_news(bool files);
  /// What can be read again leaves the memory; false where there was nothing. For times when nobody asks for anything.
  bool rest();

 private:
  std::string path_;
  std::mutex mutex_;
  workspace::Workspace workspace_;
  std::shared_ptr<const git::Upstreams> upstreams_;  ///< of the last state
  std::uint64_t stamp_ = 0;                          ///< of the files at the last look; 0: nobody has looked
};

/// Immutable; its answers are computed at most once and shared. Numbers grow with each change, so "older" is always
/// decidable.
class ForgeState {
 public:
  ForgeState(std::uint64_t number, std::shared_ptr<ForgeRoot> root, OpenTexts open, SettingsPtr settings);

  [[nodiscard]] std::uint64_t number() const { return number_; }
  [[nodiscard]] const OpenTexts& open() const { return open_; }
  [[nodiscard]] const std::string& root() const { return root_->path(); }
  [[nodiscard]] const Settings& settings() const { return *settings_; }

  /// Null where the root can't be read.
  [[nodiscard]] workspace::SnapshotPtr snapshot() const;
  /// Of the rules that need nothing but the forge's own files.
  [[nodiscard]] FindingsPtr file_findings() const;
  /// Of all rules.
  [[nodiscard]] FindingsPtr all_findings(const RunProgress& progress = {}) const;
  /// All where they are known already, else those of the files.
  [[nodiscard]] FindingsPtr findings_at_hand() const;
  [[nodiscard]] bool all_known() const { return all_.if_ready() != nullptr; }
  /// What git says about it. Asks git; quick where all findings are known.
  [[nodiscard]] ide::ForgeFactsPtr facts() const;
  /// Null where that is not known yet.
  [[nodiscard]] ide::ForgeFactsPtr facts_at_hand() const;

 private:
  std::uint64_t number_;
  std::shared_ptr<ForgeRoot> root_;
  OpenTexts open_;
  SettingsPtr settings_;
  mutable OnFirstUse<workspace::SnapshotPtr> snapshot_;
  mutable OnFirstUse<FindingsPtr> of_files_;
  mutable OnFirstUse<FindingsPtr> all_;
  mutable OnFirstUse<ide::ForgeFactsPtr> facts_;
};

using StatePtr = std::shared_ptr<const ForgeState>;

/// The findings of `now`'s files, and with them what the last complete look at git found in places that have not
/// changed since, moved to where those places are now.
[[nodiscard]] FindingsPtr with_last_known(const ForgeState& now, const FindingsPtr& last_complete);

/// The forge that holds `folder`: the nearest folder at or above it with releases/, where that holds the refs of a
/// release; empty where there is none.
[[nodiscard]] std::string forge_root_of(const std::string& folder);
/// The same for a file, which may be the first refs file of a forge and not be saved yet.
[[nodiscard]] std::string forge_root_of_file(const std::string& path);

}  // namespace forge::lsp
