"""What the timing script tells besides times: the probe, the modules that were loaded, memory after a small call."""

from __future__ import annotations

import hashlib
import os
import sys

import pytest
from test_timing import ON_LINUX, Manager

PROBE = {"op": "probe", "limit_ns": 100_000_000}

TRAPS = """
import hashlib
import zlib

BIG = bytes(30_000_000)
SMALL = bytes(6_000)


def keep_lock():
    return sum(range(2_000_000))


def give_lock_away():
    return hashlib.sha256(BIG).hexdigest()


def give_lock_away_for_little():
    return zlib.crc32(SMALL)


def keep_lock_for_little():
    return len(SMALL)


def python_alone():
    total = 0
    for number in range(200_000):
        total += number
    return total


def read_one_by_one(path):
    count = 0
    with open(path, "rb", buffering=0) as file:
        while file.read(1):
            count += 1
    return count


def read_whole(path):
    with open(path, "rb") as file:
        return len(file.read())


def rows(values):
    return {"rows": [list(values), {"a": 1}]}


def list_of(size, seed):
    return ([1] * size,)


async def later():
    return 1


def refuse():
    raise ValueError


SEEN = []


def remember(size):
    SEEN.append(size)
    if size == 0:
        raise ValueError("nothing to do")
    return list(SEEN)


def size_of(size, seed):
    return (size,)
"""


@pytest.fixture
def traps(tmp_path):
    manager = Manager(tmp_path)
    manager.write("traps", TRAPS)
    return manager


HAS_LOCK = getattr(sys, "_is_gil_enabled", lambda: True)()


@pytest.mark.skipif(not HAS_LOCK, reason="there is no lock to keep")
def test_a_long_call_that_keeps_the_lock_is_told_from_one_that_does_not(traps):
    assert traps.answer("traps:keep_lock", PROBE)["locked_share"] > 0.75
    assert traps.answer("traps:give_lock_away", PROBE)["locked_share"] < 0.75
    # The interpreter gives the lock away by itself while it runs Python code.
    assert traps.answer("traps:python_alone", PROBE)["locked_share"] < 0.75


@pytest.mark.skipif(not HAS_LOCK, reason="there is no lock to keep")
def test_a_tiny_call_that_lets_go_of_the_lock_is_told_from_one_that_does_not(traps):
    letting_go = traps.answer("traps:give_lock_away_for_little", PROBE)
    assert (letting_go["unlocks"], letting_go["locked_share"]) == (True, None)
    assert traps.answer("traps:keep_lock_for_little", PROBE)["unlocks"] is False
    assert traps.answer("traps:keep_lock", PROBE)["unlocks"] is None


@pytest.mark.skipif(not ON_LINUX, reason="only Linux counts what a process reads")
def test_reads_are_counted(traps, tmp_path):
    (tmp_path / "input.bin").write_bytes(bytes(3000))
    source = {"file": {"path": str(tmp_path / "input.bin"), "encoding": "bytes"}}
    one_by_one = traps.answer("traps:read_one_by_one", PROBE, source=source, pass_="path")
    assert 3000 <= one_by_one["reads"] < 3100
    assert 2900 <= one_by_one["read_bytes"] < 3200
    whole = traps.answer("traps:read_whole", PROBE, source=source, pass_="path")
    assert whole["reads"] < 10


def test_objects_are_counted_on_both_sides(traps):
    source = {"callable": {"call": "traps:list_of", "sha256": None}}
    answer = traps.answer("traps:rows", PROBE, source=source, size=40)
    # A dictionary of one, a list of two, one of 40, a dictionary of one: keys and values both are objects.
    assert (answer["objects_in"], answer["objects_out"]) == (40, 2 + 2 + 40 + 2)


def test_a_thread_of_the_users_is_not_left_alone_with_the_lock(traps):
    traps.write(
        "spinning",
        """
        import threading

        def spin():
            while True:
                pass

        threading.Thread(target=spin, daemon=True).start()

        def call():
            return 1
        """,
    )
    assert traps.answer("spinning:call", PROBE)["unlocks"] is None


def test_a_call_that_forks_is_probed_once(traps):
    if not hasattr(os, "fork"):
        pytest.skip("there is no fork here")
    traps.write("forking", "import os\ndef call(): return os.fork() == 0")
    answers, _ = traps.speak(traps.job("forking:call", PROBE))
    assert [answer["op"] for answer in answers] == ["prepared", "probe", "done"]


def test_of_what_waits_or_raises_nothing_is_claimed(traps):
    waiting = traps.answer("traps:later", PROBE)
    assert (waiting["locked_share"], waiting["unlocks"], waiting["objects_out"]) == (None, None, 0)
    assert waiting["call_ns"] > 0
    assert set(traps.answer("traps:refuse", PROBE).values()) == {"probe", None}


def test_a_probe_leaves_the_interpreter_as_it_was(traps):
    traps.write(
        "settings", "import sys, threading\ndef see(): return [sys.getswitchinterval(), threading.active_count()]"
    )
    answers, _ = traps.speak(traps.job("settings:see", PROBE, traps.outcome))
    assert [answer["op"] for answer in answers] == ["prepared", "probe", "outcome", "done"]
    assert (traps.folder / "outcome.json").read_text(encoding="utf-8") == '{"value":[0.005,1]}'


# Memory


def test_memory_is_watched_after_a_call_on_the_small_input(traps):
    source = {"callable": {"call": "traps:size_of", "sha256": None}}
    job = traps.job("traps:remember", {"op": "memory"}, traps.outcome, source=source, size=9)
    job["warm_up_input"] = {"size": 2, "seed": 3, "pass": "value", "source": source}
    answers, _ = traps.speak(job)
    assert [answer["op"] for answer in answers] == ["prepared", "memory", "outcome", "done"]
    assert (traps.folder / "outcome.json").read_text(encoding="utf-8") == '{"value":[2,9,9]}'


def test_a_small_input_that_is_refused_still_warms_up(traps):
    source = {"callable": {"call": "traps:size_of", "sha256": None}}
    job = traps.job("traps:remember", {"op": "memory"}, traps.outcome, source=source, size=9)
    job["warm_up_input"] = {"size": 0, "seed": 3, "pass": "value", "source": source}
    answers, process = traps.speak(job)
    assert [answer["op"] for answer in answers] == ["prepared", "memory", "outcome", "done"]
    assert b"nothing to do" in process.stderr


# Modules


def test_each_module_of_the_project_is_reported_with_its_digest(traps):
    traps.write("helper", "VALUE = 1\n")
    traps.write("main", "import json.tool, helper\ndef call(): return helper.VALUE\n")
    (traps.folder / "venv" / "lib" / "site-packages").mkdir(parents=True)
    installed = traps.folder / "venv" / "lib" / "site-packages" / "installed.py"
    installed.write_text("", encoding="utf-8")
    traps.write("setting", "import sys; sys.path.append('venv/lib/site-packages'); import installed\ndef up(): pass\n")
    answers, _ = traps.speak(traps.job("main:call", setup="setting:up"))
    modules = {module["name"]: module for module in answers[0]["modules"]}
    assert list(modules) == ["helper", "main", "setting"]
    helper = traps.folder / "helper.py"
    assert modules["helper"] == {
        "name": "helper",
        "path": str(helper),
        "sha256": hashlib.sha256(helper.read_bytes()).hexdigest(),
        "modified_ns": helper.stat().st_mtime_ns,
    }


def test_what_a_call_imports_is_reported_after_it(traps):
    traps.write("late", "VALUE = 1\n")
    traps.write("main", "def call():\n    import late\n    return late.VALUE\n")
    answers, _ = traps.speak(traps.job("main:call", {**traps.outcome, "again": True}))
    prepared, outcome, _ = answers
    assert [module["name"] for module in prepared["modules"]] == ["main"]
    assert [module["name"] for module in outcome["modules"]] == ["late"]


def test_the_projects_folder_counts_besides_the_paths_it_imports_from(traps):
    (traps.folder / "elsewhere").mkdir()
    (traps.folder / "elsewhere" / "other.py").write_text("def call(): return 1\n", encoding="utf-8")
    job = traps.job("other:call")
    job["sys_path"] = []
    job["project"] = str(traps.folder)
    answers, _ = traps.speak(job, PYTHONPATH=str(traps.folder / "elsewhere"))
    assert [module["name"] for module in answers[0]["modules"]] == ["other"]
    del job["project"]
    answers, _ = traps.speak(job, PYTHONPATH=str(traps.folder / "elsewhere"))
    assert answers[0]["modules"] == []
