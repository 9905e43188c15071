"""One gate of the tool against a commit, and what of it is kept: the verdicts by its own document, and every block."""

from __future__ import annotations

import hashlib
import json
import os
import statistics
import subprocess
import sys
import time
from pathlib import Path
from typing import Any, Iterable, Sequence

import common
import gate_project

Trial = dict


def gate(project: Path, against: str, filters: Sequence[str]) -> Trial:
    """Measures a project against a commit."""
    if not common.TOOL.exists():
        sys.exit(f"{common.TOOL} is missing: build it with `cargo build --release`")
    evidence = gate_project.PLACE / "state.json"
    evidence.unlink(missing_ok=True)
    # A cache of its own: what it holds is this study's, and goes with it.
    environment = {**os.environ, "XDG_CACHE_HOME": str(gate_project.CACHE)}
    words = [
        "gate",
        *filters,
        "--against",
        against,
        "--state",
        evidence,
        "--format",
        "json",
        "--project",
        project,
        "-q",
    ]
    start = time.perf_counter()
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
    done = gate_project.run([common.TOOL, *words], env=environment, **pipes)
    wall = time.perf_counter() - start
    if done.returncode not in (0, 1):
        raise common.Failed(f"the gate ended with {done.returncode}: {done.stderr[-800:]}")
    document = json.loads(done.stdout)
    # There is none where a result differs: then nothing was measured.
    state = json.loads(evidence.read_text()) if evidence.exists() else {"contests": [], "control": []}
    named = [(f"{one['workload']}/{one['implementation']}", one["blocks"]) for one in state["contests"]]
    checks = document["checks"]
    return {
        "verdict": document["verdict"],
        "checks": [short(check) for check in checks if check["topic"] in ("time", "instructions")],
        "differing": [check for check in checks if check["topic"] == "equality" and check["outcome"] == "fail"],
        "control": document["control"],
        "comparisons": document["rules"]["comparisons"],
        "notes": document["notes"],
        "measure_s": document["measure_s"],
        "wall_s": wall,
        "blocks": {name: [raw(block) for block in blocks] for name, blocks in named},
        "control_blocks": [[one["workload"], *raw(one["block"])] for one in state["control"]],
        "build": hashlib.sha256(common.TOOL.read_bytes()).hexdigest()[:12],
    }


def short(check: Trial) -> Trial:
    change, blocks = check["change"] or {}, check["blocks"] or {}
    kept = {key: check[key] for key in ("topic", "workload", "implementation", "outcome", "label", "text")}
    kept.update({key: change.get(key) for key in ("estimate", "low", "high")})
    return {**kept, **{key: blocks.get(key) for key in ("counted", "void", "spread", "seconds")}}


def raw(block: Trial) -> list[Any]:
    """The statistic, the seconds, the calls of a slice, the coin; nanoseconds of the slices, base and head."""
    return [block[key] for key in ("log_ratio", "seconds", "calls", "base_first", "base_ns", "head_ns")]


def times(gates: Iterable[Trial]) -> list[Trial]:
    """The comparisons of time of some gates."""
    return [check for one in gates for check in one["checks"] if check["topic"] == "time"]


def pace(groups: dict[str, list[Trial]]) -> None:
    """A table of seconds, blocks and spread, by outcome and group."""
    rows = []
    for name, gates in groups.items():
        for outcome in ("pass", "fail", "inconclusive"):
            some = [check for check in times(gates) if check["outcome"] == outcome and check["counted"]]
            if not some:
                continue
            seconds = [check["seconds"] for check in some]
            spreads = [check["spread"] for check in some if check["spread"] is not None]
            rows.append(
                [
                    f"{outcome}, {name}" if name else outcome,
                    f"{len(some)}",
                    f"{statistics.median(seconds):.1f} s",
                    f"{max(seconds):.1f} s",
                    f"{statistics.median(check['counted'] for check in some):.0f}",
                    f"{statistics.median(spreads):.1%}, {max(spreads):.1%}" if spreads else "",
                    f"{sum(check['void'] for check in some)}",
                ]
            )
    header = [
        "outcome",
        "comparisons",
        "seconds, median",
        "most",
        "blocks",
        "blocks scatter by, median and most",
        "void",
    ]
    common.table(header, rows)
