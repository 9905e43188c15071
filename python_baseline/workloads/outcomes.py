"""The words in which a workload says what awkward input must lead to.

Each workload's file holds `OUTCOMES`, a list of (label, given, outcome): `given` is the tuple of arguments, or a
`file` whose path is the only argument; `outcome` is `ok(value)` or `error(kind, position)`. Baseline, hybrid and
native are all held to this one table. An implementation that departs from it is named in `DEPARTURES`, a dictionary
from its `module:attribute`, or the name of a native one, to the labels where it may.
"""

from __future__ import annotations

from typing import Any, NamedTuple


class Ok(NamedTuple):
    """The call returns a value: of this type, floats equal to the last bit, NaN equal to itself."""

    value: Any


class Error(NamedTuple):
    """The call raises: exactly this class, at this place of the input unless the table leaves that open."""

    kind: type[BaseException]
    position: int | None


class File(NamedTuple):
    """A file of this content; None stands for a path where nothing is."""

    content: bytes | None


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
