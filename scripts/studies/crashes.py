#!/usr/bin/env python3
"""Is anything lost when the tool is killed? `kill -9` at random moments of runs of a fast project.

Each trial starts `rustworthy run`, kills it after a random time, and asks three things: are all launches gone within
five seconds; does what is on disk load, whole but for the round under way; does `--resume` finish the run, with the
launches of before still in it.

    python3 scripts/studies/crashes.py --trials 100
"""

from __future__ import annotations

import argparse
import json
import os
import random
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import common

ROUNDS = "3"
#: Every process of a trial carries this variable, grandchildren too.
MARK = "RUSTWORTHY_STUDY_TRIAL"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--trials", type=int, default=100)
    options = parser.parse_args()
    project = common.make_project({"fast": ("spin_100", "spin_103")})
    trials = common.Trials("crashes")
    trials.run([{"number": number} for number in range(options.trials)], lambda trial: crash(project, trial["number"]))

    kept = list(trials)
    common.machine()
    measuring = [trial for trial in kept if trial["state"] == "measuring"]
    print(f"{len(kept)} kills: {len(kept) - len(measuring)} before measuring, {len(measuring)} while measuring")
    print(f"launches alive after five seconds: {sum(trial['alive'] for trial in kept)}")
    print(f"runs that load and resume to their end: {sum(trial['resumed'] for trial in measuring)} of {len(measuring)}")
    print(f"finished rounds lost: {sum(trial['lost'] for trial in measuring)}")


def crash(project: Path, number: int) -> dict[str, Any]:
    out = common.STUDIES / "crashes"
    shutil.rmtree(out, ignore_errors=True)
    after = random.Random(number).uniform(0.3, 7.0)
    common_arguments = ["--project", str(project), "-q"]
    command = [str(common.TOOL), "run", "--quick", "--rounds", ROUNDS, "--out", str(out), *common_arguments]
    tool = subprocess.Popen(command, stdout=subprocess.DEVNULL, env={**os.environ, MARK: str(number)})
    try:
        tool.wait(after)
    except subprocess.TimeoutExpired:
        tool.send_signal(signal.SIGKILL)
        tool.wait()
    alive = wait_for_the_end(number)
    folders = (
        [folder for folder in out.iterdir() if folder.name != "latest" and folder.is_dir()] if out.exists() else []
    )
    result = {"after_s": after, "alive": alive}
    if not folders:
        return {**result, "state": "before"}
    logged = finished_launches(folders[0])
    resume = [str(common.TOOL), "run", "--resume", str(folders[0]), "--format", "json", *common_arguments]
    done = subprocess.run(resume, stdout=subprocess.PIPE)
    if done.returncode != 0:
        print(f"trial {number}: resuming ended with {done.returncode}", file=sys.stderr)
        return {**result, "state": "measuring", "resumed": False, "lost": 0}
    run = json.loads(done.stdout)
    launches = [
        (cell["name"], launch["round"], tuple(launch["elapsed_ns"]))
        for cell in run["workloads"][0]["sizes"][0]["implementations"]
        for launch in cell["launches"]
    ]
    whole = run["complete"] and len(launches) == 2 * int(ROUNDS)
    lost = sum(launch not in launches for launch in logged)
    return {**result, "state": "measuring", "resumed": whole, "lost": lost, "rounds_before": len(logged) // 2}


def finished_launches(folder: Path) -> list[tuple[str, int, tuple[int, ...]]]:
    """The launches of every whole line of the log; of the folded run where there is no log any more."""
    log = folder / "rounds.jsonl"
    found = []
    for line in log.read_bytes().split(b"\n")[:-1] if log.exists() else []:
        for name, outcome in json.loads(line)["results"]:
            if "launch" in outcome:
                launch = outcome["launch"]
                found.append((name, launch["round"], tuple(launch["elapsed_ns"])))
    return found


def wait_for_the_end(number: int) -> int:
    """How many processes of a trial are alive after five seconds, or at once when there are none."""
    mark = f"{MARK}={number}".encode()
    end = time.monotonic() + 5
    while True:
        alive = 0
        for environment in Path("/proc").glob("[0-9]*/environ"):
            try:
                alive += mark in environment.read_bytes().split(b"\0")
            except OSError:
                continue
        if alive == 0 or time.monotonic() > end:
            return alive
        time.sleep(0.05)


if __name__ == "__main__":
    main()
