"""Group the records of a CSV file by region, add up an integer and a float: the heart of many an ETL job.

The header names the columns; `region`, `amount` and `weight` must be among them, in any order. Of each region the
result has the number of records, the sum of the amounts and the mean of the weights, in the order of the names. A
record that does not have the header's length, an amount that is no integer within 64 bits and a weight that is no
finite number are a `ValueError` whose `position` is the record's number; a file without a column is one, too. As for
the rest of the format see `csv_count`.

Numbers are what `int` and `float` take: spaces around them and underscores between digits are allowed. Digits of
other scripts are not, because the Rust twin would need a table of them.

The weights are multiples of 1/8, small enough that every partial sum is exact: pandas compensates for rounding and
polars adds in another order, and all agree to the last bit. Both twins add from first to last.
"""

from __future__ import annotations

import csv
import random
from math import isfinite

from workloads.outcomes import MISSING, at, error, file, ok

# See csv_count.
csv.field_size_limit(2**31 - 1)

# `NA` is North America, not a missing value.
REGIONS = ["NA", "EU", "Österreich", "東京", "São Paulo", "A, B & C", 'the "south"', "null", "nan", ""]
NOTES = ["plain", "", '"a, comma"', '"two\nlines"', "naïve 😀"]

Group = "tuple[str, int, int, float]"


def make(size: int, seed: int) -> tuple[str]:
    """The text of a file with `size` records in at most 100 regions."""
    rng = random.Random(seed)
    regions = [name if name.isalpha() or not name else '"{}"'.format(name.replace('"', '""')) for name in REGIONS]
    regions += [f"region {number}" for number in range(90)]
    lines = ["id,region,note,amount,weight\n"]
    for number in range(size):
        weight = rng.randrange(8_000_000) / 8
        lines.append(f"{number},{rng.choice(regions)},{rng.choice(NOTES)},{rng.randrange(-1000, 10**6)},{weight}\n")
    return ("".join(lines),)


def csv_aggregate(path: str) -> list[Group]:
    """Name, number of records, sum of amounts and mean of weights of every region."""
    groups: dict[str, list] = {}
    with open(path, encoding="utf-8-sig", newline="") as file:
        records = filter(None, csv.reader(file))
        header = next(records, None)
        if header is None:
            return []
        region_at, amount_at, weight_at = (column(header, name) for name in ("region", "amount", "weight"))
        width = len(header)
        for number, record in enumerate(records, 1):
            if len(record) != width:
                raise at(number, ValueError(f"record {number} has {len(record)} fields, not {width}"))
            try:
                amount, weight = numbers(record[amount_at], record[weight_at])
            except ValueError as error:
                raise at(number, error) from None
            group = groups.get(record[region_at])
            if group is None:
                groups[record[region_at]] = [1, amount, 0.0 + weight]
            else:
                group[0] += 1
                group[1] += amount
                group[2] += weight
    return [(name, count, amounts, weights / count) for name, (count, amounts, weights) in sorted(groups.items())]


def column(header: list[str], name: str) -> int:
    """Where the column of this name stands, the first if there are several."""
    if name not in header:
        raise ValueError(f"there is no column {name!r}")
    return header.index(name)


def numbers(amount: str, weight: str) -> tuple[int, float]:
    """The numbers that two fields hold."""
    if not (amount.isascii() and weight.isascii()):
        raise ValueError("a number has characters beyond ASCII")
    whole, real = int(amount), float(weight)
    if not -(2**63) <= whole < 2**63:
        raise ValueError(f"{amount} is beyond 64 bits")
    if not isfinite(real):
        raise ValueError(f"{weight} is not finite")
    return whole, real


_HEADER = b"region,amount,weight\n"

OUTCOMES = [
    ("missing", MISSING, error(FileNotFoundError)),
    ("empty", file(b""), ok([])),
    ("only blank lines", file(b"\n\r\n\n"), ok([])),
    ("header only", file(_HEADER), ok([])),
    ("one record", file(_HEADER + b"EU,2,0.5\n"), ok([("EU", 1, 2, 0.5)])),
    ("columns in another order", file(b"weight,x,region,amount\n0.5,,EU,2\n"), ok([("EU", 1, 2, 0.5)])),
    ("column taken twice", file(b"region,region,amount,weight\nEU,US,2,0.5\n"), ok([("EU", 1, 2, 0.5)])),
    ("missing column", file(b"region,amount\nEU,2\n"), error(ValueError)),
    ("header in capitals", file(b"Region,Amount,Weight\nEU,2,0.5\n"), error(ValueError)),
    ("byte order mark", file(b"\xef\xbb\xbf" + _HEADER + b"EU,2,0.5\n"), ok([("EU", 1, 2, 0.5)])),
    (
        "names by code point",
        file(_HEADER + "é,1,1\nz,1,1\n😀,1,1\n\uffee,1,1\n".encode()),
        ok([("z", 1, 1, 1.0), ("é", 1, 1, 1.0), ("\uffee", 1, 1, 1.0), ("😀", 1, 1, 1.0)]),
    ),
    ("blank lines between", file(_HEADER + b"\nEU,2,0.5\r\n\r\nEU,1,1.5\n\n"), ok([("EU", 2, 3, 1.0)])),
    ("quoted numbers", file(_HEADER + b'EU,"2","0.5"\n'), ok([("EU", 1, 2, 0.5)])),
    ("quoted line end in a name", file(_HEADER + b'"E\nU",2,0.5\n'), ok([("E\nU", 1, 2, 0.5)])),
    ("spaces around numbers", file(_HEADER + b"EU, 2\t, 0.5 \n"), ok([("EU", 1, 2, 0.5)])),
    ("separators around numbers", file(_HEADER + b"EU,\x1c2,0.5\x1f\n"), error(ValueError, 1)),
    ("underscores between digits", file(_HEADER + b"EU,1_0,2_5.0_0\n"), ok([("EU", 1, 10, 25.0)])),
    ("underscore at the end", file(_HEADER + b"EU,1_,1\n"), error(ValueError, 1)),
    ("two underscores", file(_HEADER + b"EU,1__0,1\n"), error(ValueError, 1)),
    ("underscore in an exponent", file(_HEADER + b"EU,1,1e1_0\n"), ok([("EU", 1, 1, 1e10)])),
    ("underscore beside the point", file(_HEADER + b"EU,1,1_.5\n"), error(ValueError, 1)),
    ("underscore in not a number", file(_HEADER + b"EU,1,n_an\n"), error(ValueError, 1)),
    ("signs", file(_HEADER + b"EU,+2,-0.5\n"), ok([("EU", 1, 2, -0.5)])),
    ("two signs", file(_HEADER + b"EU,+-2,1\n"), error(ValueError, 1)),
    ("sign alone", file(_HEADER + b"EU,-,1\n"), error(ValueError, 1)),
    ("leading zeros", file(_HEADER + b"EU,007,00.5\n"), ok([("EU", 1, 7, 0.5)])),
    ("no digit before the point", file(_HEADER + b"EU,1,.5\n"), ok([("EU", 1, 1, 0.5)])),
    ("no digit after the point", file(_HEADER + b"EU,1,5.\n"), ok([("EU", 1, 1, 5.0)])),
    ("point alone", file(_HEADER + b"EU,1,.\n"), error(ValueError, 1)),
    ("exponent", file(_HEADER + b"EU,1,5E-1\n"), ok([("EU", 1, 1, 0.5)])),
    ("whole weight", file(_HEADER + b"EU,1,5\n"), ok([("EU", 1, 1, 5.0)])),
    ("negative zero", file(_HEADER + b"EU,-0,-0.0\n"), ok([("EU", 1, 0, 0.0)])),
    (
        "rounded from first to last",
        file(_HEADER + b"EU,1,0.1\nEU,1,0.2\nEU,1,0.3\n"),
        ok([("EU", 3, 3, (0.1 + 0.2 + 0.3) / 3)]),
    ),
    ("hexadecimal amount", file(_HEADER + b"EU,0x10,1\n"), error(ValueError, 1)),
    ("amount as float", file(_HEADER + b"EU,1,1\nEU,2.0,0.5\n"), error(ValueError, 2)),
    ("amount as text", file(_HEADER + b"EU,1,1\nEU,1,1\nEU,two,1\n"), error(ValueError, 3)),
    ("no amount", file(_HEADER + b"EU,,1\n"), error(ValueError, 1)),
    ("digits of another script", file(_HEADER + "EU,١,1\n".encode()), error(ValueError, 1)),
    ("no-break space around a number", file(_HEADER + "EU,1,1\u00a0\n".encode()), error(ValueError, 1)),
    (
        "largest amount",
        file(_HEADER + b"EU,9223372036854775807,1\nEU,9223372036854775807,1\n"),
        ok([("EU", 2, 2**64 - 2, 1.0)]),
    ),
    ("amount beyond 64 bits", file(_HEADER + b"EU,9223372036854775808,1\n"), error(ValueError, 1)),
    ("amount of 5000 digits", file(_HEADER + b"EU," + b"9" * 5000 + b",1\n"), error(ValueError, 1)),
    ("weight not a number", file(_HEADER + b"EU,1,nan\n"), error(ValueError, 1)),
    ("infinite weight", file(_HEADER + b"EU,1,-Infinity\n"), error(ValueError, 1)),
    ("weight beyond the floats", file(_HEADER + b"EU,1,1e400\n"), error(ValueError, 1)),
    ("sum beyond the floats", file(_HEADER + b"EU,1,1e308\nEU,1,1e308\n"), ok([("EU", 2, 2, float("inf"))])),
    ("short record", file(_HEADER + b"EU,1,1\nEU,1\n"), error(ValueError, 2)),
    ("long record", file(_HEADER + b"EU,1,1,1\n"), error(ValueError, 1)),
    ("truncated", file(_HEADER + b"EU,1,1\nEU,1"), error(ValueError, 2)),
    ("quote left open", file(_HEADER + b'EU,1,1\nEU,1,"1\n'), ok([("EU", 2, 2, 1.0)])),
    ("one huge name", file(_HEADER + b"x" * 200_000 + b",1,1\n"), ok([("x" * 200_000, 1, 1, 1.0)])),
    ("invalid UTF-8", file(_HEADER + b"\xff,1,1\n"), error(UnicodeDecodeError)),
    ("truncated character", file(_HEADER + b"EU,1,1\n\xc3"), error(UnicodeDecodeError)),
    ("character split by a quote", file(_HEADER + b'"\xc3"\xa9,1,1\n'), error(UnicodeDecodeError)),
]

# Both libraries have exceptions of their own, read numbers by rules of their own, and let pass what they can: a lone
# carriage return, a short record, an infinite weight. Their files say how they are held to the rest.
_LIBRARIES = [
    label
    for label, given, outcome in OUTCOMES
    if label not in ("missing", "header only", "one record", "columns in another order", "names by code point")
]
DEPARTURES = {
    "workloads.csv_aggregate_polars:csv_aggregate": _LIBRARIES,
    "workloads.csv_aggregate_polars_one_thread:csv_aggregate": _LIBRARIES,
    "workloads.csv_aggregate_pandas:csv_aggregate": _LIBRARIES,
}
