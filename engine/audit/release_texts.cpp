#include "engine/audit/release_texts.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "engine/base/text.hpp"
#include "engine/rules/ref_value.hpp"
#include "engine/workspace/forge_layout.hpp"

namespace forge::audit {

namespace {

bool is_word(char c) {
  return is_alnum(c) || c == '.' || c == '_';
}

/// Position of `word` at or behind `at`, not as a part of a longer one.
std::size_t find_word(std::string_view text, std::string_view word, std::size_t at) {
  for (; (at = text.find(word, at)) != std::string_view::npos; at += word.size()) {
    const std::size_t end = at + word.size();
    const bool begins = at == 0 || !is_word(text[at - 1]);
    // A full stop may end the sentence.
    const bool ends = end == text.size() || !is_word(text[end]) ||
                      (text[end] == '.' && (end + 1 == text.size() || !is_alnum(text[end + 1])));
    if (begins && ends) return at;
  }
  return at;
}

std::string renamed_paths(std::string_view text, std::string_view from, std::string_view release) {
  std::string out;
  std::size_t copied = 0;
  for (std::size_t at = 0; (at = find_word(text, from, at)) != std::string_view::npos; at += from.size()) {
    if (at == 0 || text[at - 1] != '/') continue;
    out.append(text.substr(copied, at - copied)).append(release);
    copied = at + from.size();
  }
  return out.append(text.substr(copied));
}

/// Where a comment begins in a line; its size where there is none. A `#` in a quoted value does not count.
std::size_t comment_at(std::string_view line) {
  char quote = 0;
  for (std::size_t i = 0; i < line.size(); ++i) {
    const char c = line[i];
    if (quote != 0)
      quote = c == quote ? '\0' : quote;
    else if (c == '"' || c == '\'')
      quote = c;
    else if (c == '#' && (i == 0 || line[i - 1] == ' ' || line[i - 1] == '\t'))
      return i;
  }
  return line.size();
}

std::string_view without_end_blanks(std::string_view line) {
  while (!line.empty() && (line.back() == ' ' || line.back() == '\t')) line.remove_suffix(1);
  return line;
}

/// Of an empty value the place right behind its colon.
TextSpan value_place(std::string_view text, const formats::SourceRef& entry) {
  if (!entry.value_span.empty()) return entry.value_span;
  const std::size_t colon = text.find(':', entry.component.span.end);
  return colon == std::string_view::npos ? entry.value_span : span_of(colon + 1, colon + 1);
}

}  // namespace

std::string renamed_in_comments(std::string_view text, std::string_view from, std::string_view release) {
  std::string out;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size() - 1) + 1;
    const std::string_view line = text.substr(0, end);
    const std::size_t comment = comment_at(line);
    out.append(line.substr(0, comment)).append(renamed_paths(line.substr(comment), from, release));
    text.remove_prefix(end);
  }
  return out;
}

std::string refs_text(const workspace::Document<formats::SourceRefs>& refs, std::span<const ProposedRef> proposed,
                      std::string_view from, std::string_view release) {
  const std::string_view text = refs.file->text();
  std::string out;
  std::size_t copied = 0;
  for (const formats::SourceRef& entry : refs->entries) {
    const auto found = std::ranges::find(proposed, entry.component.value, &ProposedRef::component);
    if (found == proposed.end() || found->ref.empty() || (entry.ref && entry.ref->value == found->ref)) continue;
    const TextSpan span = value_place(text, entry);
    out += text.substr(copied, span.begin - copied);
    if (span.empty()) out += ' ';
    out += rules::requoted_ref(refs.file->text(span), found->ref);
    // The rest of the line is a comment about the old ref, or nothing.
    const std::size_t end = std::min(text.find('\n', span.end), text.size());
    const std::string_view rest = text.substr(span.end, end - span.end);
    out += without_end_blanks(rest.substr(0, comment_at(rest)));
    copied = end;
  }
  out += text.substr(copied);
  return renamed_in_comments(out, from, release);
}

std::vector<Mention> mentions_of(const workspace::Snapshot& snapshot, std::string_view from, std::string_view release) {
  using workspace::DocumentKind;
  constexpr std::size_t most_lines = 10;
  std::vector<Mention> found;
  for (const std::string& path : snapshot.paths()) {
    const DocumentKind kind = workspace::classify(path).kind;
    const bool may_name = kind == DocumentKind::build_script || kind == DocumentKind::workflow ||
                          kind == DocumentKind::update_config || kind == DocumentKind::dockerfile ||
                          kind == DocumentKind::image_text;
    if (!may_name) continue;
    const SourceFilePtr file = snapshot.file(path);
    if (!file || find_word(file->text(), release, 0) != std::string_view::npos) continue;
    Mention mention{.path = path, .lines = {}};
    for (std::size_t at = 0; (at = find_word(file->text(), from, at)) != std::string_view::npos; at += from.size()) {
      std::string line = std::to_string(file->lines().line_of(static_cast<std::uint32_t>(at)) + 1);
      if (mention.lines.size() < most_lines && (mention.lines.empty() || mention.lines.back() != line))
        mention.lines.push_back(std::move(line));
    }
    if (!mention.lines.empty()) found.push_back(std::move(mention));
  }
  return found;
}

}  // namespace forge::audit
