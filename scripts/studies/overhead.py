#!/usr/bin/env python3
"""What does measuring itself cost? The timing loop beside timeit and pyperf, the tool beside its launches.

Nothing is kept: it takes ten minutes. `--only commands` is for the wall times of `list` and `report`:

    cargo build --release --bins --example synthetic_run && python3 scripts/studies/overhead.py
"""

from __future__ import annotations

import argparse
import json
import os
import random
import statistics
import subprocess
import sys
import time
from pathlib import Path

import common
import time_to_verdict

FUNCTIONS = {"empty": "empty", "microsecond": "microsecond", "hundred_microseconds": "hundred_microseconds"}


def loops(project: Path, rounds: int) -> None:
    """One call of the same function by three tools, a fresh process each, in an order drawn for every round.

    One tool after another would show how the machine drifts, not how the loops differ.
    """
    python = time_to_verdict.pyperf_python()
    timing = common.ROOT / "python_baseline" / "harness" / "timing.py"
    file = common.STUDIES / "pyperf.json"

    def setup(name: str) -> str:
        return f"import sys; sys.path.insert(0, {str(project)!r}); from pairs import {name} as f"

    def by_rustworthy(name: str) -> float:
        command = [sys.executable, str(timing), f"pairs:{name}", "--path", str(project), "--measure", "0.3", "--json"]
        return common.slope(json.loads(subprocess.check_output(command))["sample"])

    def by_timeit(name: str) -> float:
        code = (
            "import timeit, statistics\n"
            f"timer = timeit.Timer('f()', {setup(name)!r})\n"
            "number, _ = timer.autorange()\n"
            "print(statistics.median(timer.repeat(5, number)) / number * 1e9)"
        )
        return float(subprocess.check_output([sys.executable, "-c", code], text=True))

    def by_pyperf(name: str) -> float:
        file.unlink(missing_ok=True)
        command = [str(python), "-m", "pyperf", "timeit", "-p", "1", "-q", "-s", setup(name), "f()", "-o", str(file)]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
        runs = json.loads(file.read_text())["benchmarks"][0]["runs"]
        return statistics.median(value for one in runs for value in one.get("values", ())) * 1e9

    tools = {"rustworthy": by_rustworthy, "timeit": by_timeit, "pyperf timeit": by_pyperf}
    draw = random.Random(7)
    times: dict[tuple[str, str], list[float]] = {(name, tool): [] for name in FUNCTIONS for tool in tools}
    for _ in range(rounds):
        cells = list(times)
        draw.shuffle(cells)
        for name, tool in cells:
            times[name, tool].append(tools[tool](name))
    rows = []
    for name in FUNCTIONS:
        row = [name.replace("_", " ")]
        row += [f"{statistics.median(times[name, tool]):,.1f} ns" for tool in tools]
        for tool in list(tools)[1:]:
            ratios = sorted(one / other for one, other in zip(times[name, "rustworthy"], times[name, tool]))
            cut = common.median_cut(rounds)
            row.append(f"{statistics.median(ratios):.3f} [{ratios[cut]:.3f}, {ratios[-1 - cut]:.3f}]")
        rows.append(row)
    common.table(["function", *tools, "rustworthy ÷ timeit", "rustworthy ÷ pyperf"], rows)


def own_time(project: Path) -> None:
    """The tool's own share, from two runs of different length: starting, memory launches and equality cancel out."""
    measured, launched, walls = [], [], []
    for rounds in (8, 24):
        run, wall = common.run_tool(project, "hundred_microseconds", "--rounds", str(rounds))
        cells = run["workloads"][0]["sizes"][0]["implementations"]
        launched.append(sum(one["launch_ns"] for cell in cells for one in cell["launches"]) / 1e9)
        measured.append(run["phases"]["measure_s"])
        walls.append(wall - sum(run["phases"].values()))
    beyond = (measured[1] - measured[0]) - (launched[1] - launched[0])
    print(f"tool's own time while measuring: {beyond / (measured[1] - measured[0]):.2%} of it, over 32 launches")
    print(f"wall time outside its phases (start, report, saving): {min(walls):.3f} s\n")


def timed(command: list[str]) -> tuple[float, int]:
    """Wall time in seconds and peak resident set in KiB of a command."""
    start = time.perf_counter()
    child = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    _, status, usage = os.wait4(child.pid, 0)
    wall = time.perf_counter() - start
    child.returncode = status
    if status != 0:
        raise SystemExit(f"{' '.join(command)} ended with status {status}")
    return wall, usage.ru_maxrss


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=20, help="launches of each loop")
    parser.add_argument("--only", choices=["loops", "own", "commands"], default=None)
    options = parser.parse_args()
    pairs = {name: (function, function) for name, function in FUNCTIONS.items()}
    project = common.make_project(pairs)
    common.machine()
    if options.only in (None, "loops"):
        loops(project, options.rounds)
    if options.only in (None, "own"):
        own_time(project)
    if options.only in (None, "commands"):
        walls = [timed([str(common.TOOL), "list", "--project", str(common.ROOT)])[0] for _ in range(51)]
        print(f"list: median {statistics.median(walls) * 1e3:.1f} ms, slowest of 51 {max(walls) * 1e3:.1f} ms")
        made = common.STUDIES / "synthetic"
        if not (made / "run.json").exists():
            example = [str(common.ROOT / "target" / "release" / "examples" / "synthetic_run"), str(made)]
            subprocess.run(example, check=True)
        out = common.STUDIES / "report"
        reports = [timed([str(common.TOOL), "report", str(made / "run.json"), "--out", str(out)]) for _ in range(5)]
        wall = statistics.median(one[0] for one in reports)
        print(f"report of 10,000 cells: median of 5 {wall:.2f} s, peak {max(one[1] for one in reports) / 1024:.0f} MiB")


if __name__ == "__main__":
    main()
