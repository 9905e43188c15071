"""`edit_distance` shared out to a pool of threads, one a core: what the interpreter's lock leaves of two cores.

The loop is plain Python, so that the threads take turns, unless the interpreter was built without a lock.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

from workloads.edit_distance import check_list
from workloads.edit_distance import edit_distance as part_of
from workloads.parallel_hash import cores


def edit_distance(pairs: list[tuple[str, str]]) -> list[int]:
    """The distance of each pair."""
    check_list(pairs)
    length = -(-len(pairs) // cores()) or 1
    parts = [pairs[start : start + length] for start in range(0, len(pairs), length)]
    with ThreadPoolExecutor(cores()) as pool:
        return [distance for part in pool.map(part_of, parts) for distance in part]
