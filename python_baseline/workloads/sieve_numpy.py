"""`sieve` by numpy, apart so that only this candidate pays for the import."""

from __future__ import annotations

from math import isqrt

import numpy

from workloads.sieve import refuse


def sieve(limit: int) -> list[int]:
    """The primes up to and including the limit, ascending."""
    refuse(limit)
    if limit < 2:
        return []
    is_prime = numpy.ones(limit + 1, dtype=bool)
    is_prime[:2] = False
    for number in range(2, isqrt(limit) + 1):
        if is_prime[number]:
            is_prime[number * number :: number] = False
    return numpy.flatnonzero(is_prime).tolist()
