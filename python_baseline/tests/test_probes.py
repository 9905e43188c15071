"""The probes, with an extension's place taken by Python modules. No test asserts a duration."""

from __future__ import annotations

import importlib.util
import json
import subprocess
import sys
from pathlib import Path

import pytest

HARNESS = Path(__file__).resolve().parents[1] / "harness"


def load(name: str):
    spec = importlib.util.spec_from_file_location(name, HARNESS / f"{name}.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


probes = load("probes")

SUBJECT = """
import sys

print("noise on standard output")
seen = []


def __call_floor__():
    pass


def take(value):
    seen.append(type(value))


def give(size):
    return [0] * size


def call_back(function, count):
    for _ in range(count):
        function()


def fail(value):
    raise ValueError("no")


__crossings__ = {
    "int": take,
    "list[int]": take,
    "callback": call_back,
    "-> list[int]": give,
    "bytes": fail,
    "tuple": take,
}
"""


@pytest.fixture
def probe(tmp_path):
    (tmp_path / "subject.py").write_text(SUBJECT)
    (tmp_path / "broken.py").write_text("raise SystemExit(3)")
    (tmp_path / "odd.py").write_text("__crossings__ = 7")

    def ask(*modules: str) -> dict:
        job = {"sys_path": [str(tmp_path)], "modules": modules, "seed": 1, "batch_ns": 1000, "batches": 3}
        command = [sys.executable, HARNESS / "probes.py"]
        done = subprocess.run(command, input=json.dumps(job).encode(), capture_output=True, check=True)
        return json.loads(done.stdout)

    return ask


def test_without_modules_it_times_clock_and_calls(probe):
    answer = probe()
    assert answer["crossings"] is None and answer["failures"] == []
    assert answer["clock"]["reading_ns"] > 0 and answer["clock"]["smallest_step_ns"] > 0
    assert answer["floors"]["empty_call_ns"] > 0 and answer["floors"]["builtin_call_ns"] > 0
    assert answer["floors"]["extension_call_ns"] is None


def test_crossings_are_timed_at_every_size(probe):
    answer = probe("subject")
    sizes = {}
    for point in answer["crossings"]["points"]:
        assert point["time_ns"] > 0
        sizes.setdefault(point["name"], []).append(point["size"])
    every = list(probes.SIZES)
    assert sizes == {"int": [1], "list[int]": every, "callback": every, "-> list[int]": every}
    assert answer["crossings_module"] == answer["floor_module"] == "subject"
    assert answer["floors"]["extension_call_ns"] > 0


def test_what_fails_or_is_unknown_is_told(probe):
    answer = probe("subject")
    assert answer["crossings"]["failures"] == [{"name": "bytes", "message": "ValueError: no"}]
    assert answer["crossings"]["unknown"] == ["tuple"]


def test_a_module_that_cannot_be_asked_leaves_the_rest(probe):
    answer = probe("missing_module", "broken", "subject")
    assert [failure["module"] for failure in answer["failures"]] == ["missing_module", "broken"]
    assert answer["crossings"]["points"]


def test_crossings_of_another_kind_are_told(probe):
    answer = probe("odd")
    assert answer["crossings"] is None
    assert answer["failures"][0]["message"] == "its `__crossings__` is not a dictionary"


@pytest.mark.parametrize("name", [name for name in probes.ARGUMENTS if name not in probes.SCALARS])
def test_arguments_have_the_size_they_are_made_for(name):
    for size in probes.SIZES:
        value = probes.ARGUMENTS[name](size)[-1]
        assert (value if isinstance(value, int) else len(value)) == size


def test_texts_have_ten_letters_and_differ():
    texts = {probes.item(number) for number in range(4096)}
    assert len(texts) == 4096 and {len(text) for text in texts} == {10}


def test_a_disturbed_batch_does_not_plan_too_few_calls(monkeypatch):
    disturbed = iter([50_000, 60_000])  # the first batches are; a call takes 100 ns

    monkeypatch.setattr(probes, "TIMERS", [lambda function, count: next(disturbed, 100 * count)])
    assert probes.Cell(lambda: None, (), 10_000).count == 100


def test_the_noise_is_the_same_each_time():
    work = load("noise").work
    assert work() == work()
