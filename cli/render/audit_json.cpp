#include <nlohmann/json.hpp>

#include "cli/render/audit.hpp"
#include "cli/render/json.hpp"
#include "engine/audit/words.hpp"

namespace forge::cli {

namespace {

using Json = nlohmann::ordered_json;
using audit::Audit;
using audit::Check;
using audit::Row;

Json or_null(const std::string& text) {
  return text.empty() ? Json(nullptr) : Json(text);
}

Json ref_json(const audit::RefFacts& ref) {
  Json json = {{"ref", or_null(ref.ref)},
               {"kind", ref.kind},
               {"commit", ref.commit ? Json(ref.commit->hex()) : Json(nullptr)},
               {"date", ref.date ? Json(to_rfc3339(*ref.date)) : Json(nullptr)},
               {"version", or_null(ref.version)},
               {"newest", or_null(ref.newest)},
               {"behind", ref.behind ? Json(*ref.behind) : Json(nullptr)},
               {"advisories", Json::array()}};
  for (const model::Advisory& one : ref.advisories)
    json["advisories"].push_back(
        {{"name", one.name}, {"commit", one.commit.hex()}, {"subject", one.subject}, {"released", one.released}});
  return json;
}

Json patch_json(const audit::PatchFacts& patch) {
  return {{"file", patch.file->path()},
          {"subject", patch.subject},
          {"verdict", to_string(patch.fate)},
          {"upstreamCommit", patch.upstream ? Json(patch.upstream->hex()) : Json(nullptr)},
          {"upstreamTag", or_null(patch.upstream_tag)}};
}

Json closure_json(const audit::ClosureFacts& closure) {
  return {{"platform", closure.platform},   {"packages", closure.packages},     {"floating", closure.floating},
          {"conflicts", closure.conflicts}, {"unexamined", closure.unexamined}, {"problem", or_null(closure.problem)}};
}

Json checks_json(const Row& row) {
  Json json = Json::object();
  for (const Check check : audit::all_checks) {
    const audit::Cell& cell = row.cell(check);
    json[std::string(to_string(check))] = {
        {"state", to_string(cell.state)}, {"word", cell.word}, {"findings", cell.findings}};
  }
  return json;
}

Json reason_json(const audit::Reason& reason) {
  return {{"state", to_string(reason.state)},
          {"check", to_string(reason.check)},
          {"text", reason.text},
          {"finding", reason.finding ? Json(*reason.finding) : Json(nullptr)}};
}

Json row_json(const Row& row) {
  Json json = {{"component", row.component},
               {"kind", to_string(row.kind)},
               {"verdict", to_string(row.verdict)},
               {"checks", checks_json(row)},
               {"reasons", Json::array()}};
  for (const audit::Reason& reason : row.reasons) json["reasons"].push_back(reason_json(reason));
  if (row.ref) json["ref"] = ref_json(*row.ref);
  json["patches"] = Json::array();
  for (const audit::PatchFacts& patch : row.patches) json["patches"].push_back(patch_json(patch));
  if (row.requirements)
    json["requirements"] = {{"declared", row.requirements->declared},
                            {"satisfied", row.requirements->satisfied},
                            {"unsatisfied", row.requirements->unsatisfied},
                            {"unpinned", row.requirements->unpinned}};
  json["closures"] = Json::array();
  for (const audit::ClosureFacts& closure : row.closures) json["closures"].push_back(closure_json(closure));
  json["requiresPython"] = or_null(row.requires_python);
  if (row.packages) json["systemPackages"] = {{"build", row.packages->build}, {"runtime", row.packages->runtime}};
  if (row.plan)
    json["plan"] = {{"target", row.plan->target}, {"blocked", row.plan->blocked}, {"needs", row.plan->needs}};
  return json;
}

Json pins_json(const audit::PinFacts& pins) {
  Json overrides = Json::array();
  for (const audit::OverrideFacts& one : pins.overrides) {
    Json json = {{"name", one.name},
                 {"version", or_null(one.version)},
                 {"replaces", or_null(one.replaces)},
                 {"reason", or_null(one.reason)}};
    json.update(place_json(one.place, false));
    overrides.push_back(std::move(json));
  }
  return {{"count", pins.pins}, {"overrides", std::move(overrides)}};
}

Json remark_json(const audit::Remark& remark) {
  return {{"component", or_null(remark.component)},
          {"check", to_string(remark.check)},
          {"state", to_string(remark.state)},
          {"text", remark.text}};
}

}  // namespace

Json audit_json(const Audit& audit) {
  Json components = Json::array();
  for (const Row& row : audit.rows) components.push_back(row_json(row));
  Json remarks = Json::array();
  for (const audit::Remark& remark : audit.remarks) remarks.push_back(remark_json(remark));
  Json findings = findings_json(audit.findings);
  return {{"version", 1},
          {"release", audit.release},
          {"candidateFrom", or_null(audit.proposed_from)},
          {"verdict", to_string(audit.verdict)},
          {"summary", audit::summary_of(audit)},
          {"target", {{"distro", audit.distro}, {"python", audit.python}, {"platforms", audit.platforms}}},
          {"components", std::move(components)},
          {"pins", pins_json(audit.pins)},
          {"remarks", std::move(remarks)},
          {"findings", std::move(findings["findings"])},
          {"findingCounts", std::move(findings["summary"])}};
}

}  // namespace forge::cli
