"""`validate_records` by pydantic 1, apart so that only this candidate pays for the import.

It is the copy that pydantic 2 carries as `pydantic.v1`: one environment cannot hold both releases. That copy is plain
Python, while the wheels of pydantic 1 are compiled by Cython, and took about two thirds of its time when both were
tried: a factor between the two candidates is one between pydantic 2 and pydantic 1 without its compilation.

It departs from the schema where it has no strict form of a type: an integer is no float to it, a tuple is a list, and
so is a list of pairs a row. It takes text with lone surrogates, and sorts unknown fields by name.
"""

from typing import List, Literal, Optional

from pydantic.v1 import BaseModel, ValidationError, confloat, conint, conlist, constr, parse_obj_as

from workloads.validate_records import LARGEST

KINDS = {
    "value_error.missing": "missing",
    "value_error.extra": "extra",
    "value_error.const": "choice",
    "value_error.number.not_ge": "range",
    "value_error.number.not_le": "range",
    "value_error.any_str.min_length": "length",
    "value_error.any_str.max_length": "length",
    "value_error.list.max_items": "length",
}


class Customer(BaseModel):
    """The schema."""

    class Config:
        """Unknown fields are errors."""

        extra = "forbid"

    id: conint(strict=True, ge=1, le=LARGEST)
    name: constr(strict=True, min_length=1, max_length=50)
    plan: Literal["basic", "plus", "pro"]
    score: confloat(strict=True, ge=0, le=100)
    tags: conlist(constr(strict=True, min_length=1, max_length=20), max_items=5)
    parent: Optional[conint(strict=True, ge=1, le=LARGEST)] = None


def validate_records(rows: list) -> tuple:
    """The number of good rows, and the errors of the others."""
    if not isinstance(rows, list):
        raise TypeError(f"expected list, got {type(rows).__name__}")
    try:
        return len(parse_obj_as(List[Customer], rows)), []
    except ValidationError as invalid:
        found = invalid.errors()
    errors = []
    for error in found:
        _, number, *path = error["loc"]
        errors.append((number, ".".join(map(str, path)), KINDS.get(error["type"], "type")))
    return len(rows) - len({number for number, _, _ in errors}), errors
