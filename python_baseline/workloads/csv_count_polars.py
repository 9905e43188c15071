"""`csv_count` by polars, apart so that only this candidate pays for the import.

Every column is read as text, so that polars checks the encoding as the baseline does: a lazy count of lines would
not, and would be a smaller task. It departs from the baseline on bad input: a blank line is a record to it, an empty
file, an open quote or a lone carriage return an error or another count, and it has exception classes of its own.
"""

import polars


def csv_count(path: str) -> int:
    """The number of records under the header."""
    return polars.read_csv(path, infer_schema=False, truncate_ragged_lines=True).height
