"""Functions of every kind of signature that a port can be scaffolded for; scripts/test-full builds them all."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import lru_cache
from typing import Any


def nothing() -> None:
    """Takes nothing, gives nothing."""


def ints(a: int, b: int = 3, *, c: int = -4) -> int:
    return a + b + c


def floats(values: list[float], factor: float = 1.5) -> list[float]:
    return [value * factor for value in values]


def texts(words: Sequence[str], separator: str = ",") -> str:
    return separator.join(words)


def blobs(parts: list[bytes]) -> bytes:
    return b"".join(parts)


def blob(data: bytes, key: bytes | None = None) -> tuple[int, bool]:
    return (len(data), key is None)


def table(rows: list[tuple[str, float]], lookup: Mapping[str, list[int]]) -> dict[str, float]:
    return {name: value + len(lookup) for name, value in rows}


def sets(a: set[str], b: set[int]) -> set[str]:
    return a


def optional(
    a: str | None,
    b: list[str] | None = None,
    c: int | None = None,
    d: set[int] | None = None,
    *,
    e: list[str] | None = None,
    f: tuple[int, int] | None = None,
    g: list[float] | None = None,
    h: bytes | None = None,
) -> str | None:
    return a


def nested(grid: list[list[float]], flags: list[bool]) -> list[list[int]]:
    return [[len(row)] for row in grid]


def untyped(items, limit=10, py=None):
    return items


def partly(items: list[dict[str, Any]], type: str, self: int) -> Any:
    return items


def odd(call: Callable, several: Sequence = (), most: float = float("inf")) -> list[bytes]:
    return []


def match(fn: int, match: str, input: int, outcome: bool) -> bool:
    return outcome


def lazy(number: int) -> Iterator[int]:
    yield from range(number)


@lru_cache(maxsize=None)
def cached(number: int) -> int:
    return number


class Adder:
    def __init__(self):
        self.number = 1

    def add(self, text: str) -> int:
        return self.number + len(text)

    @staticmethod
    def plain(text: str) -> int:
        return len(text)

    @classmethod
    def made(cls, text: str) -> int:
        return cls().add(text)
