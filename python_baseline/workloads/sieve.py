"""The primes up to a number, by the sieve of Eratosthenes: an integer loop, in two styles of Python.

`naive` is the loop that articles time. The baseline strikes out a prime's multiples with one slice assignment: the
same sieve, but the inner loop runs in the interpreter's C. Numbers below 2 have no primes.
"""

from __future__ import annotations

from itertools import compress, repeat
from math import isqrt

from workloads.outcomes import error, ok


def make(size: int, seed: int) -> tuple[int]:
    """The limit; it is the same for every seed."""
    return (size,)


def sieve(limit: int) -> list[int]:
    """The primes up to and including the limit, ascending."""
    refuse(limit)
    if limit < 2:
        return []
    is_prime = bytearray([1]) * (limit + 1)
    is_prime[0] = is_prime[1] = 0
    for number in range(2, isqrt(limit) + 1):
        if is_prime[number]:
            multiples = slice(number * number, None, number)
            is_prime[multiples] = bytes(len(range(number * number, limit + 1, number)))
    return list(compress(range(limit + 1), is_prime))


def naive(limit: int) -> list[int]:
    """The same with loops over a list of truths."""
    refuse(limit)
    if limit < 2:
        return []
    is_prime = [True] * (limit + 1)
    primes = []
    for number in range(2, limit + 1):
        if is_prime[number]:
            primes.append(number)
            for multiple in range(number * number, limit + 1, number):
                is_prime[multiple] = False
    return primes


def refuse(limit: int) -> None:
    """Raises for what is not an integer within 64 bits, or is more than `MOST`."""
    repeat(None, limit)  # a TypeError, or an OverflowError
    if limit > MOST:
        raise ValueError(f"a limit over {MOST} would need more than a gigabyte")


# One byte a number; without a bound, a mistyped limit would take the memory of the machine.
MOST = 1_000_000_000

OUTCOMES = [
    ("negative", (-1,), ok([])),
    ("far below zero", (-(2**63),), ok([])),
    ("nothing to find", (1,), ok([])),
    ("the first prime", (2,), ok([2])),
    ("a square of a prime", (25,), ok([2, 3, 5, 7, 11, 13, 17, 19, 23])),
    ("a limit that is prime", (29,), ok([2, 3, 5, 7, 11, 13, 17, 19, 23, 29])),
    ("more than memory", (2**62,), error(ValueError)),
    ("beyond 64 bits", (2**63,), error(OverflowError)),
    ("far beyond 64 bits", (10**30,), error(OverflowError)),
    ("a truth is a number", (True,), ok([])),
    ("float", (10.0,), error(TypeError)),
    ("not a number", (float("nan"),), error(TypeError)),
    ("text", ("10",), error(TypeError)),
    ("nothing", (None,), error(TypeError)),
    ("no argument", (), error(TypeError)),
]
