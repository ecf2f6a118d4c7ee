#include "engine/plan/plan_record.hpp"

#include <algorithm>
#include <set>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "engine/model/image_reference.hpp"

namespace forge::plan {

namespace {

using Json = nlohmann::json;

constexpr std::size_t longest_document = 64U << 20U;
constexpr std::size_t most_depth = 64;

std::string text_at(const Json& object, const char* key) {
  const auto found = object.find(key);
  return found != object.end() && found->is_string() ? found->get<std::string>() : std::string();
}

std::vector<std::string> texts_at(const Json& object, const char* key) {
  std::vector<std::string> out;
  const auto found = object.find(key);
  if (found == object.end() || !found->is_array()) return out;
  for (const Json& item : *found)
    if (item.is_string()) out.push_back(item.get<std::string>());
  return out;
}

const Json& list_at(const Json& object, const char* key) {
  static const Json none = Json::array();
  const auto found = object.find(key);
  return found != object.end() && found->is_array() ? *found : none;
}

RecordedTarget read_target(const Json& json) {
  RecordedTarget target;
  target.id = text_at(json, "id");
  target.image = text_at(json, "image");
  target.release = text_at(json, "release");
  target.kind = text_at(json, "kind") == "service" ? PlanTarget::Kind::service : PlanTarget::Kind::base;
  target.repository = text_at(json, "repository");
  target.fingerprint = text_at(json, "fingerprint");
  target.image_tags = texts_at(json, "tags");
  target.platforms = texts_at(json, "platforms");
  if (std::string digest = text_at(json, "digest"); model::is_image_digest(digest)) target.digest = std::move(digest);
  for (const Json& input : list_at(json, "inputs"))
    if (input.is_object()) target.inputs.push_back({text_at(input, "name"), text_at(input, "value")});
  std::ranges::sort(target.inputs, {}, [](const PlanInput& input) { return std::tie(input.name, input.value); });
  for (const Json& source : list_at(json, "sources"))
    if (source.is_object() && text_at(source, "kind") == "branch")
      target.branches.push_back(text_at(source, "component"));
  std::ranges::sort(target.branches);
  return target;
}

/// A document of this depth is no plan, and reading it would take the stack.
bool is_too_deep(std::string_view text) {
  std::size_t depth = 0;
  bool in_string = false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (in_string) {
      if (c == '\\') ++i;
      in_string = c != '"';
    } else if (c == '"') {
      in_string = true;
    } else if (c == '{' || c == '[') {
      if (++depth > most_depth) return true;
    } else if ((c == '}' || c == ']') && depth > 0) {
      --depth;
    }
  }
  return false;
}

}  // namespace

const RecordedTarget* PlanRecord::find(std::string_view id) const {
  const auto found = targets.find(id);
  return found == targets.end() ? nullptr : &found->second;
}

PlanRecord record_of(const BuildPlan& plan, bool recomputed) {
  PlanRecord record;
  record.commit = plan.request.commit;
  for (const PlanTarget& target : plan.targets) {
    if (target.state == PlanTarget::State::removed) continue;
    RecordedTarget one{.id = target.id,
                       .image = target.image,
                       .release = target.release,
                       .kind = target.kind,
                       .repository = target.repository,
                       .fingerprint = target.fingerprint,
                       .inputs = target.inputs,
                       .image_tags = target.image_tags,
                       .platforms = target.platforms,
                       .digest = target.digest,
                       .branches = {},
                       .recomputed = recomputed};
    for (const PlanSource& source : target.sources)
      if (source.kind == git::RefKind::branch) one.branches.push_back(source.component);
    std::ranges::sort(one.branches);
    record.targets.emplace(target.id, std::move(one));
  }
  return record;
}

void take_branches_from(const PlanRecord& written, PlanRecord& record) {
  for (auto& [id, target] : record.targets)
    if (const RecordedTarget* known = written.find(id); known != nullptr && !target.branches.empty()) target = *known;
}

Result<PlanRecord> read_record(std::string_view json) {
  const auto refuse = [](const std::string& why) {
    return fail(Failure::Kind::invalid, "It is no build plan: " + why,
                {"a plan is what `forge-analyze plan --format json` writes"});
  };
  if (json.size() > longest_document) return refuse("it is larger than 64 MiB.");
  if (is_too_deep(json)) return refuse("it is nested too deeply.");
  const Json document = Json::parse(json, nullptr, false);
  if (document.is_discarded() || !document.is_object()) return refuse("it is not a JSON object.");
  if (text_at(document, "schema") != "forge-analyze/plan/v1")
    return refuse(fmt::format("its schema is `{}` instead of `forge-analyze/plan/v1`.", text_at(document, "schema")));
  PlanRecord record;
  record.commit = text_at(document, "commit");
  for (const Json& one : list_at(document, "targets")) {
    if (!one.is_object() || text_at(one, "state") == "removed") continue;
    RecordedTarget target = read_target(one);
    if (target.id.empty()) return refuse("it has a target without an id.");
    std::string id = target.id;
    record.targets.emplace(std::move(id), std::move(target));
  }
  return record;
}

std::vector<InputChange> changed_inputs(const std::vector<PlanInput>& before, const std::vector<PlanInput>& after) {
  std::vector<InputChange> out;
  auto old_one = before.begin();
  auto new_one = after.begin();
  while (old_one != before.end() || new_one != after.end()) {
    const bool only_old = new_one == after.end() || (old_one != before.end() && old_one->name < new_one->name);
    const bool only_new = !only_old && (old_one == before.end() || new_one->name < old_one->name);
    if (only_old)
      out.push_back({old_one->name, old_one->value, ""});
    else if (only_new)
      out.push_back({new_one->name, "", new_one->value});
    else if (old_one->value != new_one->value)
      out.push_back({old_one->name, old_one->value, new_one->value});
    if (!only_new) ++old_one;
    if (!only_old) ++new_one;
  }
  return out;
}

std::vector<TargetChange> compare(const PlanRecord& before, const PlanRecord& after) {
  using State = PlanTarget::State;
  std::set<std::string> ids;
  for (const auto& [id, target] : before.targets) ids.insert(id);
  for (const auto& [id, target] : after.targets) ids.insert(id);
  std::vector<TargetChange> out;
  for (const std::string& id : ids) {
    const RecordedTarget* old_one = before.find(id);
    const RecordedTarget* new_one = after.find(id);
    TargetChange change{id};
    if (old_one == nullptr)
      change.state = State::added;
    else if (new_one == nullptr)
      change.state = State::removed;
    else if (new_one->fingerprint.empty())
      change.state = State::blocked;
    else if (old_one->fingerprint != new_one->fingerprint)
      change.state = State::planned;
    if (old_one != nullptr && new_one != nullptr && change.state == State::planned)
      change.changes = changed_inputs(old_one->inputs, new_one->inputs);
    out.push_back(std::move(change));
  }
  return out;
}

}  // namespace forge::plan
