"""A candidate that calls Rust once a number."""

from gate_study import touch
from planted import CROSSINGS


def crossings(numbers):
    """Crosses the boundary for each number, in so many equal passes."""
    total = 0
    for _ in range(CROSSINGS):
        total = sum(map(touch, numbers))
    return total
