#!/usr/bin/env python3
"""Are counted instructions the same every time? Python and Rust of every workload of the suite, by `rustworthy count`.

Each trial counts the baseline, the hybrids and the natives of one workload some times over, at the middle of its sizes.
Counting does not need a quiet machine, but it computes a lot: some fifty times as long as the calls.

    python3 scripts/studies/instructions.py
    python3 scripts/studies/instructions.py --only sum_list nbody
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
from typing import Any

import common

REPEATS = 5
#: Counted so often, of these workloads alone.
MANY = 50
COUNTED_OFTEN = ("sum_list", "json_parse", "log_parse")
OFTEN = ("baseline", "hybrid", "native")
OWN_RUST = ("hybrid", "native")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--only", nargs="+", metavar="WORKLOAD", help="these workloads alone")
    parser.add_argument("--once", action="store_true", help=f"leave out the {MANY} repeats")
    options = parser.parse_args()
    workloads = {listed["name"]: listed for listed in tell("list")["workloads"]}
    chosen = [name for name in workloads if not options.only or name in options.only]
    wanted = [{"workload": name, "size": middle(workloads[name]["sizes"]), "repeats": REPEATS} for name in chosen]
    if not options.once:
        wanted += [{**trial, "repeats": MANY} for trial in wanted if trial["workload"] in COUNTED_OFTEN]
    trials = common.Trials("instructions")
    trials.run(wanted, lambda trial: count(workloads[trial["workload"]], trial))

    kept = [trial for trial in trials if any(want.items() <= trial.items() for want in wanted)]
    common.machine()
    for repeats in (REPEATS, MANY):
        of_these = [trial for trial in kept if trial["repeats"] == repeats]
        if of_these:
            report(of_these, repeats)


def middle(sizes: list[int]) -> int:
    return sizes[(len(sizes) - 1) // 2]


def tell(*arguments: str) -> dict[str, Any]:
    """What the tool says of this repository's suite."""
    if not common.TOOL.exists():
        sys.exit(f"{common.TOOL} is missing: build it with `cargo build --release`")
    command = [str(common.TOOL), *arguments, "--project", str(common.ROOT), "--format", "json", "-q"]
    done = subprocess.run(command, stdout=subprocess.PIPE)
    if not done.stdout:
        sys.exit(f"`{' '.join(command)}` ended with {done.returncode}")
    return json.loads(done.stdout)


def count(workload: dict[str, Any], trial: dict[str, Any]) -> dict[str, Any]:
    own = [each["name"] for each in workload["implementations"] if each["kind"] in OWN_RUST]
    if trial["repeats"] == MANY:
        own = [name for name in own if name in OFTEN]
    filters = [f"{workload['name']}/{name}" for name in own]
    said = tell("count", *filters, "--size", str(trial["size"]), "--repeats", str(trial["repeats"]))
    return {"by": said["by"], "counts": said["counts"]}


def spread(counts: dict[str, Any]) -> float:
    """How far apart the repeats are, in parts per million."""
    totals = counts["instructions"]
    return (max(totals) / min(totals) - 1) * 1e6


def report(trials: list[dict[str, Any]], repeats: int) -> None:
    rows, identical, both = [], 0, 0
    for trial in trials:
        counted = [each for each in trial["counts"] if each["instructions"]]
        python = [each for each in counted if each["role"] == "baseline"]
        rust = [each for each in counted if each["role"] == "candidate"]
        both += bool(python and rust)
        is_identical = bool(python and rust) and all(each["deterministic"] for each in counted)
        identical += is_identical
        differing = [
            f"{each['implementation']} ({spread(each):.3g} ppm)" for each in counted if not each["deterministic"]
        ]
        exempt = [f"{each['implementation']}: {each['detail']}" for each in trial["counts"] if not each["instructions"]]
        size = "" if trial["size"] == 1 else f"{trial['size']:,}"
        rows.append(
            [trial["workload"], size, said(python), said(rust), ", ".join(differing) or "-", "; ".join(exempt) or "-"]
        )
    print(f"{repeats} repeats, counted by {trials[0]['by']}\n")
    common.table(["workload", "size", "Python", "Rust", "not identical", "not counted"], rows)
    print(
        f"Identical in both languages: {common.share(identical, len(trials))} workloads; {both} were counted in both.\n"
    )


def said(counted: list[dict[str, Any]]) -> str:
    """How many of the counted implementations had the same count every time."""
    return f"{sum(each['deterministic'] for each in counted)} of {len(counted)}"


if __name__ == "__main__":
    main()
