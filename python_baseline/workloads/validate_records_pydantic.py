"""`validate_records` by pydantic 2, apart so that only this candidate pays for the import.

Its core is written in Rust. All rows are validated in one call, and every good one becomes a model, as it becomes a
record in the baseline.
"""

from typing import List, Literal, Optional

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError
from typing_extensions import Annotated

from workloads.validate_records import LARGEST

KINDS = {
    "missing": "missing",
    "extra_forbidden": "extra",
    "invalid_key": "key",
    "literal_error": "choice",
    "greater_than_equal": "range",
    "less_than_equal": "range",
    "finite_number": "range",
    "string_too_short": "length",
    "string_too_long": "length",
    "too_long": "length",
}

Identity = Annotated[int, Field(ge=1, le=LARGEST)]


class Customer(BaseModel):
    """The schema."""

    model_config = ConfigDict(strict=True, extra="forbid")

    id: Identity
    name: Annotated[str, Field(min_length=1, max_length=50)]
    plan: Literal["basic", "plus", "pro"]
    score: Annotated[float, Field(ge=0, le=100, allow_inf_nan=False)]
    tags: Annotated[List[Annotated[str, Field(min_length=1, max_length=20)]], Field(max_length=5)]
    parent: Optional[Identity] = None


ROWS = TypeAdapter(List[Customer])


def validate_records(rows: list) -> tuple:
    """The number of good rows, and the errors of the others."""
    if not isinstance(rows, list):
        raise TypeError(f"expected list, got {type(rows).__name__}")
    try:
        return len(ROWS.validate_python(rows)), []
    except ValidationError as invalid:
        found = invalid.errors(include_url=False, include_context=False, include_input=False)
    errors = []
    for error in found:
        number, *path = error["loc"]
        kind = KINDS.get(error["type"], "type")
        errors.append((number, "" if kind == "key" else ".".join(map(str, path)), kind))
    return len(rows) - len({number for number, _, _ in errors}), errors
