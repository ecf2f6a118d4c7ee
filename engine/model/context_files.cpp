#include "engine/model/context_files.hpp"

#include <algorithm>
#include <optional>
#include <span>

#include <fnmatch.h>

#include "engine/base/text.hpp"

namespace forge::model {

namespace {

using formats::Instruction;
using formats::Mount;
using Parts = std::vector<std::string>;

/// Without empty parts and `.`; `..` takes the part before it away, as Go's `path.Clean` below `/`.
Parts clean_parts(std::string_view path) {
  Parts parts;
  for (const std::string_view part : split(path, '/')) {
    if (part.empty() || part == ".") continue;
    if (part != "..")
      parts.emplace_back(part);
    else if (!parts.empty())
      parts.pop_back();
  }
  return parts;
}

bool matches(std::span<const std::string> pattern, std::span<const std::string> path) {
  if (pattern.empty()) return true;
  if (pattern.front() == "**") {
    for (std::size_t skipped = 0; skipped <= path.size(); ++skipped)
      if (matches(pattern.subspan(1), path.subspan(skipped))) return true;
    return false;
  }
  return !path.empty() && ::fnmatch(pattern.front().c_str(), path.front().c_str(), 0) == 0 &&
         matches(pattern.subspan(1), path.subspan(1));
}

constexpr std::size_t most_globstars = 4;  // each may try every length

struct IgnoreRule {
  std::string pattern;
  bool keeps = false;  ///< `!` in front
};

constexpr std::size_t most_rules = 10'000;  // each is tried on every file; over that nothing is taken as ignored

std::vector<IgnoreRule> ignore_rules(std::string_view text) {
  std::vector<IgnoreRule> rules;
  for (std::string_view line : split(text, '\n')) {
    line = trim(line);
    if (line.empty() || line.starts_with('#')) continue;
    if (rules.size() == most_rules) return {};
    const bool keeps = line.starts_with('!');
    if (keeps) line.remove_prefix(1);
    rules.push_back({std::string(trim(line)), keeps});
  }
  return rules;
}

/// The last rule that names the file decides.
bool is_ignored(const std::vector<IgnoreRule>& rules, std::string_view inside) {
  const auto last = std::ranges::find_if(rules.rbegin(), rules.rend(),
                                         [&](const IgnoreRule& rule) { return names_path(rule.pattern, inside); });
  return last != rules.rend() && !last->keeps;
}

bool is_decided_elsewhere(std::string_view source) {
  return source.find('$') != std::string_view::npos;
}

void add_copied(const Instruction& instruction, std::vector<std::string>& sources) {
  if (instruction.flag("from") != nullptr || instruction.words.size() < 2) return;
  for (std::size_t i = 0; i + 1 < instruction.words.size(); ++i) {
    std::string_view word = instruction.words[i].value;
    if (word.starts_with("<<") || word.find("://") != std::string_view::npos) continue;
    if (word.size() > 1 && (word.front() == '"' || word.front() == '\'') && word.back() == word.front())
      word = word.substr(1, word.size() - 2);
    sources.emplace_back(word);
  }
}

/// What the instructions name in the main context; `.` where only the build can tell.
std::vector<std::string> named_sources(const formats::Dockerfile& file) {
  std::vector<std::string> sources;
  for (const formats::Stage& stage : file.stages) {
    for (const Instruction& instruction : stage.instructions) {
      if (instruction.keyword.value == "COPY" || instruction.keyword.value == "ADD") add_copied(instruction, sources);
      for (const Mount& mount : instruction.mounts)
        if (mount.type == "bind" && !mount.from) sources.push_back(mount.source ? mount.source->value : ".");
    }
  }
  for (std::string& source : sources)
    if (is_decided_elsewhere(source)) source = ".";
  return sources;
}

std::string read_or_empty(const workspace::Snapshot& snapshot, const std::string& path) {
  return std::ranges::binary_search(snapshot.paths(), path) ? snapshot.read(path).value_or("") : std::string();
}

}  // namespace

bool names_path(std::string_view pattern, std::string_view path) {
  const Parts pattern_parts = clean_parts(pattern);
  if (std::ranges::count(pattern_parts, "**") > static_cast<std::ptrdiff_t>(most_globstars)) return true;
  return matches(pattern_parts, clean_parts(path));
}

std::vector<std::string> context_files(const workspace::Snapshot& snapshot, const ImageNode& node) {
  const std::vector<std::string> sources = named_sources(**node.document);
  if (sources.empty()) return {};
  const std::string folder = "images/" + node.image + "/";
  std::string ignored = read_or_empty(snapshot, folder + "Dockerfile.dockerignore");
  if (ignored.empty()) ignored = read_or_empty(snapshot, folder + ".dockerignore");
  const std::vector<IgnoreRule> rules = ignore_rules(ignored);
  std::vector<std::string> files;
  const std::vector<std::string>& all = snapshot.paths();
  for (auto at = std::ranges::lower_bound(all, folder); at != all.end() && at->starts_with(folder); ++at) {
    const std::string_view inside = std::string_view(*at).substr(folder.size());
    const bool named =
        std::ranges::any_of(sources, [&](const std::string& source) { return names_path(source, inside); });
    if (named && !is_ignored(rules, inside)) files.push_back(*at);
  }
  return files;
}

}  // namespace forge::model
