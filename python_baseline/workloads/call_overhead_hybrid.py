"""`call_overhead` with the checksum in Rust and the loop in Python: one crossing a chunk.

The loop is part of the comparison, and so is this wrapper; `rustworthy_suite.call_overhead` has none.
"""

from __future__ import annotations

from rustworthy_suite import checksum

from workloads.call_overhead import MASK


def call_overhead(chunks: list[bytes]) -> int:
    """The checksums of all chunks, added up; one call a chunk."""
    total = 0
    for chunk in chunks:
        total = (total + checksum(chunk)) & MASK
    return total
