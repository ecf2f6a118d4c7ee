#include "engine/formats/workflow.hpp"

#include <algorithm>
#include <array>

#include "engine/base/text.hpp"
#include "engine/formats/yaml_tree.hpp"

namespace forge::formats {

namespace {

constexpr std::string_view rule = "file-syntax";
constexpr std::size_t largest = 1U << 20U;

WorkflowText text_of(const YamlNode& node) {
  return node.is_scalar() ? WorkflowText{node.text, node.span} : WorkflowText{{}, node.span};
}

const YamlNode* find(const YamlNode& node, std::string_view key) {
  const auto found = std::ranges::find_if(node.entries, [&](const auto& entry) { return entry.key.text == key; });
  return found == node.entries.end() ? nullptr : &found->value;
}

WorkflowText text_at(const YamlNode& node, std::string_view key) {
  const YamlNode* found = find(node, key);
  return found != nullptr && found->is_scalar() ? text_of(*found) : WorkflowText{};
}

/// A list, or the one value that may stand instead.
std::vector<WorkflowText> list_of(const YamlNode* node) {
  std::vector<WorkflowText> out;
  if (node == nullptr) return out;
  if (node->is_scalar()) out.push_back(text_of(*node));
  for (const YamlNode& item : node->items)
    if (item.is_scalar()) out.push_back(text_of(item));
  return out;
}

WorkflowSettings settings_of(const YamlNode* node) {
  WorkflowSettings out;
  if (node == nullptr) return out;
  out.span = node->span;
  if (node->is_scalar()) out.expression = text_of(*node);
  for (const YamlNode::Entry& entry : node->entries) out.entries.push_back({text_of(entry.key), text_of(entry.value)});
  return out;
}

/// Of `inputs` and `outputs`, whose entries are mappings: one key of each.
WorkflowSettings nested_settings(const YamlNode* node, std::string_view key) {
  WorkflowSettings out;
  if (node == nullptr) return out;
  out.span = node->span;
  for (const YamlNode::Entry& entry : node->entries)
    out.entries.push_back({text_of(entry.key), text_at(entry.value, key)});
  return out;
}

WorkflowFilter filter_of(const YamlNode& event, std::string_view key) {
  const YamlNode* node = find(event, key);
  WorkflowFilter filter;
  if (node == nullptr) return filter;
  filter.given = !node->is_null();
  filter.span = node->span;
  filter.patterns = list_of(node);
  return filter;
}

std::vector<WorkflowTrigger> triggers_of(const YamlNode* on) {
  std::vector<WorkflowTrigger> out;
  for (const WorkflowText& event : list_of(on)) out.push_back({.event = event});
  if (on == nullptr) return out;
  for (const YamlNode::Entry& entry : on->entries) {
    const YamlNode& value = entry.value;
    out.push_back({.event = text_of(entry.key),
                   .branches = filter_of(value, "branches"),
                   .branches_ignore = filter_of(value, "branches-ignore"),
                   .tags = filter_of(value, "tags"),
                   .paths = filter_of(value, "paths"),
                   .paths_ignore = filter_of(value, "paths-ignore"),
                   .inputs = nested_settings(find(value, "inputs"), "default")});
  }
  return out;
}

std::optional<WorkflowPermissions> permissions_of(const YamlNode& node) {
  for (const YamlNode::Entry& entry : node.entries) {
    if (entry.key.text != "permissions") continue;
    WorkflowPermissions out{.key = entry.key.span};
    if (entry.value.is_scalar())
      out.all = entry.value.text;
    else
      out.scopes = settings_of(&entry.value);
    return out;
  }
  return std::nullopt;
}

WorkflowAxis axis_of(const YamlNode::Entry& entry, std::string_view text) {
  WorkflowAxis axis{.name = text_of(entry.key), .span = entry.value.span};
  axis.known = entry.value.kind == YamlNode::Kind::sequence;
  axis.flow = axis.span.begin < text.size() && text[axis.span.begin] == '[';
  for (const YamlNode& item : entry.value.items) {
    axis.known &= item.is_scalar() && item.text.find("${{") == std::string::npos;
    axis.values.push_back(text_of(item));
  }
  return axis;
}

/// The combinations of `include` and `exclude`; false where one of them can't be told.
bool read_combinations(const YamlNode* node, std::vector<WorkflowSettings>& out) {
  if (node == nullptr || node->is_null()) return true;
  bool known = node->kind == YamlNode::Kind::sequence;
  for (const YamlNode& item : node->items) {
    known &= item.kind == YamlNode::Kind::mapping;
    out.push_back(settings_of(&item));
    for (const WorkflowSetting& setting : out.back().entries)
      known &= setting.value.value.find("${{") == std::string::npos;
  }
  return known;
}

std::optional<WorkflowMatrix> matrix_of(const YamlNode* strategy, std::string_view text) {
  const YamlNode* node = strategy == nullptr ? nullptr : find(*strategy, "matrix");
  if (node == nullptr) return std::nullopt;
  WorkflowMatrix matrix{.span = node->span};
  if (node->is_scalar()) matrix.expression = text_of(*node);
  matrix.known = node->kind == YamlNode::Kind::mapping;
  for (const YamlNode::Entry& entry : node->entries) {
    if (entry.key.text == "include") {
      matrix.known &= read_combinations(&entry.value, matrix.include);
    } else if (entry.key.text == "exclude") {
      matrix.known &= read_combinations(&entry.value, matrix.exclude);
    } else {
      matrix.axes.push_back(axis_of(entry, text));
      matrix.known &= matrix.axes.back().known;
    }
  }
  return matrix;
}

WorkflowStep step_of(const YamlNode& node) {
  return {.span = node.span,
          .name = text_at(node, "name"),
          .id = text_at(node, "id"),
          .uses = text_at(node, "uses"),
          .run = text_at(node, "run"),
          .condition = text_at(node, "if"),
          .working_directory = text_at(node, "working-directory"),
          .shell = text_at(node, "shell"),
          .with = settings_of(find(node, "with")),
          .env = settings_of(find(node, "env"))};
}

std::vector<WorkflowStep> steps_of(const YamlNode& node) {
  std::vector<WorkflowStep> out;
  const YamlNode* steps = find(node, "steps");
  if (steps == nullptr) return out;
  for (const YamlNode& item : steps->items)
    if (item.kind == YamlNode::Kind::mapping) out.push_back(step_of(item));
  return out;
}

std::uint32_t indent_of(const YamlNode& node, std::string_view text) {
  std::uint32_t at = node.entries.empty() ? 0 : node.entries.front().key.span.begin;
  std::uint32_t indent = 0;
  for (; at > 0 && text[at - 1] == ' '; --at) ++indent;
  return indent;
}

WorkflowJob job_of(const YamlNode::Entry& entry, std::string_view text) {
  const YamlNode& node = entry.value;
  WorkflowJob job{.id = text_of(entry.key)};
  const YamlNode* needs = find(node, "needs");
  job.needs = list_of(needs);
  if (needs != nullptr) job.needs_span = needs->span;
  job.condition = text_at(node, "if");
  job.permissions = permissions_of(node);
  job.matrix = matrix_of(find(node, "strategy"), text);
  job.env = settings_of(find(node, "env"));
  job.outputs = settings_of(find(node, "outputs"));
  if (const YamlNode* defaults = find(node, "defaults"))
    if (const YamlNode* run = find(*defaults, "run")) job.working_directory = text_at(*run, "working-directory");
  job.uses = text_at(node, "uses");
  job.with = settings_of(find(node, "with"));
  job.steps = steps_of(node);
  job.indent = indent_of(node, text);
  return job;
}

void read_action(const YamlNode& root, const YamlNode& runs, Workflow& out) {
  out.is_action = true;
  out.inputs = nested_settings(find(root, "inputs"), "default");
  out.outputs = nested_settings(find(root, "outputs"), "value");
  WorkflowJob job;
  job.steps = steps_of(runs);
  out.jobs.push_back(std::move(job));
}

Workflow read_workflow(const YamlNode& root, std::string_view text) {
  Workflow out;
  out.name = text_at(root, "name");
  out.env = settings_of(find(root, "env"));
  if (const YamlNode* runs = find(root, "runs")) {
    read_action(root, *runs, out);
    return out;
  }
  out.triggers = triggers_of(find(root, "on"));
  out.permissions = permissions_of(root);
  if (const YamlNode* on = find(root, "on"))
    if (const YamlNode* call = find(*on, "workflow_call"))
      out.outputs = nested_settings(find(*call, "outputs"), "value");
  for (const WorkflowTrigger& trigger : out.triggers)
    if (trigger.event.value == "workflow_call") out.inputs = trigger.inputs;
  if (const YamlNode* jobs = find(root, "jobs"))
    for (const YamlNode::Entry& entry : jobs->entries)
      if (entry.value.kind == YamlNode::Kind::mapping) out.jobs.push_back(job_of(entry, text));
  return out;
}

// part_of_scalar

bool is_white(char c) {
  return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

/// Line `n` of a literal block is the end of the n-th line below its header.
std::optional<TextSpan> part_of_block(std::string_view file, const WorkflowText& scalar, TextSpan part) {
  const auto place = [&](std::uint32_t offset) -> std::optional<std::uint32_t> {
    std::size_t line = file.find('\n', scalar.span.begin);
    std::size_t begin = 0;
    for (std::size_t next = scalar.value.find('\n'); next < offset; next = scalar.value.find('\n', begin)) {
      begin = next + 1;
      if (line != std::string_view::npos) line = file.find('\n', line + 1);
    }
    if (line == std::string_view::npos) return std::nullopt;
    const std::size_t length = std::min(scalar.value.find('\n', begin), scalar.value.size()) - begin;
    std::size_t end = std::min(file.find('\n', line + 1), file.size());
    if (end > line + 1 && file[end - 1] == '\r') --end;
    if (end < line + 1 + length ||
        file.substr(end - length, length) != std::string_view(scalar.value).substr(begin, length))
      return std::nullopt;
    return static_cast<std::uint32_t>(end - length + (offset - begin));
  };
  const auto begin = place(part.begin);
  const auto end = place(part.end);
  if (!begin || !end || *begin > *end || *end > scalar.span.end) return std::nullopt;
  return TextSpan{*begin, *end};
}

/// Bytes that an escape in double quotes takes.
std::size_t escape_size(char c) {
  if (c == 'x') return 4;
  if (c == 'u') return 6;
  return c == 'U' ? 10 : 2;
}

/// Walks file and value side by side: blanks of any kind and number are alike.
std::optional<TextSpan> part_of_flow(std::string_view file, const WorkflowText& scalar, TextSpan part) {
  const char style = file[scalar.span.begin];
  std::size_t at = scalar.span.begin;
  if (style == '"' || style == '\'') ++at;
  if (style == '>') at = std::min(file.find('\n', at), static_cast<std::size_t>(scalar.span.end));
  std::optional<std::uint32_t> begin;
  for (std::size_t i = 0; i <= part.end; ++i) {
    const bool blank = i < scalar.value.size() && is_white(scalar.value[i]);
    if (i == part.end) break;
    if (!blank)
      while (at < scalar.span.end && is_white(file[at])) ++at;
    if (i == part.begin) begin = static_cast<std::uint32_t>(at);
    if (at >= scalar.span.end) return std::nullopt;
    if (blank) {
      if (is_white(file[at])) ++at;
    } else if (style == '"' && file[at] == '\\') {
      at += escape_size(at + 1 < file.size() ? file[at + 1] : ' ');
    } else if (file[at] == scalar.value[i]) {
      at += style == '\'' && file[at] == '\'' ? 2U : 1U;
    } else {
      return std::nullopt;
    }
  }
  if (!begin || at > scalar.span.end) return std::nullopt;
  return TextSpan{*begin, static_cast<std::uint32_t>(at)};
}

}  // namespace

const WorkflowText* WorkflowSettings::find(std::string_view name) const {
  const auto found = std::ranges::find_if(entries, [&](const WorkflowSetting& one) { return one.name.value == name; });
  return found == entries.end() ? nullptr : &found->value;
}

bool WorkflowPermissions::writes(std::string_view scope) const {
  if (!all.empty()) return all == "write-all";
  const WorkflowText* value = scopes.find(scope);
  return value != nullptr && value->value == "write";
}

std::string WorkflowStep::action() const {
  return to_lower(std::string_view(uses.value).substr(0, uses.value.find('@')));
}

const WorkflowTrigger* Workflow::trigger(std::string_view event) const {
  const auto found = std::ranges::find_if(triggers, [&](const auto& one) { return one.event.value == event; });
  return found == triggers.end() ? nullptr : &*found;
}

const WorkflowJob* Workflow::job(std::string_view id) const {
  const auto found = std::ranges::find_if(jobs, [&](const WorkflowJob& one) { return one.id.value == id; });
  return found == jobs.end() ? nullptr : &*found;
}

Parsed<Workflow> parse_workflow(std::string_view text) {
  if (text.size() > largest) return {{}, {{rule, {}, "This file is larger than a megabyte; it is not read."}}};
  Parsed<YamlNode> tree = parse_yaml(text);
  Parsed<Workflow> parsed{{}, std::move(tree.problems)};
  if (tree.value.is_scalar() || tree.value.kind == YamlNode::Kind::sequence)
    parsed.problems.push_back({rule, tree.value.span, "A workflow must be a mapping with `on` and `jobs`."});
  parsed.value = read_workflow(tree.value, text);
  return parsed;
}

TextSpan part_of_scalar(std::string_view file, const WorkflowText& scalar, TextSpan part) {
  part.end = std::min(part.end, static_cast<std::uint32_t>(scalar.value.size()));
  if (scalar.span.empty() || scalar.span.end > file.size() || part.begin > part.end) return scalar.span;
  const bool block = file[scalar.span.begin] == '|';
  return (block ? part_of_block(file, scalar, part) : part_of_flow(file, scalar, part)).value_or(scalar.span);
}

}  // namespace forge::formats
