#include "engine/ide/subject.hpp"

#include <algorithm>
#include <utility>
#include <variant>

#include "engine/base/names.hpp"
#include "engine/base/text.hpp"
#include "engine/formats/config_keys.hpp"
#include "engine/formats/dockerfile_stages.hpp"
#include "engine/formats/requirement.hpp"
#include "engine/formats/yaml_tree.hpp"
#include "engine/ide/patch_words.hpp"

namespace forge::ide {

using workspace::DocumentKind;
using workspace::DocumentPath;
using workspace::Snapshot;

namespace {

using Subjects = std::vector<Subject>;

void add(Subjects& into, SubjectKind kind, TextSpan span, std::string name, std::string text = {},
         std::size_t index = 0) {
  into.push_back({kind, span, span, std::move(name), std::move(text), index});
}

TextSpan joined(TextSpan a, TextSpan b) {
  return {std::min(a.begin, b.begin), std::max(a.end, b.end)};
}

void add_refs(const workspace::Document<formats::SourceRefs>* document, Subjects& into) {
  if (document == nullptr) return;
  for (std::size_t i = 0; i < (*document)->entries.size(); ++i) {
    const formats::SourceRef& entry = (*document)->entries[i];
    add(into, SubjectKind::component, entry.component.span, entry.component.value, entry.component.value, i);
    if (entry.ref) add(into, SubjectKind::ref, entry.ref->span, entry.component.value, entry.ref->value, i);
  }
}

void add_test_refs(const workspace::Document<formats::SourceRefs>* document, Subjects& into) {
  if (document == nullptr) return;
  for (std::size_t i = 0; i < (*document)->entries.size(); ++i) {
    const formats::SourceRef& entry = (*document)->entries[i];
    const auto name = PackageName::parse(entry.component.value);
    if (!name) continue;
    add(into, SubjectKind::package, entry.component.span, name->str(), entry.component.value, i);
    if (entry.ref) into.back().extent = joined(entry.component.span, entry.ref->span);
  }
}

void add_constraints(const workspace::Document<formats::Constraints>* document, Subjects& into) {
  if (document == nullptr) return;
  for (std::size_t i = 0; i < (*document)->pins.size(); ++i) {
    const formats::Pin& pin = (*document)->pins[i];
    into.push_back({SubjectKind::package, pin.spelling.span, pin.span, pin.name.str(), pin.spelling.value, i});
  }
}

void add_overrides(const Snapshot& snapshot, std::string_view path, Subjects& into) {
  for (const auto* document : snapshot.all_overrides()) {
    if (document->file->path() != path) continue;
    for (std::size_t i = 0; i < (*document)->entries.size(); ++i) {
      const formats::Override& entry = (*document)->entries[i];
      into.push_back(
          {SubjectKind::package, entry.spelling.span, entry.span, entry.name.str(), entry.spelling.value, i});
    }
  }
}

/// `name` of `"name[extra]>=1"` in the text, quotes counted.
TextSpan name_span(std::string_view text, const Spanned<std::string>& item, std::size_t size) {
  const bool quoted = item.span.begin < text.size() && (text[item.span.begin] == '"' || text[item.span.begin] == '\'');
  const std::uint32_t begin = item.span.begin + (quoted ? 1 : 0);
  return span_of(begin, std::min<std::size_t>(begin + size, item.span.end));
}

void add_extras(const workspace::Document<formats::ExtraPackages>* document, Subjects& into) {
  if (document == nullptr) return;
  const std::string_view text = document->file->text();
  for (std::size_t i = 0; i < (*document)->services.size(); ++i) {
    const formats::ServiceExtras& service = (*document)->services[i];
    add(into, SubjectKind::component, service.service.span, service.service.value, service.service.value, i);
    for (const auto& extra : service.pip_extras) add(into, SubjectKind::extra, extra.span, extra.value, extra.value, i);
    for (const auto& item : service.apt_packages)
      add(into, SubjectKind::system_package, item.span, item.value, item.value, i);
    for (const auto& item : service.pip_packages) {
      const auto requirement = formats::parse_requirement(item.value);
      if (!requirement) continue;
      const std::string& spelling = requirement->spelling.value;
      into.push_back({SubjectKind::package, name_span(text, item, spelling.size()), item.span, requirement->name.str(),
                      spelling, i});
    }
  }
  const Parsed<formats::YamlNode> tree = formats::parse_yaml(text);
  for (const formats::YamlNode::Entry& service : tree.value.entries)
    for (const formats::YamlNode::Entry& list : service.value.entries)
      add(into, SubjectKind::extras_key, list.key.span, list.key.text, list.key.text);
}

SubjectKind subject_of(PatchWordKind kind) {
  switch (kind) {
    case PatchWordKind::own_commit:
    case PatchWordKind::commit:
      return SubjectKind::commit;
    case PatchWordKind::change_id:
      return SubjectKind::change_id;
    case PatchWordKind::bug:
    case PatchWordKind::cve:
    case PatchWordKind::ossa:
    case PatchWordKind::bug_url:
      break;
  }
  return SubjectKind::bug;
}

/// Everywhere in a diff's header, line by line, the cursor is about the file.
void add_header_lines(const formats::Section& section, std::string_view text, std::size_t index, Subjects& into) {
  const Spanned<std::string>& path = section.path();
  for (std::size_t at = section.header.begin; at < section.header.end;) {
    const std::size_t end = std::min<std::size_t>(text.find('\n', at), section.header.end);
    into.push_back({SubjectKind::patched_file, path.span, span_of(at, end), path.value, path.value, index});
    at = end + 1;
  }
}

void add_sections(const formats::Patch& patch, std::string_view text, Subjects& into) {
  for (std::size_t i = 0; i < patch.sections.size(); ++i) {
    const formats::Section& section = patch.sections[i];
    const auto whole = [&](TextSpan id) { return std::string(text.substr(id.begin, id.size())); };
    for (const auto& path : {section.old_path, section.new_path}) {
      if (path) add(into, SubjectKind::patched_file, path->span, path->value, path->value, i);
    }
    if (section.old_path || section.new_path) add_header_lines(section, text, i, into);
    for (const TextSpan id : {section.old_id, section.new_id}) {
      if (!id.empty()) add(into, SubjectKind::blob, id, whole(id), whole(id), i);
    }
  }
}

void add_patch(const workspace::Document<formats::Patch>* document, Subjects& into) {
  if (document == nullptr) return;
  const std::string_view text = document->file->text();
  const formats::Patch& patch = **document;
  for (const formats::Mail& mail : patch.mails) {
    for (const TextSpan field : {mail.commit, mail.from, mail.date, mail.subject}) {
      if (field.empty()) continue;
      into.push_back({SubjectKind::patch,
                      field,
                      joined(document->file->line_at(field.begin), field),
                      document->file->path(),
                      {},
                      0});
    }
  }
  for (const PatchWord& word : patch_words(text, patch)) {
    std::string written(text.substr(word.span.begin, word.span.size()));
    add(into, subject_of(word.kind), word.span, word.value, std::move(written), static_cast<std::size_t>(word.kind));
  }
  add_sections(patch, text, into);
  for (std::size_t i = 0; i < patch.hunks.size(); ++i) add(into, SubjectKind::hunk, patch.hunks[i].header, {}, {}, i);
}

void add_dockerfile(const workspace::Document<formats::Dockerfile>* document, Subjects& into) {
  if (document == nullptr) return;
  const std::vector<formats::ExternalName> names = formats::external_names(**document);
  for (std::size_t i = 0; i < names.size(); ++i)
    add(into, SubjectKind::context, names[i].name.span, names[i].name.value, names[i].name.value, i);
  for (const formats::StageMention& mention : formats::stage_mentions(**document))
    add(into, SubjectKind::stage, mention.span, std::to_string(mention.stage),
        std::string(document->file->text(mention.span)), mention.stage);
}

void add_atom(const formats::BindepAtom& atom, std::size_t index, Subjects& into) {
  add(into, SubjectKind::bindep_atom, atom.span, atom.name, atom.name, index);
}

void add_bindep(const workspace::Document<formats::Bindep>* document, Subjects& into) {
  if (document == nullptr) return;
  for (std::size_t i = 0; i < (*document)->rules.size(); ++i) {
    const formats::BindepRule& rule = (*document)->rules[i];
    into.push_back({SubjectKind::system_package, rule.name.span, joined(rule.name.span, rule.selector_span),
                    rule.name.value, rule.name.value, i});
    for (const formats::BindepItem& item : rule.selector) {
      if (const auto* atom = std::get_if<formats::BindepAtom>(&item)) add_atom(*atom, i, into);
      if (const auto* group = std::get_if<formats::BindepGroup>(&item))
        for (const formats::BindepAtom& inner : group->atoms) add_atom(inner, i, into);
    }
  }
}

void add_config(const workspace::Document<formats::ForgeConfig>* document, Subjects& into) {
  if (document == nullptr) return;
  for (const auto& [rule, span] : (*document)->rule_keys) add(into, SubjectKind::rule, span, rule, rule);
  const auto add_key = [&](const formats::YamlNode& key, std::string name) {
    if (std::ranges::find(formats::config_keys(), std::string_view(name), &formats::ConfigKey::name) !=
        formats::config_keys().end())
      add(into, SubjectKind::config_key, key.span, std::move(name), key.text);
  };
  const Parsed<formats::YamlNode> tree = formats::parse_yaml(document->file->text());
  for (const formats::YamlNode::Entry& entry : tree.value.entries) {
    add_key(entry.key, entry.key.text);
    for (const formats::YamlNode::Entry& inner : entry.value.entries) {
      if (entry.key.text == "upstreams")
        add(into, SubjectKind::component, inner.key.span, inner.key.text, inner.key.text);
      else
        add_key(inner.key, entry.key.text + "." + inner.key.text);
    }
  }
}

void add_ignores(const SourceFile& file, bool is_patch, Subjects& into) {
  const std::string_view text = file.text();
  for (const TextSpan list : ignore_lists(text, is_patch)) {
    std::uint32_t at = list.begin;
    for (const std::string_view piece : split(text.substr(list.begin, list.size()), ',')) {
      const std::string_view name = trim(piece);
      const auto begin = name.empty() ? at : at + static_cast<std::uint32_t>(name.data() - piece.data());
      if (!name.empty()) add(into, SubjectKind::rule, span_of(begin, begin + name.size()), std::string(name));
      at += static_cast<std::uint32_t>(piece.size()) + 1;
    }
  }
}

void add_of_kind(const Snapshot& snapshot, const DocumentPath& at, std::string_view path, Subjects& into) {
  switch (at.kind) {
    case DocumentKind::config:
      return add_config(snapshot.config_document(), into);
    case DocumentKind::source_refs:
      return add_refs(snapshot.source_refs(at.release), into);
    case DocumentKind::test_refs:
      return add_test_refs(snapshot.test_refs(at.release), into);
    case DocumentKind::upper_constraints:
      return add_constraints(snapshot.upper_constraints(at.release), into);
    case DocumentKind::extra_packages:
      return add_extras(snapshot.extra_packages(at.release), into);
    case DocumentKind::overrides:
      return add_overrides(snapshot, path, into);
    case DocumentKind::patch:
      return add_patch(patch_at(snapshot, path), into);
    case DocumentKind::dockerfile:
      return add_dockerfile(snapshot.dockerfile(at.component), into);
    case DocumentKind::bindep:
      return add_bindep(snapshot.bindep(at.component), into);
    default:
      return;
  }
}

/// Calls `visit` with the beginning and end of each line, its end left out.
template <class Visit>
void for_each_line(std::string_view text, const Visit& visit) {
  for (std::size_t begin = 0; begin < text.size();) {
    const std::size_t newline = std::min(text.find('\n', begin), text.size());
    const std::size_t end = newline > begin && text[newline - 1] == '\r' ? newline - 1 : newline;
    visit(begin, end);
    begin = newline + 1;
  }
}

/// Longer lines are no place for a comment.
constexpr std::size_t longest_line = 4096;

void find_ignore_comments(std::string_view text, std::vector<TextSpan>& into) {
  constexpr std::string_view mark = "ignore[";
  for_each_line(text, [&](std::size_t begin, std::size_t end) {
    if (end - begin > longest_line) return;
    const std::string_view line = text.substr(begin, end - begin);
    for (std::size_t at = line.find(mark); at != std::string_view::npos; at = line.find(mark, at + mark.size())) {
      const std::size_t hash = line.rfind('#', at);
      if (hash == std::string_view::npos || trim(line.substr(hash + 1, at - hash - 1)) != "forge:") continue;
      const std::size_t list = at + mark.size();
      into.push_back(span_of(begin + list, begin + std::min(line.find(']', list), line.size())));
    }
  });
}

void find_ignore_headers(std::string_view text, std::vector<TextSpan>& into) {
  constexpr std::string_view mark = "Forge-Ignore:";
  const std::string_view head = text.substr(0, std::min(text.find("\ndiff --git "), text.find("\n--- a/")));
  for_each_line(head, [&](std::size_t begin, std::size_t end) {
    const std::string_view line = head.substr(begin, end - begin);
    if (line.starts_with(mark) && line.size() <= longest_line) into.push_back(span_of(begin + mark.size(), end));
  });
}

}  // namespace

std::vector<TextSpan> ignore_lists(std::string_view text, bool is_patch) {
  std::vector<TextSpan> lists;
  if (is_patch)
    find_ignore_headers(text, lists);
  else
    find_ignore_comments(text, lists);
  return lists;
}

const workspace::Document<formats::Patch>* patch_at(const Snapshot& snapshot, std::string_view path) {
  const DocumentPath at = workspace::classify(path);
  const workspace::PatchSeries* series =
      at.kind == DocumentKind::patch ? snapshot.patch_series(at.component, at.release) : nullptr;
  if (series == nullptr) return nullptr;
  for (const auto& patch : series->patches)
    if (patch->file->path() == path) return patch.get();
  return nullptr;
}

std::vector<Subject> subjects_in(const Snapshot& snapshot, std::string_view path) {
  Subjects subjects;
  const SourceFilePtr file = snapshot.file(path);
  const DocumentPath at = workspace::classify(path);
  if (file == nullptr) return subjects;
  add_of_kind(snapshot, at, path, subjects);
  add_ignores(*file, at.kind == DocumentKind::patch, subjects);
  return subjects;
}

TextSpan shown_span(const Subject& subject, std::uint32_t offset) {
  return subject.span.contains(offset) ? subject.span : subject.extent;
}

std::optional<Subject> subject_at(const Snapshot& snapshot, std::string_view path, std::uint32_t offset) {
  std::optional<Subject> best;
  for (Subject& subject : subjects_in(snapshot, path)) {
    if (!subject.extent.contains(offset)) continue;
    if (!best || subject.extent.size() < best->extent.size()) best = std::move(subject);
  }
  return best;
}

}  // namespace forge::ide
