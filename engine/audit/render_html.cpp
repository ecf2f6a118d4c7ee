#include "engine/audit/render_html.hpp"

#include <algorithm>
#include <map>

#include <fmt/format.h>

#include "engine/audit/html.hpp"
#include "engine/audit/page.hpp"
#include "engine/audit/words.hpp"
#include "engine/base/text.hpp"
#include "engine/base/utf8.hpp"
#include "engine/plan/render_bake.hpp"

namespace forge::audit {

namespace {

/// A word as the name of a class: `not-examined`.
std::string class_of(std::string_view words) {
  std::string name = words == "n/a" ? "not-applicable" : std::string(words);
  std::ranges::replace(name, ' ', '-');
  return name;
}

std::string badge(Verdict verdict) {
  return fmt::format("<span class=\"badge {}\">{}</span>", class_of(to_string(verdict)), to_string(verdict));
}

std::string_view sign_of(State state) {
  switch (state) {
    case State::fail:
      return "✗";
    case State::risk:
      return "!";
    case State::not_examined:
      return "?";
    case State::ok:
      return "✓";
    case State::not_applicable:
      break;
  }
  return "–";
}

/// The sign is for the eye, the word for who listens.
std::string sign(State state) {
  return fmt::format("<span class=\"sign\" aria-hidden=\"true\">{}</span>", sign_of(state));
}

std::string_view severity_of(State state) {
  return state == State::fail ? "error" : "warning";
}

// Head

std::string head(const Audit& audit) {
  return fmt::format(
      "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
      "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src {}; script-src {}; "
      "img-src data:; base-uri 'none'; form-action 'none'\">\n"
      "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
      "<meta name=\"color-scheme\" content=\"light dark\">\n<meta name=\"referrer\" content=\"no-referrer\">\n"
      "<link rel=\"icon\" href=\"data:,\">\n<title>Audit of {}: {}</title>\n<style>{}</style>\n</head>\n<body>\n",
      csp_digest(audit_style), csp_digest(audit_script), html_text(audit.release), to_string(audit.verdict),
      audit_style);
}

std::string tile(std::string_view name, const std::string& value, bool small = false) {
  return fmt::format("<div><dt>{}</dt><dd{}>{}</dd></div>\n", name, small ? " class=\"small\"" : "", html_text(value));
}

std::string tiles(const Audit& audit) {
  const auto count = [&](Verdict verdict) {
    return std::to_string(std::ranges::count(audit.rows, verdict, &Row::verdict));
  };
  const auto blocked =
      std::ranges::count(audit.plan.targets, plan::PlanTarget::State::blocked, &plan::PlanTarget::state);
  std::string out = "<dl class=\"tiles\">\n";
  out += tile("not ready", count(Verdict::not_ready));
  out += tile("ready with risks", count(Verdict::ready_with_risks));
  out += tile("ready", count(Verdict::ready));
  out += tile("pins", std::to_string(audit.pins.pins));
  out += tile("overrides", std::to_string(audit.pins.overrides.size()));
  out += tile("targets planned",
              fmt::format("{} of {}", std::ssize(audit.plan.targets) - blocked, audit.plan.targets.size()));
  out += tile("target", fmt::format("{}, Python {}", audit.distro, audit.python), true);
  out += tile("platforms", join(audit.platforms, ", "), true);
  return out + "</dl>\n";
}

std::string header(const Audit& audit) {
  std::string out = "<a class=\"skip\" href=\"#matrix\">Skip to the matrix</a>\n<header>\n";
  out += fmt::format("<h1>Release {} {}</h1>\n", html_text(audit.release), badge(audit.verdict));
  out += fmt::format("<p class=\"lead\">Pre-release compatibility audit. {}", html_text(summary_of(audit)));
  if (!audit.proposed_from.empty())
    out += fmt::format(" A candidate, made from {}: it is not in the forge yet.", html_text(audit.proposed_from));
  out += "</p>\n" + tiles(audit);
  out += "<nav aria-label=\"Parts of this page\"><ul>";
  for (const auto& [id, title] :
       {std::pair("matrix", "Matrix"), std::pair("components", "Components"), std::pair("overrides", "Overrides"),
        std::pair("graph", "Build graph"), std::pair("findings", "Findings")})
    out += fmt::format("<li><a href=\"#{}\">{}</a></li>", id, title);
  return out + "</ul></nav>\n</header>\n<main>\n";
}

std::string boxes(std::string_view name, std::string_view title, std::initializer_list<std::string_view> values) {
  std::string out = fmt::format("<fieldset><legend>{}</legend>", title);
  for (const std::string_view value : values)
    out += fmt::format("<label><input type=\"checkbox\" name=\"{}\" value=\"{}\" checked>{}</label>", name,
                       class_of(value), value);
  return out + "</fieldset>\n";
}

/// Shown by the script, without which it would do nothing.
std::string filters() {
  std::string out =
      "<section class=\"filters\" aria-label=\"Filters\" hidden>\n<form id=\"filters\" role=\"search\">\n"
      "<label class=\"field\"><span>Component</span><input type=\"search\" name=\"component\" "
      "autocomplete=\"off\"></label>\n<label class=\"field\"><span>Check</span><select name=\"check\"><option "
      "value=\"\">all</option>";
  for (const Check check : all_checks)
    out += fmt::format("<option value=\"{}\">{}</option>", to_string(check), heading_of(check));
  out += "</select></label>\n";
  out += boxes("verdict", "Verdict", {"not ready", "ready with risks", "ready"});
  out += boxes("severity", "Severity", {"error", "warning", "info", "hint"});
  return out +
         "<button type=\"reset\">Show all</button>\n<button type=\"button\" id=\"open-all\">Open all</button>\n"
         "<button type=\"button\" id=\"close-all\">Close all</button>\n"
         "<output id=\"told\" for=\"filters\"></output>\n</form>\n</section>\n";
}

// Matrix

std::string matrix_cell(Check check, const Cell& cell) {
  const bool applies = cell.state != State::not_applicable;
  return fmt::format("<td class=\"{}\" data-check=\"{}\">{}<span class=\"hidden-words\">{}: </span>{}</td>",
                     class_of(to_string(cell.state)), to_string(check), sign(cell.state), to_string(cell.state),
                     applies ? html_text(cell.word) : std::string());
}

std::string matrix(const Audit& audit) {
  std::string out =
      "<section aria-labelledby=\"matrix-title\">\n<h2 id=\"matrix-title\">Matrix</h2>\n<div class=\"scroll\" "
      "tabindex=\"0\" role=\"region\" aria-labelledby=\"matrix-title\">\n<table class=\"matrix\" id=\"matrix\">\n"
      "<caption>Component by check: ✓ in order, ! a risk, ? not examined, ✗ in the way, – does not apply</caption>\n"
      "<thead><tr><th scope=\"col\">Component</th><th scope=\"col\">Verdict</th><th scope=\"col\">Ref</th>";
  for (const Check check : all_checks)
    out += fmt::format("<th scope=\"col\" data-check=\"{}\">{}</th>", to_string(check), heading_of(check));
  out += "</tr></thead>\n<tbody>\n";
  for (std::size_t i = 0; i < audit.rows.size(); ++i) {
    const Row& row = audit.rows[i];
    out += fmt::format(
        "<tr data-row=\"{0}\" data-component=\"{1}\" data-verdict=\"{2}\"><th scope=\"row\"><a href=\"#c{0}\">{1}</a>"
        "<span class=\"kind\">{3}</span></th><td>{4}</td><td>{5}</td>",
        i, html_text(row.component), class_of(to_string(row.verdict)), to_string(row.kind), badge(row.verdict),
        row.ref ? fmt::format("<code>{}</code>", html_text(row.ref->ref)) : std::string("–"));
    for (const Check check : all_checks) out += matrix_cell(check, row.cell(check));
    out += "</tr>\n";
  }
  return out + "</tbody>\n</table>\n</div>\n</section>\n";
}

// Components

std::string place_words(const Finding& finding) {
  return fmt::format("<span class=\"place\">{} · {}</span>", html_text(position_text(finding.place)),
                     html_text(finding.rule));
}

std::string reasons(const Audit& audit, const Row& row) {
  if (row.reasons.empty()) return "<p class=\"soft\">Nothing stands in the way.</p>\n";
  std::string out = "<ul class=\"reasons\">\n";
  for (const Reason& reason : row.reasons) {
    out += fmt::format(
        "<li class=\"{}\" data-severity=\"{}\" data-check=\"{}\">{}<span class=\"state\">{}: {}</span> {}",
        class_of(to_string(reason.state)), severity_of(reason.state), to_string(reason.check), sign(reason.state),
        to_string(reason.state), to_lower(heading_of(reason.check)), html_words(reason.text));
    if (reason.finding) out += place_words(audit.findings[*reason.finding]);
    out += "</li>\n";
  }
  return out + "</ul>\n";
}

std::string fact(std::string_view name, const std::string& html) {
  return html.empty() ? std::string() : fmt::format("<dt>{}</dt><dd>{}</dd>\n", name, html);
}

std::string ref_facts(const RefFacts& ref) {
  std::string out = fact("Ref", fmt::format("<code>{}</code> ({})", html_text(ref.ref), html_text(ref.kind)));
  if (ref.commit)
    out += fact("Commit", fmt::format("<code>{}</code>{}", ref.commit->hex(),
                                      ref.date ? " of " + to_rfc3339(*ref.date).substr(0, 10) : std::string()));
  out += fact("Builds as", html_text(ref.version));
  out += fact("Newest of the series", html_text(ref.newest));
  if (ref.behind) out += fact("Behind the series", fmt::format("{} commits", *ref.behind));
  std::string advisories;
  for (const model::Advisory& one : ref.advisories)
    advisories += fmt::format("{}<strong>{}</strong> {} (<code>{}</code>{})", advisories.empty() ? "" : "<br>",
                              html_text(one.name), html_text(one.subject), one.commit.abbreviated(),
                              one.released ? "" : ", not released");
  return out + fact("Advisories in between", advisories);
}

std::string closure_words(const ClosureFacts& closure) {
  std::string words = fmt::format("{}: {} packages, {} without a pin, {} conflicts", html_text(closure.platform),
                                  closure.packages, closure.floating, closure.conflicts);
  if (!closure.problem.empty()) words += "; " + html_words(closure.problem);
  return words;
}

std::string facts(const Row& row) {
  std::string out;
  if (row.ref) out += ref_facts(*row.ref);
  if (row.requirements)
    out += fact("Requirements",
                fmt::format("{} declared, {} satisfied by a pin, {} not, {} without a pin", row.requirements->declared,
                            row.requirements->satisfied, row.requirements->unsatisfied, row.requirements->unpinned));
  std::vector<std::string> closures;
  for (const ClosureFacts& closure : row.closures) closures.push_back(closure_words(closure));
  out += fact("An install brings", join(closures, "<br>"));
  out += fact("Python", html_text(row.requires_python));
  if (row.packages) {
    out += fact("Packages to build", html_text(join(row.packages->build, ", ")));
    out += fact("Packages to run", html_text(join(row.packages->runtime, ", ")));
  }
  if (row.plan)
    out += fact("Plan",
                fmt::format("<code>{}</code>{}{}", html_text(row.plan->target), row.plan->blocked ? ", blocked" : "",
                            row.plan->needs.empty() ? std::string()
                                                    : ", builds from " + html_text(join(row.plan->needs, ", "))));
  return out.empty() ? out : "<dl class=\"facts\">\n" + out + "</dl>\n";
}

std::string patches(const Row& row) {
  if (row.patches.empty()) return {};
  std::string out =
      "<h3>Patches</h3>\n<div class=\"scroll\"><table><thead><tr><th scope=\"col\">Patch</th><th "
      "scope=\"col\">Verdict</th><th "
      "scope=\"col\">Upstream</th></tr></thead>\n<tbody>\n";
  for (const PatchFacts& patch : row.patches) {
    const std::string upstream =
        !patch.upstream ? "–"
                        : fmt::format("<code>{}</code>{}", patch.upstream->abbreviated(),
                                      patch.upstream_tag.empty() ? "" : ", first in " + html_text(patch.upstream_tag));
    out += fmt::format("<tr><td>{}<span class=\"place\">{}</span></td><td>{}</td><td>{}</td></tr>\n",
                       html_text(patch.subject.empty() ? std::string("(no subject)") : patch.subject),
                       html_text(patch.file->path()), to_string(patch.fate), upstream);
  }
  return out + "</tbody></table></div>\n";
}

std::string components(const Audit& audit) {
  std::string out =
      "<section id=\"components\" aria-labelledby=\"components-title\">\n<h2 id=\"components-title\">"
      "Components</h2>\n";
  for (std::size_t i = 0; i < audit.rows.size(); ++i) {
    const Row& row = audit.rows[i];
    out += fmt::format(
        "<details id=\"c{0}\" data-row=\"{0}\"{1}><summary><strong>{2}</strong> {3} <span class=\"soft\">{4}{5}</span>"
        "</summary>\n<div class=\"body\">\n",
        i, row.verdict == Verdict::not_ready ? " open" : "", html_text(row.component), badge(row.verdict),
        to_string(row.kind), row.ref ? " at " + html_text(row.ref->ref) : std::string());
    out += reasons(audit, row) + facts(row) + patches(row) + "</div>\n</details>\n";
  }
  return out + "</section>\n";
}

std::string remarks(const Audit& audit) {
  if (audit.remarks.empty()) return {};
  std::string out =
      "<section aria-labelledby=\"remarks-title\">\n<h2 id=\"remarks-title\">Left to decide, and to "
      "know</h2>\n<ul class=\"reasons\">\n";
  for (const Remark& remark : audit.remarks)
    out += fmt::format("<li class=\"{}\">{}{}{}</li>\n", class_of(to_string(remark.state)), sign(remark.state),
                       remark.component.empty()
                           ? std::string()
                           : fmt::format("<span class=\"state\">{}:</span> ", html_text(remark.component)),
                       html_words(remark.text));
  return out + "</ul>\n</section>\n";
}

std::string overrides(const Audit& audit) {
  std::string out =
      "<section id=\"overrides\" aria-labelledby=\"overrides-title\">\n<h2 id=\"overrides-title\">"
      "Overrides</h2>\n";
  if (audit.pins.overrides.empty()) return out + "<p class=\"soft\">The release has none.</p>\n</section>\n";
  out +=
      "<div class=\"scroll\" tabindex=\"0\" role=\"region\" aria-labelledby=\"overrides-title\">\n"
      "<table><thead><tr><th scope=\"col\">Package</th><th scope=\"col\">Upstream</th><th scope=\"col\">Here</th>"
      "<th scope=\"col\">Reason</th><th scope=\"col\">Place</th></tr></thead>\n<tbody>\n";
  for (const OverrideFacts& one : audit.pins.overrides)
    out +=
        fmt::format("<tr><td>{}</td><td>{}</td><td>{}</td><td>{}</td><td><span class=\"place\">{}</span></td></tr>\n",
                    html_text(one.name), one.replaces.empty() ? "–" : html_text(one.replaces),
                    one.version.empty() ? "no pin" : html_text(one.version),
                    one.reason.empty() ? "<span class=\"soft\">none given</span>" : html_text(one.reason),
                    html_text(position_text(one.place)));
  return out + "</tbody></table></div>\n</section>\n";
}

std::string graph(const Audit& audit) {
  std::string out =
      "<section id=\"graph\" aria-labelledby=\"graph-title\">\n<h2 id=\"graph-title\">Build graph</h2>\n"
      "<ul class=\"legend\"><li><span class=\"l-base\"></span>base image</li><li><span class=\"l-service\"></span>"
      "service image</li><li><span class=\"l-blocked\"></span>blocked</li><li><span class=\"l-outer\"></span>outer "
      "image</li><li><span class=\"l-input\"></span>source or constraints</li></ul>\n";
  if (audit.plan.targets.empty()) return out + "<p class=\"soft\">Nothing is planned.</p>\n</section>\n";
  return out +
         "<figure>\n<div class=\"scroll picture\" tabindex=\"0\" role=\"region\" aria-labelledby=\"graph-title\">\n" +
         to_valid_utf8(plan::render_svg(audit.plan)) +
         "</div>\n<figcaption class=\"soft\">What is built from what, from left to right.</figcaption>\n</figure>\n"
         "</section>\n";
}

// Findings

/// By finding, the rows that it stands in.
std::map<std::size_t, std::vector<std::size_t>> rows_by_finding(const Audit& audit) {
  std::map<std::size_t, std::vector<std::size_t>> rows;
  for (std::size_t i = 0; i < audit.rows.size(); ++i)
    for (const Cell& cell : audit.rows[i].cells)
      for (const std::size_t finding : cell.findings) rows[finding].push_back(i);
  return rows;
}

std::string finding_row(const Audit& audit, std::size_t i, const std::vector<std::size_t>& rows) {
  const Finding& finding = audit.findings[i];
  std::vector<std::string> numbers;
  std::vector<std::string> names;
  for (const std::size_t row : rows) {
    numbers.push_back(std::to_string(row));
    names.push_back(fmt::format("<a href=\"#c{}\">{}</a>", row, html_text(audit.rows[row].component)));
  }
  std::string what = html_words(finding.message);
  for (const Fix& fix : finding.fixes)
    what += fmt::format("<span class=\"place\">Fix: {}</span>", html_words(fix.title));
  return fmt::format(
      "<tr data-severity=\"{0}\" data-check=\"{1}\" data-rows=\"{2}\"><td class=\"{0}\">{0}</td><td>{3}</td><td>{4}"
      "</td><td>{5}<span class=\"place\">{6}</span></td></tr>\n",
      to_string(finding.severity), to_string(check_of(finding)), join(numbers, " "), join(names, ", "), what,
      html_text(finding.rule), html_text(position_text(finding.place)));
}

std::string findings(const Audit& audit) {
  std::string out =
      "<section id=\"findings\" aria-labelledby=\"findings-title\">\n<h2 id=\"findings-title\">Findings</h2>\n";
  if (audit.findings.empty()) return out + "<p class=\"soft\">There are none.</p>\n</section>\n";
  out +=
      "<div class=\"scroll\" tabindex=\"0\" role=\"region\" aria-labelledby=\"findings-title\"><table>\n<thead><tr>"
      "<th scope=\"col\">Severity</th><th scope=\"col\">Component</th><th scope=\"col\">What</th><th scope=\"col\">"
      "Rule and place</th></tr></thead>\n<tbody>\n";
  const auto rows = rows_by_finding(audit);
  for (const Severity severity : {Severity::error, Severity::warning, Severity::info, Severity::hint})
    for (std::size_t i = 0; i < audit.findings.size(); ++i)
      if (audit.findings[i].severity == severity) {
        const auto of = rows.find(i);
        out += finding_row(audit, i, of == rows.end() ? std::vector<std::size_t>() : of->second);
      }
  return out + "</tbody>\n</table></div>\n</section>\n";
}

}  // namespace

std::string render_html(const Audit& audit) {
  return head(audit) + header(audit) + filters() + matrix(audit) + components(audit) + remarks(audit) +
         overrides(audit) + graph(audit) + findings(audit) +
         fmt::format("</main>\n<footer>Made by forge-analyze.</footer>\n<script>{}</script>\n</body>\n</html>\n",
                     audit_script);
}

}  // namespace forge::audit
