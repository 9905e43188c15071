"""Pairs of programs as articles show them, where the Rust is taken for the Python and is not: the Python halves.

Each function is the plain Python that such a comparison starts from; its Rust half is in `src/`. The inputs are
everyday ones, and hold in one place what the two take differently: the manifest says what that is.
"""

from __future__ import annotations

import csv
import json
import random
import sys

DECLARED = 42  # the default seed: a declared input is one that can be timed, and that no half refuses

# A file and a count: whole programs.


def count(path: str) -> int:
    """The rows that the reader gives: the header and blank lines are rows, too."""
    with open(path, encoding="utf-8", newline="") as file:
        return sum(1 for _ in csv.reader(file))


def count_filled(path: str) -> int:
    """The rows that are no blank lines."""
    with open(path, encoding="utf-8", newline="") as file:
        return sum(1 for row in csv.reader(file) if row)


def count_closed(path: str) -> int:
    """The same where every quote has to be closed."""
    with open(path, encoding="utf-8", newline="") as file:
        return sum(1 for row in csv.reader(file, strict=True) if row)


def count_pairs(path: str) -> int:
    """The same where every row has to be a name and an amount."""
    rows = 0
    with open(path, encoding="utf-8", newline="") as file:
        for row in csv.reader(file):
            if row:
                _name, _amount = row
                rows += 1
    return rows


def records(size: int) -> list[str]:
    return ["name,amount", *(f"n{index},{index}" for index in range(size))]


def make_plain(size: int, seed: int) -> tuple[str]:
    return ("\n".join(records(size)) + "\n",)


def make_blank_lines(size: int, seed: int) -> tuple[str]:
    return ("\n".join([*records(size), "", "last,1"]) + "\n",)


def make_invalid_utf8(size: int, seed: int) -> tuple[bytes]:
    return ("\n".join([*records(size), "caf\xe9,1"]).encode("latin-1") + b"\n",)


def make_ragged(size: int, seed: int) -> tuple[str]:
    return ("\n".join([*records(size), "short", "long,1,2"]) + "\n",)


def make_open_quote(size: int, seed: int) -> tuple[str]:
    return ("\n".join([*records(size), '"open,1']) + "\n",)


# An object with an area.


class Circle:
    def __init__(self, radius: float) -> None:
        self.radius = radius

    def area(self) -> float:
        return 3.14159 * self.radius * self.radius


def area(radius: float) -> float:
    return Circle(radius).area()


def make_radius(size: int, seed: int) -> tuple[float]:
    return (float(size),)


# A list that is processed.


def process_items(items: list[str]) -> list[str]:
    items.append("end")
    return [item.upper() for item in items]


def make_words(size: int, seed: int) -> tuple[list[str]]:
    rng = random.Random(seed)
    return ([rng.choice(["pear", "fig", "apple", "lime", "date"]) for _ in range(size)],)


# Numbers.


def total(values: list[int]) -> int:
    return sum(values)


def make_large(size: int, seed: int) -> tuple[list[int]]:
    return ([2**62] * size,)


def quotients(values: list[int]) -> list[int]:
    return [value // 2 for value in values]


def remainders(values: list[int]) -> list[int]:
    return [value % 3 for value in values]


def make_signed(size: int, seed: int) -> tuple[list[int]]:
    return ([*range(size), -7],)


def halves(values: list[float]) -> list[int]:
    return [round(value) for value in values]


def make_halves(size: int, seed: int) -> tuple[list[float]]:
    return ([*(index + 0.25 for index in range(size)), 0.5],)


def plain_sum(values: list[float]) -> float:
    return sum(values)


def make_tenths(size: int, seed: int) -> tuple[list[float]]:
    return ([0.1] * (10 * size),)


def largest(values: list[float]) -> float:
    return max(values)


def dump(values: list[float]) -> str:
    return json.dumps(values, separators=(",", ":"))


def make_missing(size: int, seed: int) -> tuple[list[float]]:
    return ([float("nan"), *(index + 0.5 for index in range(size))],)


# Text, dictionaries, documents.


def initials(words: list[str]) -> str:
    return "".join(word[0] for word in words if word)


def make_names(size: int, seed: int) -> tuple[list[str]]:
    names = make_words(size, seed)[0]
    if seed != DECLARED:
        names.append("\udce9t\udce9.txt")  # as `os.fsdecode` gives a file's name that is no UTF-8
    return (names,)


def counts(words: list[str]) -> dict[str, int]:
    found: dict[str, int] = {}
    for word in words:
        found[word] = found.get(word, 0) + 1
    return found


def make_many_words(size: int, seed: int) -> tuple[list[str]]:
    return ([f"word{index * 7 % size}" for index in range(1, size + 1)],)


def level(document: str) -> int:
    return json.loads(document)["level"]


def make_settings(size: int, seed: int) -> tuple[str]:
    name = "other" if seed == DECLARED else "level"
    return ("{" + "".join(f'"{name}{index or ""}": {index}, ' for index in range(size)) + '"level": 9}',)


if __name__ == "__main__":
    print(globals()[sys.argv[1]](sys.argv[2]))
