#!/usr/bin/env python3
"""What does measuring itself cost? The timing loop beside timeit and pyperf, the tool beside its launches.

Nothing is kept: it takes two minutes. `--only commands` is for the wall times of `list` and `report`:

    cargo build --release --bins --example synthetic_run && python3 scripts/studies/overhead.py
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import time
from pathlib import Path

import common
import time_to_verdict

FUNCTIONS = {"empty": "empty", "microsecond": "microsecond", "hundred_microseconds": "hundred_microseconds"}


def loops(project: Path) -> None:
    """One call of the same function by three tools."""
    sys.path.insert(0, str(project))
    run, _ = common.run_tool(project, *FUNCTIONS, "--rounds", "6")
    ours = {}
    for workload in run["workloads"]:
        cells = workload["sizes"][0]["implementations"]
        ours[workload["name"]] = statistics.median(common.slope(one) for cell in cells for one in cell["launches"])
    python = time_to_verdict.pyperf_python()
    rows = []
    for name in FUNCTIONS:
        setup = f"import sys; sys.path.insert(0, {str(project)!r}); from pairs import {name} as f"
        timed = []
        for _ in range(6):
            code = (
                "import timeit, statistics\n"
                f"timer = timeit.Timer('f()', {setup!r})\n"
                "number, _ = timer.autorange()\n"
                "print(statistics.median(timer.repeat(5, number)) / number * 1e9)"
            )
            timed.append(float(subprocess.check_output([sys.executable, "-c", code], text=True)))
        command = [str(python), "-m", "pyperf", "timeit", "--fast", "-q", "-s", setup, "f()", "-o", "-"]
        file = common.STUDIES / "pyperf.json"
        file.unlink(missing_ok=True)
        command[-1] = str(file)
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
        runs = json.loads(file.read_text())["benchmarks"][0]["runs"]
        values = [value for one in runs for value in one.get("values", ())]
        nanoseconds = [ours[name], statistics.median(timed), statistics.median(values) * 1e9]
        rows.append([name.replace("_", " "), *(f"{one:,.1f} ns" for one in nanoseconds)])
    common.table(["function", "rustworthy", "timeit", "pyperf timeit"], rows)


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
    parser.add_argument("--only", choices=["loops", "own", "commands"], default=None)
    options = parser.parse_args()
    pairs = {name: (function, function) for name, function in FUNCTIONS.items()}
    project = common.make_project(pairs)
    common.machine()
    if options.only in (None, "loops"):
        loops(project)
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
