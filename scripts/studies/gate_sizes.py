#!/usr/bin/env python3
"""How large are the planted slow-downs truly? Found out without the gate, by launches of plain builds.

A pair is a fresh process of the base and one of the slower build, in an order drawn for each pair; each times slices of
calls by its own clock, and what counts is the ratio of their medians. Of many pairs: the median and its exact interval.

    python3 scripts/studies/gate_sizes.py --pairs 60           of each workload at +2, +5 and +10 %
    python3 scripts/studies/gate_sizes.py --pairs 60 --salted  what another layout alone does, too
    python3 scripts/studies/gate_sizes.py --pairs 0            the table of what is kept
"""

from __future__ import annotations

import argparse
import math
import random
import statistics
import subprocess
import sys
from pathlib import Path
from typing import Any, Iterable

import common
import gate_project

#: Calls in a slice, and slices of a launch: some 60 ms.
CALLS, SLICES = 3, 10
#: Pairs in a trial: so many are lost at most where the study is cut off.
TOGETHER = 10
CLOCK = """import sys
from time import perf_counter_ns
sys.path.insert(0, sys.argv[1])
from {module} import {name} as function
from work import numbers
given = numbers({size}, 42)
for _ in range({calls}):
    function(*given)
for _ in range({slices}):
    start = perf_counter_ns()
    for _ in range({calls}):
        function(*given)
    print(perf_counter_ns() - start)
"""


def launch(build: str, workload: str) -> float:
    """The median time of a slice in a fresh process."""
    folder = gate_project.BUILDS / build
    if workload in gate_project.NATIVE:
        command: list[object] = [folder / "work", workload, CALLS, SLICES]
    else:
        module = "port" if workload == "crossings" else "gate_study"
        size = gate_project.SIZES[workload]
        code = CLOCK.format(module=module, name=workload, size=size, calls=CALLS, slices=SLICES)
        command = [sys.executable, "-c", code, folder]
    done = gate_project.run(command, stdout=subprocess.PIPE, text=True)
    if done.returncode != 0:
        raise common.Failed(f"{build}: {workload} ended with {done.returncode}")
    return statistics.median(int(line) for line in done.stdout.split())


def log_ratios(build: str, workload: str, pairs: int) -> list[float]:
    """ln(build ÷ base) of so many pairs."""
    found = []
    for _ in range(pairs):
        order = ["base", build]
        random.shuffle(order)
        times = {name: launch(name, workload) for name in order}
        found.append(math.log(times[build] / times["base"]))
    return found


def size(kept: Iterable[dict[str, Any]], build: str, workload: str) -> tuple[float, float, float] | None:
    """The true size with its exact 95 % interval, as shares; nothing before six pairs."""
    logs = sorted(
        log for one in kept if one.get("build") == build and one["workload"] == workload for log in one["logs"]
    )
    if len(logs) < 6:
        return None
    cut = common.median_cut(len(logs))
    return tuple(math.expm1(log) for log in (statistics.median(logs), logs[cut], logs[-1 - cut]))


def sizes() -> dict[tuple[str, str], tuple[float, float, float]]:
    """What is known of every build and workload."""
    kept = [one for one in common.Trials("gate_sizes") if "logs" in one]
    pairs = {(one["build"], one["workload"]) for one in kept}
    found = {(build, workload): size(kept, build, workload) for build, workload in pairs}
    return {key: known for key, known in found.items() if known}


def difference(one: Path, other: Path) -> str:
    """How two programs differ in their machine code."""
    (at, code), (there, rest) = gate_project.machine_code(one), gate_project.machine_code(other)
    if len(code) != len(rest):
        return f"{len(rest) - len(code):+} bytes long"
    bytes_apart = sum(left != right for left, right in zip(code, rest))
    return f"{bytes_apart} bytes of {len(code)}" + ("" if at == there else ", lies elsewhere")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--pairs", type=int, default=60, help="of each build and workload, in tens")
    parser.add_argument("--salted", action="store_true", help="the re-salted builds, too")
    parser.add_argument("--smoke", action="store_true", help="ten pairs of one workload of each kind, kept apart")
    options = parser.parse_args()
    builds = {name: files for name, files in gate_project.plain().items() if name != "same"}
    if options.salted:
        builds.update(gate_project.salted())
    if options.pairs or options.smoke:
        gate_project.prepare_builds(builds)
    names = [name for name in builds if name != "base"]
    workloads = ["mix", "fold"] if options.smoke else list(gate_project.CANDIDATES)
    wanted = [
        {"build": build, "workload": workload, "number": number}
        for number in range(1 if options.smoke else math.ceil(options.pairs / TOGETHER))
        for build in (["p_10"] if options.smoke else names)
        for workload in workloads
    ]
    trials = common.Trials("gate_sizes-smoke" if options.smoke else "gate_sizes")
    draw = random.Random(3)
    wanted.sort(key=lambda trial: (trial["number"], draw.random()))
    trials.run(wanted, lambda trial: {"logs": log_ratios(trial["build"], trial["workload"], TOGETHER)})
    report([one for one in trials if "logs" in one], names)


def report(kept: list[dict[str, Any]], names: list[str]) -> None:
    common.machine()
    rows = []
    for build in sorted({one["build"] for one in kept}, key=names.index):
        code = difference(gate_project.BUILDS / "base" / "work", gate_project.BUILDS / build / "work")
        for workload, kind in gate_project.KINDS.items():
            known = size(kept, build, workload)
            if known:
                planted = f"+{gate_project.PLAIN[build]} %" if build in gate_project.PLAIN else f"layout {build[2:]}"
                true = f"{known[0]:+.1%} [{known[1]:+.1%}, {known[2]:+.1%}]"
                pairs = sum(len(one["logs"]) for one in kept if (one["build"], one["workload"]) == (build, workload))
                logs = [
                    log for one in kept if (one["build"], one["workload"]) == (build, workload) for log in one["logs"]
                ]
                rows.append([planted, workload, kind, true, f"{pairs}", f"{statistics.stdev(logs):.1%}", code])
    common.table(
        ["planted", "workload", "kind", "true size", "pairs", "pairs scatter by", "machine code differs in"], rows
    )


if __name__ == "__main__":
    main()
