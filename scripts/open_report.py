"""Opens a report in a headless browser: it must load, log nothing to the console and ask nothing of the network.

Usage: open_report.py BROWSER REPORT
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
import tempfile
from pathlib import Path

TIMEOUT_S = 120
LOCAL = ("file:", "data:", "about:", "blob:", "chrome:", "chrome-extension:", "devtools:")


def main() -> int:
    browser, report = sys.argv[1], Path(sys.argv[2]).resolve()
    with tempfile.TemporaryDirectory() as folder:
        network_log = Path(folder) / "network.json"
        command = [
            browser,
            "--headless=new",
            "--no-sandbox",
            "--disable-gpu",
            "--disable-dev-shm-usage",
            "--disable-background-networking",
            "--disable-component-update",
            "--disable-sync",
            "--no-first-run",
            f"--user-data-dir={folder}/profile",
            "--enable-logging=stderr",
            f"--log-net-log={network_log}",
            "--virtual-time-budget=5000",
            "--dump-dom",
            report.as_uri(),
        ]
        done = subprocess.run(command, capture_output=True, text=True, timeout=TIMEOUT_S, check=False)
        page = done.stdout
        console = [line for line in done.stderr.splitlines() if ":CONSOLE" in line]
        requested = requests(network_log)
    faults = [f"console: {line}" for line in console]
    if done.returncode != 0:
        faults.append(f"the browser ended with {done.returncode}: {done.stderr[-500:]}")
    if "<svg" not in page or "<table" not in page:
        faults.append("the page shows no chart or no table")
    page_url = report.as_uri()
    if requested is None:
        faults.append("the browser left no log of its network")
    else:
        faults += [f"asks the network for {url}" for url in sorted(requested)]
    faults += [f"refers to {url}" for url in sorted(outside_references(page))]
    for fault in faults:
        print(fault)
    print(f"{page_url.rsplit('/', 1)[-1]}: {len(page)} characters shown, {len(faults)} faults")
    return 1 if faults else 0


def requests(network_log: Path) -> set[str] | None:
    """The addresses that pages asked for; the browser's own housekeeping has no initiator and is left out."""
    try:
        text = network_log.read_text()
    except FileNotFoundError:
        return None
    try:
        events = json.loads(text)["events"]
    except ValueError:
        # A browser that ends quickly leaves the list open.
        events = json.loads(text.rstrip().rstrip(",") + "]}")["events"]
    found = set()
    for event in events:
        parameters = event.get("params", {})
        if str(parameters.get("initiator", "not an origin")) == "not an origin":
            continue
        url = str(parameters.get("url", ""))
        if url and not url.startswith(LOCAL):
            found.add(url)
    return found


def outside_references(page: str) -> set[str]:
    """Resources that the page would load from elsewhere; links to click on are not among them."""
    sources = re.findall(r"<(?!a\b)[a-z]+\b[^>]*?\b(?:src|href|xlink:href)\s*=\s*[\"']([^\"']+)", page, re.IGNORECASE)
    styles = re.findall(r"url\(\s*[\"']?([^\"')]+)|@import\s+[\"']([^\"']+)", page, re.IGNORECASE)
    references = sources + [first or second for first, second in styles]
    return {reference for reference in references if re.match(r"(?:[a-z]+:)?//", reference, re.IGNORECASE)}


if __name__ == "__main__":
    sys.exit(main())
