"""Opens reports in a headless browser as readers do: phone and desk, light and dark, without script, on paper.

Every page and every chart is searched for requests to the network, errors on the console, labels that lie on others,
text that leaves its place, text that hardly stands out, what cannot be reached by keyboard, and, with axe-core, for
what keeps people out. Marks of charts are pointed at, tapped and walked to by keys.

Usage: open_report.py BROWSER [--axe axe.min.js] [--pages] REPORT_FOLDER...

With `--pages` the charts beside a page are not opened, and of those in it one of each kind is pointed at: of a large
run there are hundreds.
"""

from __future__ import annotations

import argparse
import base64
import re
import sys
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parent))

from browser import Browser  # noqa: E402
from values import values  # noqa: E402

WIDTHS = (390, 1440)
SCHEMES = ("light", "dark")
# A page that people send around, whatever its run.
MOST_BYTES = 5_000_000
LOCAL = ("file:", "data:", "about:", "blob:", "chrome:", "chrome-extension:", "devtools:")
HERE = Path(__file__).parent
CHECKS = (HERE / "checks.js").read_text()
BY_HAND = (HERE / "by_hand.js").read_text()
# A picture's text is looked at by `checks.js`; axe leaves it undecided, which is no violation.
AXE = (
    "axe.run(document, {resultTypes: ['violations']}).then(it => it.violations.flatMap(fault => fault.nodes.slice(0, 3)"
    ".map(node => fault.id + ': ' + fault.help + ': ' + node.html.slice(0, 120))))"
)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("browser")
    parser.add_argument("--axe", type=Path)
    parser.add_argument("--pages", action="store_true")
    parser.add_argument("folders", nargs="+", type=Path, metavar="REPORT_FOLDER")
    arguments = parser.parse_args()
    axe = arguments.axe.read_text() if arguments.axe else None
    faults: list[str] = []
    opened = 0
    every = not arguments.pages
    with Browser(arguments.browser) as browser:
        for folder in arguments.folders:
            page = (folder / "report.html").resolve()
            charts = sorted((folder / "charts").resolve().glob("*.svg")) if every else []
            for address in [page, *charts]:
                found = looked_at(browser, address, axe)
                faults += [f"{folder.name}/{address.name} {fault}" for fault in found]
                opened += len(WIDTHS) * len(SCHEMES)
            more = without_script(browser, page) + by_hand(browser, page) + on_paper(browser, page)
            for width, scheme in zip(WIDTHS, SCHEMES):
                found = [*values(browser, page, width, scheme, CHECKS, every), *said(browser.events)]
                more += [f"at {width} pixels, {scheme}: {fault}" for fault in found]
            faults += [f"{folder.name}/{page.name} {fault}" for fault in more]
    # The same fault at every width is one to mend once; a page full of one kind says so in a few lines.
    for fault in faults[:60]:
        print(fault)
    without = "" if axe else ", without axe-core"
    print(f"{opened} views of {len(arguments.folders)} reports{without}: {len(faults)} faults")
    return 1 if faults else 0


def looked_at(browser: Browser, path: Path, axe: str | None) -> list[str]:
    """The faults of a page or a picture, at every width and in both schemes."""
    is_page = path.suffix == ".html"
    faults = [f"refers to {url}" for url in sorted(outside_references(path.read_text()))]
    if path.stat().st_size > MOST_BYTES:
        faults.append(f"has {path.stat().st_size} bytes, more than {MOST_BYTES}")
    for scheme in SCHEMES:
        for width in WIDTHS:
            browser.look(width, scheme)
            browser.open(path.as_uri())
            if is_page:
                # What is folded is read, too.
                browser.evaluate("document.querySelectorAll('details').forEach(it => it.open = true)")
            found = list(browser.evaluate(f"{CHECKS}({str(is_page).lower()})"))
            if is_page and axe is not None:
                browser.evaluate(axe + "; 0")
                found += browser.evaluate(AXE)
            found += said(browser.events)
            faults += [f"at {width} pixels, {scheme}: {fault}" for fault in found]
    return faults


def said(events: list[dict[str, Any]]) -> list[str]:
    """What the page asked of the network, logged as an error, or threw."""
    faults = []
    for event in events:
        parameters = event["params"]
        if event["method"] == "Network.requestWillBeSent":
            url = str(parameters["request"]["url"])
            if not url.startswith(LOCAL):
                faults.append(f"asks the network for {url}")
        elif event["method"] == "Runtime.exceptionThrown":
            details = parameters["exceptionDetails"]
            faults.append(f"throws {details.get('exception', {}).get('description', details.get('text'))}")
        elif event["method"] == "Runtime.consoleAPICalled" and parameters["type"] in {"error", "warning", "assert"}:
            faults.append(f"console: {[it.get('value') for it in parameters['args']]}")
        elif event["method"] == "Log.entryAdded" and parameters["entry"]["level"] in {"error", "warning"}:
            faults.append(f"console: {parameters['entry']['text']}")
    return faults


def without_script(browser: Browser, page: Path) -> list[str]:
    """Nothing is missing where scripts are off, and no control stands there that does nothing."""
    browser.call("Emulation.setScriptExecutionDisabled", value=True)
    try:
        browser.look(WIDTHS[1], SCHEMES[0])
        browser.open(page.as_uri())
        counted = browser.evaluate(
            "({tables: document.querySelectorAll('table').length, svgs: document.querySelectorAll('svg').length,"
            " controls: document.querySelectorAll('button, input, select').length,"
            " hidden: document.querySelectorAll('[hidden]').length})"
        )
    finally:
        browser.call("Emulation.setScriptExecutionDisabled", value=False)
    faults = [f"without script: {counted[what]} {what}" for what in ("controls", "hidden") if counted[what]]
    faults += [f"shows no {what}" for what in ("tables", "svgs") if not counted[what]]
    return faults


def by_hand(browser: Browser, page: Path) -> list[str]:
    """Sorting, filtering and the scales do what they say."""
    browser.look(WIDTHS[1], SCHEMES[0])
    browser.open(page.as_uri())
    return [*browser.evaluate(BY_HAND), *said(browser.events)]


def on_paper(browser: Browser, page: Path) -> list[str]:
    """What is folded is printed, controls are not, and nothing lies on anything."""
    browser.look(794, SCHEMES[0], media="print")
    browser.open(page.as_uri())
    faults = list(browser.evaluate(f"{CHECKS}(false)"))
    faults += browser.evaluate(
        "[...document.querySelectorAll('details > :not(summary)')].filter(it => it.textContent.trim()"
        " && !it.getBoundingClientRect().height).slice(0, 3)"
        ".map(it => 'is folded: ' + it.textContent.trim().slice(0, 40))"
    )
    if browser.evaluate(
        "[...document.querySelectorAll('.tools, .skip, .dot, .tip')].some(it => it.getBoundingClientRect().height)"
    ):
        faults.append("prints its controls")
    faults += browser.evaluate(
        "[...document.querySelectorAll('.scroll')].filter(it => it.firstElementChild.scrollWidth > it.clientWidth + 1)"
        ".slice(0, 3).map(it => 'is cut off: ' + it.getAttribute('aria-label'))"
    )
    printed = browser.call("Page.printToPDF", printBackground=False, preferCSSPageSize=True)
    pdf = base64.b64decode(printed["data"])
    if not pdf.startswith(b"%PDF") or len(pdf) < 10_000:
        faults.append(f"makes a PDF of {len(pdf)} bytes")
    return [f"on paper: {fault}" for fault in faults]


def outside_references(page: str) -> set[str]:
    """Resources that the page would load from elsewhere; links to click on are not among them."""
    sources = re.findall(r"<(?!a\b)[a-z]+\b[^>]*?\b(?:src|href|xlink:href)\s*=\s*[\"']([^\"']+)", page, re.IGNORECASE)
    styles = re.findall(r"url\(\s*[\"']?([^\"')]+)|@import\s+[\"']([^\"']+)", page, re.IGNORECASE)
    references = sources + [first or second for first, second in styles]
    return {reference for reference in references if re.match(r"(?:[a-z]+:)?//", reference, re.IGNORECASE)}


if __name__ == "__main__":
    sys.exit(main())
