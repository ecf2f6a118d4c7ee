#!/usr/bin/env python3
"""The page of `audit --format html` in a real browser: what it shows, its filters, the keyboard, dark and print, no network,
and texts that would like to be markup. Exit code 77 stands for "skipped".

    tests/browser/audit_page.py build/bin/forge-analyze [--screenshots FOLDER]
"""
import argparse
import base64
import html.parser
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

import chromium

EXAMPLE = pathlib.Path(__file__).resolve().parents[2] / "examples/small-forge"
HOSTILE = '</script></style><img src=x onerror="window.hostile=1"><b id=hostile>'

# Of every visible text in an element, the contrast to what is behind it (WCAG 2.2), the lowest with its element.
CONTRAST = """(() => {
  const parse = (color) => {
    const numbers = color.match(/[\\d.]+/g).map(Number);
    return numbers.length < 4 ? [...numbers, 1] : numbers;
  };
  const light = (rgb) => {
    const [r, g, b] = rgb.slice(0, 3).map((c) => (c /= 255, c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4));
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const behind = (element) => {
    for (; element; element = element.parentElement) {
      const color = parse(getComputedStyle(element).backgroundColor);
      if (color[3] === 1) return color;
    }
    return [255, 255, 255, 1];
  };
  let worst = [99, ""];
  for (const element of document.querySelectorAll("body *")) {
    const own = [...element.childNodes].some((node) => node.nodeType === 3 && node.data.trim());
    if (!own || element.closest("svg, script, style, .hidden-words, .skip") || !element.checkVisibility()) continue;
    const a = light(parse(getComputedStyle(element).color)), b = light(behind(element));
    const ratio = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
    if (ratio < worst[0]) worst = [ratio, element.outerHTML.slice(0, 120)];
  }
  return worst;
})()"""


class Checks:
    def __init__(self):
        self.failed = 0

    def that(self, right, what, detail=""):
        print(f"{'ok    ' if right else 'WRONG '} {what}{'' if right else f': {detail}'}", flush=True)
        self.failed += not right

    def equal(self, found, wanted, what):
        self.that(found == wanted, what, f"{found!r} instead of {wanted!r}")


def make_forge(folder):
    """The small forge with its five mistakes, and with words in it that no page may obey."""
    forge = folder / "forge"
    shutil.copytree(EXAMPLE, forge)
    subprocess.run([EXAMPLE / "make-upstreams", forge / "upstream"], check=True, capture_output=True)
    shutil.copytree(EXAMPLE / "candidate", forge, dirs_exist_ok=True)
    overrides = forge / "overrides/2025.2/constraints.txt"
    overrides.write_text(overrides.read_text() + f"\n# {HOSTILE}\ncertifi===2025.1.31\n{HOSTILE}===1\n")
    for patch in (forge / "patches/almanac/2025.2").glob("*.patch"):
        patch.write_text(re.sub("^Subject: .*", f"Subject: [PATCH] {HOSTILE}", patch.read_text(), flags=re.M))
    return forge


def write_page(binary, forge, folder):
    path = folder / "audit.html"
    done = subprocess.run([binary, "audit", "-C", forge, "--release", "2025.2", "--format", "html", "-o", path],
                          capture_output=True, text=True, check=False)
    if done.returncode != 1:
        sys.exit(f"audit ended with {done.returncode}: {done.stderr}")
    return path


class Balance(html.parser.HTMLParser):
    """Every tag that is opened is closed, in order."""
    VOID = {"meta", "link", "input", "br", "img"}

    def __init__(self, text):
        super().__init__()
        self.open, self.wrong = [], []
        self.feed(text)
        self.wrong += self.open

    def handle_starttag(self, tag, attributes):
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_endtag(self, tag):
        if not self.open or self.open.pop() != tag:
            self.wrong.append("/" + tag)


def told_badly(page):
    """Errors, violations of the policy, exceptions."""
    bad = []
    for event in page.events:
        method, parameters = event.get("method"), event.get("params", {})
        if method == "Runtime.exceptionThrown":
            bad.append(parameters["exceptionDetails"]["text"])
        if method == "Log.entryAdded" and parameters["entry"]["level"] in ("error", "warning"):
            bad.append(parameters["entry"]["text"])
        if method == "Runtime.consoleAPICalled":
            bad.append(str(parameters["args"]))
    return bad


def requests(page):
    return [event["params"]["request"]["url"] for event in page.events
            if event.get("method") == "Network.requestWillBeSent"]


def shown(page, selector):
    return page.value(f"[...document.querySelectorAll({selector!r})].filter((e) => e.checkVisibility()).length")


def check_load(page, url, checks):
    page.open(url)
    outside = [one for one in requests(page) if one != url and not one.startswith("data:")]
    checks.equal(outside, [], "no request but for the page itself")
    checks.equal(told_badly(page), [], "nothing in the console")
    checks.equal(page.value("document.title"), "Audit of 2025.2: not ready", "the title has the verdict")
    checks.equal(page.value("typeof window.hostile + !!document.getElementById('hostile')"), "undefinedfalse",
                 "no text became markup")
    checks.that(page.value("document.body.textContent.includes('onerror=\"window.hostile=1\"')"), "it is shown as text")
    checks.equal(shown(page, "#matrix tbody tr"), 7, "a row for each component, base and the release")
    checks.equal(shown(page, "#graph svg"), 1, "the graph is there")
    checks.equal(page.value("[...document.querySelectorAll('th')].filter((e) => !e.scope).length"), 0,
                 "every heading of a table has a scope")
    checks.equal(page.value("""(() => { const ids = [...document.querySelectorAll('[id]')].map((e) => e.id);
        return ids.length - new Set(ids).size })()"""), 0, "no id stands twice")
    checks.equal(page.value("""[...document.querySelectorAll('a[href^="#"]')]
        .filter((a) => !document.getElementById(a.hash.slice(1))).length"""), 0, "every link leads somewhere")


def check_filters(page, checks):
    page.value("document.querySelector('input[type=search]').focus()")
    page.type("almanac")
    checks.equal(shown(page, "#matrix tbody tr"), 1, "typing a name leaves its row")
    checks.equal(shown(page, "details[data-row]"), 1, "and its details")
    checks.that(0 < shown(page, "#findings tbody tr") < page.value("document.querySelectorAll('#findings tbody tr').length"),
                "and its findings")
    checks.that("1 of 7 components" in page.value("document.getElementById('told').value"), "the count is told")
    page.value("document.querySelector('button[type=reset]').click()")
    page.value("new Promise((done) => setTimeout(done, 0))")
    checks.equal(shown(page, "#matrix tbody tr"), 7, "reset shows all")
    page.value("document.querySelector('input[name=severity][value=error]').click()")
    checks.equal(page.value("""[...document.querySelectorAll('#findings tbody tr')].filter((e) => e.checkVisibility() &&
        e.dataset.severity === 'error').length"""), 0, "errors can be left out")
    page.value("document.querySelector('button[type=reset]').click()")
    page.value("new Promise((done) => setTimeout(done, 0))")
    page.value("""(() => { const check = document.querySelector('select'); check.value = 'patches';
        check.dispatchEvent(new Event('input', {bubbles: true})) })()""")
    checks.equal(shown(page, "#matrix thead th"), 4, "one check leaves its column")
    page.value("document.querySelector('button[type=reset]').click()")
    page.value("new Promise((done) => setTimeout(done, 0))")
    page.value("document.querySelector('input[name=verdict][value=ready]').click()")
    checks.equal(shown(page, "#matrix tbody tr"), 4, "what is ready can be left out")
    page.value("document.querySelector('button[type=reset]').click()")
    page.value("new Promise((done) => setTimeout(done, 0))")


def check_keyboard(page, url, checks):
    page.open(url)
    stops = []
    for _ in range(120):
        page.press("Tab")
        stop = page.value("""(() => { const e = document.activeElement; if (e === document.body) return null;
            const style = getComputedStyle(e);
            return [e.tagName + '.' + (e.getAttribute('name') ?? e.id ?? ''), style.outlineStyle !== 'none',
                    (e.textContent || e.value || e.name).trim().slice(0, 30)] })()""")
        if stop is None:
            break
        stops.append(stop)
    tags = [stop[0].split(".")[0] for stop in stops]
    checks.equal(stops[0][2], "Skip to the matrix", "the first stop skips what stands above")
    for tag in ("INPUT", "SELECT", "BUTTON", "A", "SUMMARY", "DIV"):
        checks.that(tag in tags, f"{tag} is reached by Tab", tags)
    checks.equal([stop for stop in stops if not stop[1]], [], "every stop is seen to have the focus")
    page.value("document.querySelector('#components details:not([open]) summary').focus()")
    page.press("Enter", "\r")
    checks.that(page.value("document.activeElement.parentElement.open"), "Enter opens a component")
    page.press(" ", " ")
    checks.that(not page.value("document.activeElement.parentElement.open"), "Space closes it again")
    page.value("document.querySelector('#matrix tbody tr:nth-child(4) a').focus()")
    page.press("Enter", "\r")
    checks.that(page.value("""new Promise((done) => {
        const look = () => document.getElementById('c3').open ? done(true) : requestAnimationFrame(look);
        look();
        setTimeout(() => done(false), 5000); })"""), "a component's link opens its details")


def check_looks(page, url, checks, screenshots):
    backgrounds = {}
    for scheme in ("light", "dark"):
        page.call("Emulation.setEmulatedMedia", media="screen",
                  features=[{"name": "prefers-color-scheme", "value": scheme}])
        page.open(url)
        page.value("document.querySelectorAll('details').forEach((one) => one.open = true)")
        backgrounds[scheme] = page.value("getComputedStyle(document.body).backgroundColor")
        ratio, where = page.value(CONTRAST)
        checks.that(ratio >= 4.5, f"{scheme}: contrast of text is at least 4.5", f"{ratio:.2f} at {where}")
        if screenshots:
            save(page, screenshots / f"{scheme}.png", 1500)
    checks.that(backgrounds["light"] != backgrounds["dark"], "dark is another page than light", backgrounds)
    page.call("Emulation.setDeviceMetricsOverride", width=360, height=800, deviceScaleFactor=1, mobile=True)
    page.open(url)
    checks.that(page.value("document.documentElement.scrollWidth <= 360"), "a narrow screen does not scroll sideways",
                page.value("""[...document.querySelectorAll('body *')].filter((e) => !e.closest('.scroll') &&
                    e.getBoundingClientRect().right > 360).map((e) => e.outerHTML.slice(0, 100)).pop()"""))
    if screenshots:
        save(page, screenshots / "narrow.png", 360)
    page.call("Emulation.clearDeviceMetricsOverride")


def check_print(page, url, checks, screenshots):
    page.call("Emulation.setEmulatedMedia", media="print", features=[])
    page.open(url)
    checks.equal(shown(page, "nav, form"), 0, "no navigation and no filters on paper")
    page.call("Emulation.setEmulatedMedia", media="", features=[])
    pdf = base64.b64decode(page.call("Page.printToPDF", printBackground=True, preferCSSPageSize=True)["data"])
    checks.that(pdf.startswith(b"%PDF") and len(pdf) > 20_000, "it prints")
    if screenshots:
        (screenshots / "print.pdf").write_bytes(pdf)


def check_without_script(page, url, checks):
    page.call("Emulation.setScriptExecutionDisabled", value=True)
    page.open(url)
    text = page.call("DOM.getOuterHTML", nodeId=page.call("DOM.getDocument", depth=-1)["root"]["nodeId"])["outerHTML"]
    page.call("Emulation.setScriptExecutionDisabled", value=False)
    checks.that(re.search(r'<section class="filters"[^>]* hidden', text) is not None,
                "without a script there are no filters, which would do nothing")
    body = text.split('id="matrix"')[1].split("<script>")[0]
    checks.that("hidden=" not in re.sub(r"aria-hidden=", "", body), "and all is shown")


def save(page, path, width):
    page.call("Emulation.setDeviceMetricsOverride", width=width, height=900, deviceScaleFactor=1, mobile=False)
    height = page.value("document.documentElement.scrollHeight")
    page.call("Emulation.setDeviceMetricsOverride", width=width, height=min(height, 3000), deviceScaleFactor=1, mobile=False)
    path.write_bytes(base64.b64decode(page.call("Page.captureScreenshot")["data"]))
    page.call("Emulation.clearDeviceMetricsOverride")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("binary", type=pathlib.Path)
    parser.add_argument("--screenshots", type=pathlib.Path, help="a folder for pictures, to look at")
    options = parser.parse_args()
    browser = chromium.find()
    if browser is None:
        print("skipped: there is no Chromium here (Debian: apt-get install chromium; or name one in CHROMIUM)")
        return 77
    if options.screenshots:
        options.screenshots.mkdir(parents=True, exist_ok=True)
    checks = Checks()
    with tempfile.TemporaryDirectory(prefix="audit-page-") as name:
        folder = pathlib.Path(name)
        path = write_page(options.binary.resolve(), make_forge(folder), folder)
        checks.equal(Balance(path.read_text()).wrong, [], "tags are balanced")
        url = path.as_uri()
        try:
            page = chromium.Page(browser, str(folder))
        except (chromium.Gone, OSError) as gone:
            print(f"skipped: {browser} does not run here: {gone}")
            return 77
        try:
            check_load(page, url, checks)
            check_filters(page, checks)
            check_keyboard(page, url, checks)
            check_looks(page, url, checks, options.screenshots)
            check_print(page, url, checks, options.screenshots)
            check_without_script(page, url, checks)
        finally:
            page.close()
    print(f"{checks.failed} wrong" if checks.failed else "everything is right")
    return 1 if checks.failed else 0


if __name__ == "__main__":
    sys.exit(main())
