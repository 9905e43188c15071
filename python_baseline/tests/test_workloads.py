"""Every Python callable of the manifest, held to its workload's table of outcomes and to its baseline on drawn inputs.

The extension takes part where `rustworthy_suite` can be imported; a library where it is installed. What cannot take
part is shown as skipped. The native implementations are held to the same tables by `benches/outcomes.rs`.
"""

from __future__ import annotations

import copy
import importlib
from pathlib import Path
from typing import Any, Callable

import pytest
from bad_input import Implementation, arguments_of, implementations, meets, module_of, outcome, same, workloads
from workloads.outcomes import Error, file

EXTENSION = "rustworthy_suite"
# The last does not divide round numbers, so that a part remains wherever an input is cut into parts.
SIZES = (0, 1, 2, 51)


def load(target: str) -> Callable[..., Any]:
    """The function named `module:attribute`; the test is skipped where its extension or library is missing."""
    module, _, attribute = target.partition(":")
    try:
        return getattr(importlib.import_module(module), attribute)
    except ImportError as error:
        pytest.skip(f"{target} is not importable here: {error}")


def bound(implementation: Implementation) -> Callable[..., Any]:
    """The implementation as a function from the workload's arguments to a plain result."""
    function = load(implementation.target)
    adapt = load(implementation.adapt) if implementation.adapt else None
    plain = load(implementation.result) if implementation.result else None

    def call(*given: Any) -> Any:
        result = function(*(adapt(*given) if adapt else given))
        return plain(result) if plain else result

    return call


def rows() -> list[Any]:
    """One parameter for every implementation and row of its workload's table."""
    return [
        pytest.param(implementation, given, expected, id=f"{implementation.workload}-{implementation.name}-{label}")
        for implementation in implementations()
        for label, given, expected in module_of(implementation.workload).OUTCOMES
        if not implementation.departs(label)
    ]


def everyone() -> list[Any]:
    """One parameter for every implementation."""
    return [pytest.param(each, id=f"{each.workload}-{each.name}") for each in implementations()]


def test_every_workload_of_the_manifest_has_a_table() -> None:
    assert {each.workload for each in implementations()} <= set(workloads())


@pytest.mark.parametrize(("implementation", "given", "expected"), rows())
def test_bad_input_has_its_declared_outcome(
    implementation: Implementation, given: Any, expected: Any, tmp_path: Path
) -> None:
    arguments = arguments_of(given, tmp_path)
    before = copy.deepcopy(arguments)
    actual = outcome(bound(implementation), arguments)
    assert meets(actual, expected), f"{actual!r:.500} is not {expected!r:.500}"
    assert same(arguments, before), "the arguments were changed"


@pytest.mark.parametrize("workload", workloads())
def test_departures_are_of_this_table_and_this_manifest(workload: str) -> None:
    module = module_of(workload)
    labels = [label for label, _, _ in module.OUTCOMES]
    assert len(labels) == len(set(labels)), "a label is taken twice"
    known = {each.target for each in implementations() if each.workload == workload}
    for target, departing in getattr(module, "DEPARTURES", {}).items():
        # A native implementation has a name without a colon: `outcomes.rs` looks after those.
        assert target in known or ":" not in target, f"{target} is no implementation of {workload}"
        assert set(departing) <= set(labels), f"{target}: {set(departing) - set(labels)} are in no row"


@pytest.mark.parametrize("implementation", everyone())
@pytest.mark.parametrize("seed", range(5))
def test_drawn_inputs_have_the_result_of_the_baseline(
    implementation: Implementation, seed: int, tmp_path: Path
) -> None:
    module = module_of(implementation.workload)
    function = bound(implementation)
    baseline = bound(next(each for each in implementations() if each.workload == implementation.workload))
    for size in SIZES:
        try:
            given = module.make(size, seed)
        except ValueError:  # the workload has no input of this size
            continue
        if implementation.is_path:
            given = file(given[0] if isinstance(given[0], bytes) else given[0].encode())
        expected = baseline(*arguments_of(given, tmp_path))
        actual = function(*arguments_of(given, tmp_path))
        assert same(actual, expected), f"size {size}: {actual!r:.500} is not {expected!r:.500}"


@pytest.mark.parametrize("workload", workloads())
def test_an_input_belongs_to_its_seed(workload: str) -> None:
    make = module_of(workload).make
    assert same(make(51, 7), make(51, 7))


def test_a_position_that_the_table_leaves_open_is_not_looked_at() -> None:
    assert meets(Error(ValueError, 3), Error(ValueError, None))
    assert meets(Error(ValueError, 3), Error(ValueError, 3))
    assert not meets(Error(ValueError, 4), Error(ValueError, 3))
    assert not meets(Error(UnicodeDecodeError, None), Error(ValueError, None)), "a subclass is another class"


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
