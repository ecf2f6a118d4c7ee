#include <fmt/format.h>

#include "cli/render/audit.hpp"
#include "cli/render/ci.hpp"
#include "cli/render/text.hpp"
#include "engine/audit/words.hpp"
#include "engine/base/text.hpp"

namespace forge::cli {

namespace {

using audit::Audit;
using audit::Check;
using audit::Row;
using audit::State;
using audit::Verdict;

// A job's summary takes a megabyte.
constexpr std::size_t most_bytes = 900'000;

std::string_view sign_of(State state) {
  switch (state) {
    case State::fail:
      return "❌ ";
    case State::risk:
      return "⚠️ ";
    case State::not_examined:
      return "❔ ";
    case State::ok:
      return "✅ ";
    case State::not_applicable:
      break;
  }
  return "";
}

std::string_view sign_of(Verdict verdict) {
  if (verdict == Verdict::not_ready) return "❌";
  return verdict == Verdict::ready ? "✅" : "⚠️";
}

std::string matrix(const Audit& audit) {
  std::string out = "| Component | Verdict | Ref |";
  std::string line = "|---|---|---|";
  for (const Check check : audit::all_checks) {
    out += fmt::format(" {} |", audit::heading_of(check));
    line += "---|";
  }
  out += "\n" + line + "\n";
  for (const Row& row : audit.rows) {
    out += fmt::format("| **{}** | {} {} | {} |", markdown_line(row.component), sign_of(row.verdict),
                       to_string(row.verdict), row.ref ? markdown_line(row.ref->ref) : "–");
    for (const Check check : audit::all_checks) {
      const audit::Cell& cell = row.cell(check);
      const bool applies = cell.state != State::not_applicable;
      out += applies ? fmt::format(" {}{} |", sign_of(cell.state), markdown_line(cell.word)) : std::string(" – |");
    }
    out += "\n";
  }
  return out;
}

std::string reason_line(const Audit& audit, const audit::Reason& reason) {
  std::string out =
      fmt::format("- {}**{}**: {}", sign_of(reason.state), to_string(reason.check), markdown_line(reason.text));
  if (!reason.finding) return out + "\n";
  const Finding& finding = audit.findings[*reason.finding];
  std::string place = printable_position(finding.place);
  std::erase(place, '`');
  return out + fmt::format(" (`{}`, {})\n", place, finding.rule);
}

}  // namespace

std::string audit_markdown(const Audit& audit) {
  std::string out = fmt::format("## {} Audit of {}: {}\n\n{}", sign_of(audit.verdict), markdown_line(audit.release),
                                to_string(audit.verdict), audit::summary_of(audit));
  if (!audit.proposed_from.empty())
    out += fmt::format(" A candidate, made from {}: it is not in the forge yet.", markdown_line(audit.proposed_from));
  out += fmt::format(" Target: {}, Python {}, {}.\n\n", markdown_line(audit.distro), markdown_line(audit.python),
                     markdown_line(join(audit.platforms, ", ")));
  out += matrix(audit);
  for (const Row& row : audit.rows) {
    if (row.reasons.empty()) continue;
    std::string part = fmt::format("\n### {}: {}\n\n", markdown_line(row.component), to_string(row.verdict));
    for (const audit::Reason& reason : row.reasons) part += reason_line(audit, reason);
    if (out.size() + part.size() > most_bytes) {
      out += "\nThe rest is left out: a job's summary takes no more.\n";
      break;
    }
    out += part;
  }
  std::string notes;
  for (const audit::Remark& remark : audit.remarks)
    if (remark.state <= State::ok) notes += fmt::format("- {}\n", markdown_line(remark.text));
  if (!notes.empty() && out.size() + notes.size() < most_bytes) out += "\n### To know\n\n" + notes;
  return out;
}

}  // namespace forge::cli
