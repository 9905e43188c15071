"""Every implementation of a workload, held to its table of bad inputs and to its baseline on small drawn inputs.

The extension takes part where `rustworthy_suite` can be imported; a library where it is installed. What cannot take
part is shown as skipped.
"""

from __future__ import annotations

import importlib
import math
import sys
from pathlib import Path
from typing import Any, Callable, NamedTuple

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

EXTENSION = "rustworthy_suite"


class Twin(NamedTuple):
    """A workload's module and the implementations that must agree with its baseline."""

    name: str
    size: int
    """Of the drawn inputs."""
    exact: list[str]
    """Candidates that share every outcome, bad input included."""
    regular: list[str]
    """Candidates that share the results of regular inputs alone; their files say where they depart."""
    is_path: bool = False

    @property
    def module(self) -> Any:
        return importlib.import_module(f"workloads.{self.name}")

    @property
    def baseline(self) -> str:
        return f"workloads.{self.name}:{self.name}"


TWINS = [
    Twin("sum_list", 50, [f"{EXTENSION}:sum_list", f"{EXTENSION}:sum_list_iterate"], []),
    Twin(
        "csv_count",
        50,
        ["workloads.csv_count:naive", f"{EXTENSION}:csv_count"],
        ["workloads.csv_count_polars:csv_count"],
        is_path=True,
    ),
    Twin("json_parse", 50, [f"{EXTENSION}:json_parse"], ["workloads.json_parse_orjson:json_parse"]),
    Twin("nbody", 50, [f"{EXTENSION}:nbody"], []),
    Twin(
        "call_overhead",
        3333,
        ["workloads.call_overhead_hybrid:call_overhead", f"{EXTENSION}:call_overhead"],
        [],
    ),
]


def load(target: str) -> Callable[..., Any]:
    """The function named `module:attribute`; the test is skipped where its extension or library is missing."""
    module, _, attribute = target.partition(":")
    try:
        return getattr(importlib.import_module(module), attribute)
    except ImportError as error:
        pytest.skip(f"{target} is not importable here: {error}")


def arguments_of(twin: Twin, given: Any, folder: Path) -> tuple[Any, ...]:
    """What the implementation is called with: for a workload over files, the path of a file with this content."""
    if not twin.is_path:
        return given
    path = folder / "input.csv"
    if given is not None:
        path.write_bytes(given)
    return (str(path),)


def same(left: Any, right: Any) -> bool:
    """Equality that keeps types apart and the sign of zero, and takes every NaN for the same."""
    if type(left) is not type(right):
        return False
    if isinstance(left, float):
        return (math.isnan(left) and math.isnan(right)) or repr(left) == repr(right)
    if isinstance(left, (list, tuple)):
        return len(left) == len(right) and all(map(same, left, right))
    return bool(left == right)


def outcome(function: Callable[..., Any], arguments: tuple[Any, ...]) -> Any:
    """The result, or the exact class of the exception."""
    try:
        return function(*arguments)
    except Exception as error:  # noqa: BLE001 (whatever it raises is the outcome)
        return type(error)


def cases(*, bad: bool) -> list[Any]:
    """One parameter for every implementation; with `bad`, for every implementation and bad input."""
    found = []
    for twin in TWINS:
        exact = [twin.baseline, *twin.exact]
        for target in exact if bad else exact + twin.regular:
            name = target.replace("workloads.", "")
            if bad:
                for bad_input, given, expected in twin.module.BAD_INPUTS:
                    found.append(pytest.param(twin, target, given, expected, id=f"{name}-{bad_input}"))
            else:
                found.append(pytest.param(twin, target, id=name))
    return found


@pytest.mark.parametrize(("twin", "target", "given", "expected"), cases(bad=True))
def test_bad_input_has_its_declared_outcome(twin: Twin, target: str, given: Any, expected: Any, tmp_path: Path) -> None:
    actual = outcome(load(target), arguments_of(twin, given, tmp_path))
    assert same(actual, expected) if not isinstance(expected, type) else actual is expected


@pytest.mark.parametrize(("twin", "target"), cases(bad=False))
@pytest.mark.parametrize("seed", range(5))
def test_drawn_inputs_have_the_result_of_the_baseline(twin: Twin, target: str, seed: int, tmp_path: Path) -> None:
    function, baseline = load(target), load(twin.baseline)
    for size in (0, 1, 2, twin.size):
        given = drawn(twin, size, seed)
        if given is None:
            continue
        arguments = arguments_of(twin, given, tmp_path)
        expected, actual = baseline(*arguments), function(*arguments)
        assert same(actual, expected), f"size {size}: {actual!r} is not {expected!r}"


@pytest.mark.parametrize("twin", TWINS, ids=lambda twin: twin.name)
def test_an_input_belongs_to_its_seed(twin: Twin) -> None:
    assert same(drawn(twin, twin.size, 7), drawn(twin, twin.size, 7))


def drawn(twin: Twin, size: int, seed: int) -> Any | None:
    """A drawn input: arguments, or a file's content; None where the workload has none of this size."""
    try:
        made = twin.module.make(size, seed)
    except ValueError:
        return None
    return made[0].encode() if twin.is_path else made


@pytest.mark.parametrize(
    ("target", "arguments", "expected"),
    [
        ("nbody:nbody", (0,), -0.16907516382852447),
        ("nbody:nbody", (1,), -0.16907495402506745),
        ("nbody:nbody", (1000,), -0.16908760523460614),
        ("call_overhead:checksum", (b"rust",), 3512292),
        ("call_overhead:checksum", (b"\xff" * 100,), 1960837568),
    ],
)
def test_the_numbers_are_those_of_the_rust_twin(target: str, arguments: tuple[Any, ...], expected: Any) -> None:
    assert same(load(f"workloads.{target}")(*arguments), expected)


def test_the_extension_states_what_it_is() -> None:
    extension = pytest.importorskip(EXTENSION)
    assert extension.__build_profile__ in ("debug", "release")
    assert extension.__pyo3_version__.count(".") == 2
    assert extension.__call_floor__() is None
