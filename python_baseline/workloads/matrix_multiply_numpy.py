"""`matrix_multiply` by numpy, which hands it to a BLAS; apart so that only these candidates pay for the import.

One of them takes lists and gives lists, as the baseline does, and pays for turning them into arrays and back. The
other assumes that its caller keeps arrays.
"""

from __future__ import annotations

import numpy

from workloads.matrix_multiply import Matrix, check


def matrix_multiply(left: Matrix, right: Matrix) -> Matrix:
    """The product, a list of rows."""
    check(left, right)
    if not left:
        return []  # in an array, columns of nothing do not fit rows of nothing
    return multiply_arrays(*as_arrays(left, right)).tolist()


def multiply_arrays(left: numpy.ndarray, right: numpy.ndarray) -> numpy.ndarray:
    """The product of arrays, an array."""
    with numpy.errstate(invalid="ignore"):  # infinity times zero is no warning to the others
        return left @ right


def as_arrays(left: Matrix, right: Matrix) -> tuple[numpy.ndarray, numpy.ndarray]:
    """The matrices as arrays."""
    return as_array(left), as_array(right)


def as_array(matrix: Matrix) -> numpy.ndarray:
    # Two dimensions, even where there is nothing.
    return numpy.array(matrix, dtype=numpy.float64).reshape(len(matrix), len(matrix[0]) if matrix else 0)
