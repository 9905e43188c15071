#!/usr/bin/env python3
"""How long does a gate of twenty comparisons take? Of the suite, where everything is built and nothing has changed.

Each trial is one `rustworthy gate` of this working tree against its own commit: real workloads of every kind at the
sizes at which they are gated, each side with builds of its own.

    python3 scripts/studies/gate_pace.py --trials 3
    python3 scripts/studies/gate_pace.py --trials 0     the table of what is kept
"""

from __future__ import annotations

import argparse
import statistics
import sys

import common
import gate_project
import gate_trial

#: Of every workload of the suite one candidate that uses one core, of two of them a second one.
TWENTY = """
sum_list/hybrid sum_list/native csv_count/hybrid csv_aggregate/native json_parse/hybrid json_parse/native
validate_records/native log_parse/native word_count/native edit_distance/native nbody/hybrid call_overhead/hybrid
sieve/native image_blur/hybrid matrix_multiply/native callback/hybrid parallel_hash/hybrid
cli_startup/native cli_help/native cli_config/native
""".split()
#: For a smoke test.
FEW = ["nbody/native", "sum_list/hybrid", "cli_startup/native"]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--trials", type=int, default=3)
    parser.add_argument("--only", nargs="+", metavar="FILTER", help="these instead of the twenty; kept apart")
    parser.add_argument("--smoke", action="store_true", help="three comparisons, once; kept apart")
    options = parser.parse_args()
    filters = FEW if options.smoke else options.only or TWENTY
    trials = common.Trials("gate_pace" if filters is TWENTY else "gate_pace-other")
    identity = {"filters": filters}
    wanted = [{**identity, "number": number} for number in range(1 if options.smoke else options.trials)]
    if trials.missing(wanted):
        gate_project.PLACE.mkdir(parents=True, exist_ok=True)
        print("a gate that builds both sides: an extension, a bench, a program, and their Python", file=sys.stderr)
        gate_trial.gate(common.ROOT, "HEAD", FEW)
    trials.run(wanted, lambda trial: gate_trial.gate(common.ROOT, "HEAD", filters))
    report([one for one in trials if one.get("filters") == filters])


def report(kept: list[dict]) -> None:
    common.machine()
    if not kept:
        return
    rows = []
    for one in kept:
        outcomes = [check["outcome"] for check in gate_trial.times([one])]
        counts = [f"{outcomes.count(outcome)}" for outcome in ("pass", "fail", "inconclusive", "skipped")]
        control = sum(block[2] for block in one["control_blocks"])
        seconds = [one["wall_s"], one["wall_s"] - one["measure_s"], one["measure_s"] - control, control]
        rows.append([one["verdict"], f"{one['comparisons']}", *counts, *[f"{value:.0f} s" for value in seconds]])
    header = ["verdict", "comparisons", "pass", "fail", "inconclusive", "skipped"]
    common.table([*header, "in all", "before and after", "blocks", "blocks of the control"], rows)
    gate_trial.pace({"": kept})
    print(f"median: {statistics.median(one['wall_s'] for one in kept) / 60:.1f} minutes\n")
    for name in sorted({note for one in kept for note in one["notes"]}):
        print(f"- {name}")


if __name__ == "__main__":
    main()
