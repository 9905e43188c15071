#!/usr/bin/env python3
"""How long until a ratio is known to ±2 %? The tool beside pyperf and criterion, in random order in the same hour.

Three pairs: one Python function against itself (pyperf, two runs), one Rust function against itself (criterion, two
benches), a Python function against its Rust twin (a run of pyperf and a bench of criterion). All at their defaults.
The peers' intervals of the ratio are those that their own numbers imply: the mean with the standard error over all
values, as in pyperf's test of significance; criterion's own 95 % interval; two of them combined on the log scale.

    python3 scripts/studies/time_to_verdict.py --trials 4     4 trials of each pair
    python3 scripts/studies/time_to_verdict.py --trials 0     the table of what is kept
"""

from __future__ import annotations

import argparse
import json
import math
import os
import random
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import common

PYPERF = "pyperf==2.10.0"
PAIRS = {"python_same": ("pyperf",), "rust_same": ("criterion",), "python_rust": ("pyperf", "criterion")}
BENCH = '{ package = "rustworthy-suite", bench = "suite", id = "nbody/{size}" }'
SCRIPT = """import sys
sys.path[:0] = [{suite!r}, {pairs!r}]
import pyperf
from pairs import spin_100
from workloads.nbody import nbody
runner = pyperf.Runner()
if {nbody}:
    runner.bench_func("nbody", nbody, 1000)
else:
    runner.bench_func("spin", spin_100)
"""


def project() -> Path:
    """The three pairs as one project."""
    folder = common.STUDIES / "verdict"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "pairs.py").write_text(common.PAIRS)
    suite = str(common.ROOT / "python_baseline")
    (folder / "rustworthy.toml").write_text(f"""[project]
name = "verdict"
python = {json.dumps(sys.executable)}
python-path = [".", {json.dumps(suite)}]

{common.workload("python_same", "spin_100", "spin_100")}
[workload.rust_same]
summary = "A Rust function against itself"
sizes = [1_000]
input = "workloads.nbody:make"
[workload.rust_same.baseline]
kind = "native"
criterion = {BENCH}
[workload.rust_same.candidate.other]
kind = "native"
criterion = {BENCH}

[workload.python_rust]
summary = "A Python function against its Rust twin"
sizes = [1_000]
input = "workloads.nbody:make"
[workload.python_rust.baseline]
python = "workloads.nbody:nbody"
[workload.python_rust.candidate.other]
kind = "native"
criterion = {BENCH}
""")
    for name, nbody in (("pyperf_spin.py", False), ("pyperf_nbody.py", True)):
        (folder / name).write_text(SCRIPT.format(suite=suite, pairs=str(folder), nbody=nbody))
    return folder


def pyperf_python() -> Path:
    """The interpreter of an environment with pyperf, made where there is none."""
    folder = common.STUDIES / "pyperf"
    python = folder / "bin" / "python"
    if not (folder / "ready").exists():
        subprocess.run([sys.executable, "-m", "venv", str(folder)], check=True)
        subprocess.run([str(python), "-m", "pip", "install", "-q", PYPERF], check=True)
        (folder / "ready").touch()
    return python


def bench_binary() -> Path:
    """The suite's bench binary, built as `cargo bench` builds it."""
    command = ["cargo", "bench", "-q", "-p", "rustworthy-suite", "--bench=suite", "--no-run", "--message-format=json"]
    built = subprocess.run(command, cwd=common.ROOT, stdout=subprocess.PIPE, check=True, text=True).stdout
    for line in built.splitlines():
        message = json.loads(line)
        if message.get("executable") and message["target"]["name"] == "suite":
            return Path(message["executable"])
    raise SystemExit("cargo built no bench called suite")


def pyperf(python: Path, script: Path) -> tuple[float, float]:
    """The mean of pyperf's values and its standard error, both of the logarithm."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "result.json"
        subprocess.run([str(python), str(script), "-q", "-o", str(file)], check=True, stdout=subprocess.DEVNULL)
        runs = json.loads(file.read_text())["benchmarks"][0]["runs"]
    values = [value for run in runs for value in run.get("values", ())]
    mean = statistics.fmean(values)
    return math.log(mean), statistics.stdev(values) / mean / math.sqrt(len(values))


def criterion(binary: Path) -> tuple[float, float]:
    """Criterion's estimate and the standard error that its 95 % interval implies, both of the logarithm."""
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run(
            [str(binary), "--bench", "--exact", "nbody/1000", "--noplot"],
            check=True,
            env={**os.environ, "CRITERION_HOME": folder},
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        estimates = json.loads(next(Path(folder).glob("**/new/estimates.json")).read_text())
    chosen = estimates["slope"] or estimates["mean"]
    bounds = chosen["confidence_interval"]
    width = math.log(bounds["upper_bound"] / bounds["lower_bound"])
    return math.log(chosen["point_estimate"] * 1e-9), width / 2 / 1.96


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--trials", type=int, default=4, help="of each pair")
    options = parser.parse_args()
    folder = project()
    trials = common.Trials("time_to_verdict")
    wanted = [
        {"pair": pair, "number": number, "tool": tool}
        for number in range(options.trials)
        for pair in PAIRS
        for tool in ("rustworthy", "peers")
    ]
    if trials.missing(wanted):
        python, binary = pyperf_python(), bench_binary()
        common.run_tool(folder, "--rounds", "1")  # builds what there is to build, outside every clock

    def peers(pair: str) -> tuple[float, float, float]:
        if pair == "python_same":
            one, other = (pyperf(python, folder / "pyperf_spin.py") for _ in range(2))
        elif pair == "rust_same":
            one, other = (criterion(binary) for _ in range(2))
        else:
            one, other = pyperf(python, folder / "pyperf_nbody.py"), criterion(binary)
        log, error = one[0] - other[0], 1.96 * math.hypot(one[1], other[1])
        return math.exp(log), math.exp(log - error), math.exp(log + error)

    def measure(trial: dict) -> dict:
        pair = str(trial["pair"])
        start = time.perf_counter()
        if trial["tool"] == "peers":
            ratio, low, high = peers(pair)
            return {"wall_s": time.perf_counter() - start, "ratio": ratio, "low": low, "high": high}
        run, wall = common.run_tool(folder, pair, "--seed", str(1 + int(str(trial["number"]))))
        size = run["workloads"][0]["sizes"][0]
        found = next(one for one in size["comparisons"] if one["metric"] == "time")
        kept = {key: found[key] for key in ("ratio", "low", "high", "rounds")}
        rounds = common.round_ratios(size, "other")
        phases = {"phases": run["phases"], "stopped": size["stopped"]}
        return {**kept, **phases, "wall_s": wall, "spread": common.spread(size), "round_ratios": rounds}

    # Trials one after another, so that pairs of them share the hour; the order within a trial is drawn.
    draw = random.Random(11)
    wanted.sort(key=lambda trial: (trial["number"], draw.random()))
    trials.run(wanted, measure)
    report(list(trials))


def report(kept: list[dict]) -> None:
    common.machine()
    rows = []
    for pair, names in PAIRS.items():
        ours = [one for one in kept if one["pair"] == pair and one["tool"] == "rustworthy"]
        theirs = [one for one in kept if one["pair"] == pair and one["tool"] == "peers"]
        if not ours or not theirs:
            continue
        wall = {id(kind): statistics.median(one["wall_s"] for one in kind) for kind in (ours, theirs)}
        for label, kind in (("rustworthy", ours), (" + ".join(names), theirs)):
            covered = tried = 0
            for one in kind:
                # The rounds of a trial are no judge of it, nor do the peers get a richer judge than the tool.
                pooled = [
                    ratio for other in ours if other["number"] != one["number"] for ratio in other["round_ratios"]
                ]
                if pair.endswith("same") or pooled:
                    truth = 1.0 if pair.endswith("same") else statistics.median(pooled)
                    covered += one["low"] <= truth <= one["high"]
                    tried += 1
            halves = [(one["high"] / one["low"] - 1) / 2 for one in kind]
            ranges = [one["ratio"] for one in kind]
            rows.append(
                [
                    pair,
                    label,
                    f"{wall[id(kind)]:.1f} s",
                    f"{wall[id(kind)] / wall[id(theirs)]:.2f}",
                    f"±{statistics.median(halves):.2%}",
                    common.share(covered, tried) if tried else "one trial is no judge of itself",
                    f"{min(ranges):.4g} – {max(ranges):.4g}",
                    f"{statistics.median(one['rounds'] for one in kind):.0f}" if kind is ours else "",
                    f"{statistics.median(one['spread'] for one in kind):.1%}" if kind is ours else "",
                ]
            )
    header = ["pair", "tool", "wall time", "of the peers'", "half-width", "coverage", "ratios", "rounds", "spread"]
    common.table(header, rows)


if __name__ == "__main__":
    main()
