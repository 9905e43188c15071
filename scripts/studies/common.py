"""What the studies on a real machine share: the pairs, kept trials, exact intervals, tables.

Standard library only. Finished trials are lines of JSON under ``target/studies``; a study that is started again goes
on where it was, so it can be interrupted at any time. To start afresh, delete its file.
"""

from __future__ import annotations

import json
import math
import os
import statistics
import subprocess
import sys
import time
from pathlib import Path
from typing import Any, Callable, Iterable, Iterator

ROOT = Path(__file__).resolve().parents[2]
STUDIES = ROOT / "target" / "studies"
TOOL = ROOT / "target" / "release" / "rustworthy"

PAIRS = '''"""Functions whose times have known ratios: the same loop, longer."""


def spin_100():
    total = 0
    for number in range(20_000):
        total ^= number
    return 0


def spin_103():
    total = 0
    for number in range(20_600):
        total ^= number
    return 0


def spin_150():
    total = 0
    for number in range(30_000):
        total ^= number
    return 0


def empty():
    return None


def empty_again():
    return None


def microsecond():
    total = 0
    for number in (1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20):
        total ^= number
    return total


def hundred_microseconds():
    total = 0
    for number in range(2_000):
        total ^= number
    return total
'''


def workload(name: str, baseline: str, candidate: str) -> str:
    return (
        f'[workload.{name}]\nsummary = "A pair of known ratio"\n'
        f'[workload.{name}.baseline]\npython = "pairs:{baseline}"\n'
        f'[workload.{name}.candidate.other]\nkind = "python"\npython = "pairs:{candidate}"\n\n'
    )


def make_project(workloads: dict[str, tuple[str, str]]) -> Path:
    """A project of these pairs, baseline and candidate by name of function."""
    folder = STUDIES / "project"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "pairs.py").write_text(PAIRS)
    head = f'[project]\nname = "studies"\npython = {json.dumps(sys.executable)}\npython-path = ["."]\n\n'
    text = head + "".join(workload(name, *pair) for name, pair in workloads.items())
    (folder / "rustworthy.toml").write_text(text)
    return folder


def run_tool(project: Path, *arguments: str) -> tuple[dict[str, Any], float]:
    """One `rustworthy run`: its run.json and its wall time."""
    if not TOOL.exists():
        sys.exit(f"{TOOL} is missing: build it with `cargo build --release`")
    out = STUDIES / "runs"
    command = [str(TOOL), "run", *arguments, "--project", str(project), "--out", str(out), "--format", "json", "-q"]
    start = time.perf_counter()
    done = subprocess.run(command, stdout=subprocess.PIPE, check=True)
    wall = time.perf_counter() - start
    return json.loads(done.stdout), wall


def round_ratios(size: dict[str, Any], candidate: str) -> list[float]:
    """Baseline divided by candidate, by round, computed again from the launches."""
    cells = {cell["name"]: cell for cell in size["implementations"]}
    slopes = {name: {one["round"]: slope(one) for one in cell["launches"]} for name, cell in cells.items()}
    return [slopes["baseline"][one] / slopes[candidate][one] for one in slopes["baseline"] if one in slopes[candidate]]


def slope(launch: dict[str, Any]) -> float:
    pairs = list(zip(launch["iterations"], launch["elapsed_ns"]))
    return sum(calls * time for calls, time in pairs) / sum(calls * calls for calls, _ in pairs)


def spread(size: dict[str, Any]) -> float:
    """The larger of the cells' standard deviations of ln(time) over launches."""
    deviations = []
    for cell in size["implementations"]:
        logs = [math.log(slope(launch)) for launch in cell["launches"]]
        deviations.append(statistics.stdev(logs))
    return max(deviations)


class Failed(Exception):
    """A trial that came to nothing, for a reason that is no finding: it is told, and is still to be done."""


class Trials:
    """Finished trials of one study, kept."""

    def __init__(self, name: str) -> None:
        self.path = STUDIES / f"{name}.jsonl"
        self.path.parent.mkdir(parents=True, exist_ok=True)

    def __iter__(self) -> Iterator[dict[str, Any]]:
        if not self.path.exists():
            return
        for line in self.path.read_text().splitlines():
            try:
                yield json.loads(line)
            except ValueError:
                continue  # the line under way when the study was ended

    def missing(self, wanted: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
        """Those whose keys and values no kept trial has."""
        kept = list(self)
        return [want for want in wanted if not any(want.items() <= trial.items() for trial in kept)]

    def run(self, wanted: Iterable[dict[str, Any]], measure: Callable[[dict[str, Any]], dict[str, Any]]) -> None:
        missing = self.missing(wanted)
        start = time.perf_counter()
        for index, trial in enumerate(missing):
            load = os.getloadavg()[0]
            try:
                result = {**trial, **measure(trial)}
            except Failed as failed:
                print(f"\n{trial}: {failed}", file=sys.stderr)
                # Under keys of its own: it counts in the report, and not as done.
                result = {"failed": trial, "reason": str(failed)}
            result = {**result, "load": load, "at": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())}
            self.keep(result)
            each = (time.perf_counter() - start) / (index + 1)
            left = each * (len(missing) - index - 1) / 60
            print(f"\r{index + 1} of {len(missing)} trials, {left:.0f} minutes left ", end="", file=sys.stderr)
        if missing:
            print(file=sys.stderr)

    def keep(self, result: dict[str, Any]) -> None:
        """Writes one line, and has it on the disk before anything else is measured."""
        cut_off = self.path.exists() and self.path.stat().st_size > 0 and not self.path.read_bytes().endswith(b"\n")
        with self.path.open("a") as file:
            # Behind a line that was cut off, another would be lost with it.
            file.write(("\n" if cut_off else "") + json.dumps(result) + "\n")
            file.flush()
            os.fsync(file.fileno())


def exact_interval(successes: int, trials: int) -> tuple[float, float]:
    """The exact 95 % interval of a share (Clopper and Pearson, 1934)."""

    def at_most(count: int, share: float) -> float:
        return sum(
            math.comb(trials, chosen) * share**chosen * (1 - share) ** (trials - chosen) for chosen in range(count + 1)
        )

    def solve(reached: Callable[[float], bool]) -> float:
        low, high = 0.0, 1.0
        for _ in range(50):
            middle = (low + high) / 2
            low, high = (middle, high) if reached(middle) else (low, middle)
        return low

    low = 0.0 if successes == 0 else solve(lambda share: 1 - at_most(successes - 1, share) < 0.025)
    high = 1.0 if successes == trials else solve(lambda share: at_most(successes, share) > 0.025)
    return low, high


def median_cut(count: int) -> int:
    """How many values to leave out at each end, so that the rest covers the median with at least 95 %."""
    cut = 0
    while 1 - 2 * sum(math.comb(count, k) for k in range(cut + 2)) / 2**count >= 0.95:
        cut += 1
    return cut


def share(successes: int, trials: int) -> str:
    low, high = exact_interval(successes, trials)
    return f"{successes} of {trials}, {successes / trials:.1%} [{low:.1%}, {high:.1%}]"


def table(header: list[str], rows: Iterable[list[str]]) -> None:
    print("| " + " | ".join(header) + " |")
    print("|" + " --- |" * len(header))
    for row in rows:
        print("| " + " | ".join(row) + " |")
    print()


def machine() -> None:
    print(f"{os.cpu_count()} processors, Python {sys.version.split()[0]}, {time.strftime('%Y-%m-%d', time.gmtime())}\n")
