#!/usr/bin/env python3
"""How often is the gate wrong on real processes? Beside it other tools, on the same builds in the same hour.

A round is three gates in which nothing changed but a page of notes (the third with other work beside it, started by
this script), one gate of a re-salted build, one with slow-downs planted in four or five of its five workloads, and
comparisons by criterion, pyperf, hyperfine and tango: three of a build against itself (the third beside the same work),
one with 5 % planted, one with 10 %. All in an order drawn for the round. Every verdict is the tool's own.

    python3 scripts/studies/gate_real.py --prepare       builds everything, measures nothing that counts
    python3 scripts/studies/gate_real.py --rounds 10     ten rounds; those that are done already are not done again
    python3 scripts/studies/gate_real.py --rounds 0      the tables of what is kept
"""

from __future__ import annotations

import argparse
import random
import statistics
import sys
from typing import Iterable, Sequence

import common
import competing_load
import gate_peers
import gate_project
import gate_sizes
import gate_trial

SAME, PEER_SAME = 3, 3
Trial = dict


def round_of(number: int, identity: Trial, tools: Sequence[str]) -> list[Trial]:
    """The trials of a round, in their order."""
    kinds = list(competing_load.KINDS)
    # Two rounds with each, since workloads take turns by rounds, too.
    work = kinds[number // 2 % len(kinds)]
    trials: list[Trial] = []
    for index in range(SAME):
        beside = work if index == SAME - 1 else None
        trials.append({"what": "gate", "kind": "same", "number": SAME * number + index, "beside": beside})
    for kind in ("salted", "planted"):
        trials.append({"what": "gate", "kind": kind, "number": number, "beside": None})
    for tool in tools:
        for index in range(PEER_SAME):
            beside = work if index == PEER_SAME - 1 else None
            at = PEER_SAME * number + index
            trials.append({"what": "peer", "tool": tool, "head": "same", "number": at, "beside": beside})
        for head in ("p_05", "p_10"):
            trials.append({"what": "peer", "tool": tool, "head": head, "number": number, "beside": None})
    random.Random(100 + number).shuffle(trials)
    return [{**trial, **identity} for trial in trials]


def gate(trial: Trial, filters: Sequence[str]) -> Trial:
    """A gate of one commit of its kind."""
    gate_project.check_out(f"{trial['kind']}-{trial['number'] % gate_project.VARIETIES}")
    return gate_trial.gate(gate_project.REPOSITORY, "base", filters)


def workload_of(trial: Trial) -> str:
    """What a peer's comparison measures."""
    workloads, turn = gate_peers.WORKLOADS[trial["tool"]], trial["number"]
    if trial["head"] == "same":
        # So that it is not always the same one that has other work beside it.
        turn = turn // PEER_SAME + turn % PEER_SAME
    return workloads[turn % len(workloads)]


def peer(trial: Trial, budget: float) -> Trial:
    workload = workload_of(trial)
    found = gate_peers.compare(trial["tool"], "base", trial["head"], workload, budget)
    return {"workload": workload, "budget_s": budget, **found}


def prepare(identity: Trial, tools: Sequence[str], filters: Sequence[str]) -> None:
    """Builds: the peers', then those of the gate, by gates that are not kept."""
    gate_peers.prepare(tools)
    gate_project.prepare_builds(gate_project.salted())
    base = gate_project.BUILDS / "base" / "work"
    for name in gate_project.salted():
        if gate_project.machine_code(base) == gate_project.machine_code(gate_project.BUILDS / name / "work"):
            print(f"warning: {name} has the machine code of the base", file=sys.stderr)
    ready = gate_project.PLACE / "gates.ready"
    if not (ready.exists() and ready.read_text() == identity["project"]):
        print("a gate that builds both sides, and once more re-salted", file=sys.stderr)
        # What is slower is looked at again, in the second pair of builds.
        gate({"kind": "planted", "number": 0}, filters or ["mix", "fold"])
        ready.write_text(identity["project"])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", "--trials", type=int, default=10, help="some six minutes each")
    parser.add_argument("--budget", type=float, default=6.0, help="wall seconds of a peer's comparison")
    parser.add_argument(
        "--without", action="append", default=[], choices=gate_peers.TOOLS, help="a peer that is left out"
    )
    parser.add_argument("--prepare", action="store_true", help="build, and end")
    parser.add_argument(
        "--smoke", action="store_true", help="a gate of each kind, small, and each peer once; kept apart"
    )
    options = parser.parse_args()
    tools = [tool for tool in gate_peers.TOOLS if tool not in options.without]
    trials = common.Trials("gate_real-smoke" if options.smoke else "gate_real")
    if not options.rounds and not options.prepare and not options.smoke:
        report(list(trials))
        return
    identity = {"project": gate_project.prepare_repository()}
    filters = ["mix", "fold"] if options.smoke else []
    prepare(identity, tools, filters)
    if options.prepare:
        return
    wanted = [trial for number in range(options.rounds) for trial in round_of(number, identity, tools)]
    if options.smoke:
        wanted = smoke(round_of(0, identity, tools))

    def measure(trial: Trial) -> Trial:
        with competing_load.beside(trial["beside"]):
            if trial["what"] == "gate":
                return gate(trial, filters)
            return peer(trial, 2.0 if options.smoke else options.budget)

    trials.run(wanted, measure)
    report(list(trials))


def smoke(trials: list[Trial]) -> list[Trial]:
    """One of each kind, one of them beside other work."""
    chosen = {}
    for trial in sorted(trials, key=lambda trial: trial["beside"] is None):
        chosen.setdefault((trial.get("kind"), trial.get("tool")), trial)
    return list(chosen.values())


# What is shown ------------------------------------------------------------------------------------------------------


def report(kept: list[Trial]) -> None:
    common.machine()
    gates = [one for one in kept if one.get("what") == "gate"]
    peers = [one for one in kept if one.get("what") == "peer"]
    failed = [one for one in kept if "failed" in one]
    if gates:
        verdicts(gates)
        caught(gates)
        pace(gates)
    if peers:
        beside_peers(gates, peers)
    print(f"{len(gates)} gates, {len(peers)} comparisons by others; {len(failed)} trials came to nothing")
    for one in failed:
        print(f"- {one['failed']}: {one['reason']}")
    differing = [one for one in gates if one["differing"]]
    if differing:
        print(f"{len(differing)} gates saw a result that differs, which no commit has")
    for key, what in (("build", "builds of the tool"), ("project", "states of the project")):
        if len({one[key] for one in kept if key in one}) > 1:
            print(f"More than one of the {what} are mixed here.")


def verdicts(gates: list[Trial]) -> None:
    """Gates in which nothing is slower."""
    rows = []
    same = [one for one in gates if one["kind"] == "same"]
    groups = {"same build": [one for one in same if one["beside"] is None]}
    for kind, words in competing_load.KINDS.items():
        groups[f"same build, beside {words}"] = [one for one in same if one["beside"] == kind]
    groups["same build, all"] = same
    groups["re-salted"] = [one for one in gates if one["kind"] == "salted"]
    for name, group in groups.items():
        if not group:
            continue
        checks = gate_trial.times(group)
        layout = [check for check in checks if check["label"] == "layout"]
        estimates = [abs(check["estimate"]) for check in checks if check["estimate"] is not None]
        rows.append(
            [
                name,
                f"{len(group)}",
                common.share(sum(one["verdict"] == "fail" for one in group), len(group)),
                f"{sum(one['verdict'] == 'inconclusive' for one in group)}",
                f"{sum(bool(one['control'] and one['control']['moved']) for one in group)}",
                f"{len(checks)}",
                f"{sum(check['outcome'] == 'pass' for check in checks)}",
                common.share(sum(check["outcome"] == "fail" for check in checks), len(checks)),
                f"{len(layout)}",
                f"{statistics.median(estimates):.1%}, {max(estimates):.1%}" if estimates else "",
            ]
        )
    header = ["nothing is slower", "gates", "red gates", "inconclusive", "control moved", "comparisons", "passed"]
    common.table([*header, "red comparisons", "*layout?*", "change seen, median and most"], rows)


def planted(gates: Iterable[Trial]) -> list[tuple[int, Trial]]:
    """The comparisons of planted gates, each with what is planted."""
    found = []
    for one in gates:
        if one["kind"] == "planted":
            levels = gate_project.planted(one["number"])
            found += [(levels[check["workload"]], check) for check in gate_trial.times([one])]
    return found


def caught(gates: list[Trial]) -> None:
    """What became of slow-downs."""
    comparisons = planted(gates)
    if not comparisons:
        return
    true = gate_sizes.sizes()
    builds = {level: name for name, level in gate_project.PLAIN.items() if level}
    rows = []

    def row(name: str, chosen: list[Trial], size: str) -> None:
        outcomes = [check["outcome"] for check in chosen]
        layout = sum(check["label"] == "layout" for check in chosen)
        rows.append(
            [
                name,
                size,
                common.share(outcomes.count("fail"), len(outcomes)),
                common.share(outcomes.count("pass"), len(outcomes)),
                f"{layout}",
                f"{outcomes.count('inconclusive') - layout}",
            ]
        )

    for level in sorted({level for level, _ in comparisons}):
        chosen = [check for there, check in comparisons if there == level]
        row(f"+{level} %" if level else "nothing, beside others", chosen, "")
        for workload in gate_project.CANDIDATES if level else ():
            here = [check for check in chosen if check["workload"] == workload]
            known = true.get((builds[level], workload))
            size = f"{known[0]:+.1%} [{known[1]:+.1%}, {known[2]:+.1%}]" if known else "not found out"
            if here:
                row(f"… {gate_project.KINDS[workload]}", here, size)
    row("+5 and +10 %", [check for level, check in comparisons if level >= 5], "")
    common.table(["planted", "true size", "caught", "passed", "*layout?*", "undecided"], rows)


def pace(gates: list[Trial]) -> None:
    """Seconds, blocks and spread."""
    quiet = [one for one in gates if one["beside"] is None]
    gate_trial.pace({"": quiet, "other work beside": [one for one in gates if one["beside"]]})
    same = [one for one in quiet if one["kind"] == "same"]
    if not same:
        return
    each = statistics.median(one["measure_s"] / one["comparisons"] for one in same)
    walls = statistics.median(one["wall_s"] for one in same)
    blocks = statistics.median(one["measure_s"] for one in same)
    print(
        f"A gate of {same[0]['comparisons']} in which nothing is slower, alone: {walls:.0f} s in all, {blocks:.0f} s "
        f"of blocks, the control's among them: {each:.1f} s a comparison, {20 * each / 60:.1f} minutes for twenty.\n"
    )


def of_twenty(share: float) -> float:
    """The probability that one of twenty is red."""
    return 1 - (1 - share) ** 20


def beside_peers(gates: list[Trial], peers: list[Trial]) -> None:
    """Everybody's verdicts on the same builds."""
    rows = []

    def row(name: str, seconds: list[float], clean: list[bool], some: list[bool], many: list[bool]) -> None:
        if not clean:
            return
        red, count = sum(clean), len(clean)
        low, high = common.exact_interval(red, count)
        rows.append(
            [
                name,
                f"{statistics.median(seconds):.1f} s",
                common.share(red, count),
                f"{of_twenty(red / count):.0%} [{of_twenty(low):.0%}, {of_twenty(high):.0%}]",
                common.share(sum(some), len(some)) if some else "",
                common.share(sum(many), len(many)) if many else "",
            ]
        )

    same = [one for one in gates if one["kind"] == "same"]
    found = planted(gates)
    row(
        "rustworthy gate",
        [one["measure_s"] / one["comparisons"] for one in same],
        [check["outcome"] == "fail" for check in gate_trial.times(same)],
        [check["outcome"] == "fail" for level, check in found if level == 5],
        [check["outcome"] == "fail" for level, check in found if level == 10],
    )
    for tool in gate_peers.TOOLS:
        mine = [one for one in peers if one["tool"] == tool]
        red = {
            head: [one["verdict"] == "slower" for one in mine if one["head"] == head]
            for head in ("same", "p_05", "p_10")
        }
        row(tool, [one["wall_s"] for one in mine], red["same"], red["p_05"], red["p_10"])
    header = ["tool", "a comparison", "false reds", "one of 20 red, if each were alone", "+5 % caught", "+10 % caught"]
    common.table(header, rows)
    improved = {
        tool: sum(one["verdict"] == "faster" for one in peers if one["tool"] == tool and one["head"] == "same")
        for tool in gate_peers.TOOLS
    }
    print("False *faster*: " + ", ".join(f"{tool} {count}" for tool, count in improved.items()) + "\n")


if __name__ == "__main__":
    main()
