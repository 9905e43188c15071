"""Count the words of a text; the most frequent ones, with their numbers.

A word is what white space parts, as `str.split` has it: Unicode's, and the four separators from U+001C on. Words of
the same number stand in the order of their code points. Text that UTF-8 cannot write, for its lone surrogates, is a
`UnicodeEncodeError`; a negative `limit` is a `ValueError`.
"""

from __future__ import annotations

import heapq
import random
from collections import Counter
from itertools import accumulate

from workloads.outcomes import error, ok

SYLLABLES = ["ba", "den", "für", "ka", "lo", "mé", "nu", "ra", "so", "ti", "東", "ж"]
LIMIT = 10


def make(size: int, seed: int) -> tuple[str, int]:
    """A text of `size` words, a few of them frequent and most of them rare, as in a language."""
    rng = random.Random(seed)
    known = sorted({"".join(rng.choices(SYLLABLES, k=rng.randrange(1, 5))) for _ in range(min(size, 20_000))})
    rng.shuffle(known)
    weights = list(accumulate(1 / rank for rank in range(1, len(known) + 1)))
    words = rng.choices(known, cum_weights=weights, k=size) if known else []
    spaces = rng.choices([" ", "\n", ", ", "\u00a0"], cum_weights=[85, 95, 99, 100], k=size)
    return ("".join(word + space for word, space in zip(words, spaces)), LIMIT)


def word_count(text: str, limit: int) -> list[tuple[str, int]]:
    """The most frequent words, at most `limit` of them, the first most frequent."""
    if not isinstance(text, str):
        raise TypeError(f"expected str, got {type(text).__name__}")
    if not text.isascii():
        text.encode()  # refuses lone surrogates
    if not isinstance(limit, int):
        raise TypeError(f"expected int, got {type(limit).__name__}")
    if limit < 0:
        raise ValueError("limit must not be negative")
    counts = Counter(text.split())
    return heapq.nsmallest(limit, counts.items(), key=lambda item: (-item[1], item[0]))


OUTCOMES = [
    ("empty", ("", 3), ok([])),
    ("white space alone", (" \t\n\u3000", 3), ok([])),
    (
        "ties by code point",
        ("b a é \uffee 😀 B", 9),
        ok([("B", 1), ("a", 1), ("b", 1), ("é", 1), ("\uffee", 1), ("😀", 1)]),
    ),
    ("more first", ("b a b c c b", 2), ok([("b", 3), ("c", 2)])),
    ("tie at the limit", ("c b a", 1), ok([("a", 1)])),
    ("case is kept", ("a A ß SS", 4), ok([("A", 1), ("SS", 1), ("a", 1), ("ß", 1)])),
    ("composed and not", ("é e\u0301", 4), ok([("e\u0301", 1), ("é", 1)])),
    (
        "every white space",
        ("\t\n\x0b\x0c\r\x1c\x1d\x1e\x1f \x85\xa0\u1680\u2000\u200a\u2028\u2029\u202f\u205f\u3000", 1),
        ok([]),
    ),
    ("no white space", ("a\u200bb\ufeffc\x00d\u180ee", 1), ok([("a\u200bb\ufeffc\x00d\u180ee", 1)])),
    ("limit zero", ("a b", 0), ok([])),
    ("limit beyond 64 bits", ("a", 2**64), ok([("a", 1)])),
    ("limit as truth", ("a b", True), ok([("a", 1)])),
    ("negative limit", ("a", -1), error(ValueError)),
    ("limit far below zero", ("a", -(2**64)), error(ValueError)),
    ("limit as float", ("a", 1.0), error(TypeError)),
    ("limit of nothing", ("a", None), error(TypeError)),
    ("limit as text", ("a", "1"), error(TypeError)),
    ("bytes", (b"a", 1), error(TypeError)),
    ("nothing", (None, 1), error(TypeError)),
    ("list of words", (["a"], 1), error(TypeError)),
    ("no limit", ("a",), error(TypeError)),
    ("one huge word", ("x" * 1_000_000, 1), ok([("x" * 1_000_000, 1)])),
    ("lone surrogate", ("a \ud800", 1), error(UnicodeEncodeError)),
]
