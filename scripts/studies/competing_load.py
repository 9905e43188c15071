#!/usr/bin/env python3
"""Work beside a measurement, on purpose: a process that never stops, or one that comes and goes as a build does.

python3 scripts/studies/competing_load.py spin|builds     until it is ended, or who started it has ended
"""

from __future__ import annotations

import contextlib
import os
import random
import subprocess
import sys
import tempfile
import time
import zlib
from typing import Iterator

#: The kinds, as a table of results calls them.
KINDS = {"spin": "a process that spins", "builds": "builds"}


@contextlib.contextmanager
def beside(kind: str | None) -> Iterator[None]:
    """Has it run while the block does; without a kind, nothing."""
    if kind is None:
        yield
        return
    process = subprocess.Popen([sys.executable, __file__, kind])
    try:
        # What comes first in a measurement shall have it, too.
        time.sleep(0.5)
        yield
    finally:
        process.kill()
        process.wait()


def spin(seconds: float) -> None:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        sum(range(10_000))


def build(draw: random.Random) -> None:
    """A burst: a fresh process, memory that is filled and packed, a file that is written; then a pause."""
    end = time.monotonic() + draw.uniform(0.2, 1.5)
    while time.monotonic() < end:
        subprocess.run([sys.executable, "-S", "-c", "sum(range(300_000))"], check=True)
        packed = zlib.compress(os.urandom(draw.randrange(1, 8) << 18), 6)
        with tempfile.TemporaryFile() as file:
            file.write(packed)
            file.flush()
    time.sleep(draw.uniform(0.05, 0.6))


def main() -> None:
    kind = sys.argv[1] if len(sys.argv) == 2 else ""
    if kind not in KINDS:
        sys.exit(__doc__)
    parent, draw = os.getppid(), random.Random()
    # Whoever started it may have been killed and can then end nothing.
    while os.getppid() == parent:
        if kind == "spin":
            spin(0.2)
        else:
            build(draw)


if __name__ == "__main__":
    main()
