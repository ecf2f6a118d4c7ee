#include <algorithm>

#include <nlohmann/json.hpp>

#include "engine/plan/render_bake.hpp"

namespace forge::plan {

namespace {

using Json = nlohmann::ordered_json;

Json finding_json(const Finding& finding) {
  const std::string file = finding.place.file ? finding.place.file->path() : "";
  const LineColumn at =
      finding.place.file ? finding.place.file->position(finding.place.span.begin, ColumnUnit::utf16) : LineColumn{};
  return Json{{"rule", finding.rule},       {"severity", to_string(finding.severity)},
              {"message", finding.message}, {"component", finding.component},
              {"release", finding.release}, {"file", file},
              {"line", at.line + 1},        {"column", at.column + 1}};
}

Json findings_json(const std::vector<Finding>& findings) {
  Json out = Json::array();
  for (const Finding& finding : findings) out.push_back(finding_json(finding));
  return out;
}

Json source_json(const PlanSource& source) {
  return Json{{"component", source.component},
              {"release", source.release},
              {"ref", source.ref},
              {"kind", git::to_string(source.kind)},
              {"commit", source.commit},
              {"version", source.version},
              {"time", source.time},
              {"patches", source.patches},
              {"path", source.path}};
}

Json sources_json(const std::vector<PlanSource>& sources) {
  Json out = Json::array();
  for (const PlanSource& source : sources) out.push_back(source_json(source));
  return out;
}

Json contexts_json(const std::vector<PlanContext>& contexts) {
  Json out = Json::array();
  for (const PlanContext& context : contexts)
    out.push_back(Json{{"name", context.name},
                       {"kind", to_string(context.kind)},
                       {"value", context.value},
                       {"pinned", context.pinned}});
  return out;
}

Json labels_json(const PlanTarget& target) {
  Json out = Json::object();
  for (const auto& [name, value] : target.labels) out[name] = value;
  return out;
}

Json inputs_json(const std::vector<PlanInput>& inputs) {
  Json out = Json::array();
  for (const PlanInput& input : inputs) out.push_back(Json{{"name", input.name}, {"value", input.value}});
  return out;
}

Json changes_json(const std::vector<InputChange>& changes) {
  Json out = Json::array();
  for (const InputChange& change : changes)
    out.push_back(Json{{"name", change.name}, {"before", change.before}, {"after", change.after}});
  return out;
}

Json target_json(const PlanTarget& target) {
  Json out{{"id", target.id},
           {"kind", target.kind == PlanTarget::Kind::base ? "base" : "service"},
           {"state", to_string(target.state)},
           {"image", target.image},
           {"repository", target.repository},
           {"release", target.release},
           {"stage", target.stage},
           {"selected", target.selected},
           {"needs", target.needs},
           {"description", target.description},
           {"context", target.context},
           {"dockerfile", "Dockerfile"}};
  out["contexts"] = contexts_json(target.contexts);
  out["args"] = target.args;
  out["tags"] = target.image_tags;
  out["labels"] = labels_json(target);
  out["platforms"] = target.platforms;
  out["cache-from"] = target.cache_from;
  out["cache-to"] = target.cache_to;
  out["attest"] = target.attest;
  out["output"] = target.output;
  out["sources"] = sources_json(target.sources);
  out["fingerprint"] = target.fingerprint;
  if (!target.digest.empty()) out["digest"] = target.digest;
  out["hermetic"] = target.floating.empty();
  out["floating"] = target.floating;
  out["inputs"] = inputs_json(target.inputs);
  if (!target.changes.empty()) out["changes"] = changes_json(target.changes);
  out["diagnostics"] = findings_json(target.findings);
  return out;
}

std::size_t count(const BuildPlan& plan, PlanTarget::State state) {
  return static_cast<std::size_t>(
      std::ranges::count_if(plan.targets, [&](const PlanTarget& target) { return target.state == state; }));
}

Json retags_json(const BuildPlan& plan) {
  Json out = Json::array();
  for (const PlanRetag& retag : plan.retags)
    out.push_back(Json{{"target", retag.target}, {"image", retag.image}, {"from", retag.from}, {"tags", retag.tags}});
  return out;
}

Json summary_json(const BuildPlan& plan) {
  using State = PlanTarget::State;
  Json out = Json::object();
  for (const State state : {State::planned, State::added, State::unchanged, State::blocked, State::removed})
    out[std::string(to_string(state))] = count(plan, state);
  return out;
}

}  // namespace

std::string render_plan(const BuildPlan& plan) {
  Json out{{"version", 1},
           {"schema", "forge-analyze/plan/v1"},
           {"event", to_string(plan.request.event)},
           {"branch", plan.request.branch},
           {"commit", plan.request.commit},
           {"push", plan.request.push},
           {"mode", plan.split ? "split" : "chain"}};
  out["targets"] = Json::array();
  for (const PlanTarget& target : plan.targets) out["targets"].push_back(target_json(target));
  out["groups"] = Json::object();
  for (const PlanGroup& group : plan.groups) out["groups"][group.name] = group.targets;
  out["sources"] = sources_json(plan.sources);
  out["constraints"] = plan.constraints;
  out["empty-folders"] = plan.empty_folders;
  out["diagnostics"] = findings_json(plan.findings);
  out["retag"] = retags_json(plan);
  out["summary"] = summary_json(plan);
  return out.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

}  // namespace forge::plan
