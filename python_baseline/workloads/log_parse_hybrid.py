"""`log_parse` with the parsing of a line in Rust and the loop in Python: one crossing a line.

The loop is part of the comparison, and so is this wrapper; `rustworthy_suite.log_parse` has none.
"""

from __future__ import annotations

from rustworthy_suite import log_parse_line

from workloads.log_parse import parse_lines


def log_parse(document: bytes) -> tuple:
    """The records, and the numbers of the lines that are none."""
    return parse_lines(document, log_parse_line)
