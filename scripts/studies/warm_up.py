#!/usr/bin/env python3
"""Is a warm-up of 0.1 s enough? The same process measures after 0.1 s, after 0.3 s, and after a second more.

The timing script itself does the work, and warms up by time alone: short calls are then made thousands of times, long
ones a few times, though their loops run on. CPython specialises code that it has met a few times; what is asked is
whether more time changes what is measured after it. The measurements lie in one process, so that what differs between
processes cancels.

    python3 scripts/studies/warm_up.py --launches 20     20 launches of each function
    python3 scripts/studies/warm_up.py --launches 0      the table of what is kept
"""

from __future__ import annotations

import argparse
import json
import math
import statistics
import subprocess
import sys

import common

TIMING = common.ROOT / "python_baseline" / "harness" / "timing.py"
FUNCTIONS = {
    "sum_list": 1000,
    "call_overhead": 1000,
    "nbody": 1000,
    "nbody, long": 10_000,
    "json_parse": 1000,
    "json_parse, long": 30_000,
}


def sample(warm_up_s: float) -> dict:
    """A step that warms up so long, and then measures for 0.1 s."""
    step = {"op": "sample", "warmup_ns": int(warm_up_s * 1e9), "warmup_calls": 1}
    return {**step, "warmup_limit_ns": 4_000_000_000, "measure_ns": 100_000_000, "samples": 20}


def by_age(function: str) -> list[float]:
    """Time of a call after 0.1 s, 0.3 s, and a second more, in one fresh process."""
    name, size = function.partition(",")[0], FUNCTIONS[function]
    job = {
        "protocol": "rustworthy.worker/1",
        "implementation": {"call": f"workloads.{name}:{name}"},
        "sys_path": [str(common.ROOT / "python_baseline")],
        "input": {"size": size, "seed": 1, "source": {"callable": {"call": f"workloads.{name}:make"}}},
        "steps": [sample(0.1), sample(0.1), sample(1.0)],  # the first measures for 0.1 s itself,
    }
    command = [sys.executable, str(TIMING), "-"]
    done = subprocess.run(command, input=json.dumps(job) + "\n", stdout=subprocess.PIPE, check=True, text=True)
    answers = [json.loads(line) for line in done.stdout.splitlines()]
    return [common.slope(answer) for answer in answers if answer["op"] == "sample"]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--launches", type=int, default=20, help="of each function")
    options = parser.parse_args()
    trials = common.Trials("warm_up")
    wanted = [{"name": name, "number": number} for number in range(options.launches) for name in FUNCTIONS]

    def measure(trial: dict) -> dict:
        early, later, late = by_age(str(trial["name"]))
        return {"0.1 s": math.log(early / late), "0.3 s": math.log(later / late)}

    trials.run(wanted, measure)
    common.machine()
    rows = []
    for name in FUNCTIONS:
        kept = [trial for trial in trials if trial["name"] == name]
        for age in ("0.1 s", "0.3 s"):
            logs = sorted(trial[age] for trial in kept)
            if len(logs) < 6:
                continue
            cut = common.median_cut(len(logs))
            middle, low, high = statistics.median(logs), logs[cut], logs[-1 - cut]
            interval = f"{math.expm1(low):+.2%} … {math.expm1(high):+.2%}"
            rows.append([name, age, f"{math.expm1(middle):+.2%}", interval, str(len(logs))])
    common.table(["function", "after", "against 1 s later", "95 % interval", "launches"], rows)


if __name__ == "__main__":
    main()
