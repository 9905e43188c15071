"""A small piece of work that depends on nothing but the processor.

`rustworthy doctor` times it against itself: what differs then is the machine.
"""

from __future__ import annotations


def work() -> int:
    """Some two thousand turns of a linear congruential generator: arithmetic, no memory to speak of, no branches."""
    state = 1
    for _ in range(2000):
        state = (state * 1103515245 + 12345) & 0x7FFFFFFF
    return state
