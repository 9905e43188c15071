"""Turn an RGB picture grey and blur it with a box of 5 by 5 pixels.

Grey is the weighted sum of ITU-R BT.601 in 16 binary places, as Pillow computes it. The box runs over rows, then over
columns, each pass rounded to the nearest whole number; outside the picture its edge is repeated. A mean of five
integers never lies halfway between two others, so that there is one nearest: the results are equal to the last bit,
Pillow's among them.
"""

from __future__ import annotations

import random
from itertools import accumulate, chain
from math import isqrt
from operator import index

from workloads.outcomes import error, ok

# The box reaches so many pixels to each side.
RADIUS = 2
WIDTH = 2 * RADIUS + 1


def make(size: int, seed: int) -> tuple[int, int, bytes]:
    """A picture of `size` pixels, as near to a square as whole rows allow: width, height, red green blue a pixel."""
    width = max(isqrt(size), 1)
    while size % width:
        width -= 1
    return width, size // width, random.Random(seed).getrandbits(24 * size + 1).to_bytes(3 * size + 1, "little")[:-1]


def image_blur(width: int, height: int, pixels: bytes) -> bytes:
    """The grey, blurred picture: one byte a pixel."""
    check(width, height, pixels)
    rows = grey(width, height, pixels)
    columns = zip(*map(blur, rows))
    return bytes(chain.from_iterable(zip(*map(blur, columns))))


def check(width: int, height: int, pixels: bytes) -> None:
    """Raises for what is no picture."""
    if type(pixels) is not bytes:
        raise TypeError(f"pixels must be bytes, not {type(pixels).__name__}")
    if not 0 <= index(width) < 2**63 or not 0 <= index(height) < 2**63:
        in_range = all(-(2**63) <= side < 2**63 for side in (width, height))
        raise ValueError("a side is negative") if in_range else OverflowError("a side is beyond 64 bits")
    if 3 * width * height != len(pixels):
        raise ValueError(f"{width} by {height} pixels have 3 bytes each, and there are {len(pixels)} bytes")


def grey(width: int, height: int, pixels: bytes) -> list[list[int]]:
    """The rows in grey."""
    shades = [
        (red * 19595 + green * 38470 + blue * 7471 + 32768) >> 16
        for red, green, blue in zip(pixels[0::3], pixels[1::3], pixels[2::3])
    ]
    return [shades[start : start + width] for start in range(0, width * height, width)] if width else []


def blur(line: tuple[int, ...] | list[int]) -> list[int]:
    """The line with each value replaced by the mean of the box around it."""
    padded = [line[0]] * (RADIUS + 1) + [*line] + [line[-1]] * RADIUS
    # The sum over a box is the difference of two running sums.
    sums = list(accumulate(padded))
    return [(end - start + RADIUS) // WIDTH for start, end in zip(sums, sums[WIDTH:])]


def as_list(width: int, height: int, pixels: bytes) -> tuple[int, int, list[int]]:
    """The same picture as a list of numbers, for a signature that asks for one."""
    return width, height, list(pixels)


_RED = bytes([255, 0, 0])

OUTCOMES = [
    ("no pixels", (0, 0, b""), ok(b"")),
    ("no width", (0, 7, b""), ok(b"")),
    ("no height", (7, 0, b""), ok(b"")),
    ("one pixel", (1, 1, _RED), ok(b"\x4c")),
    ("narrower than the box", (2, 3, _RED * 3 + b"\0" * 9), ok(b"74($\x18\x15")),
    ("too few bytes", (2, 2, b"\0" * 11), error(ValueError)),
    ("too many bytes", (2, 2, b"\0" * 13), error(ValueError)),
    ("negative sides", (-1, -1, b"\0\0\0"), error(ValueError)),
    ("a negative side", (-1, 0, b""), error(ValueError)),
    ("sides whose product is beyond 64 bits", (2**62, 2**62, b""), error(ValueError)),
    ("a side beyond 64 bits", (2**63, 1, b""), error(OverflowError)),
    ("a side far below zero", (1, -(10**30), b""), error(OverflowError)),
    ("a side as float", (1.0, 1, _RED), error(TypeError)),
    ("a side as text", ("1", 1, _RED), error(TypeError)),
    ("pixels as text", (1, 1, "abc"), error(TypeError)),
    ("no pixels given", (1, 1, None), error(TypeError)),
    ("two arguments", (1, 1), error(TypeError)),
]
