"""`parallel_hash` with Rust called from a pool of Python's threads: each call gives up the interpreter's lock.

The extension's own `parallel_hash_parallel` shares the work out in Rust and needs no threads of Python.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from functools import partial

from rustworthy_suite import block_digest

from workloads.parallel_hash import BLOCK, cores


def threads(data: bytes) -> list[str]:
    """The digest of each block in hexadecimal."""
    if type(data) is not bytes:
        raise TypeError(f"data must be bytes, not {type(data).__name__}")
    numbers = range(-(-len(data) // BLOCK))
    with ThreadPoolExecutor(cores()) as pool:
        return list(pool.map(partial(block_digest, data), numbers))
