"""Arguments drawn from annotations, through the job that the tool sends."""

from __future__ import annotations

import json
import math
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

HARNESS = Path(__file__).resolve().parents[1] / "harness"
SUBJECT = """
from __future__ import annotations
import typing
from decimal import Decimal
from typing import Dict, List, Literal, Optional, Tuple, Union

Name = typing.NewType("Name", str)
T = typing.TypeVar("T", int, str)

class Point(typing.TypedDict):
    x: int
    y: float

class Opaque: pass

def number(value: int): pass
def modern(values: list[tuple[str, float]], more: dict[str, int | None] | None = None): pass
def old(values: Optional[List[int]], table: Dict[str, Tuple[int, ...]], word: Literal["x", "y"]): pass
def odd(name: Name, any_of: Union[T, Decimal], point: Point, members: set[int], once: "frozenset[str]"): pass
def flag(value: bool): pass
def text(value: str): pass
def floats(value: float): pass
def bare(value): pass
def vague(value: list): pass
def own(value: Opaque): pass
def missing(value: Nowhere): pass
def defaulted(value: int, other: Opaque = None): pass
def named(*, value: int): pass
def several(*values: int): pass
class Tool:
    def method(self, value: int): pass
tool = Tool()
"""


@pytest.fixture()
def draw(tmp_path):
    (tmp_path / "subject.py").write_text(textwrap.dedent(SUBJECT))

    def run(call, count=400, seed=1):
        file = tmp_path / "cases.jsonl"
        job = {
            "call": f"subject:{call}",
            "sys_path": [str(tmp_path)],
            "count": count,
            "seed": seed,
            "timing": str(HARNESS / "timing.py"),
            "file": str(file),
        }
        subprocess.run(
            [sys.executable, str(HARNESS / "cases.py")],
            input=json.dumps(job).encode() + b"\n",
            check=True,
            cwd=tmp_path,
        )
        header, *lines = file.read_text(encoding="utf-8").split("\n")[:-1]
        return json.loads(header)["refused"], lines

    return run


def arguments(lines):
    return [json.loads(line)["v"] for line in lines]


def test_whole_numbers_reach_every_limit(draw):
    refused, lines = draw("number")
    assert refused == []
    found = {int(value["v"]) if isinstance(value, dict) else value for (value,) in arguments(lines)}
    for power in (2**31, 2**53, 2**63, 2**64, 10**30):
        assert {power - 1, power, power + 1, -power} <= found


def test_floats_and_texts_have_what_breaks_ports(draw):
    _, lines = draw("floats")
    plain = [value for (value,) in arguments(lines) if not isinstance(value, dict)]
    tagged = {value["v"] for (value,) in arguments(lines) if isinstance(value, dict)}
    assert tagged == {"nan", "inf", "-inf"}
    assert {0.5, 1.5, 2.5, -0.5} <= set(plain)
    assert any(value == 0 and math.copysign(1, value) < 0 for value in plain)
    _, lines = draw("text")
    texts = [value for (value,) in arguments(lines)]
    assert "" in texts and "e\u0301" in texts and "\U0001f600" in texts and '{"a": 1, "a": 2}' in texts
    assert {"$": "str", "v": "eda080"} in texts


@pytest.mark.parametrize("call", ["modern", "old", "odd", "several", "tool.method"])
def test_annotations_of_every_notation_are_drawn(draw, call):
    refused, lines = draw(call)
    assert refused == []
    assert len(lines) == 400 and len(set(lines)) == 400
    assert draw(call)[1] == lines, "the same seed draws the same"
    assert draw(call, seed=2)[1] != lines


def test_containers_are_empty_single_and_of_one_key(draw):
    _, lines = draw("modern", count=2000)
    lists = [values for values, *_ in arguments(lines)]
    assert [] in lists and any(len(values) == 1 for values in lists)
    keys = [[pair["v"][0] for pair in values] for values in lists if len(values) == 2]
    assert any(one == other for one, other in keys)


def test_what_has_few_values_is_not_drawn_twice(draw):
    assert arguments(draw("flag")[1]) in ([[False], [True]], [[True], [False]])


@pytest.mark.parametrize(
    ("call", "says"),
    [
        ("bare", "has no annotation: write one"),
        ("vague", "write `list[…]`"),
        ("own", "let the input callable make it"),
        ("missing", "cannot be evaluated (NameError"),
        ("named", "can only be given by its name"),
    ],
)
def test_what_cannot_be_drawn_is_said(draw, call, says):
    refused, lines = draw(call)
    assert lines == []
    assert refused[0]["parameter"] == "value" and refused[0]["needed"]
    assert says in refused[0]["why"]


def test_a_default_stands_for_what_cannot_be_drawn(draw):
    refused, lines = draw("defaulted")
    assert not refused[0]["needed"] and all(len(each) == 1 for each in arguments(lines))
    assert len(lines) > 50
