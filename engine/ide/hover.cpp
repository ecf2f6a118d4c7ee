#include "engine/ide/hover.hpp"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "engine/base/names.hpp"
#include "engine/base/text.hpp"
#include "engine/ide/completion.hpp"
#include "engine/ide/hover_lines.hpp"
#include "engine/ide/subject.hpp"

namespace forge::ide {

using workspace::Snapshot;
using Style = HoverPiece::Style;

namespace {

/// The page of a rule, in short.
HoverLines rule_lines(RuleList rules, const std::string& name) {
  const auto rule = std::ranges::find(rules, name, &RuleWords::name);
  if (rule == rules.end()) return {};
  HoverLines lines = {
      {{Style::strong, std::string(rule->name)}, {Style::plain, fmt::format(" ({}): {}", rule->level, rule->summary)}},
      {{Style::plain, ""}}};
  for (const std::string_view line : split(trim(rule->doc), '\n'))
    lines.push_back({{Style::markdown, std::string(line)}});
  return lines;
}

HoverLines ref_lines_of(const HoverContext& context, const Subject& subject) {
  const auto* refs = context.snapshot.source_refs(context.at.release);
  if (refs == nullptr || subject.index >= (*refs)->entries.size()) return {};
  const formats::SourceRef& entry = (*refs)->entries[subject.index];
  return entry.ref ? ref_lines(context, entry) : HoverLines();
}

std::string service_of(const HoverContext& context, std::size_t index) {
  const auto* extras = context.snapshot.extra_packages(context.at.release);
  return extras != nullptr && index < (*extras)->services.size() ? (*extras)->services[index].service.value : "";
}

HoverLines lines_of(const HoverContext& context, const Subject& subject) {
  switch (subject.kind) {
    case SubjectKind::component:
      return component_lines(context, subject.name);
    case SubjectKind::ref:
      return ref_lines_of(context, subject);
    case SubjectKind::package:
      return package_lines(context, subject.name, subject.text);
    case SubjectKind::extra:
      return extra_lines(context, service_of(context, subject.index), subject.name);
    case SubjectKind::system_package:
      return system_package_lines(context, subject);
    case SubjectKind::bindep_atom:
      return atom_lines(context, subject);
    case SubjectKind::context:
      return context_lines(context, subject);
    case SubjectKind::stage:
      return stage_lines(context, subject.index);
    case SubjectKind::config_key:
      return config_key_lines(subject.name);
    case SubjectKind::extras_key:
      return extras_key_lines(subject.name);
    case SubjectKind::rule:
      return rule_lines(context.options.rules, subject.name);
    case SubjectKind::patch:
    case SubjectKind::patched_file:
    case SubjectKind::hunk:
    case SubjectKind::blob:
    case SubjectKind::commit:
    case SubjectKind::change_id:
    case SubjectKind::bug:
      return patch_lines(context, subject);
  }
  return {};
}

}  // namespace

std::optional<Hover> hover(const Snapshot& snapshot, std::string_view path, std::uint32_t offset,
                           const HoverOptions& options) {
  const std::optional<Subject> subject = subject_at(snapshot, path, offset);
  if (!subject) return std::nullopt;
  HoverLines lines = lines_of({snapshot, workspace::classify(path), path, options}, *subject);
  if (lines.empty()) return std::nullopt;
  return Hover{.span = shown_span(*subject, offset), .lines = std::move(lines)};
}

std::optional<Hover> completion_details(const Snapshot& snapshot, std::string_view path, CompletionKind kind,
                                        const std::string& component, const std::string& label,
                                        const HoverOptions& options) {
  const HoverContext context{snapshot, workspace::classify(path), path, options};
  HoverLines lines;
  switch (kind) {
    case CompletionKind::tag:
    case CompletionKind::branch:
    case CompletionKind::commit:
      lines = possible_ref_lines(context, component, label);
      break;
    case CompletionKind::component:
      lines = component_lines(context, label);
      break;
    case CompletionKind::package:
      if (const auto name = PackageName::parse(label)) lines = package_lines(context, name->str(), label);
      break;
    case CompletionKind::rule:
      lines = rule_lines(options.rules, label);
      break;
    case CompletionKind::context:
      lines = named_context_lines(context, label);
      break;
    case CompletionKind::stage:
    case CompletionKind::version:
    case CompletionKind::key:
    case CompletionKind::atom:
      break;
  }
  if (lines.empty()) return std::nullopt;
  return Hover{.span = {}, .lines = std::move(lines)};
}

}  // namespace forge::ide
