#include "cli/render/proposal.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "cli/render/text.hpp"

namespace forge::cli {

namespace {

using Json = nlohmann::ordered_json;
using audit::ReleaseProposal;

Json or_null(const std::string& text) {
  return text.empty() ? Json(nullptr) : Json(text);
}

std::string refs_table(const ReleaseProposal& proposal, bool color) {
  std::vector<std::vector<TableCell>> rows = {{{"COMPONENT"}, {proposal.from}, {proposal.release}, {"CHOICE"}}};
  for (const audit::ProposedRef& ref : proposal.refs)
    rows.push_back(
        {{ref.component},
         {ref.before.empty() ? "-" : ref.before},
         {ref.ref.empty() ? "-" : ref.ref},
         {std::string(to_string(ref.choice)), ref.choice == audit::RefChoice::newest ? Style::plain : Style::yellow}});
  return table_text(rows, color);
}

std::string patches_text(const ReleaseProposal& proposal) {
  std::string out;
  for (const audit::CarriedPatch& patch : proposal.patches)
    out += fmt::format("  {}: {}\n", to_string(patch.carry), printable(patch.from));
  return out.empty() ? out : "\nPatches:\n" + out;
}

std::string remarks_text(const ReleaseProposal& proposal, bool open, bool color) {
  std::string out;
  for (const audit::Remark& remark : proposal.remarks) {
    if ((remark.state > audit::State::ok) != open) continue;
    const std::string who =
        remark.component.empty() ? std::string() : styled(printable(remark.component), Style::bold, color) + ": ";
    out += fmt::format("  {}{}\n", who, printable_lines(remark.text, "    "));
  }
  return out;
}

}  // namespace

std::string proposal_text(const ReleaseProposal& proposal, bool written, bool color) {
  std::string out = fmt::format("{} from {}\n\n", styled(proposal.release, Style::bold, color), proposal.from);
  out += refs_table(proposal, color);
  out += fmt::format("\nupper-constraints.txt: {}\n", printable(proposal.constraints_from));
  out += patches_text(proposal);
  if (const std::string open = remarks_text(proposal, true, color); !open.empty()) out += "\nLeft to decide:\n" + open;
  if (const std::string known = remarks_text(proposal, false, color); !known.empty()) out += "\nTo know:\n" + known;
  out += "\nFiles:\n";
  for (const auto& [path, text] : proposal.files) out += fmt::format("  {}\n", printable(path));
  return out +
         fmt::format("\nNext: forge-analyze audit --release {}{}\n", proposal.release, written ? "" : " --candidate");
}

Json proposal_json(const ReleaseProposal& proposal) {
  Json json = {{"version", 1},
               {"release", proposal.release},
               {"from", proposal.from},
               {"constraints", proposal.constraints_from},
               {"refs", Json::array()},
               {"overrides", Json::array()},
               {"patches", Json::array()},
               {"remarks", Json::array()},
               {"files", Json::array()}};
  for (const audit::ProposedRef& ref : proposal.refs)
    json["refs"].push_back({{"component", ref.component},
                            {"before", or_null(ref.before)},
                            {"ref", or_null(ref.ref)},
                            {"choice", to_string(ref.choice)},
                            {"reason", ref.reason}});
  for (const audit::CarriedOverride& one : proposal.overrides)
    json["overrides"].push_back(
        {{"entry", one.entry}, {"kept", one.kept}, {"doubtful", one.doubtful}, {"reason", or_null(one.reason)}});
  for (const audit::CarriedPatch& patch : proposal.patches)
    json["patches"].push_back({{"component", patch.component},
                               {"from", patch.from},
                               {"file", or_null(patch.path)},
                               {"action", to_string(patch.carry)},
                               {"note", or_null(patch.note)}});
  for (const audit::Remark& remark : proposal.remarks)
    json["remarks"].push_back({{"component", or_null(remark.component)},
                               {"check", to_string(remark.check)},
                               {"state", to_string(remark.state)},
                               {"text", remark.text}});
  for (const auto& [path, text] : proposal.files) json["files"].push_back({{"file", path}, {"text", text}});
  return json;
}

}  // namespace forge::cli
