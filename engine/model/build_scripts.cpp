#include "engine/model/build_scripts.hpp"

#include <algorithm>
#include <array>
#include <optional>

#include "engine/base/text.hpp"
#include "engine/workspace/forge_layout.hpp"

namespace forge::model {

namespace {

struct Word {
  std::string_view text;
  std::size_t begin = 0;
};

std::vector<Word> words_of(std::string_view text, TextSpan span) {
  std::vector<Word> out;
  const auto is_blank = [&](std::size_t i) {
    const char c = text[i];
    return c == ' ' || c == '\t' || c == '\r' || c == '\n' || c == '\\';
  };
  std::size_t at = span.begin;
  while (at < span.end) {
    if (is_blank(at)) {
      ++at;
      continue;
    }
    const std::size_t begin = at;
    while (at < span.end && !is_blank(at)) ++at;
    out.push_back({text.substr(begin, at - begin), begin});
  }
  return out;
}

/// Up to a line end that no backslash continues.
TextSpan command_at(std::string_view text, std::size_t begin) {
  std::size_t end = begin;
  while (end < text.size()) {
    end = std::min(text.find('\n', end), text.size());
    const bool goes_on = end > begin && text[end - 1] == '\\' && end < text.size();
    if (!goes_on) break;
    ++end;
  }
  return span_of(begin, end);
}

bool ends_command(std::string_view word) {
  return word == "&&" || word == "||" || word == ";" || word == "|" || word.ends_with(';');
}

/// `apply` of the first `git apply` in the words that changes files alone and names patches.
std::optional<Word> plain_apply_in(const std::vector<Word>& words) {
  constexpr std::array<std::string_view, 11> harmless = {"--index",   "--cached",  "-3",    "--3way",
                                                         "--check",   "--stat",    "-N",    "--intent-to-add",
                                                         "--numstat", "--summary", "--help"};
  std::optional<Word> apply;
  bool git = false;
  bool patches = false;
  for (const Word& word : words) {
    if (apply) {
      if (std::ranges::find(harmless, word.text) != harmless.end()) return std::nullopt;
      patches |= word.text.find("patch") != std::string_view::npos;
    } else if (git && word.text == "apply") {
      apply = word;
    }
    git |= word.text == "git" || word.text.ends_with("/git");
    if (!ends_command(word.text)) continue;
    if (apply) break;
    git = false;
  }
  return patches ? apply : std::nullopt;
}

void read_script(const SourceFilePtr& file, PatchStep& out) {
  const std::string_view text = file->text();
  for (std::size_t at = 0; at < text.size();) {
    const TextSpan command = command_at(text, at);
    at = command.end + 1;
    const std::vector<Word> words = words_of(text, command);
    if (words.empty() || words.front().text.starts_with('#')) continue;
    for (std::size_t i = 1; i < words.size(); ++i)
      out.exports_source |= words[i - 1].text == "source" && words[i].text == "export";
    if (const auto apply = plain_apply_in(words))
      out.plain.push_back({file, span_of(apply->begin, apply->begin + apply->text.size())});
  }
}

}  // namespace

const PatchStep& patch_step(const workspace::Snapshot& snapshot) {
  return snapshot.once<PatchStep>("patch step", [&] {
    PatchStep out;
    for (const std::string& path : snapshot.paths()) {
      if (!workspace::is_build_text(workspace::classify(path).kind)) continue;
      if (const SourceFilePtr file = snapshot.file(path)) read_script(file, out);
    }
    return out;
  });
}

}  // namespace forge::model
