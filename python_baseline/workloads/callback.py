"""Filter a list with a predicate that the caller brings, and count what it costs to call back.

The implementations get the values and the predicate, a Python function of one line. The native one, and the one whose
predicate was ported as well, have it in Rust, where integers have 64 bits.
"""

from __future__ import annotations

import random
from typing import Callable

from workloads.outcomes import error, ok

Predicate = Callable[[int], bool]


def make(size: int, seed: int) -> tuple[list[int]]:
    """`size` integers."""
    rng = random.Random(seed)
    return ([rng.randrange(1 << 40) for _ in range(size)],)


def with_predicate(values: list[int]) -> tuple[list[int], Predicate]:
    """The arguments of those that call the predicate: a function cannot be written to an input file."""
    return values, is_wanted


def is_wanted(value: int) -> bool:
    """Whether the third binary digit is 1: little work, as most predicates do."""
    return value >> 2 & 1 == 1


def callback(values: list[int], predicate: Predicate) -> list[int]:
    """The values that the predicate wants."""
    return [value for value in values if predicate(value)]


OUTCOMES = [
    ("empty", ([],), ok([])),
    ("negative", ([-1, -2, -4, -8],), ok([-1, -2, -4])),
    ("a truth among the numbers", ([4, False],), ok([4])),
    ("the ends of 64 bits", ([2**63 - 1, -(2**63)],), ok([2**63 - 1])),
    ("beyond 64 bits", ([2**64 + 4],), ok([2**64 + 4])),
    ("float among the numbers", ([4, 4.0],), error(TypeError)),
    ("not a number", ([float("nan")],), error(TypeError)),
    ("text among the numbers", ([4, "4"],), error(TypeError)),
    ("nothing among the numbers", ([None],), error(TypeError)),
    ("nothing", (None,), error(TypeError)),
    ("a number", (4,), error(TypeError)),
    ("text", ("4",), error(TypeError)),
    ("no argument", (), error(TypeError)),
]

DEPARTURES = {
    # An OverflowError: their integers have 64 bits.
    "callback": ["beyond 64 bits"],
    "rustworthy_suite:callback_ported": ["beyond 64 bits"],
}
