"""`log_parse` with the parsing of a line in Rust and the loop in Python: one crossing a line.

The loop is part of the comparison, and so is this wrapper; `rustworthy_suite.log_parse` has none.
"""

from __future__ import annotations

from rustworthy_suite import log_parse_line as parse_line


def log_parse(document: bytes) -> tuple:
    """The records, and the numbers of the lines that are none."""
    if not isinstance(document, bytes):
        raise TypeError(f"expected bytes, got {type(document).__name__}")
    records = []
    rejected = []
    for number, text in enumerate(document.split(b"\n")):
        if text.endswith(b"\r"):
            text = text[:-1]
        if text:
            record = parse_line(text)
            if record is None:
                rejected.append(number)
            else:
                records.append(record)
    return records, rejected
