"""The inputs and the baselines: what the kernels compute, by the shortest way, in Python."""

import random

MASK = (1 << 64) - 1


def numbers(size, seed):
    """So many numbers below 2 to the 31st."""
    draw = random.Random(seed)
    return ([draw.randrange(1 << 31) for _ in range(size)],)


def digest(numbers):
    """The result of `mix` and `fold`."""
    state = 0x9E3779B97F4A7C15
    for _ in range(20):
        for number in numbers:
            state = ((state ^ number) * 0xFF51AFD7ED558CCD) & MASK
            state = ((state << 23) | (state >> 41)) & MASK
    return state >> 1


def firsts(numbers):
    """The result of `pieces`."""
    return sum(numbers[::8])


def total(numbers):
    """The result of `tape`."""
    return sum(numbers)


def touched(numbers):
    """The result of `crossings`."""
    return sum(number ^ 1 for number in numbers)
