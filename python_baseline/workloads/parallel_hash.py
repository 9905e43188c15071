"""SHA-256 of each block of 1 MiB, on one core and on all: whether the interpreter's lock prevents parallelism.

It does not prevent this one: `hashlib` gives the lock up for data of more than 2047 bytes, so that threads of plain
Python share the work, and keep most of two cores busy. Processes have a lock each, and pay for starting and for
sending every block through a pipe, which takes longer than hashing it.

`processes` starts its pool inside the clock, as a program does that hashes once; `process_pool` uses one that the
first call has started, outside the clock, as a server does.
"""

from __future__ import annotations

import os
import random
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from functools import lru_cache
from hashlib import sha256

from workloads.outcomes import error, ok

BLOCK = 1 << 20


def make(size: int, seed: int) -> tuple[bytes]:
    """`size` blocks."""
    bits = 8 * BLOCK * size
    return (random.Random(seed).getrandbits(bits + 1).to_bytes(BLOCK * size + 1, "little")[:-1],)


def parallel_hash(data: bytes) -> list[str]:
    """The digest of each block in hexadecimal; the last block may be short."""
    return [digest(block) for block in blocks(data)]


def threads(data: bytes) -> list[str]:
    """The same in a pool of threads, one a core, which is started and ended within the call."""
    with ThreadPoolExecutor(cores()) as pool:
        return list(pool.map(digest, blocks(data)))


def processes(data: bytes) -> list[str]:
    """The same in a pool of processes, one a core, which is started and ended within the call."""
    with ProcessPoolExecutor(cores()) as pool:
        return in_processes(pool, data)


def process_pool(data: bytes) -> list[str]:
    """The same in a pool of processes that runs already."""
    return in_processes(kept_pool(), data)


def blocks(data: bytes) -> list[memoryview]:
    """The blocks, not copied."""
    if type(data) is not bytes:
        raise TypeError(f"data must be bytes, not {type(data).__name__}")
    view = memoryview(data)
    return [view[start : start + BLOCK] for start in range(0, len(view), BLOCK)]


def digest(block: bytes | memoryview) -> str:
    return sha256(block).hexdigest()


def in_processes(pool: ProcessPoolExecutor, data: bytes) -> list[str]:
    # A view cannot be sent. Several blocks at a time save round trips, and leave enough parts to share out evenly.
    sent = [bytes(block) for block in blocks(data)]
    return list(pool.map(digest, sent, chunksize=max(len(sent) // (4 * cores()), 1)))


@lru_cache(maxsize=None)
def kept_pool() -> ProcessPoolExecutor:
    """The pool that is kept."""
    return ProcessPoolExecutor(cores())


def cores() -> int:
    """The cores that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


_ABC = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
_ZEROS = "30e14955ebf1352266dc2ff8067e68104607e750abb9d3b36582b8af909fcb58"

OUTCOMES = [
    ("no bytes", (b"",), ok([])),
    ("less than a block", (b"abc",), ok([_ABC])),
    ("one block", (bytes(BLOCK),), ok([_ZEROS])),
    ("a block and a short one", (bytes(BLOCK) + b"abc",), ok([_ZEROS, _ABC])),
    ("text", ("abc",), error(TypeError)),
    ("a list of bytes", ([b"abc"],), error(TypeError)),
    ("a number", (3,), error(TypeError)),
    ("nothing", (None,), error(TypeError)),
    ("no argument", (), error(TypeError)),
]
