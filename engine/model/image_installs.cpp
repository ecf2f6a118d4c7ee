#include "engine/model/image_installs.hpp"

#include <algorithm>
#include <optional>
#include <set>
#include <utility>

#include "engine/base/text.hpp"
#include "engine/formats/dockerfile.hpp"
#include "engine/formats/requirements_file.hpp"
#include "engine/model/image_graph.hpp"
#include "engine/model/run_facts.hpp"

namespace forge::model {

namespace {

using formats::Instruction;
using workspace::Snapshot;
using Word = Spanned<std::string>;

std::string_view without_slash(std::string_view path) {
  while (path.size() > 1 && path.ends_with('/')) path.remove_suffix(1);
  return path;
}

/// Something of outside that stands at a path while a RUN runs.
struct Mounted {
  std::string path;
  std::string component;  ///< whose tree it is; empty: a file or folder of the image's own folder
  std::string source;     ///< there
};

class Reader {
 public:
  Reader(const Snapshot& snapshot, const ImageNode& node, std::string release)
      : snapshot_(snapshot), node_(node), runs_(runs_of(*node.document)), release_(std::move(release)) {
    const auto* extras = snapshot.extra_packages(release_);
    if (extras == nullptr) return;
    extras_file_ = extras->file;
    extras_ = (*extras)->find(node.image);
  }

  ImageInstalls read() {
    const formats::Dockerfile& file = **node_.document;
    const std::vector<bool> used = formats::used_stages(file);
    for (std::size_t i = 0; i < file.stages.size(); ++i) {
      copied_.clear();
      for (const Instruction& instruction : file.stages[i].instructions)
        if (used[i]) read_instruction(instruction);
    }
    return std::move(out_);
  }

  /// What is meant to be installed, where the Dockerfile does not show it.
  ImageInstalls assumed() {
    InstalledTree& tree = add_tree(node_.image);
    add_listed_extras(tree);
    add_listed_packages();
    return std::move(out_);
  }

 private:
  [[nodiscard]] const SourceFilePtr& file() const { return node_.document->file; }

  [[nodiscard]] std::optional<std::string> component_of(std::string_view context) const {
    for (const ImageNeed& need : node_.needs)
      if (need.kind == NeedKind::source && need.name == context) return need.target;
    return std::nullopt;
  }

  void read_instruction(const Instruction& instruction) {
    if (instruction.keyword.value == "COPY" || instruction.keyword.value == "ADD") note_copy(instruction);
    if (instruction.keyword.value != "RUN") return;
    mounted_ = copied_;
    for (const formats::Mount& mount : instruction.mounts) note_mount(mount);
    for (const PipInstall& install : runs_->of(instruction).installs)
      for (const PipInstall::Item& item : install.items)
        if (PipInstall::is_requirements(item))
          add_file(without_quotes(item.value.value));
        else if (item.name.empty())
          add_argument(item.value);
  }

  void note_mount(const formats::Mount& mount) {
    if (mount.type != "bind" || !mount.target) return;
    Mounted mounted{std::string(without_slash(mount.target->value)), {}, mount.source ? mount.source->value : ""};
    if (mount.from) {
      const auto component = component_of(mount.from->value);
      if (!component) return;
      mounted.component = *component;
    }
    mounted_.push_back(std::move(mounted));
  }

  void note_copy(const Instruction& copy) {
    if (copy.words.size() < 2) return;
    const formats::InstructionFlag* from = copy.flag("from");
    const std::string_view target = copy.words.back().value;
    std::optional<std::string> component;
    if (from != nullptr) {
      component = from->value ? component_of(from->value->value) : std::nullopt;
      if (!component) return;
    }
    for (std::size_t i = 0; i + 1 < copy.words.size(); ++i) {
      const std::string& source = copy.words[i].value;
      std::string path(without_slash(target));
      if (!component && target.ends_with('/')) path = std::string(target) + source.substr(source.rfind('/') + 1);
      copied_.push_back({std::move(path), component.value_or(""), source});
    }
  }

  void add_argument(const Word& word) {
    std::string_view bare = without_quotes(word.value);
    // Without quotes the shell takes `>=1` as a file to write.
    if (bare.size() == word.value.size()) bare = bare.substr(0, bare.find_first_of("<>"));
    for (const Mounted& mounted : mounted_) {
      if (mounted.component.empty() || !bare.starts_with(mounted.path)) continue;
      const std::string_view rest = bare.substr(mounted.path.size());
      if (rest.empty() || rest.starts_with('[') || rest.starts_with('$') || rest == "/" || rest == "/." ||
          rest.starts_with("/["))
        return add_extras(add_tree(mounted.component), rest, word.span);
    }
    if (bare.find("PIP_PACKAGES") != std::string_view::npos) return add_listed_packages();
    auto requirement = formats::parse_requirement(bare);
    if (requirement && is_package(bare))
      out_.packages.push_back({std::string(bare), std::move(*requirement), {file(), word.span}, false});
  }

  /// A path, a file or a redirection also reads as a name.
  static bool is_package(std::string_view word) {
    return word.find_first_of("/$*?`") == std::string_view::npos && !word.ends_with(".whl") && !word.ends_with(".gz") &&
           word != ".";
  }

  InstalledTree& add_tree(const std::string& component) {
    const auto known = std::ranges::find(out_.trees, component, &InstalledTree::component);
    return known != out_.trees.end() ? *known : out_.trees.emplace_back(InstalledTree{component, {}});
  }

  void add_extras(InstalledTree& tree, std::string_view rest, TextSpan span) {
    if (rest.find("PIP_EXTRAS") != std::string_view::npos) add_listed_extras(tree);
    const std::size_t open = rest.find('[');
    const std::size_t close = rest.rfind(']');
    if (open == std::string_view::npos || close == std::string_view::npos || close < open) return;
    for (const std::string_view part : split(rest.substr(open + 1, close - open - 1), ',')) {
      const std::string_view name = trim(part);
      if (PackageName::parse(name)) tree.extras.push_back({std::string(name), {file(), span}, false});
    }
  }

  void add_listed_extras(InstalledTree& tree) {
    if (extras_ == nullptr) return;
    for (const Spanned<std::string>& extra : extras_->pip_extras)
      tree.extras.push_back({extra.value, {extras_file_, extra.span}, true});
  }

  void add_listed_packages() {
    if (extras_ == nullptr) return;
    for (const Spanned<std::string>& package : extras_->pip_packages)
      if (auto requirement = formats::parse_requirement(package.value))
        out_.packages.push_back({package.value, std::move(*requirement), {extras_file_, package.span}, true});
  }

  /// A requirements file of the image's own folder.
  void add_file(std::string_view path) {
    for (const Mounted& mounted : mounted_) {
      if (!mounted.component.empty()) continue;
      std::string source = mounted.source;
      if (path != mounted.path) {
        if (!path.starts_with(mounted.path + "/")) continue;
        source += path.substr(mounted.path.size());
      }
      while (source.starts_with("./") || source.starts_with('/')) source.erase(0, source.find('/') + 1);
      const SourceFilePtr listed = snapshot_.file("images/" + node_.image + "/" + source);
      if (listed) return add_lines(listed);
    }
  }

  void add_lines(const SourceFilePtr& listed) {
    const auto parsed = formats::parse_requirements_file(listed->text());
    for (const auto& entry : parsed.value.entries)
      if (entry.line)
        out_.packages.push_back({entry.line->text, entry.line->requirement, {listed, entry.line->span}, false});
  }

  const Snapshot& snapshot_;
  const ImageNode& node_;
  const DocumentRunsPtr runs_;
  std::string release_;
  SourceFilePtr extras_file_;
  const formats::ServiceExtras* extras_ = nullptr;
  std::vector<Mounted> copied_;
  std::vector<Mounted> mounted_;
  ImageInstalls out_;
};

ImageInstalls read_image(const Snapshot& snapshot, const std::string& release, const std::string& image) {
  const ImageNode* node = image_graph(snapshot).find(image);
  if (node == nullptr) return {};
  ImageInstalls shown = Reader(snapshot, *node, release).read();
  const auto* refs = snapshot.source_refs(release);
  const bool has_ref = refs != nullptr && (*refs)->find(image) != nullptr;
  if (shown.trees.empty() && has_ref) return Reader(snapshot, *node, release).assumed();
  return shown;
}

void collect(const Snapshot& snapshot, const ImageNode& node, std::set<std::string>& seen,
             std::vector<InstalledPackage>& out) {
  for (const std::string& parent : node.parents) {
    if (!seen.insert(parent).second) continue;
    const ImageInstalls& installs = image_installs(snapshot, "", parent);
    out.insert(out.end(), installs.packages.begin(), installs.packages.end());
    if (const ImageNode* next = image_graph(snapshot).find(parent)) collect(snapshot, *next, seen, out);
  }
}

}  // namespace

const ImageInstalls& image_installs(const Snapshot& snapshot, const std::string& release, const std::string& image) {
  return snapshot.once<ImageInstalls>(release + "/" + image, [&] { return read_image(snapshot, release, image); });
}

const std::vector<InstalledPackage>& inherited_installs(const Snapshot& snapshot, const std::string& image) {
  return snapshot.once<std::vector<InstalledPackage>>("inherited by " + image, [&] {
    std::vector<InstalledPackage> out;
    std::set<std::string> seen;
    if (const ImageNode* node = image_graph(snapshot).find(image)) collect(snapshot, *node, seen, out);
    return out;
  });
}

std::vector<std::string> images_of(const Snapshot& snapshot, std::string_view release) {
  std::vector<std::string> images;
  const auto* refs = snapshot.source_refs(release);
  if (refs == nullptr) return images;
  for (const formats::SourceRef& entry : (*refs)->entries)
    if (snapshot.is_service(entry.component.value)) images.push_back(entry.component.value);
  std::ranges::sort(images);
  images.erase(std::ranges::unique(images).begin(), images.end());
  return images;
}

}  // namespace forge::model
