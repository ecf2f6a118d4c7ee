#include "engine/model/tree_state.hpp"

#include <algorithm>
#include <functional>
#include <map>
#include <utility>

#include <fmt/format.h>

#include "engine/git/object_hash.hpp"

namespace forge::model {

/// `folder` is there once it has been read or made.
struct TreeState::Node {
  std::string name{};
  TreeFile file{};  ///< its mode and id also for a folder
  std::unique_ptr<Folder> folder{};
  bool gone = false;

  /// A patch can make a file with the mode of a folder; git lets it.
  [[nodiscard]] bool is_folder() const { return file.mode == git::mode_folder && !file.content; }
};

/// What was read stays in its place, sorted by name, and what comes later is kept beside it: however many files a patch
/// makes or removes in one folder, no entry is ever moved to make room.
struct TreeState::Folder {
  std::vector<Node> read;
  std::map<std::string, Node, std::less<>> made;
  std::size_t count = 0;  ///< of those that are there

  [[nodiscard]] Node* find(std::string_view name) {
    Node* node = find_read(name);
    if (node != nullptr) return node->gone ? nullptr : node;
    const auto at = made.find(name);
    return at == made.end() ? nullptr : &at->second;
  }
  /// There is none of that name yet.
  Node& add(std::string_view name) {
    ++count;
    Node* node = find_read(name);
    if (node == nullptr) node = &made.try_emplace(std::string(name)).first->second;
    *node = Node{.name = std::string(name)};
    return *node;
  }
  void remove(Node& node) {
    --count;
    if (find_read(node.name) == &node)
      node = Node{.name = std::move(node.name), .gone = true};
    else
      made.erase(made.find(node.name));
  }
  /// In no particular order.
  template <class Visit>
  void for_each(Visit&& visit) {
    for (Node& node : read) {
      if (!node.gone) visit(node);
    }
    for (auto& [name, node] : made) visit(node);
  }

 private:
  [[nodiscard]] Node* find_read(std::string_view name) {
    const auto at =
        std::ranges::lower_bound(read, name, {}, [](const Node& node) { return std::string_view(node.name); });
    return at != read.end() && at->name == name ? &*at : nullptr;
  }
};

TreeState::TreeState(const git::Repository& repository, const git::ObjectId& tree)
    : repository_(repository), root_(std::make_unique<Node>()) {
  root_->file.mode = git::mode_folder;
  root_->file.id = tree;
}

TreeState::~TreeState() = default;

void TreeState::note(Failure failure) {
  if (!failure_) failure_ = std::move(failure);
}

TreeState::Folder* TreeState::folder_of(Node& node) {
  if (node.folder) return node.folder.get();
  node.folder = std::make_unique<Folder>();
  Result<std::vector<git::TreeEntry>> entries = repository_.list(node.file.id);
  if (!entries) {
    note(std::move(entries.error()));
    return node.folder.get();
  }
  node.folder->read.reserve(entries->size());
  for (git::TreeEntry& entry : *entries) {
    Node child;
    child.name = std::move(entry.name);
    child.file.mode = entry.mode;
    child.file.id = entry.id;
    node.folder->read.push_back(std::move(child));
  }
  const auto name = [](const Node& child) { return std::string_view(child.name); };
  if (!std::ranges::is_sorted(node.folder->read, {}, name)) std::ranges::sort(node.folder->read, {}, name);
  node.folder->count = node.folder->read.size();
  return node.folder.get();
}

TreeState::Node* TreeState::node_at(std::string_view path) {
  Node* node = root_.get();
  while (node != nullptr) {
    if (!node->is_folder()) return nullptr;
    const std::size_t slash = path.find('/');
    node = folder_of(*node)->find(path.substr(0, slash));
    if (slash == std::string_view::npos) return node;
    path.remove_prefix(slash + 1);
  }
  return nullptr;
}

const TreeFile* TreeState::find(std::string_view path) {
  const Node* node = node_at(path);
  return node == nullptr || node->is_folder() ? nullptr : &node->file;
}

bool TreeState::is_folder(std::string_view path) {
  const Node* node = node_at(path);
  return node != nullptr && node->is_folder();
}

std::string_view TreeState::file_among_parents(std::string_view path) {
  Node* node = root_.get();
  for (std::size_t at = 0, slash = path.find('/'); slash != std::string_view::npos; slash = path.find('/', at)) {
    node = folder_of(*node)->find(path.substr(at, slash - at));
    if (node == nullptr) return {};
    if (!node->is_folder()) return path.substr(0, slash);
    at = slash + 1;
  }
  return {};
}

FileContentPtr TreeState::content(std::string_view path) {
  Node* node = node_at(path);
  if (node == nullptr || node->is_folder()) return nullptr;
  TreeFile& file = node->file;
  if (file.content) return file.content;
  if (file.mode == git::mode_submodule) {
    file.content = std::make_shared<const FileContent>(
        std::make_shared<const std::string>(fmt::format("Subproject commit {}\n", file.id.hex())));
    return file.content;
  }
  Result<git::BlobPtr> blob = repository_.blob(file.id);
  if (!blob) {
    note(std::move(blob.error()));
    blob = std::make_shared<const std::string>();
  }
  file.content = std::make_shared<const FileContent>(std::move(*blob));
  return file.content;
}

git::BlobPtr TreeState::blob(const git::ObjectId& id) const {
  Result<git::BlobPtr> blob = repository_.blob(id);
  return blob ? std::move(*blob) : nullptr;
}

bool TreeState::can_afford(std::uint64_t units, std::uint64_t bytes) {
  constexpr std::uint64_t most_units = std::uint64_t{1} << 32;
  constexpr std::uint64_t most_bytes = std::uint64_t{2} << 30;
  units_ += units;
  held_ += bytes;
  return units_ <= most_units && held_ <= most_bytes;
}

void TreeState::works_on(const FileContentPtr& content) {
  constexpr std::size_t most_lines = std::size_t{1} << 22;
  constexpr std::size_t lines_of_any = 64;  // what a small file counts at least
  if (!worked_on_.empty()) {
    const FileContentPtr last = worked_on_.back().content.lock();
    if (last == content) return;
    if (last) last->forget_search(true);
  }
  worked_on_.push_back({content, content->lines().size() + lines_of_any});
  worked_on_lines_ += worked_on_.back().lines;
  while (worked_on_lines_ > most_lines && worked_on_.size() > 1) {
    if (const FileContentPtr first = worked_on_.front().content.lock(); first && first != content)
      first->forget_search(false);
    worked_on_lines_ -= worked_on_.front().lines;
    worked_on_.pop_front();
  }
}

void TreeState::remove(std::string_view path) {
  const TreeFile* file = find(path);
  if (file == nullptr) return;
  journal_.push_back({std::string(path), *file});
  remove_quietly(path);
}

void TreeState::remove_quietly(std::string_view path) {
  remove_below(*folder_of(*root_), path);
  root_->file.changed = true;
}

/// True where `folder` is empty afterwards, so that it goes as well.
bool TreeState::remove_below(Folder& folder, std::string_view path) {
  const std::size_t slash = path.find('/');
  Node& node = *folder.find(path.substr(0, slash));
  node.file.changed = true;
  const bool goes = slash == std::string_view::npos || remove_below(*folder_of(node), path.substr(slash + 1));
  if (goes) folder.remove(node);
  return folder.count == 0;
}

bool TreeState::put(std::string_view path, TreeFile file) {
  const TreeFile* before = find(path);
  Undo undo{std::string(path), before != nullptr ? std::optional(*before) : std::nullopt};
  if (!put_quietly(path, std::move(file))) return false;
  journal_.push_back(std::move(undo));
  return true;
}

bool TreeState::put_quietly(std::string_view path, TreeFile file) {
  if (!file_among_parents(path).empty() || is_folder(path)) return false;
  Node* node = root_.get();
  for (std::string_view rest = path; node->is_folder();) {
    node->file.changed = true;
    const std::size_t slash = rest.find('/');
    const bool leaf = slash == std::string_view::npos;
    Folder& folder = *folder_of(*node);
    node = folder.find(rest.substr(0, slash));
    if (node == nullptr) {
      node = &folder.add(rest.substr(0, slash));
      node->file.mode = leaf ? 0 : git::mode_folder;
      if (!leaf) node->folder = std::make_unique<Folder>();
    }
    if (leaf) break;
    rest.remove_prefix(slash + 1);
  }
  node->file = std::move(file);
  return true;
}

void TreeState::rollback(std::size_t mark) {
  while (journal_.size() > mark) {
    Undo undo = std::move(journal_.back());
    journal_.pop_back();
    if (undo.before)
      (void)put_quietly(undo.path, std::move(*undo.before));
    else
      remove_quietly(undo.path);
  }
}

void TreeState::collect_paths(Node& node, const std::string& prefix, std::vector<std::string>& out) {
  folder_of(node)->for_each([&](Node& child) {
    if (child.is_folder())
      collect_paths(child, prefix + child.name + "/", out);
    else
      out.push_back(prefix + child.name);
  });
}

std::vector<std::string> TreeState::paths() {
  std::vector<std::string> out;
  collect_paths(*root_, "", out);
  std::ranges::sort(out);
  return out;
}

git::ObjectId TreeState::id_of(Node& node) {
  if (!node.file.changed) return node.file.id;
  node.file.changed = false;
  if (!node.is_folder()) {
    node.file.id = git::hash_object("blob", *node.file.content->text());
    return node.file.id;
  }
  std::vector<git::TreeEntry> entries;
  folder_of(node)->for_each([&](Node& child) { entries.push_back({child.name, child.file.mode, id_of(child)}); });
  node.file.id = git::hash_tree(entries);
  return node.file.id;
}

git::ObjectId TreeState::tree_id() {
  return id_of(*root_);
}

}  // namespace forge::model
