"""The same 10 000 bytes in calls of m bytes each: what crossing between Python and Rust costs.

The work is a checksum, one multiplication and addition a byte, each step needing the one before: small and real.
"""

from __future__ import annotations

import random

from workloads.outcomes import error, ok

TOTAL = 10_000
MASK = 2**31 - 1


def make(size: int, seed: int) -> tuple[list[bytes]]:
    """The chunks: `size` bytes each, 10 000 in all."""
    if size < 1:
        raise ValueError("a call needs at least one byte")
    rng = random.Random(seed)
    data = bytes(rng.randrange(256) for _ in range(TOTAL))
    return ([data[start : start + size] for start in range(0, TOTAL, size)],)


def call_overhead(chunks: list[bytes]) -> int:
    """The checksums of all chunks, added up; one call a chunk."""
    total = 0
    for chunk in chunks:
        total = (total + checksum(chunk)) & MASK
    return total


def checksum(chunk: bytes) -> int:
    """The checksum of one chunk."""
    value = 0
    for byte in chunk:
        value = (value * 31 + byte) & MASK
    return value


OUTCOMES = [
    ("no chunks", ([],), ok(0)),
    ("empty chunks", ([b"", b""],), ok(0)),
    ("one byte", ([b"\xff"],), ok(255)),
    ("text among the chunks", ([b"a", "a"],), error(TypeError)),
    ("nothing among the chunks", ([None],), error(TypeError)),
    ("a number among the chunks", ([1],), error(TypeError)),
    ("nothing", (None,), error(TypeError)),
    ("a number", (1,), error(TypeError)),
]
