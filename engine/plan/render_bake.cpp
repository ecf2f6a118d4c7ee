#include "engine/plan/render_bake.hpp"

#include <nlohmann/json.hpp>

namespace forge::plan {

namespace {

using Json = nlohmann::ordered_json;

/// Every string of a bake file is a template.
std::string literal(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const bool opens = i + 1 < text.size() && text[i + 1] == '{' && (text[i] == '$' || text[i] == '%');
    if (opens) out += text[i];
    out += text[i];
  }
  return out;
}

Json literals(const std::vector<std::string>& texts) {
  Json out = Json::array();
  for (const std::string& text : texts) out.push_back(literal(text));
  return out;
}

/// Bake refuses or misreads some empty values, so they are left out.
void put(Json& target, const char* key, Json value) {
  if (!value.empty()) target[key] = std::move(value);
}

Json bake_contexts(const PlanTarget& target) {
  Json out = Json::object();
  for (const PlanContext& context : target.contexts) out[literal(context.name)] = literal(context.value);
  return out;
}

Json bake_pairs(const auto& pairs) {
  Json out = Json::object();
  for (const auto& [name, value] : pairs) out[literal(name)] = literal(value);
  return out;
}

Json bake_target(const PlanTarget& target) {
  Json out = Json::object();
  put(out, "description", literal(target.description));
  put(out, "context", literal(target.context));
  out["dockerfile"] = "Dockerfile";
  put(out, "contexts", bake_contexts(target));
  put(out, "args", bake_pairs(target.args));
  put(out, "tags", literals(target.tags));
  put(out, "labels", bake_pairs(target.labels));
  put(out, "platforms", literals(target.platforms));
  put(out, "cache-from", literals(target.cache_from));
  put(out, "cache-to", literals(target.cache_to));
  put(out, "attest", literals(target.attest));
  put(out, "output", literals(target.output));
  return out;
}

Json bake_group(const PlanGroup& group) {
  return Json{{"description", literal(group.description)}, {"targets", literals(group.targets)}};
}

std::string to_text(const Json& json) {
  return json.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

}  // namespace

std::string render_bake(const BuildPlan& plan) {
  Json out = Json::object();
  for (const PlanGroup& group : plan.groups) out["group"][group.name] = bake_group(group);
  for (const PlanTarget& target : plan.targets)
    if (target.is_in_bake()) out["target"][target.id] = bake_target(target);
  return to_text(out);
}

}  // namespace forge::plan
