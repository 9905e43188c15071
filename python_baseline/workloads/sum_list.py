"""Sum a list of floats: a builtin is native code already, so that a port has little to win and a conversion to lose.

From 3.12 `sum` compensates for rounding, before it did not, and Rust's loop never does. The inputs hold whole
numbers, small enough that every partial sum is exact: the results agree to the last bit whoever adds.
"""

from __future__ import annotations

import random
from array import array

from workloads.outcomes import error, ok


def make(size: int, seed: int) -> tuple[list[float]]:
    """`size` whole numbers as floats."""
    rng = random.Random(seed)
    return ([float(rng.randrange(1_000_000)) for _ in range(size)],)


def sum_list(values: list[float]) -> float:
    """The sum; `0.0` of nothing."""
    return sum(values, 0.0)


def as_buffer(values: list[float]) -> tuple[array[float]]:
    """The same numbers side by side in memory, for those whose caller keeps them so."""
    return (array("d", values),)


OUTCOMES = [
    ("empty", ([],), ok(0.0)),
    ("negative zero", ([-0.0],), ok(0.0)),
    ("integers", ([1, 2, True],), ok(4.0)),
    ("infinity", ([float("inf"), 1.0],), ok(float("inf"))),
    ("not a number", ([1.0, float("nan")],), ok(float("nan"))),
    ("infinities that cancel", ([float("inf"), float("-inf")],), ok(float("nan"))),
    ("an integer beyond the floats", ([10**400],), error(OverflowError)),
    ("text among the numbers", ([1.0, "2"],), error(TypeError)),
    ("nothing among the numbers", ([1.0, None],), error(TypeError)),
    ("text", ("12",), error(TypeError)),
    ("nothing", (None,), error(TypeError)),
    ("no argument", (), error(TypeError)),
]
