"""What the program of `cli_startup` answers to good and bad command lines, in both languages.

Run as a program, it writes the table for the Rust test: a JSON list of [label, arguments, content, exit code, output].
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

SCRIPT = Path(__file__).resolve().parents[1] / "workloads" / "cli_startup.py"

sys.path.insert(0, str(SCRIPT.parents[1]))

from workloads.cli_startup import HELP, VERSION  # noqa: E402

_HELP, _VERSION = HELP, VERSION + "\n"
# Stands for the path of a file of that row's content.
FILE = "{file}"


def _config(content: str | bytes, output: str | None) -> tuple[list[str], bytes, int, str]:
    raw = content if isinstance(content, bytes) else content.encode()
    return ["--config", FILE], raw, 1 if output is None else 0, output or ""


def _summary(settings: int, enabled: int, level: int) -> str:
    return json.dumps({"settings": settings, "enabled": enabled, "level": level}) + "\n"


_ONE = '{"a": {"enabled": true, "level": 3}}'

# Label, (arguments, the file's bytes or None: there is no file, exit code, standard output).
EXITS: dict[str, tuple[list[str], bytes | None, int, str]] = {
    "version": (["--version"], None, 0, _VERSION),
    "help": (["--help"], None, 0, _HELP),
    "short help": (["-h"], None, 0, _HELP),
    "the first question is answered": (["--version", "--help"], None, 0, _VERSION),
    "help beside a mistake": (["--mistake", "--help"], None, 0, _HELP),
    "nothing": ([], None, 2, ""),
    "an unknown option": (["--mistake"], None, 2, ""),
    "an option that is cut off": (["--vers"], None, 2, ""),
    "an argument too many": (["--config", FILE, "more"], _ONE.encode(), 2, ""),
    "no file named": (["--config"], None, 2, ""),
    "a missing file": (["--config", FILE], None, 1, ""),
    "one setting": _config(_ONE, _summary(1, 1, 3)),
    "the file after a sign": (["--config=" + FILE], _ONE.encode(), 0, _summary(1, 1, 3)),
    "no settings": _config("{}", _summary(0, 0, 0)),
    "a name that stands twice": _config(_ONE[:-1] + "," + _ONE[1:], _summary(1, 1, 3)),
    "empty": _config("", None),
    "truncated": _config(_ONE[:-1], None),
    "trailing data": _config(_ONE + "{}", None),
    "byte order mark": _config(b"\xef\xbb\xbf" + _ONE.encode(), None),
    "UTF-16": _config(_ONE.encode("utf-16"), None),
    "invalid UTF-8": _config(_ONE.encode().replace(b"a", b"\xff"), None),
    "an array": _config("[]", None),
    "a setting that is no object": _config('{"a": 1}', None),
    "an unknown field": _config(_ONE.replace("3", '3, "more": 1'), None),
    "a missing field": _config('{"a": {"enabled": true}}', None),
    "a truth as a number": _config(_ONE.replace("true", "1"), None),
    "a number as a truth": _config(_ONE.replace("3", "true"), None),
    "a number as text": _config(_ONE.replace("3", '"3"'), None),
    "a float": _config(_ONE.replace("3", "3.0"), None),
    "not a number": _config(_ONE.replace("3", "NaN"), None),
    "the largest integer": _config(_ONE.replace("3", "9223372036854775807"), _summary(1, 1, 2**63 - 1)),
    "an integer beyond 64 bits": _config(_ONE.replace("3", "9223372036854775808"), None),
    "one huge name": _config(_ONE.replace("a", "a" * 200_000, 1), _summary(1, 1, 3)),
    "the sum is beyond 64 bits": _config(
        '{"a": {"enabled": false, "level": 9223372036854775807},'
        ' "b": {"enabled": false, "level": 9223372036854775807}}',
        _summary(2, 0, 2**64 - 2),
    ),
}


def rows() -> list[list[Any]]:
    """The table as JSON has it: bytes in hexadecimal."""
    return [
        [label, arguments, None if content is None else content.hex(), code, output]
        for label, (arguments, content, code, output) in EXITS.items()
    ]


if __name__ == "__main__":
    json.dump(rows(), sys.stdout)
