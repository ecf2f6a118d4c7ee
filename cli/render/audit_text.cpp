#include <algorithm>

#include <fmt/format.h>

#include "cli/render/audit.hpp"
#include "cli/render/text.hpp"
#include "engine/audit/words.hpp"
#include "engine/base/names.hpp"
#include "engine/base/text.hpp"

namespace forge::cli {

namespace {

using audit::Audit;
using audit::Check;
using audit::Reason;
using audit::Row;
using audit::State;
using audit::Verdict;

Style style_of(Verdict verdict) {
  if (verdict == Verdict::not_ready) return Style::red;
  return verdict == Verdict::ready ? Style::green : Style::yellow;
}

Style style_of(State state) {
  switch (state) {
    case State::fail:
      return Style::red;
    case State::risk:
    case State::not_examined:
      return Style::yellow;
    case State::ok:
      return Style::green;
    case State::not_applicable:
      break;
  }
  return Style::dim;
}

/// Complete without colour: what is wrong begins with a sign.
TableCell cell_of(const audit::Cell& cell) {
  switch (cell.state) {
    case State::fail:
      return {"✗ " + cell.word, Style::red};
    case State::risk:
      return {"! " + cell.word, Style::yellow};
    case State::not_examined:
      return {"? " + cell.word, Style::yellow};
    case State::ok:
      return {cell.word, Style::plain};
    case State::not_applicable:
      break;
  }
  return {"-", Style::dim};
}

/// A commit's digits take too much of a line.
std::string short_ref(const Row& row) {
  constexpr std::size_t digits = 12;
  if (!row.ref || row.ref->ref.empty()) return "-";
  return is_full_commit(row.ref->ref) ? row.ref->ref.substr(0, digits) : row.ref->ref;
}

std::string upper(std::string_view text) {
  std::string out(text);
  for (char& c : out)
    if (is_lower(c)) c = static_cast<char>(c - 'a' + 'A');
  return out;
}

std::string matrix(const Audit& audit, bool color) {
  std::vector<std::vector<TableCell>> rows(1);
  rows.front() = {{"COMPONENT"}, {"VERDICT"}, {"REF"}};
  for (const Check check : audit::all_checks) rows.front().push_back({upper(heading_of(check))});
  for (const Row& row : audit.rows) {
    std::vector<TableCell>& cells = rows.emplace_back();
    cells = {{row.component}, {std::string(to_string(row.verdict)), style_of(row.verdict)}, {short_ref(row)}};
    for (const Check check : audit::all_checks) cells.push_back(cell_of(row.cell(check)));
  }
  return table_text(rows, color);
}

std::string where(const Audit& audit, const Reason& reason) {
  if (!reason.finding) return {};
  const Finding& finding = audit.findings[*reason.finding];
  return fmt::format("{} [{}]", printable_position(finding.place), finding.rule);
}

std::string reasons_of(const Audit& audit, const Row& row, bool color) {
  std::string out = fmt::format("\n{}: {}\n", styled(printable(row.component), Style::bold, color),
                                styled(to_string(row.verdict), style_of(row.verdict), color));
  for (const Reason& reason : row.reasons) {
    out += fmt::format("  {}: {}: {}\n", styled(to_string(reason.state), style_of(reason.state), color),
                       to_string(reason.check), printable_lines(reason.text, "    "));
    if (const std::string place = where(audit, reason); !place.empty())
      out += fmt::format("    {}\n", styled(place, Style::dim, color));
  }
  return out;
}

/// What is only to be known of a candidate.
std::string notes_of(const Audit& audit) {
  std::string out;
  for (const audit::Remark& remark : audit.remarks) {
    if (remark.state > State::ok) continue;
    if (out.empty()) out = fmt::format("\nMade from {}:\n", audit.proposed_from);
    out += fmt::format("  {}\n", printable_lines(remark.text, "    "));
  }
  return out;
}

std::string target_words(const Audit& audit) {
  return fmt::format("Target: {}, Python {}, {}", printable(audit.distro), printable(audit.python),
                     printable(join(audit.platforms, ", ")));
}

}  // namespace

std::string audit_text(const Audit& audit, bool color) {
  std::string out = fmt::format("{}: {}\n", styled(printable(audit.release), Style::bold, color),
                                styled(to_string(audit.verdict), style_of(audit.verdict), color));
  out += fmt::format("{} {}\n\n", summary_of(audit), target_words(audit));
  out += matrix(audit, color);
  for (const Row& row : audit.rows)
    if (!row.reasons.empty()) out += reasons_of(audit, row, color);
  return out + notes_of(audit);
}

}  // namespace forge::cli
