#include "engine/plan/render_changes.hpp"

#include <algorithm>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "engine/base/text.hpp"

namespace forge::plan {

namespace {

using Json = nlohmann::ordered_json;

/// A digest in short; other values as they are, on one line.
std::string short_value(std::string_view value) {
  constexpr std::size_t digits = 12;
  constexpr std::string_view digest = "sha256:";
  if (const std::size_t at = value.find(digest); at != std::string_view::npos && value.size() > at + digest.size())
    return std::string(value.substr(0, at)) + std::string(value.substr(at + digest.size(), digits));
  std::string out;
  for (const char c : value) out += static_cast<unsigned char>(c) < 0x20 ? ' ' : c;
  return out;
}

std::string change_text(const InputChange& change) {
  if (change.before.empty()) return fmt::format("{} is new", change.name);
  if (change.after.empty()) return fmt::format("{} is gone", change.name);
  return fmt::format("{} changed", change.name);
}

std::string reason_of(const PlanTarget& target) {
  if (target.state == PlanTarget::State::blocked) {
    if (target.findings.empty()) return "builds from a blocked target";
    return target.findings.front().rule + ": " + target.findings.front().message;
  }
  std::vector<std::string> words;
  for (const InputChange& change : target.changes) words.push_back(change_text(change));
  if (target.linked) words.emplace_back("only linked to");
  return join(words, ", ");
}

Json changes_json(const std::vector<InputChange>& changes) {
  Json out = Json::array();
  for (const InputChange& change : changes)
    out.push_back(Json{{"name", change.name}, {"before", change.before}, {"after", change.after}});
  return out;
}

std::string to_text(const Json& json) {
  return json.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

/// In a cell of a table.
std::string cell(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (c == '|' || c == '\\' || c == '`' || c == '<' || c == '*' || c == '_' || c == '[') out += '\\';
    out += static_cast<unsigned char>(c) < 0x20 ? ' ' : c;
  }
  return out;
}

Result<const PlanTarget*> find_target(const BuildPlan& plan, std::string_view id) {
  if (const PlanTarget* found = plan.find(id)) return found;
  std::vector<std::string> ids;
  for (const PlanTarget& target : plan.targets) ids.push_back(target.id);
  const std::optional<std::string> near = nearest(id, ids);
  return fail(Failure::Kind::not_found, fmt::format("The plan has no target `{}`.", id),
              {near ? fmt::format("did you mean `{}`?", *near) : "its targets: " + join(ids, ", ")});
}

}  // namespace

std::string render_plan_text(const BuildPlan& plan) {
  std::size_t id_width = 0;
  for (const PlanTarget& target : plan.targets) id_width = std::max(id_width, target.id.size());
  std::string out;
  for (const PlanTarget& target : plan.targets) {
    out +=
        fmt::format("{:<9}  {:<{}}  {}\n", to_string(target.state), target.id, id_width, join(target.platforms, " "));
    if (const std::string reason = reason_of(target); !reason.empty()) out += fmt::format("             {}\n", reason);
    if (!target.is_built()) continue;
    for (const std::string& tag : target.image_tags) out += fmt::format("             {}\n", tag);
  }
  for (const PlanRetag& retag : plan.retags) {
    out += fmt::format("retag      {}  {}\n", retag.target, retag.from);
    for (const std::string& tag : retag.tags) out += fmt::format("             {}\n", tag);
  }
  return out.empty() ? "nothing to build\n" : out;
}

std::string render_plan_markdown(const BuildPlan& plan) {
  std::string out = "### Build plan\n\n| target | state | why | platforms | tags |\n| --- | --- | --- | --- | --- |\n";
  for (const PlanTarget& target : plan.targets)
    out +=
        fmt::format("| {} | {} | {} | {} | {} |\n", cell(target.id), to_string(target.state), cell(reason_of(target)),
                    cell(join(target.platforms, " ")), target.is_built() ? cell(join(target.image_tags, " ")) : "");
  if (!plan.retags.empty()) out += "\n| retag | from | tags |\n| --- | --- | --- |\n";
  for (const PlanRetag& retag : plan.retags)
    out += fmt::format("| {} | {} | {} |\n", cell(retag.target), cell(retag.from), cell(join(retag.tags, " ")));
  return out;
}

Result<std::string> explain_text(const BuildPlan& plan, std::string_view id) {
  FORGE_TRY_ASSIGN(const PlanTarget* target, find_target(plan, id));
  std::string out = fmt::format("{}: {}\n", target->id, to_string(target->state));
  if (!target->description.empty()) out += target->description + "\n";
  if (const std::string reason = reason_of(*target); !reason.empty()) out += reason + "\n";
  if (!target->fingerprint.empty()) out += fmt::format("fingerprint {}\n", target->fingerprint);
  std::size_t width = 0;
  for (const PlanInput& input : target->inputs) width = std::max(width, input.name.size());
  for (const PlanInput& input : target->inputs) {
    const auto change = std::ranges::find(target->changes, input.name, &InputChange::name);
    const std::string before = change == target->changes.end() ? ""
                               : change->before.empty()        ? "  (new)"
                                                               : "  (was " + short_value(change->before) + ")";
    out += fmt::format("  {:<{}}  {}{}\n", input.name, width, short_value(input.value), before);
  }
  for (const InputChange& change : target->changes)
    if (change.after.empty())
      out += fmt::format("  {:<{}}  gone (was {})\n", change.name, width, short_value(change.before));
  if (!target->floating.empty())
    out += fmt::format("not pinned, so that a build may differ all the same: {}\n", join(target->floating, ", "));
  return out;
}

Result<std::string> explain_json(const BuildPlan& plan, std::string_view id) {
  FORGE_TRY_ASSIGN(const PlanTarget* target, find_target(plan, id));
  Json inputs = Json::array();
  for (const PlanInput& input : target->inputs) inputs.push_back(Json{{"name", input.name}, {"value", input.value}});
  return to_text(Json{{"version", 1},
                      {"target", target->id},
                      {"state", to_string(target->state)},
                      {"fingerprint", target->fingerprint},
                      {"inputs", std::move(inputs)},
                      {"changes", changes_json(target->changes)},
                      {"floating", target->floating}});
}

std::string render_diff_text(const std::vector<TargetChange>& changes) {
  std::string out;
  for (const TargetChange& change : changes) {
    if (change.state == PlanTarget::State::unchanged) continue;
    const bool differs = change.state == PlanTarget::State::planned;
    out += fmt::format("{}: {}\n", change.id, differs ? "changed" : to_string(change.state));
    for (const InputChange& input : change.changes)
      out += fmt::format("  {}: {} -> {}\n", input.name, input.before.empty() ? "none" : short_value(input.before),
                         input.after.empty() ? "none" : short_value(input.after));
    if (differs && change.changes.empty()) out += "  platforms\n";
  }
  return out.empty() ? "no target differs\n" : out;
}

std::string render_diff_markdown(const std::vector<TargetChange>& changes) {
  std::string out = "| target | state | input | before | after |\n| --- | --- | --- | --- | --- |\n";
  for (const TargetChange& change : changes) {
    if (change.state == PlanTarget::State::unchanged) continue;
    const std::string state(change.state == PlanTarget::State::planned ? "changed" : to_string(change.state));
    if (change.changes.empty()) out += fmt::format("| {} | {} | | | |\n", cell(change.id), state);
    for (const InputChange& input : change.changes)
      out += fmt::format("| {} | {} | {} | {} | {} |\n", cell(change.id), state, cell(input.name),
                         cell(short_value(input.before)), cell(short_value(input.after)));
  }
  return out;
}

std::string render_diff_json(const std::vector<TargetChange>& changes) {
  Json targets = Json::array();
  for (const TargetChange& change : changes)
    targets.push_back(Json{{"id", change.id},
                           {"state", change.state == PlanTarget::State::planned ? "changed" : to_string(change.state)},
                           {"changes", changes_json(change.changes)}});
  return to_text(Json{{"version", 1}, {"targets", std::move(targets)}});
}

}  // namespace forge::plan
