"""Parse the lines of a web server's access log into records, with a regular expression.

A line is `HOST IDENT USER [DAY/MONTH/YEAR:HOUR:MINUTE:SECOND ZONE] "METHOD PATH HTTP/VERSION" STATUS SIZE "REFERRER"
"AGENT"`. Of it the record keeps host, seconds since 1970, method, path, status and size, `None` where the log has `-`.
The result is the records and the numbers of the lines, counted from 0, that are none: a log is never wholly in order,
and no line of it may stop the others. A path that is not UTF-8 or a date that no calendar has makes a line one of them.
Lines end with a line feed, before which a carriage return is no part of the line; empty lines are neither.

The document is bytes, as a file has them: only what is kept is decoded.
"""

from __future__ import annotations

import random
import re
from datetime import date
from typing import Callable

from workloads.outcomes import error, ok

# ASCII classes alone: `\d` and `\S` mean other characters to other engines.
LINE = re.compile(
    rb"([!-~]+) [!-~]+ [!-~]+ "
    rb"\[([0-9]{2})/([A-Z][a-z]{2})/([0-9]{4}):([0-9]{2}):([0-9]{2}):([0-9]{2}) ([+-])([0-9]{2})([0-9]{2})\] "
    rb'"([A-Z]+) ([^ "]+) HTTP/[0-9.]+" ([0-9]{3}) (-|[0-9]{1,15}) "[^"]*" "[^"]*"'
)
MONTHS = {
    name.encode(): number for number, name in enumerate("Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec".split(), 1)
}
EPOCH = date(1970, 1, 1).toordinal()

PATHS = ["/", "/index.html", "/api/v1/users?id={}", "/static/app.{}.js", "/caf\u00e9/{}", "/search?q=a%20b&page={}"]
AGENTS = [
    "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0",
    "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.0 Safari",
    "curl/8.5.0",
    "-",
]

Record = "tuple[str, int, str, str, int, int | None]"


def make(size: int, seed: int) -> tuple[bytes]:
    """A log of `size` lines, of which one in a hundred is no record."""
    rng = random.Random(seed)
    lines = [broken(line(rng), rng) if rng.random() < 0.01 else line(rng) for _ in range(size)]
    return ("".join(f"{text}\n" for text in lines).encode(),)


def line(rng: random.Random) -> str:
    """A line in order."""
    host = ".".join(str(rng.randrange(256)) for _ in range(4))
    user = rng.choice(["-", "-", "ada", "o'brien"])
    month = rng.choice(list(MONTHS)).decode()
    clock = f"{rng.randrange(24):02}:{rng.randrange(60):02}:{rng.randrange(60):02}"
    when = f"{rng.randrange(1, 29):02}/{month}/{rng.randrange(2020, 2027)}:{clock} {rng.choice(['+0000', '-0330'])}"
    request = f"{rng.choice(['GET', 'GET', 'POST', 'HEAD'])} {rng.choice(PATHS).format(rng.randrange(10**6))} HTTP/1.1"
    size = rng.choice(["-", str(rng.randrange(10**6))])
    status = rng.choice([200, 200, 304, 404, 500])
    return f'{host} - {user} [{when}] "{request}" {status} {size} "-" "{rng.choice(AGENTS)}"'


def broken(text: str, rng: random.Random) -> str:
    """The line, truncated or with a date that does not exist."""
    return text[: rng.randrange(1, len(text))] if rng.random() < 0.5 else text.replace("[", "[3", 1)


def log_parse(document: bytes) -> tuple[list[Record], list[int]]:
    """The records, and the numbers of the lines that are none."""
    return parse_lines(document, parse_line)


def parse_lines(document: bytes, parse: Callable[[bytes], Record | None]) -> tuple[list[Record], list[int]]:
    """The same with a parser of lines that the caller brings: the hybrid differs in that alone."""
    # Text would be refused further down, and an empty text would not.
    if not isinstance(document, bytes):
        raise TypeError(f"expected bytes, got {type(document).__name__}")
    records = []
    rejected = []
    for number, text in enumerate(document.split(b"\n")):
        if text.endswith(b"\r"):
            text = text[:-1]
        if text:
            record = parse(text)
            if record is None:
                rejected.append(number)
            else:
                records.append(record)
    return records, rejected


def parse_line(text: bytes) -> Record | None:
    """The record of a line, if it is one."""
    match = LINE.fullmatch(text)
    if match is None:
        return None
    host, day, month, year, hour, minute, second, sign, ahead, beside, method, path, status, size = match.groups()
    try:
        days = date(int(year), MONTHS[month], int(day)).toordinal() - EPOCH
        name = path.decode()
    except (KeyError, ValueError):
        return None
    hours, minutes, seconds = int(hour), int(minute), int(second)
    if hours > 23 or minutes > 59 or seconds > 59:
        return None
    offset = int(ahead) * 3600 + int(beside) * 60
    when = days * 86400 + hours * 3600 + minutes * 60 + seconds - (offset if sign == b"+" else -offset)
    return host.decode(), when, method.decode(), name, int(status), None if size == b"-" else int(size)


_GOOD = b'10.0.0.1 - ada [21/Nov/2026:09:43:52 +0000] "GET /a HTTP/1.1" 200 12 "-" "curl"'
_RECORD = ("10.0.0.1", 1795254232, "GET", "/a", 200, 12)


def _line(old: bytes, new: bytes) -> tuple[bytes]:
    return (_GOOD.replace(old, new),)


def _record(at: int, value: object) -> object:
    return ok(([_RECORD[:at] + (value,) + _RECORD[at + 1 :]], []))


_NONE = ok(([], [0]))

OUTCOMES = [
    ("good", (_GOOD,), ok(([_RECORD], []))),
    ("empty", (b"",), ok(([], []))),
    ("blank lines", (b"\n\r\n" + _GOOD + b"\n\n" + _GOOD + b"\r\n\n",), ok(([_RECORD, _RECORD], []))),
    ("bad among good", (b"x\n" + _GOOD + b"\n\ny",), ok(([_RECORD], [0, 3]))),
    ("carriage return alone", (b"\r",), ok(([], []))),
    ("two carriage returns", (_GOOD + b"\r\r\n",), _NONE),
    ("other line ends", (_GOOD + b"\x0b" + _GOOD,), _NONE),
    ("truncated", (_GOOD[:-1],), _NONE),
    ("trailing text", (_GOOD + b" more",), _NONE),
    ("leading space", (b" " + _GOOD,), _NONE),
    ("text", ("a",), error(TypeError)),
    ("empty text", ("",), error(TypeError)),
    ("nothing", (None,), error(TypeError)),
    ("list of lines", ([_GOOD],), error(TypeError)),
    ("no argument", (), error(TypeError)),
    ("NUL", _line(b"ada", b"a\0a"), _NONE),
    ("host beyond ASCII", _line(b"10.0.0.1", "é".encode()), _NONE),
    ("host of another version", _line(b"10.0.0.1", b"2001:db8::1"), _record(0, "2001:db8::1")),
    ("path beyond ASCII", _line(b"/a", "/é😀".encode()), _record(3, "/é😀")),
    ("path not UTF-8", _line(b"/a", b"/\xff"), _NONE),
    ("path with an encoded surrogate", _line(b"/a", b"/\xed\xa0\x80"), _NONE),
    ("path with a line separator", _line(b"/a", "/\u2028".encode()), _record(3, "/\u2028")),
    ("agent not UTF-8", _line(b"curl", b"\xff"), ok(([_RECORD], []))),
    ("agent with a quote", _line(b"curl", b'"'), _NONE),
    ("no size", _line(b" 12 ", b" - "), _record(5, None)),
    ("size of 15 digits", _line(b" 12 ", b" 999999999999999 "), _record(5, 999999999999999)),
    ("size of 16 digits", _line(b" 12 ", b" 1000000000000000 "), _NONE),
    ("size beyond 64 bits", _line(b" 12 ", b" 9223372036854775808 "), _NONE),
    ("negative size", _line(b" 12 ", b" -1 "), _NONE),
    ("digits of another script", _line(b" 12 ", " ١ ".encode()), _NONE),
    ("status of four digits", _line(b"200", b"2000"), _NONE),
    ("method in small letters", _line(b"GET", b"get"), _NONE),
    ("one huge path", _line(b"/a", b"/" + b"a" * 200_000), _record(3, "/" + "a" * 200_000)),
    ("many quotes", (b'"' * 100_000,), _NONE),
    ("many brackets", (b"[" * 100_000,), _NONE),
    ("zone ahead", _line(b"+0000", b"+0530"), _record(1, 1795254232 - 19800)),
    ("zone behind", _line(b"+0000", b"-0330"), _record(1, 1795254232 + 12600)),
    ("month not known", _line(b"Nov", b"Nox"), _NONE),
    ("day zero", _line(b"21/", b"00/"), _NONE),
    ("day not in the month", _line(b"21/", b"31/"), _NONE),
    ("leap day", _line(b"21/Nov/2026", b"29/Feb/2024"), _record(1, 1709199832)),
    ("no leap day", _line(b"21/Nov/2026", b"29/Feb/1900"), _NONE),
    ("leap day of a century", _line(b"21/Nov/2026", b"29/Feb/2000"), _record(1, 951817432)),
    ("before 1970", _line(b"2026", b"1969"), _record(1, -3507368)),
    ("year zero", _line(b"2026", b"0000"), _NONE),
    ("hour 24", _line(b":09:", b":24:"), _NONE),
    ("leap second", _line(b":52 ", b":60 "), _NONE),
]
