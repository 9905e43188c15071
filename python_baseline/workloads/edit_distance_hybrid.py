"""`edit_distance` with the distance in Rust and the loop in Python: one crossing a pair.

The loop is part of the comparison, and so is this wrapper; `rustworthy_suite.edit_distance` has none. The extension
checks the words, not the loop.
"""

from __future__ import annotations

from rustworthy_suite import edit_distance_pair as distance

from workloads.edit_distance import check_list


def edit_distance(pairs: list) -> list:
    """The distance of each pair."""
    check_list(pairs)
    distances = []
    for pair in pairs:
        if not isinstance(pair, tuple):
            raise TypeError(f"expected tuple, got {type(pair).__name__}")
        left, right = pair
        distances.append(distance(left, right))
    return distances
