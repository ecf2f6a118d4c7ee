#include "engine/ide/folding.hpp"

#include <algorithm>
#include <tuple>

#include "engine/base/text.hpp"
#include "engine/formats/yaml_tree.hpp"
#include "engine/ide/subject.hpp"
#include "engine/workspace/forge_layout.hpp"

namespace forge::ide {

using workspace::DocumentKind;

namespace {

class Folds {
 public:
  explicit Folds(const SourceFile& file) : file_(file) {}

  /// The line end at the end of a span belongs to its last line.
  void add(TextSpan span, bool comment = false) {
    if (span.empty()) return;
    const std::uint32_t first = file_.lines().line_of(span.begin);
    std::uint32_t last = file_.lines().line_of(span.end - 1);
    while (last > first && is_blank(last)) --last;
    if (last > first) found_.push_back({first, last, comment});
  }

  void add_comments() {
    const std::uint32_t count = file_.lines().line_count();
    for (std::uint32_t line = 0; line < count; ++line) {
      std::uint32_t end = line;
      while (end < count && is_comment(end)) ++end;
      if (end > line + 1) found_.push_back({line, end - 1, true});
      if (end > line) line = end - 1;
    }
  }

  void add_yaml(const formats::YamlNode& node) {
    for (const formats::YamlNode& item : node.items) add_yaml(item);
    for (const formats::YamlNode::Entry& entry : node.entries) {
      const bool nested = !entry.value.items.empty() || !entry.value.entries.empty();
      if (nested) add({entry.key.span.begin, std::max(entry.key.span.end, end_of(entry.value))});
      add_yaml(entry.value);
    }
  }

  std::vector<Fold> take() {
    std::ranges::sort(found_, {}, [](const Fold& fold) { return std::tuple(fold.first, ~fold.last); });
    return std::move(found_);
  }

 private:
  [[nodiscard]] std::string_view line_text(std::uint32_t line) const {
    return trim(file_.text(file_.lines().line_span(file_.text(), line)));
  }
  [[nodiscard]] bool is_blank(std::uint32_t line) const { return line_text(line).empty(); }
  [[nodiscard]] bool is_comment(std::uint32_t line) const { return line_text(line).starts_with('#'); }

  /// Spans of collections may end before the end of their last part.
  static std::uint32_t end_of(const formats::YamlNode& node) {
    std::uint32_t end = node.span.end;
    if (!node.items.empty()) end = std::max(end, end_of(node.items.back()));
    if (!node.entries.empty()) end = std::max(end, end_of(node.entries.back().value));
    return end;
  }

  const SourceFile& file_;
  std::vector<Fold> found_;
};

void add_patch(const workspace::Document<formats::Patch>& document, Folds& folds) {
  for (const formats::Mail& mail : document->mails) {
    const TextSpan first = !mail.commit.empty() ? mail.commit : mail.from.empty() ? mail.subject : mail.from;
    const std::uint32_t end = std::max({first.end, mail.subject.end, mail.message.end});
    folds.add({first.empty() ? mail.message.begin : first.begin, end});
  }
  for (const formats::Section& section : document->sections) {
    folds.add(section.span);
    for (const formats::Hunk& hunk : document->hunks_of(section)) folds.add({hunk.header.begin, hunk.body.end});
  }
}

}  // namespace

std::vector<Fold> folds(const workspace::Snapshot& snapshot, std::string_view path) {
  const SourceFilePtr file = snapshot.file(path);
  if (file == nullptr) return {};
  Folds found(*file);
  switch (workspace::classify(path).kind) {
    case DocumentKind::patch:
      if (const auto* patch = patch_at(snapshot, path)) add_patch(*patch, found);
      break;
    case DocumentKind::config:
    case DocumentKind::source_refs:
    case DocumentKind::test_refs:
    case DocumentKind::extra_packages:
      found.add_yaml(formats::parse_yaml(file->text()).value);
      found.add_comments();
      break;
    case DocumentKind::upper_constraints:
    case DocumentKind::overrides:
    case DocumentKind::bindep:
      found.add_comments();
      break;
    default:
      break;
  }
  return found.take();
}

}  // namespace forge::ide
