"""The words in which a workload says what awkward input must lead to.

Each workload's file holds `OUTCOMES`, a list of (label, given, outcome): `given` is the tuple of arguments, or a
`file` whose path is the only argument; `outcome` is `ok(value)` or `error(kind, position)`. Baseline, hybrid and
native are all held to this one table. An implementation that departs from it is named in `DEPARTURES`, a dictionary
from its `module:attribute`, or the name of a native one, to the labels where it may.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    # Every worker imports this file, and `typing` takes longer than all the rest of it.
    from typing import Any


class Ok:
    """The call returns a value: of this type, floats equal to the last bit, NaN equal to itself."""

    def __init__(self, value: Any) -> None:
        self.value = value

    def __repr__(self) -> str:
        return f"ok({self.value!r})"


class Error:
    """The call raises: exactly this class, at this place of the input unless the table leaves that open."""

    def __init__(self, kind: type[BaseException], position: int | None) -> None:
        self.kind = kind
        self.position = position

    def __repr__(self) -> str:
        return f"error({self.kind.__name__}, {self.position})"


class File:
    """A file of this content; None stands for a path where nothing is."""

    def __init__(self, content: bytes | None) -> None:
        self.content = content


def ok(value: Any) -> Ok:
    return Ok(value)


def error(kind: type[BaseException], position: int | None = None) -> Error:
    """`position` is what the exception has as its attribute of that name (or `pos`, or `lineno`)."""
    return Error(kind, position)


def file(content: bytes) -> File:
    return File(content)


MISSING = File(None)


def at(position: int, exception: Exception) -> Exception:
    """The exception, which now says where in the input the error lies."""
    exception.position = position  # type: ignore[attr-defined]
    return exception
