#include "engine/sbom/patch_pedigree.hpp"

#include <algorithm>
#include <array>
#include <string>
#include <utility>

#include <fmt/format.h>

#include "engine/base/sha256.hpp"
#include "engine/base/text.hpp"
#include "engine/formats/commit_message.hpp"
#include "engine/model/advisories.hpp"
#include "engine/model/patch_series.hpp"
#include "engine/model/upstream_change.hpp"

namespace forge::sbom {

namespace {

/// The text that belongs to no file's change: mails, headers, what stands between.
std::string words_around(std::string_view text, const formats::Patch& patch) {
  std::string out;
  std::size_t at = 0;
  for (const formats::Section& section : patch.sections) {
    if (section.span.begin > at) out += text.substr(at, section.span.begin - at);
    at = std::max<std::size_t>(at, section.span.end);
  }
  if (patch.sections.empty()) return std::string(text);
  if (at < text.size()) out += text.substr(at);
  return out;
}

std::string digits_at_end(std::string_view text) {
  while (!text.empty() && !is_digit(text.back())) text.remove_suffix(1);
  const auto begin = std::ranges::find_if_not(text.rbegin(), text.rend(), is_digit).base();
  return {begin, text.end()};
}

Issue launchpad(std::string number) {
  std::string url = "https://bugs.launchpad.net/bugs/" + number;
  return {Issue::Kind::defect, std::move(number), "Launchpad", std::move(url)};
}

bool is_page(std::string_view word) {
  return word.starts_with("https://") || word.starts_with("http://");
}

/// `#2044`, `lp:2044`, `LP #2044`, `bug 2044`, a page, several of them with commas.
void read_bug(std::string_view word, std::vector<Issue>& out) {
  word = trim(word);
  if (is_page(word)) {
    const std::string_view page = word.substr(0, word.find_first_of(" \t<>\""));
    const std::string number = digits_at_end(page);
    if (page.find("launchpad.net/") != std::string_view::npos && !number.empty())
      out.push_back(launchpad(number));
    else
      out.push_back({Issue::Kind::defect, number.empty() ? std::string(page) : number,
                     std::string(split(page.substr(page.find("//") + 2), '/').front()), std::string(page)});
    return;
  }
  const auto first = std::ranges::find_if(word, is_digit);
  const auto end = std::find_if_not(first, word.end(), is_digit);
  constexpr std::ptrdiff_t longest = 12;
  if (first != end && end - first <= longest) out.push_back(launchpad({first, end}));
}

void read_story(std::string_view word, std::vector<Issue>& out) {
  const std::string number = digits_at_end(trim(word));
  if (!number.empty())
    out.push_back({Issue::Kind::defect, number, "StoryBoard", "https://storyboard.openstack.org/#!/story/" + number});
}

void read_bugzilla(std::string_view word, std::vector<Issue>& out) {
  const std::string number = digits_at_end(trim(word));
  if (!number.empty())
    out.push_back(
        {Issue::Kind::defect, number, "Red Hat Bugzilla", "https://bugzilla.redhat.com/show_bug.cgi?id=" + number});
}

using Reader = void (*)(std::string_view, std::vector<Issue>&);

Reader reader_for(std::string_view key) {
  static constexpr std::array<std::pair<std::string_view, Reader>, 7> readers = {{{"closes-bug", read_bug},
                                                                                  {"close-bug", read_bug},
                                                                                  {"bug-ubuntu", read_bug},
                                                                                  {"bug", read_bug},
                                                                                  {"story", read_story},
                                                                                  {"closes-rhbz", read_bugzilla},
                                                                                  {"resolves-rhbz", read_bugzilla}}};
  const auto* const found = std::ranges::find(readers, key, &std::pair<std::string_view, Reader>::first);
  return found == readers.end() ? nullptr : found->second;
}

Issue advisory(std::string name) {
  const bool is_cve = name.starts_with("CVE-");
  std::string url = is_cve ? "https://nvd.nist.gov/vuln/detail/" + name
                           : fmt::format("https://security.openstack.org/ossa/{}.html", name);
  return {Issue::Kind::security, std::move(name), is_cve ? "NVD" : "OpenStack Security Advisories", std::move(url)};
}

PatchType type_of(std::string_view words, const std::string& upstream) {
  if (!formats::read_change_origin(words).picked_from.empty()) return PatchType::cherry_pick;
  return upstream.empty() ? PatchType::unofficial : PatchType::backport;
}

}  // namespace

std::string_view to_string(PatchType type) {
  switch (type) {
    case PatchType::backport:
      return "backport";
    case PatchType::cherry_pick:
      return "cherry-pick";
    case PatchType::unofficial:
      break;
  }
  return "unofficial";
}

std::vector<Issue> resolved_issues(std::string_view text, const formats::Patch& patch) {
  const std::string words = words_around(text, patch);
  std::vector<Issue> found;
  for (const std::string_view line : split(words, '\n')) {
    const std::size_t colon = line.find(':');
    if (colon == std::string_view::npos || colon > 20) continue;
    const Reader read = reader_for(to_lower(line.substr(0, colon)));
    if (read == nullptr) continue;
    const std::string_view value = line.substr(colon + 1);
    for (const std::string_view word : split(value, ',')) read(word, found);
  }
  for (std::string& name : model::advisory_names(words)) found.push_back(advisory(std::move(name)));
  std::vector<Issue> each_once;
  for (Issue& issue : found)
    if (std::ranges::count(each_once, issue) == 0) each_once.push_back(std::move(issue));
  return each_once;
}

std::vector<PatchPedigree> pedigree_of(const workspace::Snapshot& snapshot, const workspace::PatchSeries& series) {
  const auto& upstream = model::upstream_changes(snapshot, series);
  std::vector<PatchPedigree> out;
  for (std::size_t i = 0; i < series.patches.size(); ++i) {
    const workspace::Document<formats::Patch>& patch = *series.patches[i];
    const std::string_view text = patch.file->text();
    PatchPedigree one{.path = patch.file->path(), .sha256 = sha256_hex(text), .subject = {}, .upstream = {}};
    if (!patch->mails.empty()) one.subject = formats::subject_text(text, patch->mails.front());
    if (upstream && i < upstream->size() && (*upstream)[i].change)
      one.upstream = (*upstream)[i].change->commit.id.hex();
    one.type = type_of(words_around(text, *patch), one.upstream);
    one.resolves = resolved_issues(text, *patch);
    out.push_back(std::move(one));
  }
  return out;
}

}  // namespace forge::sbom
