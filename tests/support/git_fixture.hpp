/// Real git repositories for tests, made in a temporary folder by `git fast-import` and removed afterwards.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/git/upstreams.hpp"

namespace forge::support {

/// A folder that goes when this goes.
class TempFolder {
 public:
  TempFolder();
  ~TempFolder();
  TempFolder(const TempFolder&) = delete;
  TempFolder& operator=(const TempFolder&) = delete;

  [[nodiscard]] const std::string& path() const { return path_; }
  /// Makes the folders above it too.
  void write(std::string_view file, std::string_view text) const;
  [[nodiscard]] std::string read(std::string_view file) const;

 private:
  std::string path_;
};

/// Writes a fast-import stream, a commit at a time. Each commit's time is an hour after the one before, the first
/// is of 2025-01-01T00:00:00Z, so ids are the same on every run.
class GitStream {
 public:
  struct Commit {
    std::string branch = "master";
    std::string message = "Change";
    std::map<std::string, std::string> files{};  ///< written over those of the parent
    std::vector<std::string> removed{};
    std::vector<int> parents{};  ///< what commit() returned; empty: the branch's last, the first one has none
    std::optional<std::int64_t> seconds{};
  };
  /// Returns the commit's number, for `parents` and tags.
  int commit(Commit commit);
  /// Lightweight.
  GitStream& tag(std::string_view name, int commit);
  GitStream& annotated_tag(std::string_view name, int commit);
  /// A branch that starts at `commit`.
  GitStream& branch(std::string_view name, int commit);

  [[nodiscard]] const std::string& text() const { return text_; }

 private:
  std::string text_;
  int next_ = 1;
  std::int64_t seconds_ = 1'735'689'600;
};

/// Runs `git -C <folder> <arguments>` through the shell, as the test's author wrote it; what it printed, without the
/// last newline. Throws where it fails.
std::string run_git(const std::string& folder, const std::string& arguments);

/// A bare repository.
class GitFixture {
 public:
  explicit GitFixture(std::string_view fast_import_stream);
  explicit GitFixture(const GitStream& stream) : GitFixture(stream.text()) {}

  [[nodiscard]] std::string path() const { return folder_.path() + "/repo.git"; }
  /// A path beside the repository, in the same temporary folder.
  [[nodiscard]] std::string beside(std::string_view name) const { return folder_.path() + "/" + std::string(name); }
  std::string git(const std::string& arguments) const { return run_git(path(), arguments); }
  /// What `git rev-parse` makes of a revision.
  [[nodiscard]] git::ObjectId id(const std::string& revision) const;
  [[nodiscard]] git::RepositoryPtr open() const;

 private:
  TempFolder folder_;
};

}  // namespace forge::support
