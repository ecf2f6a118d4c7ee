#include "engine/ide/links.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "engine/base/text.hpp"
#include "engine/formats/url.hpp"
#include "engine/git/locations.hpp"
#include "engine/ide/patch_words.hpp"
#include "engine/ide/subject.hpp"
#include "engine/model/linked_trees.hpp"
#include "engine/workspace/forge_layout.hpp"

namespace forge::ide {

using workspace::DocumentKind;
using workspace::DocumentPath;
using workspace::Snapshot;

namespace {

/// How a forge of repositories spells its pages.
enum class PageStyle { none, gitea, github, gitlab };

struct RepositoryPage {
  PageStyle style = PageStyle::none;
  std::string base{};  ///< `https://opendev.org/openstack/nova`
};

/// Of an upstream that is asked for by https; the others have no page that is certain.
RepositoryPage repository_page(const formats::ForgeConfig& config, std::string_view component) {
  const auto location = git::locate(config, {}, component);
  if (!location || !location->url.starts_with("https://")) return {};
  std::string url = formats::without_credentials(location->url);
  while (url.ends_with('/')) url.pop_back();
  if (url.ends_with(".git")) url.resize(url.size() - 4);
  const std::size_t begin = std::string_view("https://").size();
  const std::string host = to_lower(std::string_view(url).substr(begin, url.find('/', begin) - begin));
  const bool plain = std::ranges::all_of(url, [](char c) { return c > ' ' && c < 0x7F && c != '?' && c != '#'; });
  if (!plain) return {};
  if (host == "opendev.org") return {PageStyle::gitea, std::move(url)};
  if (host == "github.com") return {PageStyle::github, std::move(url)};
  if (host == "gitlab.com" || host.starts_with("gitlab.")) return {PageStyle::gitlab, std::move(url)};
  return {};
}

/// Branches keep their slashes.
std::string escaped_path(std::string_view path) {
  std::string out;
  for (const char c : path) {
    const bool plain = is_alnum(c) || std::string_view("/-._~+@").find(c) != std::string_view::npos;
    out += plain ? std::string(1, c) : fmt::format("%{:02X}", static_cast<unsigned char>(c));
  }
  return out;
}

std::string ref_page(const formats::ForgeConfig& config, std::string_view component, const git::ResolvedRef& ref,
                     std::string_view name) {
  const RepositoryPage page = repository_page(config, component);
  const std::string escaped = escaped_path(name);
  switch (page.style) {
    case PageStyle::none:
      return {};
    case PageStyle::gitea:
      return fmt::format("{}/src/{}/{}", page.base, git::to_string(ref.kind),
                         ref.kind == git::RefKind::commit ? ref.commit.hex() : escaped);
    case PageStyle::github:
      return fmt::format("{}/tree/{}", page.base, escaped);
    case PageStyle::gitlab:
      return fmt::format("{}/-/tree/{}", page.base, escaped);
  }
  return {};
}

void add_refs(const Snapshot& snapshot, const DocumentPath& at, std::vector<Link>& links) {
  const auto* document = snapshot.source_refs(at.release);
  if (document == nullptr) return;
  for (const formats::SourceRef& entry : (*document)->entries) {
    if (!entry.ref) continue;
    const auto repository = snapshot.upstreams().open(entry.component.value);
    const auto resolved = repository ? (*repository)->resolve(entry.ref->value) : tl::unexpected(repository.error());
    if (!resolved) continue;  // a page of what is not there would be none
    std::string url = ref_page(snapshot.config(), entry.component.value, *resolved, entry.ref->value);
    if (!url.empty())
      links.push_back(
          {entry.ref->span, std::move(url), {}, fmt::format("{} at {}", entry.component.value, entry.ref->value)});
  }
}

/// Of the commit that a mail was made from: upstream has it or not.
bool is_upstream(const Snapshot& snapshot, const std::string& component, const std::string& commit) {
  const auto repository = snapshot.upstreams().open(component);
  const auto id = git::ObjectId::from_hex(commit);
  return repository && id && (*repository)->commit(*id).has_value();
}

std::string page_of(const Snapshot& snapshot, const std::string& component, const PatchWord& word) {
  switch (word.kind) {
    case PatchWordKind::own_commit:
      return is_upstream(snapshot, component, word.value) ? commit_page(snapshot.config(), component, word.value) : "";
    case PatchWordKind::commit:
      return commit_page(snapshot.config(), component, word.value);
    case PatchWordKind::change_id:
      return fmt::format("https://review.opendev.org/q/{}", word.value);
    case PatchWordKind::bug:
      return fmt::format("https://bugs.launchpad.net/bugs/{}", word.value);
    case PatchWordKind::cve:
      return fmt::format("https://bugs.launchpad.net/bugs/cve/{}", word.value.substr(4));
    case PatchWordKind::ossa:
      return fmt::format("https://security.openstack.org/ossa/{}.html", word.value);
    case PatchWordKind::bug_url:
      return word.value;
  }
  return {};
}

std::string_view tooltip_of(PatchWordKind kind) {
  switch (kind) {
    case PatchWordKind::own_commit:
    case PatchWordKind::commit:
      return "the upstream commit";
    case PatchWordKind::change_id:
      return "the change on review.opendev.org";
    case PatchWordKind::bug:
    case PatchWordKind::bug_url:
      return "the bug on Launchpad";
    case PatchWordKind::cve:
      return "bugs of this CVE on Launchpad";
    case PatchWordKind::ossa:
      return "the OpenStack security advisory";
  }
  return {};
}

void add_patch(const Snapshot& snapshot, const DocumentPath& at, std::string_view path, std::vector<Link>& links) {
  const auto* document = patch_at(snapshot, path);
  if (document == nullptr) return;
  const std::string component = model::series_upstream(snapshot, at.component);
  for (const PatchWord& word : patch_words(document->file->text(), **document)) {
    std::string url = page_of(snapshot, component, word);
    if (!url.empty()) links.push_back({word.span, std::move(url), {}, std::string(tooltip_of(word.kind))});
  }
}

/// `files/x.conf` of `./files/x.conf` and `/files/x.conf`: a build's sources start at its context either way.
std::string_view in_context(std::string_view source) {
  while (source.starts_with("./") || source.starts_with('/')) source.remove_prefix(source.starts_with('/') ? 1 : 2);
  return source;
}

void add_source(const Snapshot& snapshot, const std::string& image, const Spanned<std::string>& source,
                std::vector<Link>& links) {
  const std::string_view inside = in_context(source.value);
  if (inside.empty() || source.span.empty()) return;
  std::string path = fmt::format("images/{}/{}", image, inside);
  if (std::ranges::binary_search(snapshot.paths(), path)) links.push_back({source.span, {}, std::move(path), {}});
}

void add_instruction(const Snapshot& snapshot, const std::string& image, const formats::Instruction& instruction,
                     std::vector<Link>& links) {
  for (const formats::Mount& mount : instruction.mounts)
    if (!mount.from && mount.source && mount.type == "bind") add_source(snapshot, image, *mount.source, links);
  const bool copies = instruction.keyword.value == "COPY" || instruction.keyword.value == "ADD";
  if (!copies || instruction.flag("from") != nullptr || instruction.words.size() < 2) return;
  for (std::size_t i = 0; i + 1 < instruction.words.size(); ++i)
    add_source(snapshot, image, instruction.words[i], links);
}

void add_dockerfile(const Snapshot& snapshot, const DocumentPath& at, std::vector<Link>& links) {
  const auto* document = snapshot.dockerfile(at.component);
  if (document == nullptr) return;
  for (const formats::Stage& stage : (*document)->stages)
    for (const formats::Instruction& instruction : stage.instructions)
      add_instruction(snapshot, at.component, instruction, links);
}

}  // namespace

std::string commit_page(const formats::ForgeConfig& config, std::string_view component, std::string_view commit) {
  const RepositoryPage page = repository_page(config, component);
  switch (page.style) {
    case PageStyle::none:
      return {};
    case PageStyle::gitea:
    case PageStyle::github:
      return fmt::format("{}/commit/{}", page.base, commit);
    case PageStyle::gitlab:
      return fmt::format("{}/-/commit/{}", page.base, commit);
  }
  return {};
}

std::vector<Link> document_links(const Snapshot& snapshot, std::string_view path) {
  std::vector<Link> links;
  const DocumentPath at = workspace::classify(path);
  if (at.kind == DocumentKind::source_refs) add_refs(snapshot, at, links);
  if (at.kind == DocumentKind::patch) add_patch(snapshot, at, path, links);
  if (at.kind == DocumentKind::dockerfile) add_dockerfile(snapshot, at, links);
  return links;
}

}  // namespace forge::ide
