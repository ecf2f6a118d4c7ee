/// A commit's tree with changes on top, in memory. Reads only the folders and blobs that are asked for.
#pragma once

#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/base/result.hpp"
#include "engine/git/upstreams.hpp"
#include "engine/model/file_content.hpp"

namespace forge::model {

/// A file, link or submodule.
struct TreeFile {
  std::uint32_t mode = 0;
  git::ObjectId id;        ///< where `content` is null
  FileContentPtr content;  ///< as changed, or as read before
  bool changed = false;    ///< `id` is not known yet
};

/// As git's index: folders exist only by the files in them. What the repository fails to give is kept in failure();
/// from then on answers mean nothing. Not for use by several threads.
class TreeState {
 public:
  TreeState(const git::Repository& repository, const git::ObjectId& tree);
  ~TreeState();
  TreeState(const TreeState&) = delete;
  TreeState& operator=(const TreeState&) = delete;

  /// Null for a folder too.
  [[nodiscard]] const TreeFile* find(std::string_view path);
  [[nodiscard]] bool is_folder(std::string_view path);
  /// The file, link or submodule that stands where `path` needs a folder; empty where there is none.
  [[nodiscard]] std::string_view file_among_parents(std::string_view path);
  /// The bytes of what find gave for `path`; of a submodule the line that stands for it.
  [[nodiscard]] FileContentPtr content(std::string_view path);
  /// Blobs of the repository by id; null where it has none.
  [[nodiscard]] git::BlobPtr blob(const git::ObjectId& id) const;

  void remove(std::string_view path);
  /// False, and nothing done, where a folder has that name or a file is among the parents.
  [[nodiscard]] bool put(std::string_view path, TreeFile file);

  /// What rollback goes back to.
  [[nodiscard]] std::size_t mark() const { return journal_.size(); }
  void rollback(std::size_t mark);
  /// To be asked before contents are made from a patch: false where the run has taken more time or memory than any real
  /// one, so that it has to end. `units` are lines or bytes of binary data, `bytes` what will be held on top of before.
  [[nodiscard]] bool can_afford(std::uint64_t units, std::uint64_t bytes);
  /// The same units, where only afterwards it is known how many they were.
  void spend(std::uint64_t units) { units_ += units; }
  /// To be told before something is looked for in `content`: what is known of the lines of those that were worked on
  /// longest ago is let go, so that memory stays bounded.
  void works_on(const FileContentPtr& content);

  /// Nobody will go back to before now: what was kept for it is let go.
  void settle() { journal_.clear(); }

  /// Every file, link and submodule, sorted by bytes. Reads every folder.
  [[nodiscard]] std::vector<std::string> paths();

  /// The id of the tree as it is now. Nothing is written anywhere.
  [[nodiscard]] git::ObjectId tree_id();

  [[nodiscard]] const std::optional<Failure>& failure() const { return failure_; }

 private:
  struct Node;
  struct Folder;
  struct Undo {
    std::string path;
    std::optional<TreeFile> before;
  };

  [[nodiscard]] Folder* folder_of(Node& node);
  [[nodiscard]] Node* node_at(std::string_view path);
  [[nodiscard]] bool put_quietly(std::string_view path, TreeFile file);
  void remove_quietly(std::string_view path);
  void collect_paths(Node& node, const std::string& prefix, std::vector<std::string>& out);
  bool remove_below(Folder& folder, std::string_view path);
  [[nodiscard]] git::ObjectId id_of(Node& node);
  void note(Failure failure);

  const git::Repository& repository_;
  std::unique_ptr<Node> root_;
  std::vector<Undo> journal_;
  std::optional<Failure> failure_;
  struct WorkedOn {
    std::weak_ptr<const FileContent> content;
    std::size_t lines = 0;
  };
  std::deque<WorkedOn> worked_on_;  ///< the last one is at the end
  std::size_t worked_on_lines_ = 0;
  std::uint64_t units_ = 0;
  std::uint64_t held_ = 0;
};

}  // namespace forge::model
