"""Multiply two square matrices by the definition: n³ multiplications and additions.

From 3.12 `sum` compensates for rounding, before it did not, and neither Rust's loop nor a BLAS ever does. The inputs
hold whole numbers, small enough that every partial sum is exact: the results agree to the last bit whoever adds, in
whatever order. `math.sumprod` of 3.12 would take the place of `sum(map(mul, …))`, and is not there before.
"""

from __future__ import annotations

import random
from operator import mul
from typing import Any, List

from workloads.outcomes import error, ok

Matrix = List[List[float]]


def make(size: int, seed: int) -> tuple[Matrix, Matrix]:
    """Two matrices of `size` rows and columns."""
    rng = random.Random(seed)

    def matrix() -> Matrix:
        return [[float(rng.randrange(1000)) for _ in range(size)] for _ in range(size)]

    return matrix(), matrix()


def matrix_multiply(left: Matrix, right: Matrix) -> Matrix:
    """The product, a list of rows."""
    check(left, right)
    columns = list(zip(*right))
    return [[sum(map(mul, row, column), 0.0) for column in columns] for row in left]


def check(left: Matrix, right: Matrix) -> None:
    """Raises for matrices that have no product."""
    if any(len(row) != len(right) for row in left):
        raise ValueError("a row of the left matrix has not as many numbers as the right one has rows")
    if any(len(row) != len(right[0]) for row in right):
        raise ValueError("the rows of the right matrix are of different lengths")


def plain(product: Any) -> Any:
    """The product as lists, where it is an array."""
    return product.tolist() if hasattr(product, "tolist") else product


_NAN, _INF = float("nan"), float("inf")

OUTCOMES = [
    ("nothing", ([], []), ok([])),
    ("rows without numbers", ([[], []], []), ok([[], []])),
    ("columns without numbers", ([], [[], []]), ok([])),
    ("one number", ([[3.0]], [[7.0]]), ok([[21.0]])),
    ("oblong", ([[1.0, 2.0, 3.0]], [[1.0, 0.0], [0.0, 1.0], [1.0, 1.0]]), ok([[4.0, 5.0]])),
    ("integers", ([[1, True]], [[2], [3]]), ok([[5.0]])),
    ("negative zero", ([[-1.0]], [[0.0]]), ok([[0.0]])),
    ("not a number", ([[_NAN, 0.0]], [[1.0], [1.0]]), ok([[_NAN]])),
    ("infinity", ([[_INF]], [[2.0]]), ok([[_INF]])),
    ("infinity times zero", ([[_INF]], [[0.0]]), ok([[_NAN]])),
    ("ragged left", ([[1.0, 2.0], [3.0]], [[1.0], [2.0]]), error(ValueError)),
    ("ragged right", ([[1.0, 2.0]], [[1.0, 2.0], [3.0]]), error(ValueError)),
    ("shapes that do not fit", ([[1.0, 2.0]], [[1.0, 2.0]]), error(ValueError)),
    ("an integer beyond the floats", ([[10**400]], [[1.0]]), error(OverflowError)),
    ("text among the numbers", ([["1"]], [[1.0]]), error(TypeError)),
    ("nothing among the numbers", ([[None]], [[1.0]]), error(TypeError)),
    ("a row that is a number", ([1.0], [[1.0]]), error(TypeError)),
    ("no right matrix", ([[1.0]], None), error(TypeError)),
    ("one argument", ([[1.0]],), error(TypeError)),
]

DEPARTURES = {
    # numpy reads text as numbers and None as NaN.
    "workloads.matrix_multiply_numpy:matrix_multiply": ["text among the numbers", "nothing among the numbers"],
    # And no rows of nothing fit columns of nothing.
    "workloads.matrix_multiply_numpy:multiply_arrays": [
        "columns without numbers",
        "text among the numbers",
        "nothing among the numbers",
    ],
}
