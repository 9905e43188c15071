"""Count the records of a CSV file, given its path: opening and reading it is part of the work.

Both twins count the same thing. The first record is the header and is not counted; blank lines are no records; a
quoted field may hold line ends; records need not have the header's length; a quote left open ends with the file; a
byte order mark is skipped. An empty file has 0 records. A missing file is a `FileNotFoundError`, and a byte that is
not UTF-8, wherever it stands, a `UnicodeDecodeError`.

Before 3.11 `csv` refuses a NUL character (`_csv.Error`); since then it is data, as it is in Rust.
"""

from __future__ import annotations

import csv
import random

from workloads.outcomes import MISSING, error, file, ok

# The default refuses fields of more than 131 072 characters, which Rust's reader does not. The limit is a C long, and
# that has 32 bits on some platforms.
csv.field_size_limit(2**31 - 1)

CITIES = ["London", "München", "Kraków", "上海", "New York", "São Paulo"]
NOTES = ["plain", "", '"a, comma"', '"says ""hi"""', '"two\nlines"', '"three\n\nlines"', "naïve 😀"]


def make(size: int, seed: int) -> tuple[str]:
    """The text of a file with `size` records: some with quoted line ends, some with characters of several bytes."""
    rng = random.Random(seed)
    lines = ["id,name,city,amount,note\n"]
    for number in range(size):
        amount = rng.randrange(100_000) / 100
        lines.append(f"{number},name {rng.randrange(1000)},{rng.choice(CITIES)},{amount:.2f},{rng.choice(NOTES)}\n")
    return ("".join(lines),)


def csv_count(path: str) -> int:
    """The number of records under the header."""
    with open(path, encoding="utf-8-sig", newline="") as file:
        # `csv.reader` gives a blank line as an empty record; Rust's reader skips it, and the header too.
        records = filter(None, csv.reader(file))
        next(records, None)
        return sum(1 for _ in records)


def naive(path: str) -> int:
    """The same with every record in memory at once, as tutorials do it."""
    with open(path, encoding="utf-8-sig", newline="") as file:
        rows = list(csv.reader(file))
    records = [row for row in rows if row]
    return max(len(records) - 1, 0)


OUTCOMES = [
    ("missing", MISSING, error(FileNotFoundError)),
    ("empty", file(b""), ok(0)),
    ("header only", file(b"a,b\n"), ok(0)),
    ("blank lines", file(b"\na,b\n\n1,2\r\n\r\n3,4\n\n"), ok(2)),
    ("no last line end", file(b"a,b\n1,2"), ok(1)),
    ("ragged", file(b"a,b\n1\n1,2,3\n"), ok(2)),
    ("quoted line ends", file(b'a,b\n"1\n\n2",3\n4,"5""\n"\n'), ok(2)),
    ("quote left open", file(b'a,b\n1,"2\n3,4\n'), ok(1)),
    ("quote within a field", file(b'a,b\n1"2,"3"4\n'), ok(1)),
    ("lone carriage returns", file(b"a\r1\r\r2"), ok(2)),
    ("byte order mark", file(b"\xef\xbb\xbf\na\n1\n"), ok(1)),
    ("empty quoted field", file(b'a\n""\n'), ok(1)),
    ("one huge field", file(b'a\n"' + b"x" * 200_000 + b'"\n'), ok(1)),
    ("invalid first byte", file(b"\xff\xfea\n1\n"), error(UnicodeDecodeError)),
    ("invalid in the last record", file(b"a\n" + b"1\n" * 9000 + b"\xe9\n"), error(UnicodeDecodeError)),
    ("truncated character", file(b"a\n\xc3"), error(UnicodeDecodeError)),
    ("encoded surrogate", file(b'a\n"\xed\xa0\x80"\n'), error(UnicodeDecodeError)),
    ("character split by a quote", file(b'a\n"\xc3"\xa9\n'), error(UnicodeDecodeError)),
]

DEPARTURES = {
    # Its file says how.
    "workloads.csv_count_polars:csv_count": [
        "empty",
        "blank lines",
        "quote left open",
        "quote within a field",
        "lone carriage returns",
        "invalid first byte",
        "invalid in the last record",
        "truncated character",
        "encoded surrogate",
        "character split by a quote",
    ],
}
