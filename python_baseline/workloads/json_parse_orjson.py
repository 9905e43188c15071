"""`json_parse` by orjson, apart so that only this candidate pays for the import.

It makes the same records with the same checks. It departs from the baseline in a repeated field: orjson keeps the
last, and does not tell.
"""

from __future__ import annotations

import orjson

from workloads.json_parse import event_of


def json_parse(document: bytes) -> tuple[int, int]:
    """Number of events and sum of their amounts."""
    try:
        rows = orjson.loads(document)
    except orjson.JSONDecodeError as error:
        raise ValueError(f"not an array of events: {error}") from error
    if type(rows) is not list:
        raise ValueError("not an array")
    total = 0
    events = []
    for row in rows:
        if type(row) is not dict:
            raise ValueError("not an event")
        event = event_of(row)
        events.append(event)
        total += event.amount
    return len(events), total
