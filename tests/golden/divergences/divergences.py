"""Ten functions, ports of them that agree, and ports with a fault planted in each: to be told apart.

Run as a script it prints the manifest: `python divergences.py` with every planted fault, `python divergences.py
agreeing` with the ports that agree alone. A fault is a function under the name `PAIR__FAULT`, registered with its
class. The input callables draw what the faults can be seen on: no check finds what no input shows.
"""

from __future__ import annotations

import json
import math
import os
import random
import struct
import sys
import unicodedata
from functools import partial
from itertools import zip_longest
from typing import Any, Callable

DECLARED = 42  # the default seed: a declared input must be one that can be timed, and does not raise

PAIRS: dict[str, dict[str, Any]] = {}
FAULTS: dict[str, tuple[str, str]] = {}  # name of the function -> (pair, class)
TWINS: dict[str, str] = {}  # name of the function -> pair


def pair(**settings: Any) -> Callable:
    """Registers a baseline."""

    def register(function: Callable) -> Callable:
        PAIRS[function.__name__] = settings
        return function

    return register


def twin(function: Callable) -> Callable:
    """Registers a port that agrees; its name begins with the pair's."""
    TWINS[function.__name__] = function.__name__.partition("__")[0]
    return function


def fault(kind: str) -> Callable:
    """Registers a port that does not agree."""

    def register(function: Callable) -> Callable:
        FAULTS[function.__name__] = (function.__name__.partition("__")[0], kind)
        return function

    return register


class ParseError(ValueError):
    """An error that knows where it is."""

    def __init__(self, message: str, position: int) -> None:
        super().__init__(message)
        self.position = position


# 1. Rounding


def make_amounts(size: int, seed: int) -> tuple:
    rng = random.Random(seed)
    special = [-0.0, -2.5, 0.5, 1e15 + 0.5, float(2**53), -7.5, 2.675, 1e300]
    return ([rng.choice([rng.randrange(-900, 900) / 2, rng.uniform(-9, 9), rng.choice(special)]) for _ in range(size)],)


@pair(input="make_amounts", types=True)
def amounts(values: list[float]) -> list:
    """Each rounded to the nearest whole number, halves to even, beside what is left."""
    found = []
    for index, value in enumerate(values):
        if value != value or value in (math.inf, -math.inf):
            raise ParseError("no number", index)
        found.append((round(value), value - round(value)))
    return found


@twin
def amounts__by_floor(values: list[float]) -> list:
    def whole(value: float) -> int:
        low = math.floor(value)
        if value - low == 0.5:
            return low + (low & 1)
        return low if value - low < 0.5 else low + 1

    bad = [index for index, value in enumerate(values) if not math.isfinite(value)]
    if bad:
        raise ParseError("not finite", bad[0])
    return list(zip(map(whole, values), [value - whole(value) for value in values]))


def rounded(how: Callable[[float], Any], rest: bool = True) -> Callable:
    def function(values: list[float]) -> list:
        expected = amounts(values)
        return [(how(value), pair[1] if rest else value - how(value)) for value, pair in zip(values, expected)]

    return function


@fault("rounding")
def amounts__half_up(values: list[float]) -> list:
    return rounded(lambda value: math.floor(value + 0.5))(values)


@fault("rounding")
def amounts__truncated(values: list[float]) -> list:
    return rounded(int)(values)


@fault("rounding")
def amounts__half_from_zero(values: list[float]) -> list:
    return rounded(lambda value: int(math.copysign(math.floor(abs(value) + 0.5), value)))(values)


@fault("overflow")
def amounts__thirty_two_bits(values: list[float]) -> list:
    return rounded(lambda value: max(-(2**31), min(2**31 - 1, round(value))))(values)


@fault("overflow")
def amounts__saturates(values: list[float]) -> list:
    return rounded(lambda value: max(-(2**63), min(2**63 - 1, round(value))))(values)


@fault("negative zero")
def amounts__no_negative_rest(values: list[float]) -> list:
    return [
        (whole, rest + 0.0)
        for whole, rest in [(w, -0.0 if v < 0 and r == 0 else r) for v, (w, r) in zip(values, amounts(values))]
    ]


# 2. Parsing lines


def make_lines(size: int, seed: int) -> tuple:
    rng = random.Random(seed)
    names = ["a", "b", "key", "\u00e9", "x y", "\u4e2d", "p\u2028q", "r\x1cs"]
    numbers = ["", "1", " 2", "-7", "0", "1_0", "12345678901234567890", "\u0661"]
    lines = [rng.choice(names) + "=" + rng.choice(numbers) for _ in range(size)]
    if seed != DECLARED and rng.random() < 0.3 and lines:
        lines[rng.randrange(len(lines))] = rng.choice(["no sign", "=1", "key=one"])
    return ("\n".join(lines) + rng.choice(["", "\n", "\r\n", "\n\n"]),)


@pair(input="make_lines", types=True)
def lines(text: str) -> list:
    """The entries of `name=number` lines, with their line; empty numbers are None."""
    found = []
    for number, line in enumerate(text.split("\n"), 1):
        if not line.strip():
            continue
        name, sign, value = line.partition("=")
        if not (name and sign):
            raise ParseError("no name", number)
        try:
            found.append({"line": number, "name": name, "value": int(value) if value.strip() else None})
        except ValueError:
            raise ParseError("no number", number) from None
    return found


@twin
def lines__by_index(text: str) -> list:
    found, number = [], 0
    rest: str | None = text
    while rest is not None:
        number += 1
        at = rest.find("\n")
        line, rest = (rest, None) if at < 0 else (rest[:at], rest[at + 1 :])
        if line.strip() == "":
            continue
        sign = line.find("=")
        if sign <= 0:
            raise ParseError("expected `=`", number)
        digits = line[sign + 1 :].strip()
        try:
            value = int(digits) if digits else None
        except ValueError:
            raise ParseError("not an integer", number) from None
        found.append({"line": number, "name": line[:sign], "value": value})
    return found


def reparsed(
    number: Callable[[str], Any] = int,
    split: Callable[[str], list[str]] = lambda text: text.split("\n"),
    first: int = 1,
) -> Callable:
    def function(text: str) -> list:
        found = []
        for index, line in enumerate(split(text), first):
            if not line.strip():
                continue
            name, sign, value = line.partition("=")
            if not (name and sign):
                raise ParseError("no name", index)
            try:
                found.append({"line": index, "name": name, "value": number(value) if value.strip() else None})
            except ValueError:
                raise ParseError("no number", index) from None
        return found

    return function


def plain_int(text: str) -> int:
    if not text.strip().lstrip("-").isdigit() or not text.isascii():
        raise ValueError(text)
    return int(text)


@fault("off by one")
def lines__from_nought(text: str) -> list:
    return reparsed(first=0)(text)


@fault("unicode")
def lines__split_as_python(text: str) -> list:
    return reparsed(split=str.splitlines)(text)


@fault("unicode")
def lines__ascii_digits(text: str) -> list:
    return reparsed(number=plain_int)(text)


@fault("overflow")
def lines__sixty_four_bits(text: str) -> list:
    return reparsed(number=lambda digits: max(-(2**63), min(2**63 - 1, int(digits))))(text)


@fault("error class")
def lines__overflow_raised(text: str) -> list:
    for entry in lines(text):
        if entry["value"] is not None and abs(entry["value"]) >= 2**63:
            raise OverflowError("too large")
    return lines(text)


@fault("error position")
def lines__position_of_last(text: str) -> list:
    try:
        return lines(text)
    except ParseError as error:
        raise ParseError(str(error), text.count("\n") + 1 + (error.position == text.count("\n") + 1)) from None


@fault("type")
def lines__nought_for_none(text: str) -> list:
    return [{**entry, "value": entry["value"] or 0} for entry in lines(text)]


@fault("unicode")
def lines__names_composed(text: str) -> list:
    return [{**entry, "name": entry["name"].encode("ascii", "replace").decode()} for entry in lines(text)]


# 3. JSON


def make_json(size: int, seed: int) -> tuple:
    rng = random.Random(seed)
    scalars = [
        "0",
        "-0",
        "-0.0",
        "1.0",
        "1e400",
        "0.1",
        "18446744073709551616",
        "NaN",
        "null",
        "true",
        '"\\ud800"',
        '"\u00e9"',
        '"a"',
        "[]",
        "{}",
    ]

    def value(depth: int) -> str:
        if depth > 3 or rng.random() < 0.4:
            return rng.choice(scalars)
        if rng.random() < 0.5:
            return "[" + ", ".join(value(depth + 1) for _ in range(rng.randrange(4))) + "]"
        return "{" + ", ".join(f'"{rng.choice("abc")}": {value(depth + 1)}' for _ in range(rng.randrange(5))) + "}"

    text = "[" + ", ".join(value(0) for _ in range(size)) + "]"
    return (
        text
        if seed == DECLARED or rng.random() < 0.85
        else text[: rng.randrange(1, len(text) + 1)] + rng.choice(["", "}", "'"]),
    )


@pair(input="make_json", types=True)
def document(text: str) -> Any:
    """A JSON document, as the standard library reads it."""
    return json.loads(text)


@twin
def document__by_pairs(text: str) -> Any:
    return json.JSONDecoder(object_pairs_hook=dict).decode(text)


@fault("duplicate keys")
def document__first_key_wins(text: str) -> Any:
    return json.loads(text, object_pairs_hook=lambda pairs: {key: dict(reversed(pairs))[key] for key, _ in pairs})


@fault("duplicate keys")
def document__duplicates_refused(text: str) -> Any:
    def unique(pairs: list) -> dict:
        if len(dict(pairs)) < len(pairs):
            raise ValueError("duplicate key")
        return dict(pairs)

    return json.loads(text, object_pairs_hook=unique)


@fault("key order")
def document__keys_sorted(text: str) -> Any:
    return json.loads(text, object_pairs_hook=lambda pairs: dict(sorted(dict(pairs).items())))


@fault("overflow")
def document__big_integers_float(text: str) -> Any:
    return json.loads(text, parse_int=lambda digits: int(digits) if abs(int(digits)) < 2**64 else float(digits))


@fault("NaN")
def document__nan_refused(text: str) -> Any:
    def refuse(name: str) -> Any:
        raise ValueError(name)

    return json.loads(text, parse_constant=refuse)


@fault("NaN")
def document__nan_null(text: str) -> Any:
    return json.loads(text, parse_constant=lambda name: None)


@fault("negative zero")
def document__minus_nought_float(text: str) -> Any:
    return json.loads(text, parse_int=lambda digits: -0.0 if digits == "-0" else int(digits))


@fault("negative zero")
def document__no_minus_nought(text: str) -> Any:
    return json.loads(text, parse_float=lambda digits: float(digits) + 0.0)


@fault("overflow")
def document__infinite_refused(text: str) -> Any:
    def finite(digits: str) -> float:
        if math.isinf(float(digits)):
            raise ValueError("out of range")
        return float(digits)

    return json.loads(text, parse_float=finite)


@fault("error class")
def document__plain_error(text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError as error:
        raise ValueError(str(error)) from None


@fault("error position")
def document__position_in_bytes(text: str) -> Any:
    try:
        return json.loads(text)
    except json.JSONDecodeError as error:
        raise json.JSONDecodeError(error.msg, error.doc + " ", error.pos + 1) from None


@fault("unicode")
def document__surrogates_replaced(text: str) -> Any:
    def replace(value: Any) -> Any:
        if isinstance(value, str):
            return value.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
        if isinstance(value, list):
            return [replace(item) for item in value]
        return {replace(key): replace(item) for key, item in value.items()} if isinstance(value, dict) else value

    return replace(json.loads(text))


@fault("type")
def document__floats_whole(text: str) -> Any:
    return json.loads(
        text, parse_float=lambda digits: int(float(digits)) if float(digits).is_integer() else float(digits)
    )


# 4. Counting words


def make_prose(size: int, seed: int) -> tuple:
    rng = random.Random(seed)
    words = [
        "The",
        "the",
        "CAT",
        "cat",
        "caf\u00e9",
        "cafe\u0301",
        "Stra\u00dfe",
        "\u0130stanbul",
        "\U0001f600",
        "a\u00a0b",
        "x\x1cy",
        "don't",
    ]
    return ("".join(rng.choice(words) + rng.choice([" ", "\n", "  ", "\t", "\u2003"]) for _ in range(size)),)


@pair(input="make_prose", types=True)
def words(text: str) -> dict[str, int]:
    """How often each word occurs, in the order of first occurrence."""
    found: dict[str, int] = {}
    for word in text.split():
        found[word.lower()] = found.get(word.lower(), 0) + 1
    return found


@twin
def words__in_two_passes(text: str) -> dict[str, int]:
    lowered = [word.lower() for word in text.split()]
    order = sorted(set(lowered), key=lowered.index)
    return {word: lowered.count(word) for word in order}


def counted(split: Callable[[str], list[str]] = str.split, key: Callable[[str], str] = str.lower) -> Callable:
    def function(text: str) -> dict[str, int]:
        found: dict[str, int] = {}
        for word in split(text):
            found[key(word)] = found.get(key(word), 0) + 1
        return found

    return function


@fault("unicode")
def words__ascii_lower(text: str) -> dict[str, int]:
    return counted(key=lambda word: "".join(chr(ord(c) + 32) if "A" <= c <= "Z" else c for c in word))(text)


@fault("unicode")
def words__folded(text: str) -> dict[str, int]:
    return counted(key=str.casefold)(text)


@fault("unicode")
def words__composed(text: str) -> dict[str, int]:
    return counted(key=lambda word: unicodedata.normalize("NFC", word.lower()))(text)


@fault("unicode")
def words__split_at_blanks(text: str) -> dict[str, int]:
    return counted(split=lambda text: [word for word in text.replace("\n", " ").split(" ") if word])(text)


@fault("unicode")
def words__no_separators(text: str) -> dict[str, int]:
    return counted(split=lambda text: text.replace("\x1c", "\x01").split())(text)


@fault("key order")
def words__sorted(text: str) -> dict[str, int]:
    return dict(sorted(words(text).items()))


@fault("key order")
def words__most_common(text: str) -> dict[str, int]:
    return dict(sorted(words(text).items(), key=lambda item: -item[1]))


@fault("type")
def words__pairs(text: str) -> Any:
    return list(words(text).items())


@fault("overflow")
def words__eight_bits(text: str) -> dict[str, int]:
    return {word: min(count, 3) for word, count in words(text).items()}


# 5. Integers


def make_integers(size: int, seed: int) -> tuple:
    rng = random.Random(seed)
    special = [0, 1, -1, 2**31, 2**53 + 1, 2**63 - 1, 2**63, -(2**63), 2**64, 10**30, 7, -7]
    draw = partial(rng.choice, special)
    left = [rng.randint(-99, 99) if rng.random() < 0.5 else draw() for _ in range(size)]
    right = [
        rng.choice([1, 2, 3, -2, 7, 2**31, rng.randint(1, 99)]) if seed == DECLARED or rng.random() < 0.985 else 0
        for _ in range(size)
    ]
    return (left, right)


@pair(input="make_integers", types=True)
def integers(left: list[int], right: list[int]) -> list:
    """Quotient, remainder and sum of each pair."""
    if len(left) != len(right):
        raise ValueError("not as many on both sides")
    return [(one // other, one % other, one + other) for one, other in zip(left, right)]


@twin
def integers__by_divmod(left: list[int], right: list[int]) -> list:
    if len(left) != len(right):
        raise ValueError("lengths differ")
    return [(*divmod(one, other), other + one) for one, other in zip(left, right)]


def wrapped(value: int, bits: int) -> int:
    return (value + (1 << (bits - 1))) % (1 << bits) - (1 << (bits - 1))


def divided(how: Callable[[int, int], tuple]) -> Callable:
    def function(left: list[int], right: list[int]) -> list:
        integers(left, right)
        return [how(one, other) for one, other in zip(left, right)]

    return function


@fault("rounding")
def integers__towards_nought(left: list[int], right: list[int]) -> list:
    def how(one: int, other: int) -> tuple:
        quotient = abs(one) // abs(other) * (1 if (one < 0) == (other < 0) else -1)
        return quotient, one - quotient * other, one + other

    return divided(how)(left, right)


@fault("rounding")
def integers__positive_remainder(left: list[int], right: list[int]) -> list:
    return divided(lambda one, other: (one // other, one % abs(other), one + other))(left, right)


@fault("overflow")
def integers__wraps_64(left: list[int], right: list[int]) -> list:
    return divided(lambda one, other: (one // other, one % other, wrapped(one + other, 64)))(left, right)


@fault("overflow")
def integers__wraps_32(left: list[int], right: list[int]) -> list:
    return divided(lambda one, other: (one // other, one % other, wrapped(one + other, 32)))(left, right)


@fault("overflow")
def integers__refuses_big(left: list[int], right: list[int]) -> list:
    if any(not -(2**63) <= value < 2**63 for value in [*left, *right]):
        raise OverflowError("int too big to convert")
    return integers(left, right)


@fault("precision")
def integers__by_float(left: list[int], right: list[int]) -> list:
    return divided(lambda one, other: (math.floor(one / other), one % other, one + other))(left, right)


@fault("error class")
def integers__value_error(left: list[int], right: list[int]) -> list:
    try:
        return integers(left, right)
    except ZeroDivisionError:
        raise ValueError("division by zero") from None


@fault("error class")
def integers__nought_for_division_by_nought(left: list[int], right: list[int]) -> list:
    if len(left) != len(right):
        raise ValueError
    return [(one // other, one % other, one + other) if other else (0, 0, one) for one, other in zip(left, right)]


@fault("truncation")
def integers__shorter_side(left: list[int], right: list[int]) -> list:
    return [(one // other, one % other, one + other) for one, other in zip(left, right)]


@fault("truncation")
def integers__longer_side(left: list[int], right: list[int]) -> list:
    return [(one // other, one % other, one + other) for one, other in zip_longest(left, right, fillvalue=1)]


# 6. Statistics


def make_sample(size: int, seed: int) -> tuple:
    rng = random.Random(seed)
    special = [0.1, -0.0, 1e16, 1.0, -1e16, 1e-9, 1e308, 3.0]
    values = [rng.choice([rng.gauss(100, 15), rng.choice(special)]) for _ in range(size)]
    if seed != DECLARED and rng.random() < 0.15:
        values.append(rng.choice([math.nan, math.inf, -math.inf]))
    return (values,)


@pair(input="make_sample", types=True)
def statistics(values: list[float]) -> dict[str, float]:
    """Sum, mean and extremes; the sum from left to right."""
    if not values:
        raise ValueError("no values")
    total = 0.0
    for value in values:
        total = total + value
    return {"sum": total, "mean": total / len(values), "least": min(values), "most": max(values)}


@twin
def statistics__by_reduction(values: list[float]) -> dict[str, float]:
    if len(values) == 0:
        raise ValueError("empty")
    total, least, most = 0.0, values[0], values[0]
    for value in values:
        total += value
        least = value if value < least else least
        most = value if value > most else most
    return {"sum": total, "mean": total / len(values), "least": least, "most": most}


def with_sum(how: Callable[[list], float]) -> Callable:
    def function(values: list[float]) -> dict[str, float]:
        found = statistics(values)
        total = how(values)
        return {**found, "sum": total, "mean": total / len(values)}

    return function


def pairwise(values: list) -> float:
    half = len(values) // 2
    return values[0] if len(values) == 1 else pairwise(values[:half]) + pairwise(values[half:])


def single(value: float) -> float:
    try:
        return struct.unpack("f", struct.pack("f", value))[0]
    except OverflowError:
        return math.copysign(math.inf, value)


@fault("precision")
def statistics__pairwise(values: list[float]) -> dict[str, float]:
    return with_sum(pairwise)(values)


@fault("precision")
def statistics__backwards(values: list[float]) -> dict[str, float]:
    return with_sum(lambda values: pairwise(values[:1]) if len(values) == 1 else sum_of(reversed(values)))(values)


def sum_of(values: Any) -> float:
    total = 0.0
    for value in values:
        total += value
    return total


@fault("precision")
def statistics__compensated(values: list[float]) -> dict[str, float]:
    def total(values: list) -> float:
        return math.fsum(values) if all(map(math.isfinite, values)) and abs(sum_of(values)) < 1e300 else sum_of(values)

    return with_sum(total)(values)


@fault("precision")
def statistics__single(values: list[float]) -> dict[str, float]:
    return {name: single(value) for name, value in statistics(values).items()}


@fault("NaN")
def statistics__nan_ignored(values: list[float]) -> dict[str, float]:
    rest = [value for value in values if value == value]
    return statistics(rest) if rest else statistics(values)


@fault("NaN")
def statistics__nan_spreads(values: list[float]) -> dict[str, float]:
    found = statistics(values)
    if any(value != value for value in values):
        return dict.fromkeys(found, math.nan)
    return found


@fault("NaN")
def statistics__nan_refused(values: list[float]) -> dict[str, float]:
    if any(value != value for value in values):
        raise ValueError("not comparable")
    return statistics(values)


@fault("error class")
def statistics__division_by_nought(values: list[float]) -> dict[str, float]:
    if not values:
        raise ZeroDivisionError("float division by zero")
    return statistics(values)


@fault("error class")
def statistics__nothing_of_nothing(values: list[float]) -> dict[str, float]:
    return statistics(values) if values else {"sum": 0.0, "mean": math.nan, "least": math.nan, "most": math.nan}


@fault("negative zero")
def statistics__from_minus_nought(values: list[float]) -> dict[str, float]:
    found = statistics(values)
    return {**found, "least": found["least"] + 0.0, "most": found["most"] + 0.0}


@fault("off by one")
def statistics__sample_mean(values: list[float]) -> dict[str, float]:
    found = statistics(values)
    return {**found, "mean": found["sum"] / (len(values) + 1)}


# 7. Sorting in place


def make_rows(size: int, seed: int) -> tuple:
    rng = random.Random(seed)
    return ([(rng.choice(["b", "a", "B", "\u00e9", "z", ""]), rng.randrange(5)) for _ in range(size)],)


@pair(input="make_rows", types=True)
def rows(values: list[tuple[str, int]]) -> None:
    """Sorted by number, in place, ties in their order."""
    values.sort(key=lambda row: row[1])


@twin
def rows__by_insertion(values: list[tuple[str, int]]) -> None:
    for index in range(1, len(values)):
        row, at = values[index], index
        while at and values[at - 1][1] > row[1]:
            values[at] = values[at - 1]
            at -= 1
        values[at] = row


@fault("mutation")
def rows__of_a_copy(values: list[tuple[str, int]]) -> None:
    values = sorted(values, key=lambda row: row[1])


@fault("type")
def rows__returned(values: list[tuple[str, int]]) -> Any:
    values.sort(key=lambda row: row[1])
    return len(values)


@fault("alias")
def rows__itself_returned(values: list[tuple[str, int]]) -> Any:
    values.sort(key=lambda row: row[1])
    return values


@fault("order")
def rows__unstable(values: list[tuple[str, int]]) -> None:
    values.reverse()
    values.sort(key=lambda row: row[1])


@fault("order")
def rows__by_both(values: list[tuple[str, int]]) -> None:
    values.sort(key=lambda row: (row[1], row[0]))


@fault("order")
def rows__descending(values: list[tuple[str, int]]) -> None:
    values.sort(key=lambda row: -row[1])


@fault("truncation")
def rows__without_last(values: list[tuple[str, int]]) -> None:
    values.sort(key=lambda row: row[1])
    del values[10:]


@fault("mutation")
def rows__lists(values: list[Any]) -> None:
    values[:] = [list(row) for row in sorted(values, key=lambda row: row[1])]


@fault("mutation")
def rows__duplicates_dropped(values: list[tuple[str, int]]) -> None:
    values[:] = sorted(dict.fromkeys(values), key=lambda row: row[1])


@fault("overflow")
def rows__by_low_bits(values: list[tuple[str, int]]) -> None:
    values.sort(key=lambda row: row[1] & 3 if row[1] >= 0 else row[1])


# 8. Grouping


def make_pairs(size: int, seed: int) -> tuple:
    rng = random.Random(seed)
    return (
        [
            (rng.choice(["x", "y", "z", "X", "", "\u00e9", "e\u0301"]), rng.choice([0, 1, -1, 2**63, rng.randrange(9)]))
            for _ in range(size)
        ],
    )


@pair(input="make_pairs", types=True)
def groups(pairs: list[tuple[str, int]]) -> dict[str, list[int]]:
    """The numbers of each name, names in the order of their first occurrence."""
    found: dict[str, list[int]] = {}
    for name, number in pairs:
        found.setdefault(name, []).append(number)
    return found


@twin
def groups__by_filter(pairs: list[tuple[str, int]]) -> dict[str, list[int]]:
    return {name: [number for other, number in pairs if other == name] for name, _ in pairs}


@fault("duplicate keys")
def groups__last_only(pairs: list[tuple[str, int]]) -> dict[str, list[int]]:
    return {name: [number] for name, number in pairs}


@fault("duplicate keys")
def groups__first_only(pairs: list[tuple[str, int]]) -> dict[str, list[int]]:
    return {name: numbers[:1] for name, numbers in groups(pairs).items()}


@fault("duplicate keys")
def groups__distinct(pairs: list[tuple[str, int]]) -> dict[str, list[int]]:
    return {name: list(dict.fromkeys(numbers)) for name, numbers in groups(pairs).items()}


@fault("key order")
def groups__sorted(pairs: list[tuple[str, int]]) -> dict[str, list[int]]:
    return dict(sorted(groups(pairs).items()))


@fault("key order")
def groups__by_last(pairs: list[tuple[str, int]]) -> dict[str, list[int]]:
    return dict(reversed(list(groups(pairs).items())))


@fault("order")
def groups__numbers_sorted(pairs: list[tuple[str, int]]) -> dict[str, list[int]]:
    return {name: sorted(numbers) for name, numbers in groups(pairs).items()}


@fault("order")
def groups__numbers_backwards(pairs: list[tuple[str, int]]) -> dict[str, list[int]]:
    return {name: numbers[::-1] for name, numbers in groups(pairs).items()}


@fault("unicode")
def groups__names_composed(pairs: list[tuple[str, int]]) -> dict[str, list[int]]:
    return groups([(unicodedata.normalize("NFC", name), number) for name, number in pairs])


@fault("type")
def groups__tuples(pairs: list[tuple[str, int]]) -> dict[str, Any]:
    return {name: tuple(numbers) for name, numbers in groups(pairs).items()}


@fault("type")
def groups__sets(pairs: list[tuple[str, int]]) -> dict[str, Any]:
    return {name: set(numbers) for name, numbers in groups(pairs).items()}


@fault("overflow")
def groups__wraps(pairs: list[tuple[str, int]]) -> dict[str, list[int]]:
    return {name: [wrapped(number, 64) for number in numbers] for name, numbers in groups(pairs).items()}


# 9. Text


def make_text(size: int, seed: int) -> tuple:
    rng = random.Random(seed)
    letters = [
        "a",
        "Z",
        " ",
        "\u00e9",
        "e\u0301",
        "\u00df",
        "\u0130",
        "\U0001f600",
        "\ud800",
        "\x00",
        "\u2028",
        "\ufb01",
        "9",
    ]
    return ("".join(rng.choice(letters) for _ in range(size)), rng.randrange(-size - 2, size + 2))


@pair(input="make_text", types=True)
def letters(text: str, at: int) -> dict:
    """What is asked of a text most often."""
    cut = max(-50, min(50, at))
    return {
        "length": len(text),
        "upper": text.upper(),
        "cut": text[cut:],
        "back": text[::-1],
        "bytes": text.encode("utf-8", "surrogatepass"),
    }


@twin
def letters__by_points(text: str, at: int) -> dict:
    points = [ord(letter) for letter in text]
    cut = min(max(at, -50), 50)
    start = max(0, cut + len(points)) if cut < 0 else cut
    joined = "".join(map(chr, points[start:]))
    encoded = b"".join(letter.encode("utf-8", "surrogatepass") for letter in text)
    return {
        "length": len(points),
        "upper": text.upper(),
        "cut": joined,
        "back": "".join(map(chr, reversed(points))),
        "bytes": encoded,
    }


def respelt(name: str, how: Callable[[str, int], Any]) -> Callable:
    def function(text: str, at: int) -> dict:
        return {**letters(text, at), name: how(text, max(-50, min(50, at)))}

    return function


@fault("unicode")
def letters__length_in_bytes(text: str, at: int) -> dict:
    return respelt("length", lambda text, _: len(text.encode("utf-8", "surrogatepass")))(text, at)


@fault("unicode")
def letters__length_in_utf16(text: str, at: int) -> dict:
    return respelt("length", lambda text, _: len(text.encode("utf-16-le", "surrogatepass")) // 2)(text, at)


@fault("unicode")
def letters__ascii_upper(text: str, at: int) -> dict:
    return respelt("upper", lambda text, _: "".join(c.upper() if c.isascii() else c for c in text))(text, at)


@fault("unicode")
def letters__simple_upper(text: str, at: int) -> dict:
    return respelt("upper", lambda text, _: "".join(c.upper() if len(c.upper()) == 1 else c for c in text))(text, at)


@fault("unicode")
def letters__back_by_cluster(text: str, at: int) -> dict:
    def back(text: str, _: int) -> str:
        clusters: list[str] = []
        for letter in text:
            if clusters and unicodedata.combining(letter):
                clusters[-1] += letter
            else:
                clusters.append(letter)
        return "".join(reversed(clusters))

    return respelt("back", back)(text, at)


@fault("error class")
def letters__surrogates_refused(text: str, at: int) -> dict:
    text.encode()
    return letters(text, at)


@fault("unicode")
def letters__surrogates_replaced(text: str, at: int) -> dict:
    return respelt("bytes", lambda text, _: text.encode("utf-8", "replace"))(text, at)


@fault("off by one")
def letters__cut_by_one(text: str, at: int) -> dict:
    return respelt("cut", lambda text, at: text[at + 1 :] if at >= 0 else text[at:])(text, at)


@fault("off by one")
def letters__no_negative_cut(text: str, at: int) -> dict:
    return respelt("cut", lambda text, at: text[max(0, at) :])(text, at)


@fault("error class")
def letters__cut_refused(text: str, at: int) -> dict:
    if at > len(text):
        raise IndexError("out of range")
    return letters(text, at)


@fault("unicode")
def letters__stops_at_nul(text: str, at: int) -> dict:
    return letters(text.partition("\0")[0], at)


@fault("type")
def letters__bytearray(text: str, at: int) -> dict:
    return respelt("bytes", lambda text, _: bytearray(text.encode("utf-8", "surrogatepass")))(text, at)


# 10. Intervals


def make_intervals(size: int, seed: int) -> tuple:
    rng = random.Random(seed)
    starts = [rng.randrange(-3, 9) for _ in range(size)]
    return ([[start, start + rng.randrange(0, 4)] for start in starts],)


@pair(input="make_intervals", types=True)
def intervals(spans: list[list[int]]) -> list[list[int]]:
    """Overlapping and touching ones merged, in order."""
    found: list[list[int]] = []
    for index, span in enumerate(spans):
        if len(span) != 2 or span[0] > span[1]:
            raise ParseError("no interval", index)
    for low, high in sorted(spans):
        if found and low <= found[-1][1]:
            found[-1][1] = max(found[-1][1], high)
        else:
            found.append([low, high])
    return found


@twin
def intervals__by_stack(spans: list[list[int]]) -> list[list[int]]:
    wrong = next((index for index, span in enumerate(spans) if len(span) != 2 or span[0] > span[1]), None)
    if wrong is not None:
        raise ParseError("bad", wrong)
    rest = sorted(([low, high] for low, high in spans), reverse=True)
    found: list[list[int]] = []
    while rest:
        low, high = rest.pop()
        while rest and rest[-1][0] <= high:
            high = max(high, rest.pop()[1])
        found.append([low, high])
    return found


@fault("off by one")
def intervals__touching_apart(spans: list[list[int]]) -> list[list[int]]:
    intervals(spans)
    found: list[list[int]] = []
    for low, high in sorted(spans):
        if found and low < found[-1][1]:
            found[-1][1] = max(found[-1][1], high)
        else:
            found.append([low, high])
    return found


@fault("off by one")
def intervals__neighbours_merged(spans: list[list[int]]) -> list[list[int]]:
    found: list[list[int]] = []
    for low, high in intervals(spans):
        if found and low <= found[-1][1] + 1:
            found[-1][1] = high
        else:
            found.append([low, high])
    return found


@fault("off by one")
def intervals__last_end_wins(spans: list[list[int]]) -> list[list[int]]:
    intervals(spans)
    found: list[list[int]] = []
    for low, high in sorted(spans):
        if found and low <= found[-1][1]:
            found[-1][1] = high
        else:
            found.append([low, high])
    return found


@fault("mutation")
def intervals__sorts_the_argument(spans: list[list[int]]) -> list[list[int]]:
    found = intervals(spans)
    spans.sort()
    return found


@fault("mutation")
def intervals__empties_the_argument(spans: list[list[int]]) -> list[list[int]]:
    found = intervals(spans)
    spans.clear()
    return found


@fault("mutation")
def intervals__stretches_the_argument(spans: list[list[int]]) -> list[list[int]]:
    intervals(spans)
    found: list[list[int]] = []
    for span in sorted(spans):
        if found and span[0] <= found[-1][1]:
            found[-1][1] = max(found[-1][1], span[1])
        else:
            found.append(span)
    return [list(span) for span in found]


@fault("alias")
def intervals__its_argument(spans: list[list[int]]) -> list[list[int]]:
    found = intervals(spans)
    return spans if spans == found else found


@fault("type")
def intervals__tuples(spans: list[list[int]]) -> Any:
    return [tuple(span) for span in intervals(spans)]


@fault("error position")
def intervals__position_of_last(spans: list[list[int]]) -> list[list[int]]:
    try:
        return intervals(spans)
    except ParseError:
        wrong = [index for index, span in enumerate(spans) if len(span) != 2 or span[0] > span[1]]
        raise ParseError("no interval", wrong[-1] + (len(wrong) == 1)) from None


@fault("error class")
def intervals__wrong_ones_dropped(spans: list[list[int]]) -> list[list[int]]:
    return intervals([span for span in spans if len(span) == 2 and span[0] <= span[1]])


# Faults that any port may have, planted in every pair


def everywhere(kind: str, *without: str) -> Callable:
    """Registers a fault for each pair that can have it."""

    def register(make: Callable[[Callable], Callable]) -> Callable:
        for name in PAIRS:
            if name in without:
                continue
            baseline = globals()[name]
            planted = make(baseline)
            planted.__name__ = planted.__qualname__ = f"{name}__{make.__name__}"
            globals()[planted.__name__] = fault(kind)(planted)
        return make

    return register


def edited(baseline: Callable, edit: Callable[[Any], Any]) -> Callable:
    def function(*arguments: Any) -> Any:
        result = baseline(*arguments)
        if result is None:
            arguments[0][:] = edit(arguments[0])
            return None
        return edit(result)

    return function


def first_number(value: Any, change: Callable[[Any], Any]) -> Any:
    """The value with its first whole number changed; dictionaries and lists keep their order."""
    done = []

    def walk(value: Any) -> Any:
        if type(value) is int and not done:
            done.append(value)
            return change(value)
        if isinstance(value, (list, tuple)):
            return type(value)([walk(item) for item in value])
        if isinstance(value, dict):
            return {key: walk(item) for key, item in value.items()}
        return value

    return walk(value)


@everywhere("off by one", "statistics")
def one_more(baseline: Callable) -> Callable:
    return edited(baseline, lambda value: first_number(value, lambda number: number + 1))


@everywhere("type", "statistics")
def float_for_int(baseline: Callable) -> Callable:
    def change(number: int) -> float:
        return float(number) if abs(number) < 2**53 else number + 0.5

    return edited(baseline, lambda value: first_number(value, change))


@everywhere("truncation")
def last_left_out(baseline: Callable) -> Callable:
    def shorter(value: Any) -> Any:
        if isinstance(value, dict):
            return dict(list(value.items())[:-1])
        return value[:-1] if isinstance(value, (list, str)) else value

    return edited(baseline, shorter)


@everywhere("stale cache", "rows")
def cached_by_length(baseline: Callable) -> Callable:
    cache: dict[Any, Any] = {}

    def function(*arguments: Any) -> Any:
        key = len(arguments[0])
        if key not in cache:
            cache[key] = json.dumps([key]) and baseline(*arguments)
        return copied(cache[key])

    return function


@everywhere("stale cache", "rows")
def cached_by_first(baseline: Callable) -> Callable:
    cache: dict[Any, Any] = {}

    def function(*arguments: Any) -> Any:
        key = repr(arguments[0][:1])
        if key not in cache:
            cache[key] = baseline(*arguments)
        return copied(cache[key])

    return function


def copied(value: Any) -> Any:
    from copy import deepcopy

    return deepcopy(value)


@everywhere("stale cache", "rows")
def one_object_for_all(baseline: Callable) -> Callable:
    cache: dict[str, Any] = {}

    def function(*arguments: Any) -> Any:
        return cache.setdefault(repr(arguments), baseline(*arguments))

    return function


@everywhere("lazy", "document")
def lazily(baseline: Callable) -> Callable:
    def function(*arguments: Any) -> Any:
        result = baseline(*arguments)
        return iter(result if result is not None else arguments[0])

    return function


@everywhere("mutation", "lines", "document", "words", "letters")
def argument_changed(baseline: Callable) -> Callable:
    def function(*arguments: Any) -> Any:
        result = copied(baseline(*arguments))
        if len(arguments[0]) > 1:
            arguments[0].append(arguments[0][0])
        return result

    return function


@everywhere("error class", "words", "rows", "groups", "letters")
def errors_swallowed(baseline: Callable) -> Callable:
    def function(*arguments: Any) -> Any:
        try:
            return baseline(*arguments)
        except Exception:
            return None

    return function


@everywhere("error class", "words", "rows", "groups", "letters")
def errors_renamed(baseline: Callable) -> Callable:
    def function(*arguments: Any) -> Any:
        try:
            return baseline(*arguments)
        except Exception as error:
            raise RuntimeError(str(error)) from None

    return function


@everywhere("rare")
def wrong_for_some(baseline: Callable) -> Callable:
    """For one input in a dozen, and those not the smallest."""

    def function(*arguments: Any) -> Any:
        rare = len(repr(arguments)) % 12 == 5
        result = baseline(*arguments)
        return ("wrong", result) if rare else result

    return function


@everywhere("unsteady")
def at_random(baseline: Callable) -> Callable:
    def function(*arguments: Any) -> Any:
        result = baseline(*arguments)
        return [os.urandom(4).hex(), result]

    return function


@everywhere("crash")
def dies_on_some(baseline: Callable) -> Callable:
    def function(*arguments: Any) -> Any:
        if len(repr(arguments)) % 12 == 3:
            os._exit(9)
        return baseline(*arguments)

    return function


# The manifest


def manifest(agreeing: bool) -> str:
    """The manifest of a project in this folder."""
    text = f'[project]\nname = "divergences"\npython = {json.dumps(sys.executable)}\n'
    for name, settings in PAIRS.items():
        text += f'\n[workload.{name}]\nsizes = [1, 24]\ninput = "divergences:{settings["input"]}"\n'
        text += 'cases = "types"\n' if settings["types"] else ""
        text += f'[workload.{name}.baseline]\npython = "divergences:{name}"\n'
        candidates = [twin for twin, of in TWINS.items() if of == name]
        candidates += [] if agreeing else [fault for fault, (of, _) in FAULTS.items() if of == name]
        for candidate in candidates:
            text += f'[workload.{name}.candidate.{candidate}]\nkind = "hybrid"\npython = "divergences:{candidate}"\n'
    return text


def classes() -> str:
    """The class of each fault, for the test."""
    return json.dumps({name: {"pair": of, "class": kind} for name, (of, kind) in FAULTS.items()})


if __name__ == "__main__":
    if sys.argv[1:] == ["classes"]:
        print(classes())
    else:
        print(manifest(agreeing=sys.argv[1:] == ["agreeing"]))
