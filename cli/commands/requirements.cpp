#include <algorithm>
#include <array>
#include <set>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "cli/commands/table.hpp"
#include "cli/environment.hpp"
#include "cli/render/json.hpp"
#include "cli/render/text.hpp"
#include "engine/base/text.hpp"
#include "engine/model/declared_requirements.hpp"
#include "engine/model/requirement_check.hpp"

namespace forge::cli {

namespace {

using Json = nlohmann::ordered_json;
using formats::DeclaredExtra;
using formats::DeclaredRequirement;
using model::ComponentRequirements;
using model::RequirementVerdict;

constexpr std::array<std::string_view, 2> formats_of_answer = {"text", "json"};
constexpr std::array options = {
    Option{"--release", "R", "only this release"},
    Option{"--component", "C", "only this component"},
    Option{"--extra", "E", "of the extras only this one; may be repeated", {}, true},
};

struct Row {
  const ComponentRequirements* tree = nullptr;
  const DeclaredRequirement* declared = nullptr;
  const DeclaredExtra* extra = nullptr;
  model::RequirementAnswer answer;
};

/// One tree that was asked for: its rows, or why there are none.
struct Tree {
  std::string release;
  std::string component;
  const Result<ComponentRequirements>* requirements = nullptr;
  std::vector<Row> rows{};
};

std::vector<Tree> selected_trees(const Invocation& invocation, const workspace::Snapshot& snapshot) {
  const std::string release = invocation.value("--release").value_or("");
  const std::string component = invocation.value("--component").value_or("");
  std::vector<Tree> trees;
  for (const std::string& one : snapshot.releases()) {
    const auto* refs = snapshot.source_refs(one);
    if (refs == nullptr || (!release.empty() && one != release)) continue;
    for (const formats::SourceRef& entry : (*refs)->entries) {
      if (component.empty() || entry.component.value == component) trees.push_back({one, entry.component.value});
    }
  }
  if (trees.empty() && !component.empty())
    throw NotDone(fmt::format("No release that was asked for has a ref of `{}`.", component));
  return trees;
}

/// Without `--extra` every extra but the one that pbr makes of test-requirements.txt, which nobody asked to publish.
bool wanted(const DeclaredExtra& extra, const std::vector<std::string>& asked) {
  if (asked.empty()) return !extra.implicit;
  return std::ranges::any_of(asked, [&](const std::string& name) {
    const auto normal = PackageName::parse(name);
    return normal && normal->str() == extra.name;
  });
}

void fill(const workspace::Snapshot& snapshot, const std::vector<std::string>& extras, Tree& tree) {
  tree.requirements = &model::declared_requirements(snapshot, tree.release, tree.component);
  if (!*tree.requirements) return;
  const ComponentRequirements& known = **tree.requirements;
  const model::EffectivePins& pins = model::effective_pins(snapshot, tree.release);
  const auto environments = model::target_environments(snapshot);
  const auto add = [&](const DeclaredRequirement& one, const DeclaredExtra* extra) {
    const std::vector<std::string> active = extra == nullptr ? std::vector<std::string>{} : std::vector{extra->name};
    tree.rows.push_back({&known, &one, extra, model::check_requirement(one.requirement, pins, environments, active)});
  };
  for (const DeclaredRequirement& one : known.declared.runtime) add(one, nullptr);
  for (const DeclaredExtra& extra : known.declared.extras) {
    if (!wanted(extra, extras)) continue;
    for (const DeclaredRequirement& one : extra.requirements) add(one, &extra);
  }
}

/// Null where there is nothing to compare.
Json satisfied(RequirementVerdict verdict) {
  if (verdict == RequirementVerdict::satisfied) return true;
  if (verdict == RequirementVerdict::unsatisfied || verdict == RequirementVerdict::conflicting_pins) return false;
  return nullptr;
}

bool is_unsatisfied(const Row& row) {
  return satisfied(row.answer.verdict) == Json(false);
}

Json pin_of(const Row& row) {
  const bool known = row.answer.pin != nullptr && row.answer.pin->pin->exact();
  return known ? Json(row.answer.pin->pin->version.value) : Json();
}

Json row_json(const Row& row) {
  const Json place = place_json(row.tree->place(row.declared->place), false);
  Json out = {{"release", row.tree->release},
              {"component", row.tree->component},
              {"requirement", row.declared->text},
              {"name", row.declared->requirement.spelling.value},
              {"extra", row.extra == nullptr ? Json() : Json(row.extra->name)},
              {"marker", row.declared->requirement.marker ? Json(row.declared->requirement.marker->str()) : Json()},
              {"applies", row.answer.verdict != RequirementVerdict::not_applicable},
              {"pin", pin_of(row)},
              {"satisfied", satisfied(row.answer.verdict)},
              {"verdict", to_string(row.answer.verdict)},
              {"file", place.at("file")},
              {"line", place.at("line")}};
  if (row.answer.pin != nullptr) {
    const Json pin = place_json(row.answer.pin->place(), false);
    out["pinFile"] = pin.at("file");
    out["pinLine"] = pin.at("line");
  }
  return out;
}

std::string json_of(const std::vector<Tree>& trees) {
  Json rows = Json::array();
  for (const Tree& tree : trees)
    for (const Row& row : tree.rows) rows.push_back(row_json(row));
  return to_text({{"version", 1}, {"requirements", std::move(rows)}});
}

std::string position_of(const Place& place) {
  return fmt::format("{}:{}", place.file->path(), place.file->lines().line_of(place.span.begin) + 1);
}

std::string tree_text(const Tree& tree, bool color) {
  const ComponentRequirements& known = **tree.requirements;
  std::string out = styled(fmt::format("{} {} of {}", tree.component, known.ref, tree.release), Style::bold, color);
  if (tree.rows.empty()) return out + ": no requirements\n";
  std::vector<std::vector<std::string>> table = {
      {"VERDICT", "REQUIREMENT", "EXTRA", "PIN", "DECLARED IN", "PINNED IN"}};
  for (const Row& row : tree.rows) {
    const Json pin = pin_of(row);
    table.push_back({std::string(to_string(row.answer.verdict)), row.declared->text,
                     row.extra == nullptr ? "-" : row.extra->name, pin.is_null() ? "-" : pin.get<std::string>(),
                     position_of(known.place(row.declared->place)),
                     row.answer.pin == nullptr ? "-" : position_of(row.answer.pin->place())});
  }
  return out + "\n" + table_text(table, color);
}

std::string text_of(const std::vector<Tree>& trees, bool color) {
  std::string out;
  for (const Tree& tree : trees) {
    if (!*tree.requirements) continue;
    if (!out.empty()) out += "\n";
    out += tree_text(tree, color);
  }
  return out;
}

/// The answer lacks this, so whoever uses it must hear of it. True where there is something.
bool say_unreadable(const Invocation& invocation, const std::vector<Tree>& trees) {
  bool any = false;
  for (const Tree& tree : trees) {
    if (!*tree.requirements) continue;
    const ComponentRequirements& known = **tree.requirements;
    for (const formats::UnreadablePart& part : known.declared.unreadable) {
      say(invocation, fmt::format("{}: {}\n", position_of(known.place(part.place)), part.message));
      any = true;
    }
    for (const std::string& patch : known.left_out)
      say(invocation, fmt::format("{}: does not apply, so it does not count here\n", patch));
    any = any || !known.left_out.empty();
  }
  return any;
}

void stop_where_unavailable(const Invocation& invocation, const std::vector<Tree>& trees) {
  std::set<std::string> messages;
  std::set<std::string> hints;
  for (const Tree& tree : trees) {
    if (*tree.requirements) continue;
    const Failure& failure = tree.requirements->error();
    messages.insert(fmt::format("{} of {}: {}", tree.component, tree.release, failure.message));
    hints.insert(failure.hints.begin(), failure.hints.end());
  }
  if (messages.empty()) return;
  if (!is_offline(invocation)) throw NotDone(join(messages, "\n  "), {hints.begin(), hints.end()});
  say(invocation, join(messages, "\n") + "\n");
}

ExitCode run(const Invocation& invocation) {
  const TaskPool pool = task_pool(invocation);
  const workspace::SnapshotPtr snapshot = load_forge(invocation, pool);
  require_known_release(*snapshot, invocation.value("--release").value_or(""));
  std::vector<Tree> trees = selected_trees(invocation, *snapshot);
  const std::vector<std::string> extras = invocation.values("--extra");
  pool.for_each(trees.size(), [&](std::size_t i) { fill(*snapshot, extras, trees[i]); });
  emit(invocation, invocation.format() == "json" ? json_of(trees) : text_of(trees, use_color(invocation, 1)));
  const bool unreadable = say_unreadable(invocation, trees);
  stop_where_unavailable(invocation, trees);
  const bool unsatisfied =
      std::ranges::any_of(trees, [](const Tree& tree) { return std::ranges::any_of(tree.rows, is_unsatisfied); });
  return unsatisfied || unreadable ? exit_findings : exit_done;
}

}  // namespace

extern const Command requirements_command = {
    .name = "requirements",
    .summary = "each component's declared requirements against the effective constraints",
    .description =
        "What the source tree of every component requires at its ref, after its patches, and whether the release's "
        "pins satisfy it for the target's Python and platforms. Every extra is listed but pbr's implicit `test`, which "
        "`--extra test` shows. Exit code 1 if a requirement is not satisfied or can't be read; an upstream that can't "
        "be looked at makes it 2, unless --offline is given.",
    .options = options,
    .formats = formats_of_answer,
    .run = run,
};

}  // namespace forge::cli
