#include "engine/audit/page.hpp"

namespace forge::audit {

const std::string_view audit_style = R"css(
:root {
  color-scheme: light dark;
  --bg: #f6f7f9; --card: #ffffff; --text: #1b1f24; --soft: #57606a; --line: #d0d7de; --head: #eef1f4;
  --accent: #0b57d0; --code: #eef1f4;
  --ok: #136c2e; --ok-bg: #e6f4ea; --risk: #7a4f00; --risk-bg: #fff3d6; --fail: #b3261e; --fail-bg: #fde7e5;
  --unknown: #5b4b9a; --unknown-bg: #eeeafb;
  --base: #d7e6fb; --service: #d6eddd; --outer: #eceff2; --input: #ffffff; --edge: #7d8590; --node-line: #57606a;
}
@media (prefers-color-scheme: dark) {
  :root {
    --bg: #0e1116; --card: #161b22; --text: #e6edf3; --soft: #9aa4af; --line: #30363d; --head: #1f262e;
    --accent: #7cb3ff; --code: #262d36;
    --ok: #56d364; --ok-bg: #12261a; --risk: #e3b341; --risk-bg: #2d2410; --fail: #ff8a80; --fail-bg: #34171a;
    --unknown: #b8a8ff; --unknown-bg: #221d3a;
    --base: #1d3250; --service: #17361f; --outer: #262d36; --input: #161b22; --edge: #8b949e; --node-line: #8b949e;
  }
}
* { box-sizing: border-box; }
html { scroll-behavior: smooth; }
@media (prefers-reduced-motion: reduce) { html { scroll-behavior: auto; } }
body { margin: 0; background: var(--bg); color: var(--text);
  font: 15px/1.5 system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", "DejaVu Sans", sans-serif; }
main, header, footer, nav { max-width: 1680px; margin: 0 auto; padding: 0 24px; }
header { padding-top: 28px; }
h1 { font-size: 27px; line-height: 1.2; margin: 0; display: flex; flex-wrap: wrap; gap: 14px; align-items: center; }
h2 { font-size: 19px; margin: 0 0 12px; }
h3 { font-size: 15px; margin: 18px 0 6px; }
a { color: var(--accent); }
:focus-visible { outline: 3px solid var(--accent); outline-offset: 2px; border-radius: 4px; }
.skip { position: absolute; left: -9999px; }
.skip:focus { left: 12px; top: 12px; background: var(--card); padding: 8px 14px; z-index: 9; }
.lead { color: var(--soft); margin: 8px 0 0; max-width: 90ch; }
.hidden-words { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap; }
nav ul { list-style: none; display: flex; flex-wrap: wrap; gap: 6px 18px; margin: 18px 0 0; padding: 0; }
section { background: var(--card); border: 1px solid var(--line); border-radius: 10px; padding: 18px 20px; margin: 18px 0; }
.tiles { display: grid; grid-template-columns: repeat(auto-fit, minmax(150px, 1fr)); gap: 12px; margin: 18px 0 0; padding: 0; }
.tiles div { background: var(--card); border: 1px solid var(--line); border-radius: 10px; padding: 10px 14px;
  display: flex; flex-direction: column-reverse; justify-content: flex-end; }
.tiles dt { color: var(--soft); font-size: 13px; }
.tiles dd { margin: 0; font-size: 21px; font-weight: 600; line-height: 1.3; overflow-wrap: anywhere; }
.tiles dd.small { font-size: 15px; line-height: 1.4; padding-bottom: 6px; }
.badge { display: inline-block; border-radius: 999px; padding: 2px 11px; font-size: 13px; font-weight: 600;
  border: 1px solid currentColor; white-space: nowrap; }
h1 .badge { font-size: 16px; padding: 4px 16px; }
.ready { color: var(--ok); background: var(--ok-bg); }
.ready-with-risks { color: var(--risk); background: var(--risk-bg); }
.not-ready { color: var(--fail); background: var(--fail-bg); }
.scroll { position: relative; overflow: auto; max-height: 78vh; border: 1px solid var(--line); border-radius: 8px; }
table { border-collapse: separate; border-spacing: 0; width: 100%; font-size: 14px; }
caption { text-align: left; color: var(--soft); padding: 8px 12px; font-size: 13px; }
th, td { text-align: left; vertical-align: top; padding: 7px 12px; border-bottom: 1px solid var(--line); }
tbody tr:last-child > * { border-bottom: 0; }
thead th { position: sticky; top: 0; background: var(--head); z-index: 2; font-weight: 600; white-space: nowrap; }
.matrix tbody th { position: sticky; left: 0; background: var(--card); z-index: 1; white-space: nowrap; }
.matrix thead th:first-child { left: 0; z-index: 3; }
.matrix { font-size: 13.5px; }
.matrix th, .matrix td { padding: 7px 9px; }
.matrix td { white-space: nowrap; }
.kind { color: var(--soft); font-weight: 400; font-size: 12px; display: block; }
td.fail { background: var(--fail-bg); color: var(--fail); font-weight: 600; }
td.risk { background: var(--risk-bg); color: var(--risk); font-weight: 600; }
td.not-examined { background: var(--unknown-bg); color: var(--unknown); font-weight: 600; }
td.not-applicable { color: var(--soft); }
.sign { display: inline-block; width: 1.25em; font-weight: 700; }
td.ok .sign, li.ok .sign { color: var(--ok); }
form { display: flex; flex-wrap: wrap; gap: 14px 22px; align-items: end; }
fieldset { border: 0; margin: 0; padding: 0; display: flex; flex-wrap: wrap; gap: 4px 12px; min-width: 0; }
legend, .field span { color: var(--soft); font-size: 13px; padding: 0; display: block; }
label { display: inline-flex; gap: 6px; align-items: center; }
.field { flex-direction: column; align-items: flex-start; gap: 2px; display: inline-flex; }
input[type="search"], select, button { font: inherit; color: inherit; background: var(--bg); border: 1px solid var(--line);
  border-radius: 6px; padding: 5px 10px; }
button { cursor: pointer; }
button:hover { border-color: var(--accent); }
output { color: var(--soft); font-size: 13px; flex-basis: 100%; }
details { border: 1px solid var(--line); border-radius: 8px; margin: 10px 0; }
summary { cursor: pointer; padding: 9px 14px; display: flex; flex-wrap: wrap; gap: 4px 12px; align-items: center; }
summary::before { content: "▸"; color: var(--soft); width: 1em; }
details[open] > summary::before { content: "▾"; }
summary::-webkit-details-marker { display: none; }
summary strong { font-size: 15px; }
summary .soft, .soft { color: var(--soft); font-size: 13px; }
.body { padding: 2px 16px 14px; border-top: 1px solid var(--line); }
.body thead th { position: static; }
ul.reasons { list-style: none; margin: 12px 0; padding: 0; }
ul.reasons li { padding: 8px 12px; border-left: 4px solid var(--line); margin: 6px 0; background: var(--bg); border-radius: 0 6px 6px 0; }
ul.reasons li.fail { border-color: var(--fail); }
ul.reasons li.risk { border-color: var(--risk); }
ul.reasons li.not-examined { border-color: var(--unknown); }
li .state { font-weight: 600; }
li.fail .state, .error { color: var(--fail); font-weight: 600; }
li.risk .state, .warning { color: var(--risk); font-weight: 600; }
li.not-examined .state { color: var(--unknown); }
.place { display: block; color: var(--soft); font-size: 13px; overflow-wrap: anywhere; }
p, li, td { overflow-wrap: anywhere; }
code { background: var(--code); border-radius: 4px; padding: 1px 4px; font: 0.92em ui-monospace, "DejaVu Sans Mono", Menlo, Consolas, monospace; }
dl.facts { display: grid; grid-template-columns: max-content 1fr; gap: 3px 16px; margin: 8px 0; font-size: 14px; }
dl.facts dt { color: var(--soft); }
dl.facts dd { margin: 0; overflow-wrap: anywhere; }
.legend { display: flex; flex-wrap: wrap; gap: 6px 18px; list-style: none; padding: 0; margin: 0 0 10px; font-size: 13px; color: var(--soft); }
.legend span { display: inline-block; width: 14px; height: 14px; border: 1px solid var(--node-line); border-radius: 3px; margin-right: 6px; vertical-align: -2px; }
.legend .l-base { background: var(--base); }
.legend .l-service { background: var(--service); }
.legend .l-blocked { background: var(--fail-bg); border-style: dashed; }
.legend .l-outer { background: var(--outer); }
.legend .l-input { background: var(--input); }
figure { margin: 0; }
.picture { padding: 8px; }
.picture svg { display: block; max-width: none; }
.picture svg > rect { fill: var(--card); }
.picture svg path { stroke: var(--edge); }
.picture svg g rect { stroke: var(--node-line); }
.picture svg text { fill: var(--text); }
.picture svg rect[fill="#cfe2ff"] { fill: var(--base); }
.picture svg rect[fill="#d1e7dd"] { fill: var(--service); }
.picture svg rect[fill="#f8d7da"] { fill: var(--fail-bg); stroke: var(--fail); }
.picture svg rect[fill="#eeeeee"] { fill: var(--outer); }
.picture svg g rect[fill="#ffffff"] { fill: var(--input); }
@media (max-width: 700px) {
  main, header, footer, nav { padding-left: 12px; padding-right: 12px; }
  section { padding: 14px 12px; }
  dl.facts { grid-template-columns: 1fr; }
  dl.facts dd { margin-bottom: 6px; }
  .scroll table:not(.matrix) { min-width: 560px; }
  .matrix tbody th { white-space: normal; }
}
footer { color: var(--soft); font-size: 13px; padding-bottom: 28px; }
[hidden] { display: none !important; }
@media print {
  :root { color-scheme: light; --bg: #fff; --card: #fff; --text: #000; --soft: #444; --line: #bbb; --head: #eee; --accent: #000;
    --code: #eee; --ok: #14532d; --ok-bg: #fff; --risk: #6b4500; --risk-bg: #fff; --fail: #8b0000; --fail-bg: #fff;
    --unknown: #3b2e70; --unknown-bg: #fff; --base: #e3edfb; --service: #e3f3e8; --outer: #eee; --input: #fff;
    --edge: #666; --node-line: #333; }
  @page { size: A4 landscape; margin: 12mm; }
  body { font-size: 10pt; }
  main, header, footer { max-width: none; padding: 0; }
  nav, form, .filters, .skip { display: none; }
  section { border: 0; padding: 0; margin: 14px 0; }
  .scroll { overflow: visible; max-height: none; border: 0; }
  table { font-size: 8.5pt; }
  th, td { padding: 3px 5px; }
  .matrix, .matrix code { font-size: 7.5pt; }
  .matrix .badge { font-size: 7pt; padding: 1px 6px; }
  .matrix td, .matrix tbody th, thead th { white-space: normal; position: static; overflow-wrap: normal; }
  .matrix code { white-space: nowrap; padding: 0; }
  .place, .kind { font-size: 7.5pt; }
  .tiles { grid-template-columns: repeat(8, 1fr); }
  .tiles div { padding: 4px 8px; }
  .tiles dd, .tiles dd.small { font-size: 10pt; }
  .tiles dt { font-size: 8pt; }
  summary::before, details[open] > summary::before { content: ""; width: 0; }
  thead { display: table-header-group; }
  tr, li, summary { break-inside: avoid; }
  h2, h3, summary { break-after: avoid; }
  details { border: 0; }
  details:not([open])::details-content { content-visibility: visible; block-size: auto; }
  .picture svg { max-width: 100%; height: auto; }
  a { text-decoration: none; }
}
)css";

const std::string_view audit_script = R"js(
"use strict";
(() => {
  const all = (selector) => Array.from(document.querySelectorAll(selector));
  const form = document.getElementById("filters");
  const told = document.getElementById("told");
  const checked = (name) => new Set(all(`#filters input[name="${name}"]:checked`).map((box) => box.value));

  const apply = () => {
    const text = form.elements.component.value.trim().toLowerCase();
    const verdicts = checked("verdict");
    const severities = checked("severity");
    const check = form.elements.check.value;
    const visible = new Set();
    for (const row of all("#matrix tbody tr")) {
      row.hidden = !row.dataset.component.toLowerCase().includes(text) || !verdicts.has(row.dataset.verdict);
      if (!row.hidden) visible.add(row.dataset.row);
    }
    for (const cell of all("#matrix [data-check]")) cell.hidden = check !== "" && cell.dataset.check !== check;
    for (const part of all("details[data-row]")) part.hidden = !visible.has(part.dataset.row);
    const wanted = (one) => severities.has(one.dataset.severity) && (check === "" || one.dataset.check === check);
    for (const reason of all("li[data-severity]")) reason.hidden = !wanted(reason);
    for (const row of all("#findings tbody tr"))
      row.hidden = !wanted(row) || !row.dataset.rows.split(" ").some((of) => visible.has(of));
    const count = (selector) => {
      const of = all(selector);
      return `${of.filter((one) => !one.hidden).length} of ${of.length}`;
    };
    told.value = `Shown: ${count("#matrix tbody tr")} components, ${count("#findings tbody tr")} findings`;
  };

  const open_target = () => {
    const part = document.getElementById(location.hash.slice(1));
    if (part instanceof HTMLDetailsElement) part.open = true;
  };
  const set_all = (open) => {
    for (const part of all("details")) part.open = open;
  };
  let closed = [];

  form.closest("section").hidden = false;
  form.addEventListener("input", apply);
  form.addEventListener("submit", (event) => event.preventDefault());
  form.addEventListener("reset", () => setTimeout(apply, 0));
  document.getElementById("open-all").addEventListener("click", () => set_all(true));
  document.getElementById("close-all").addEventListener("click", () => set_all(false));
  addEventListener("hashchange", open_target);
  addEventListener("beforeprint", () => {
    closed = all("details:not([open])");
    set_all(true);
  });
  addEventListener("afterprint", () => {
    for (const part of closed) part.open = false;
  });
  open_target();
  apply();
})();
)js";

}  // namespace forge::audit
