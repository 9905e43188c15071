"""Who is held to the tables of outcomes, and how: what `test_workloads.py` and the Rust test `outcomes.rs` share.

Run as a program, it writes every table for the Rust test: `python bad_input.py FOLDER`.
"""

from __future__ import annotations

import copy
import importlib
import math
import sys
from pathlib import Path
from typing import Any, Callable, Iterator, NamedTuple

BASELINE = Path(__file__).resolve().parents[1]
MANIFEST = BASELINE.parent / "rustworthy.toml"

for folder in (BASELINE, BASELINE / "harness"):
    if str(folder) not in sys.path:
        sys.path.insert(0, str(folder))

from timing import encode, position_of  # noqa: E402
from workloads.outcomes import Error, File, Ok  # noqa: E402


class Implementation(NamedTuple):
    """A baseline or candidate that is called from Python."""

    workload: str
    name: str
    """As in the manifest; `baseline` for the baseline."""
    target: str
    """`module:attribute`."""
    is_path: bool
    """It gets the path of its input file."""
    adapt: str | None
    """`module:attribute` of what turns the arguments into its own."""
    result: str | None
    """`module:attribute` of what turns its result into plain values."""

    def departs(self, label: str) -> bool:
        """Whether its workload says that it may differ here."""
        return label in getattr(module_of(self.workload), "DEPARTURES", {}).get(self.target, ())


def module_of(workload: str) -> Any:
    """The Python twin of this name."""
    return importlib.import_module(f"workloads.{workload}")


def workloads() -> list[str]:
    """The workloads whose Python twin has a table, in the order of their names."""
    names = sorted(path.stem for path in (BASELINE / "workloads").glob("*.py"))
    return [name for name in names if has_table(name)]


def has_table(name: str) -> bool:
    # Looked for in the text: a library's wrapper cannot be imported where the library is missing.
    return "\nOUTCOMES = [" in (BASELINE / "workloads" / f"{name}.py").read_text(encoding="utf-8")


def implementations() -> Iterator[Implementation]:
    """Every implementation of the manifest that is a Python callable, baselines first."""
    try:
        import tomllib
    except ImportError:  # before 3.11
        import tomli as tomllib
    manifest = tomllib.loads(MANIFEST.read_text(encoding="utf-8"))
    for workload, table in manifest["workload"].items():
        for name, entry in [("baseline", table["baseline"]), *table.get("candidate", {}).items()]:
            if "python" in entry:
                is_path = table.get("input-as") == "path"
                yield Implementation(workload, name, entry["python"], is_path, entry.get("adapt"), table.get("result"))


def arguments_of(given: Any, folder: Path) -> tuple[Any, ...]:
    """A copy of the arguments, or the path of a file that has been written."""
    if not isinstance(given, File):
        return copy.deepcopy(given)
    path = folder / "input"
    if given.content is not None:
        path.write_bytes(given.content)
    return (str(path),)


def outcome(function: Callable[..., Any], arguments: tuple[Any, ...]) -> Ok | Error:
    """What the call did. A panic is no outcome: it is no `Exception`, and passes through."""
    try:
        return Ok(function(*arguments))
    except Exception as error:  # noqa: BLE001 (whatever it raises is the outcome)
        return Error(type(error), position_of(error))


def meets(actual: Ok | Error, expected: Ok | Error) -> bool:
    """Whether this is the outcome that the table asks for."""
    if isinstance(expected, Ok):
        return isinstance(actual, Ok) and same(actual.value, expected.value)
    if not isinstance(actual, Error) or actual.kind is not expected.kind:
        return False
    return expected.position is None or actual.position == expected.position


def same(left: Any, right: Any) -> bool:
    """Equality that keeps types apart and the sign of zero, and takes every NaN for the same."""
    if type(left) is not type(right):
        return False
    if isinstance(left, float):
        return (math.isnan(left) and math.isnan(right)) or repr(left) == repr(right)
    if isinstance(left, (list, tuple)):
        return len(left) == len(right) and all(map(same, left, right))
    if isinstance(left, dict):
        return same(list(left.items()), list(right.items()))
    return bool(left == right)


def export(folder: Path) -> bytes:
    """Every table as one canonical value: a list of rows `{workload, label, arguments, departs, value or raised}`."""
    rows = []
    for workload in workloads():
        module = module_of(workload)
        departures = getattr(module, "DEPARTURES", {})
        for number, (label, given, expected) in enumerate(module.OUTCOMES):
            own = folder / f"{workload}-{number}"
            own.mkdir()
            row = {
                "workload": workload,
                "label": label,
                "arguments": arguments_of(given, own),
                "departs": [target for target, labels in departures.items() if label in labels],
            }
            if isinstance(expected, Ok):
                row["value"] = expected.value
            else:
                row["raised"] = expected.kind.__name__
                row["position"] = expected.position
            rows.append(row)
    return encode(rows)


if __name__ == "__main__":
    sys.stdout.buffer.write(export(Path(sys.argv[1])))
