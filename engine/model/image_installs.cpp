#include "engine/model/image_installs.hpp"

#include <algorithm>
#include <array>
#include <optional>
#include <set>
#include <utility>

#include "engine/base/text.hpp"
#include "engine/formats/dockerfile.hpp"
#include "engine/formats/requirements_file.hpp"
#include "engine/model/image_graph.hpp"

namespace forge::model {

namespace {

using formats::Instruction;
using workspace::Snapshot;
using namespace std::string_view_literals;
using Word = Spanned<std::string>;

constexpr std::array ends_of_command{"&&"sv, "||"sv, "|"sv, ";"sv, "&"sv};
constexpr std::array requirement_options{"-r"sv, "--requirement"sv, "--requirements"sv};
/// Other options whose value is a word of its own.
constexpr std::array options_with_value{"-c"sv,
                                        "--constraint"sv,
                                        "--constraints"sv,
                                        "-b"sv,
                                        "--build-constraint"sv,
                                        "--build-constraints"sv,
                                        "--override"sv,
                                        "--overrides"sv,
                                        "-p"sv,
                                        "--python"sv,
                                        "--prefix"sv,
                                        "--target"sv,
                                        "-t"sv,
                                        "--root"sv,
                                        "-i"sv,
                                        "--index-url"sv,
                                        "--extra-index-url"sv,
                                        "--index"sv,
                                        "--default-index"sv,
                                        "-f"sv,
                                        "--find-links"sv,
                                        "--no-binary"sv,
                                        "--only-binary"sv,
                                        "--cache-dir"sv,
                                        "-C"sv,
                                        "--config-settings"sv,
                                        "--config-setting"sv,
                                        "--platform"sv,
                                        "--python-platform"sv,
                                        "--python-version"sv,
                                        "--link-mode"sv,
                                        "--resolution"sv,
                                        "--prerelease"sv,
                                        "--extra"sv,
                                        "--group"sv,
                                        "--trusted-host"sv,
                                        "--allow-insecure-host"sv,
                                        "--index-strategy"sv,
                                        "--no-build-package"sv,
                                        "--no-binary-package"sv,
                                        "--timeout"sv,
                                        "--retries"sv,
                                        "--exclude-newer"sv,
                                        "--refresh-package"sv,
                                        "-P"sv,
                                        "--upgrade-package"sv,
                                        "--reinstall-package"sv,
                                        "--report"sv,
                                        "--src"sv,
                                        "--upgrade-strategy"sv,
                                        "--progress-bar"sv,
                                        "--proxy"sv};

bool one_of(std::string_view word, const auto& words) {
  return std::ranges::find(words, word) != words.end();
}

std::string_view without_quotes(std::string_view word) {
  const bool quoted = word.size() > 1 && (word.front() == '"' || word.front() == '\'') && word.back() == word.front();
  return quoted ? word.substr(1, word.size() - 2) : word;
}

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
      : snapshot_(snapshot), node_(node), release_(std::move(release)) {
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
    read_words(instruction.words);
    for (const formats::Heredoc& heredoc : instruction.heredocs) read_heredoc(heredoc.body);
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

  /// The words of a here-document's lines; each line is a command unless a backslash ends it.
  void read_heredoc(TextSpan body) {
    std::vector<Word> words;
    std::size_t at = body.begin;
    for (const std::string_view line : split(file()->text(body), '\n')) {
      std::size_t begin = at;
      for (const std::string_view word : split(line, ' ')) {
        if (const std::string_view bare = trim(word); !bare.empty() && bare != "\\") {
          const std::size_t start = begin + static_cast<std::size_t>(bare.data() - word.data());
          words.push_back({std::string(bare), span_of(start, start + bare.size())});
        }
        begin += word.size() + 1;
      }
      if (!trim(line).ends_with('\\')) words.push_back({";", {}});
      at += line.size() + 1;
    }
    read_words(words);
  }

  void read_words(const std::vector<Word>& words) {
    for (std::size_t at = 1; at < words.size(); ++at) {
      const std::string_view program = words[at - 1].value;
      const bool pip = program == "pip" || program == "pip3" || program.ends_with("/pip") || program.ends_with("/pip3");
      if (pip && words[at].value == "install") at = read_command(words, at + 1);
    }
  }

  std::size_t read_command(const std::vector<Word>& words, std::size_t at) {
    for (; at < words.size(); ++at) {
      if (one_of(words[at].value, ends_of_command)) return at;
      const bool takes_next = one_of(words[at].value, options_with_value) ||
                              one_of(words[at].value, requirement_options) || is_redirection(words[at].value);
      const std::string option = takes_next ? words[at].value : std::string();
      if (takes_next && ++at == words.size()) return at;
      Word word = words[at];
      const bool last = word.value.ends_with(';');
      if (last) word = {word.value.substr(0, word.value.size() - 1), {word.span.begin, word.span.end - 1}};
      read_argument(option, word);
      if (last) return at;
    }
    return at;
  }

  /// `option` is the word before, where that one needs a value.
  void read_argument(const std::string& option, const Word& word) {
    const std::size_t equals = word.value.find('=');
    const std::string_view name = std::string_view(word.value).substr(0, equals);
    if (one_of(option, requirement_options))
      add_file(without_quotes(word.value));
    else if (option.empty() && word.value.starts_with("--") && one_of(name, requirement_options))
      add_file(without_quotes(std::string_view(word.value).substr(equals + 1)));
    else if (option.empty() && !word.value.starts_with('-'))
      add_argument(word);
  }

  /// `>`, `2>`, `>>`: the word behind it is a file.
  static bool is_redirection(std::string_view word) {
    return !word.empty() && (word.back() == '>' || word.back() == '<') &&
           word.find_first_not_of("0123456789&<>") == std::string_view::npos;
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
  ImageInstalls installs = Reader(snapshot, *node, release).read();
  const auto* refs = snapshot.source_refs(release);
  const bool has_ref = refs != nullptr && (*refs)->find(image) != nullptr;
  return installs.trees.empty() && has_ref ? Reader(snapshot, *node, release).assumed() : installs;
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
