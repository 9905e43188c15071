"""Parse a JSON array of events into typed records, and add up a field.

An event is an object with exactly the fields `id` and `amount` (integers within 64 bits), `name` (text) and `score`
(a finite number), each once. Whatever else the bytes hold is a `ValueError`: malformed JSON, `NaN`, text that is not
UTF-8 or has lone surrogates, a missing, repeated, unknown or mistyped field, nesting. The sum is over `amount`, an
integer: from 3.12 `sum` of floats compensates for rounding, and results would depend on the version.

One departure is known: `-0` where an integer belongs is 0 here, and a float to the Rust twin, hence refused.
"""

from __future__ import annotations

import json
import random
from dataclasses import dataclass
from math import isfinite
from typing import Any

from workloads.outcomes import error, ok

NAMES = ["login", "log out", "purchase", "Rückgabe", "支払い", "naïve 😀", 'say "hi"']


@dataclass
class Event:
    """One record."""

    id: int
    name: str
    amount: int
    score: float


def make(size: int, seed: int) -> tuple[bytes]:
    """A document of `size` events, as it arrives from the network."""
    rng = random.Random(seed)
    events = [
        {
            "id": number,
            "name": rng.choice(NAMES),
            "amount": rng.randrange(-10_000, 1_000_000),
            "score": rng.choice([rng.random(), rng.random() * 1e-9, rng.randrange(10)]),
        }
        for number in range(size)
    ]
    return (json.dumps(events, ensure_ascii=bool(seed % 2)).encode(),)


def json_parse(document: bytes) -> tuple[int, int]:
    """Number of events and sum of their amounts."""
    try:
        events = _DECODER.decode(document.decode())
    except (ValueError, RecursionError, OverflowError) as error:
        raise ValueError(f"not an array of events: {error}") from error
    if type(events) is not list:
        raise ValueError("not an array")
    total = 0
    for event in events:
        if type(event) is not Event:
            raise ValueError("not an event")
        total += event.amount
    return len(events), total


def event_of(fields: dict[str, Any]) -> Event:
    """The record of an object, its fields checked as the Rust twin's types check them."""
    try:
        key, name, amount, score = fields["id"], fields["name"], fields["amount"], fields["score"]
    except KeyError as error:
        raise ValueError(f"the field {error} is missing") from error
    if len(fields) != 4:
        raise ValueError("a field is unknown")
    # `isinstance` would take True for an integer.
    if type(key) is not int or not -(2**63) <= key < 2**63:
        raise ValueError("an id is no integer within 64 bits")
    if type(amount) is not int or not -(2**63) <= amount < 2**63:
        raise ValueError("an amount is no integer within 64 bits")
    if type(score) is int:
        score = float(score)
    if type(score) is not float or not isfinite(score):
        raise ValueError("a score is no finite number")
    if type(name) is not str:
        raise ValueError("a name is no text")
    if not name.isascii():
        name.encode()  # refuses lone surrogates, which an escape can write
    return Event(key, name, amount, score)


def _event(pairs: list[tuple[str, Any]]) -> Event:
    # As serde does, an object becomes a record as soon as it ends: no tree of dictionaries is ever held.
    if len(pairs) != 4:
        raise ValueError("a field is unknown, missing or repeated")
    return event_of(dict(pairs))


def _refuse(literal: str) -> None:
    raise ValueError(f"{literal} is not JSON")


_DECODER = json.JSONDecoder(object_pairs_hook=_event, parse_constant=_refuse)


_GOOD = b'{"id": 1, "name": "a", "amount": 2, "score": 0.5}'


def _document(old: bytes, new: bytes) -> tuple[bytes]:
    return (b"[" + _GOOD.replace(old, new) + b"]",)


OUTCOMES = [
    ("no events", (b" [ ] ",), ok((0, 0))),
    ("empty", (b"",), error(ValueError)),
    ("truncated", (b"[" + _GOOD,), error(ValueError)),
    ("trailing data", (b"[] []",), error(ValueError)),
    ("byte order mark", (b"\xef\xbb\xbf[]",), error(ValueError)),
    ("invalid UTF-8", (b'["\xff"]',), error(ValueError)),
    ("UTF-16", ("[]".encode("utf-16"),), error(ValueError)),
    ("object", (b"{}",), error(ValueError)),
    ("one event", (_GOOD,), error(ValueError)),
    ("array of numbers", (b"[1]",), error(ValueError)),
    ("fields in an array", (b'[[1, "a", 2, 0.5]]',), error(ValueError)),
    ("deep nesting", (b"[" * 100_000,), error(ValueError)),
    ("deep nesting in a field", _document(b"0.5", b"[" * 100_000), error(ValueError)),
    ("escaped field name", _document(b'"id"', b'"\\u0069d"'), ok((1, 2))),
    ("missing field", _document(b', "score": 0.5', b""), error(ValueError)),
    ("unknown field", _document(b"0.5", b'0.5, "more": 1'), error(ValueError)),
    ("other field", _document(b'"score"', b'"extra"'), error(ValueError)),
    ("repeated field", _document(b'"amount": 2', b'"amount": 2, "amount": 3'), error(ValueError)),
    ("integer as text", _document(b"2", b'"2"'), error(ValueError)),
    ("integer as float", _document(b"2", b"2.0"), error(ValueError)),
    ("integer as truth", _document(b"2", b"true"), error(ValueError)),
    ("largest integer", _document(b"2", b"9223372036854775807"), ok((1, 2**63 - 1))),
    ("smallest integer", _document(b"2", b"-9223372036854775808"), ok((1, -(2**63)))),
    ("integer beyond 64 bits", _document(b"2", b"9223372036854775808"), error(ValueError)),
    ("id beyond 64 bits", _document(b"1", b"-9223372036854775809"), error(ValueError)),
    ("whole score", _document(b"0.5", b"18446744073709551616"), ok((1, 2))),
    ("score beyond the floats", _document(b"0.5", b"1e400"), error(ValueError)),
    ("whole score beyond the floats", _document(b"0.5", b"9" * 400), error(ValueError)),
    ("score of thousands of digits", _document(b"0.5", b"9" * 5000), error(ValueError)),
    ("score not a number", _document(b"0.5", b"NaN"), error(ValueError)),
    ("infinite score", _document(b"0.5", b"-Infinity"), error(ValueError)),
    ("no score", _document(b"0.5", b"null"), error(ValueError)),
    ("name as number", _document(b'"a"', b"1"), error(ValueError)),
    ("name beyond the plane", _document(b'"a"', b'"\\ud83d\\ude00"'), ok((1, 2))),
    ("name with a lone surrogate", _document(b'"a"', b'"\\ud800"'), error(ValueError)),
    ("name with a line end", _document(b'"a"', b'"\n"'), error(ValueError)),
    ("one huge field", _document(b'"a"', b'"' + b"x" * 200_000 + b'"'), ok((1, 2))),
]

DEPARTURES = {
    # A dictionary keeps the last of two fields of one name, and does not tell.
    "json_parse_untyped": ["repeated field"],
    "workloads.json_parse_orjson:json_parse": ["repeated field"],
}
