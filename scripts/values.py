"""Points at the marks of a report's charts, taps them and walks them by keys, and looks at what is told."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from browser import Browser

VALUES = (Path(__file__).parent / "values.js").read_text()
KEYS = {"ArrowLeft": 37, "ArrowUp": 38, "ArrowRight": 39, "ArrowDown": 40, "Escape": 27}


#: Steps of a walk whose keys are pressed one by one, at its beginning and at its end; between them the page takes them
#: all at once.
PRESSED = 12


def values(browser: Browser, page: Path, width: int, scheme: str, checks: str, every: bool) -> list[str]:
    """The faults of a page at one width, in one scheme; of `every` chart, or of one of each kind."""
    browser.look(width, scheme)
    unfolded(browser, page)
    kinds: list[int] = browser.evaluate("marks.kinds()")
    if not kinds:
        return ["no mark of a chart tells its value"]
    faults: list[str] = []
    for picture in range(browser.evaluate("marks.count()")) if every else kinds:
        for end in (0, -1):
            aim = browser.evaluate(f"marks.aim({picture}, {end})")
            move(browser, aim["x"] + 40, aim["y"] + 3)
            move(browser, aim["x"], aim["y"])
            faults += told(browser, f"chart {picture} pointed at", aim["may"])
    faults += browser.evaluate(f"({checks}).faint()")
    move(browser, 2, 2)
    faults += told(browser, "a pointer beside all charts", [""])
    for picture in kinds:
        faults += walked(browser, picture)
    # It holds for pages that are opened from then on.
    browser.call("Emulation.setTouchEmulationEnabled", enabled=True)
    before = list(browser.events)
    unfolded(browser, page)
    browser.events[:0] = before
    for picture in kinds:
        faults += tapped(browser, picture)
    browser.call("Emulation.setTouchEmulationEnabled", enabled=False)
    return faults


def unfolded(browser: Browser, page: Path) -> None:
    """The page with all its charts in sight."""
    browser.open(page.as_uri())
    browser.evaluate("document.querySelectorAll('details').forEach(it => it.open = true)")
    browser.evaluate(f"window.marks = {VALUES}; 0")


def told(browser: Browser, when: str, may: list[str]) -> list[str]:
    """Whether what is told is one of what may be, and stands well."""
    found: dict[str, Any] = browser.evaluate("marks.told()")
    faults = [f"{when}: “{found['said']}” {fault}" for fault in found["faults"]]
    if found["said"] not in may:
        faults.append(f"{when}: told is “{found['said']}”, not “{may[0]}”")
    return faults


def walked(browser: Browser, picture: int) -> list[str]:
    """From the first mark to the last, a step back, a line up, then away."""
    said: list[str] = browser.evaluate(f"marks.said({picture})")
    browser.evaluate(f"marks.focus({picture})")
    faults = told(browser, f"chart {picture} focused", said[:1])
    index = 0
    while index < len(said) - 1:
        leap = len(said) - 1 - PRESSED - index if index == PRESSED else 0
        if leap > 0:
            browser.evaluate(f"marks.walk({picture}, {leap})")
            index += leap
        else:
            key(browser, "ArrowRight")
            index += 1
        faults += told(browser, f"chart {picture}, step {index}", [said[index]])
    key(browser, "ArrowRight")
    faults += told(browser, f"chart {picture}, past its end", said[-1:])
    key(browser, "ArrowLeft")
    faults += told(browser, f"chart {picture}, a step back", said[-2:-1] or said)
    key(browser, "ArrowRight")
    # Lines are told apart by name; the line above the last is that of the name before.
    names = [text.split("\n")[0] for text in said]
    above = [name for name in names if name != names[-1]][-1:] or names[-1:]
    key(browser, "ArrowUp")
    faults += told(browser, f"chart {picture}, a line up", [text for text in said if text.split("\n")[0] in above])
    key(browser, "Escape")
    faults += told(browser, f"chart {picture} after Escape", [""])
    key(browser, "ArrowDown")
    faults += told(browser, f"chart {picture}, begun anew", said[:1])
    browser.evaluate("document.activeElement.blur()")
    return faults + told(browser, f"chart {picture} left", [""])


def tapped(browser: Browser, picture: int) -> list[str]:
    """A finger on a mark, then on nothing."""
    aim = browser.evaluate(f"marks.aim({picture}, 0)")
    tap(browser, aim["x"], aim["y"])
    faults = told(browser, f"chart {picture} tapped", aim["may"])
    tap(browser, 2, 2)
    return faults + told(browser, f"a tap beside chart {picture}", [""])


def move(browser: Browser, x: float, y: float) -> None:
    """The mouse to a place in the window."""
    browser.call("Input.dispatchMouseEvent", type="mouseMoved", x=x, y=y)


def tap(browser: Browser, x: float, y: float) -> None:
    """A finger set down and lifted again."""
    browser.call("Input.dispatchTouchEvent", type="touchStart", touchPoints=[{"x": x, "y": y}])
    browser.call("Input.dispatchTouchEvent", type="touchEnd", touchPoints=[])


def key(browser: Browser, name: str) -> None:
    """A key pressed and let go."""
    code = {"key": name, "code": name, "windowsVirtualKeyCode": KEYS[name]}
    browser.call("Input.dispatchKeyEvent", type="rawKeyDown", **code)
    browser.call("Input.dispatchKeyEvent", type="keyUp", **code)
