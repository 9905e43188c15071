"""Levenshtein distances of pairs of words: the fewest insertions, deletions and replacements of a character.

Both twins fill the table of distances between all beginnings row by row, and keep two rows. A character is a code
point. What is no list is a `TypeError`, as is a pair that is no tuple or has another type than text in it; a tuple of
another length is a `ValueError`, lone surrogates are a `UnicodeEncodeError`.
"""

from __future__ import annotations

import random

from workloads.outcomes import error, ok

LETTERS = "eeeeaaaiinnrrstluodcmpgbfhvéüß東"


def make(size: int, seed: int) -> tuple[list[tuple[str, str]]]:
    """`size` pairs: half of them a word with a few slips, half of them two words."""
    rng = random.Random(seed)
    pairs = []
    for _ in range(size):
        word = "".join(rng.choices(LETTERS, k=rng.randrange(4, 16)))
        other = misspelt(word, rng) if rng.random() < 0.5 else "".join(rng.choices(LETTERS, k=rng.randrange(4, 16)))
        pairs.append((word, other))
    return (pairs,)


def misspelt(word: str, rng: random.Random) -> str:
    """The word with one to three slips."""
    for _ in range(rng.randrange(1, 4)):
        place = rng.randrange(len(word) + 1)
        word = word[:place] + rng.choice(["", rng.choice(LETTERS)]) + word[place + rng.randrange(2) :]
    return word


def edit_distance(pairs: list[tuple[str, str]]) -> list[int]:
    """The distance of each pair."""
    check_list(pairs)
    return [distance(*check_pair(pair)) for pair in pairs]


def check_list(pairs: object) -> None:
    """Raises for what is no list."""
    if not isinstance(pairs, list):
        raise TypeError(f"expected list, got {type(pairs).__name__}")


def check_pair(pair: tuple[str, str]) -> tuple[str, str]:
    """The pair; raises for what is none."""
    if not isinstance(pair, tuple):
        raise TypeError(f"expected tuple, got {type(pair).__name__}")
    left, right = pair
    for word in pair:
        if not isinstance(word, str):
            raise TypeError(f"expected str, got {type(word).__name__}")
        if not word.isascii():
            word.encode()  # refuses lone surrogates
    return pair


def distance(left: str, right: str) -> int:
    """The distance of two words."""
    above = list(range(len(right) + 1))
    for deleted, letter in enumerate(left, 1):
        beside = deleted
        row = [beside]
        for column, other in enumerate(right):
            replaced = above[column] if letter == other else above[column] + 1
            # `min` would be a call for each place of the table.
            if above[column + 1] < beside:
                beside = above[column + 1]
            beside += 1
            if replaced < beside:
                beside = replaced
            row.append(beside)
        above = row
    return above[-1]


OUTCOMES = [
    ("no pairs", ([],), ok([])),
    ("empty words", ([("", ""), ("", "ab"), ("ab", "")],), ok([0, 2, 2])),
    ("equal words", ([("same", "same")],), ok([0])),
    ("slips of each kind", ([("kitten", "sitting"), ("flaw", "lawn"), ("ab", "ba")],), ok([3, 2, 2])),
    ("code points", ([("é", "e"), ("e\u0301", "é"), ("😀", "😁"), ("a\0", "a")],), ok([1, 2, 1, 1])),
    ("64 and 65 characters", ([("a" * 64, "b" * 65), ("a" * 65, "b" * 64), ("a" * 65, "a" * 66)],), ok([65, 65, 1])),
    ("one huge word", ([("x" * 100_000, "y"), ("", "x" * 100_000)],), ok([100_000, 100_000])),
    ("nothing", (None,), error(TypeError)),
    ("text", ("ab",), error(TypeError)),
    ("one pair", (("a", "b"),), error(TypeError)),
    ("tuple of pairs", ((("a", "b"),),), error(TypeError)),
    ("no argument", (), error(TypeError)),
    ("pair of nothing", ([None],), error(TypeError)),
    ("pair as list", ([["a", "b"]],), error(TypeError)),
    ("pair as text", (["ab"],), error(TypeError)),
    ("one word", ([("a",)],), error(ValueError)),
    ("three words", ([("a", "b", "c")],), error(ValueError)),
    ("bytes", ([("a", b"a")],), error(TypeError)),
    ("number", ([(1, "a")],), error(TypeError)),
    ("nothing for a word", ([("a", "b"), ("a", None)],), error(TypeError)),
    ("lone surrogate", ([("a", "\ud800")],), error(UnicodeEncodeError)),
]

DEPARTURES = {
    # `Vec` takes any sequence.
    "rustworthy_suite:edit_distance_copied": ["tuple of pairs"],
}
