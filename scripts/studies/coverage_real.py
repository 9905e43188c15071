#!/usr/bin/env python3
"""Do the intervals cover on a real machine? Short runs of pairs of known ratio.

Each trial is one `rustworthy run --quick` of one pair. Where baseline and candidate are one function the truth is 1.
Elsewhere it is the median over the rounds of all other trials of the pair: pooled, 200 rounds and more.

    python3 scripts/studies/coverage_real.py --trials 34     34 trials of each of three pairs
    python3 scripts/studies/coverage_real.py --trials 0      the table of what is kept
"""

from __future__ import annotations

import argparse
import random
import statistics

import common

PAIRS = {
    "same": ("spin_100", "spin_100"),
    "longer_103": ("spin_103", "spin_100"),
    "longer_150": ("spin_150", "spin_100"),
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--trials", type=int, default=34, help="of each pair")
    options = parser.parse_args()
    project = common.make_project(PAIRS)
    trials = common.Trials("coverage_real")

    def measure(trial: dict) -> dict:
        run, wall = common.run_tool(project, str(trial["pair"]), "--quick", "--seed", str(1000 + trial["number"]))
        size = run["workloads"][0]["sizes"][0]
        found = next(one for one in size["comparisons"] if one["metric"] == "time")
        kept = {key: found[key] for key in ("ratio", "low", "high", "rounds")}
        rounds = common.round_ratios(size, "other")
        return {**kept, "round_ratios": rounds, "spread": common.spread(size), "wall_s": wall}

    wanted = [{"pair": pair, "number": number} for number in range(options.trials) for pair in PAIRS]
    random.Random(5).shuffle(wanted)
    trials.run(wanted, measure)

    common.machine()
    rows = []
    both = [0, 0]
    for pair in PAIRS:
        kept = [trial for trial in trials if trial["pair"] == pair]
        if len(kept) < 2:
            continue
        covered = 0
        for trial in kept:
            others = [ratio for one in kept if one is not trial for ratio in one["round_ratios"]]
            truth = 1.0 if pair == "same" else statistics.median(others)
            covered += trial["low"] <= truth <= trial["high"]
        pooled = [ratio for one in kept for ratio in one["round_ratios"]]
        half = statistics.median((one["high"] / one["low"] - 1) / 2 for one in kept)
        spread = statistics.median(one["spread"] for one in kept)
        wall = statistics.median(one["wall_s"] for one in kept)
        both = [both[0] + covered, both[1] + len(kept)]
        rows.append(
            [
                pair,
                "1 exactly" if pair == "same" else f"{statistics.median(pooled):.4f} over {len(pooled)} rounds",
                common.share(covered, len(kept)),
                f"±{half:.1%}",
                f"{spread:.1%}",
                f"{wall:.1f} s",
            ]
        )
    if both[1]:
        rows.append(["all", "", common.share(*both), "", "", ""])
    common.table(["pair", "truth", "coverage", "half-width", "launches' spread", "a trial"], rows)


if __name__ == "__main__":
    main()
