"""Validate rows against a schema: make records of the good ones, collect every error of the others with its place.

A row is a dictionary with the fields of `Customer`, `parent` optional, and no others. Types are strict: no text is
taken for a number, no truth for an integer; an integer is taken for a float. The result is the number of good rows
and the list of errors as (row, place, kind), in the order of rows, then of the schema's fields, then of the row's
unknown ones; `place` is the field's name, with the member's index for a tag (`tags.2`), and empty for the row itself.
The kinds are

    missing  type  range (of a number)  length (of a text or list)  choice (not one of the plans)  extra (unknown)
    key (a field's name that is no text)

Text is measured in code points; what cannot be written as UTF-8, for its lone surrogates, is no text. What is given
must be a list, else it is a `TypeError`; what the rows hold never is.
"""

from __future__ import annotations

import random
from dataclasses import dataclass
from typing import Any

from workloads.outcomes import error, ok

PLANS = ("basic", "plus", "pro")
NAMES = ["Ada", "Jürgen", "王秀英", "Nguyễn Văn An", "O'Brien", "😀"]
TAGS = ["new", "vip", "münchen", "beta", "à risque"]

Error = "tuple[int, str, str]"


@dataclass
class Customer:
    """A row that is in order."""

    id: int
    """From 1, within 64 bits."""
    name: str
    """From 1 to 50 characters."""
    plan: str
    """One of `PLANS`."""
    score: float
    """From 0 to 100."""
    tags: list[str]
    """At most 5, each of 1 to 20 characters."""
    parent: int | None
    """Optional; from 1, within 64 bits."""


FIELDS = frozenset(Customer.__dataclass_fields__)
LARGEST = 2**63 - 1


def make(size: int, seed: int) -> tuple[list[dict[str, Any]]]:
    """`size` rows, of which one in ten has something wrong."""
    rng = random.Random(seed)
    rows = []
    for number in range(1, size + 1):
        row: dict[str, Any] = {
            "id": number,
            "name": f"{rng.choice(NAMES)} {rng.randrange(1000)}",
            "plan": rng.choice(PLANS),
            "score": rng.random() * 100,
            "tags": rng.sample(TAGS, rng.randrange(4)),
        }
        if rng.random() < 0.5:
            row["parent"] = rng.choice([None, rng.randrange(1, number + 1)])
        if rng.random() < 0.1:
            spoil(row, rng)
        rows.append(row)
    return (rows,)


def spoil(row: dict[str, Any], rng: random.Random) -> None:
    """Makes one or two fields wrong."""
    for _ in range(rng.randrange(1, 3)):
        field, wrong = rng.choice(
            [
                ("id", 0),
                ("id", str(row["id"])),
                ("id", True),
                ("name", ""),
                ("name", "é" * 51),
                ("name", None),
                ("plan", "gold"),
                ("score", 100.5),
                ("score", "12"),
                ("score", float("nan")),
                ("tags", ["a"] * 6),
                ("tags", ["good", "", 7]),
                ("tags", "vip"),
                ("parent", -1),
                ("parent", "none"),
                ("colour", "red"),
            ]
        )
        row[field] = wrong
    if rng.random() < 0.2:
        del row[rng.choice(list(row))]


def validate_records(rows: list[dict[str, Any]]) -> tuple[int, list[Error]]:
    """The number of good rows, and the errors of the others."""
    if not isinstance(rows, list):
        raise TypeError(f"expected list, got {type(rows).__name__}")
    customers: list[Customer] = []
    errors: list[Error] = []
    for number, row in enumerate(rows):
        if isinstance(row, dict):
            customer = customer_of(row, number, errors)
            if customer is not None:
                customers.append(customer)
        else:
            errors.append((number, "", "type"))
    return len(customers), errors


def customer_of(row: dict[str, Any], number: int, errors: list[Error]) -> Customer | None:
    """The record of a row; None where the row has errors, which are added to the list."""
    before = len(errors)
    for field, check in CHECKS:
        if field in row:
            kind = check(row[field])
            if kind is not None:
                errors.append((number, field, kind))
        else:
            errors.append((number, field, "missing"))
    check_tags(row, number, errors)
    parent = row.get("parent")
    if parent is not None:
        kind = check_number(parent)
        if kind is not None:
            errors.append((number, "parent", kind))
    if not row.keys() <= FIELDS:
        for key in row:
            if not is_text(key):
                errors.append((number, "", "key"))
            elif key not in FIELDS:
                errors.append((number, key, "extra"))
    if len(errors) > before:
        return None
    return Customer(row["id"], row["name"], row["plan"], float(row["score"]), list(row["tags"]), parent)


def check_number(value: Any) -> str | None:
    """The kind of error that an identity has, if any."""
    # `isinstance` would take True for an integer.
    if type(value) is not int:
        return "type"
    return None if 1 <= value <= LARGEST else "range"


def is_text(value: Any) -> bool:
    """Whether this is text that can be written."""
    if not isinstance(value, str):
        return False
    if not value.isascii():
        try:
            value.encode()
        except UnicodeEncodeError:
            return False
    return True


def check_name(value: Any) -> str | None:
    """The same of a name."""
    if not is_text(value):
        return "type"
    return None if 1 <= len(value) <= 50 else "length"


def check_plan(value: Any) -> str | None:
    """The same of a plan."""
    return None if isinstance(value, str) and value in PLANS else "choice"


def check_score(value: Any) -> str | None:
    """The same of a score; not a number is in no range."""
    if type(value) is not float and type(value) is not int:
        return "type"
    return None if 0 <= value <= 100 else "range"


CHECKS = [("id", check_number), ("name", check_name), ("plan", check_plan), ("score", check_score)]


def check_tags(row: dict[str, Any], number: int, errors: list[Error]) -> None:
    """Adds the errors of the tags, one for each wrong member."""
    if "tags" not in row:
        errors.append((number, "tags", "missing"))
        return
    tags = row["tags"]
    if not isinstance(tags, list):
        errors.append((number, "tags", "type"))
    elif len(tags) > 5:
        errors.append((number, "tags", "length"))
    else:
        for index, tag in enumerate(tags):
            if not is_text(tag):
                errors.append((number, f"tags.{index}", "type"))
            elif not 1 <= len(tag) <= 20:
                errors.append((number, f"tags.{index}", "length"))


_GOOD = {"id": 1, "name": "a", "plan": "pro", "score": 0.5, "tags": ["x"]}


def _with(**fields: Any) -> tuple[list[dict[str, Any]]]:
    return ([{**_GOOD, **fields}],)


def _without(field: str) -> tuple[list[dict[str, Any]]]:
    return ([{key: value for key, value in _GOOD.items() if key != field}],)


def _one(place: str, kind: str) -> Any:
    return ok((0, [(0, place, kind)]))


def _deep() -> list:
    nested: list = []
    for _ in range(300):
        nested = [nested]
    return nested


_FINE = ok((1, []))

OUTCOMES = [
    ("no rows", ([],), ok((0, []))),
    ("good", _with(), _FINE),
    ("nothing", (None,), error(TypeError)),
    ("tuple of rows", ((_GOOD,),), error(TypeError)),
    ("one row", (_GOOD,), error(TypeError)),
    ("text", ("[]",), error(TypeError)),
    ("no argument", (), error(TypeError)),
    ("rows of other types", ([None, 1, "x", [], _GOOD],), ok((1, [(row, "", "type") for row in range(4)]))),
    ("empty row", ([{}],), ok((0, [(0, name, "missing") for name in ("id", "name", "plan", "score", "tags")]))),
    ("missing id", _without("id"), _one("id", "missing")),
    ("missing tags", _without("tags"), _one("tags", "missing")),
    ("id as text", _with(id="1"), _one("id", "type")),
    ("id as float", _with(id=1.0), _one("id", "type")),
    ("id as truth", _with(id=True), _one("id", "type")),
    ("id of nothing", _with(id=None), _one("id", "type")),
    ("id zero", _with(id=0), _one("id", "range")),
    ("largest id", _with(id=2**63 - 1), _FINE),
    ("id beyond 64 bits", _with(id=2**63), _one("id", "range")),
    ("id of many digits", _with(id=-(10**1000)), _one("id", "range")),
    ("name as bytes", _with(name=b"a"), _one("name", "type")),
    ("empty name", _with(name=""), _one("name", "length")),
    ("name of 50 characters", _with(name="😀" * 50), _FINE),
    ("name of 51 characters", _with(name="a" * 51), _one("name", "length")),
    ("one huge name", _with(name="x" * 1_000_000), _one("name", "length")),
    ("name with a lone surrogate", _with(name="a\ud800"), _one("name", "type")),
    ("tag with a lone surrogate", _with(tags=["\udfff"]), _one("tags.0", "type")),
    ("unknown field with a lone surrogate", ([{**_GOOD, "\ud800": 1}],), _one("", "key")),
    ("unknown plan", _with(plan="Pro"), _one("plan", "choice")),
    ("plan with a lone surrogate", _with(plan="pro\udfff"), _one("plan", "choice")),
    ("plan as number", _with(plan=1), _one("plan", "choice")),
    ("plan as list", _with(plan=["pro"]), _one("plan", "choice")),
    ("whole score", _with(score=100), _FINE),
    ("score as truth", _with(score=False), _one("score", "type")),
    ("score as text", _with(score="1"), _one("score", "type")),
    ("negative zero", _with(score=-0.0), _FINE),
    ("score too small", _with(score=-5e-324), _one("score", "range")),
    ("score too large", _with(score=100.00000000000001), _one("score", "range")),
    ("score not a number", _with(score=float("nan")), _one("score", "range")),
    ("infinite score", _with(score=float("-inf")), _one("score", "range")),
    ("score beyond the floats", _with(score=10**400), _one("score", "range")),
    ("whole score beyond 64 bits", _with(score=-(2**64)), _one("score", "range")),
    ("no tags", _with(tags=[]), _FINE),
    ("tags as tuple", _with(tags=("x",)), _one("tags", "type")),
    ("tags as text", _with(tags="x"), _one("tags", "type")),
    ("six tags", _with(tags=["x"] * 5 + [1]), _one("tags", "length")),
    ("tags nested deep", _with(tags=["x", _deep()]), _one("tags.1", "type")),
    (
        "several bad tags",
        _with(tags=["", "x", None, "y" * 21, "é" * 20]),
        ok((0, [(0, "tags.0", "length"), (0, "tags.2", "type"), (0, "tags.3", "length")])),
    ),
    ("parent of nothing", _with(parent=None), _FINE),
    ("parent", _with(parent=7), _FINE),
    ("parent zero", _with(parent=0), _one("parent", "range")),
    ("parent beyond 64 bits", _with(parent=2**64), _one("parent", "range")),
    ("parent as text", _with(parent="7"), _one("parent", "type")),
    ("unknown field", _with(colour="red"), _one("colour", "extra")),
    (
        "unknown fields in their order",
        ([{"z": 1, **_GOOD, "a": _deep()}],),
        ok((0, [(0, "z", "extra"), (0, "a", "extra")])),
    ),
    ("unknown empty name", ([{**_GOOD, "": 1}],), _one("", "extra")),
    (
        "name of a field no text",
        ([{**_GOOD, 1: 1, None: 2, "b": 3}],),
        ok((0, [(0, "", "key"), (0, "", "key"), (0, "b", "extra")])),
    ),
    (
        "every field wrong",
        ([_GOOD, {"id": 0, "name": 1, "plan": "x", "score": "1", "tags": [2], "parent": 0, "a": 1}],),
        ok(
            (
                1,
                [
                    (1, "id", "range"),
                    (1, "name", "type"),
                    (1, "plan", "choice"),
                    (1, "score", "type"),
                    (1, "tags.0", "type"),
                    (1, "parent", "range"),
                    (1, "a", "extra"),
                ],
            )
        ),
    ),
]

DEPARTURES = {
    "workloads.validate_records_pydantic:validate_records": [
        # All three are errors to it too, of the kind `type`.
        "unknown field with a lone surrogate",
        "plan with a lone surrogate",
        "score beyond the floats",
    ],
    # Its file says how it differs.
    "workloads.validate_records_pydantic_v1:validate_records": [
        "rows of other types",
        "name with a lone surrogate",
        "tag with a lone surrogate",
        "unknown field with a lone surrogate",
        "whole score",
        "score beyond the floats",
        "whole score beyond 64 bits",
        "tags as tuple",
        "unknown fields in their order",
        "name of a field no text",
    ],
}
