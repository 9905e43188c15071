"""Times the smallest things: a look at the clock, an empty call, a value on its way into an extension or out of it.

One JSON job on standard input, one JSON answer on standard output; one process is one launch. Run by path with the
interpreter of the project under test; standard library alone, CPython 3.8 to 3.14.

An extension states what it can be asked by `__crossings__`, a dictionary from the names below to functions, and its
empty function by `__call_floor__` (`docs/PROTOCOL.md`).
"""

from __future__ import annotations

import gc
import json
import os
import sys
from itertools import repeat
from math import ceil
from time import get_clock_info, perf_counter_ns

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Callable, Dict

    Json = Dict[str, Any]

SIZES = (1, 8, 64, 512, 4096)
CLOCK_READINGS = 20_000
MOST_CALLS = 1 << 24


def empty() -> None:
    """What the cheapest Python call is measured with."""


def item(number: int) -> str:
    """A text of ten letters, a different one for each number."""
    return f"item {number:05}"


def make_buffer(size: int) -> Any:
    from array import array

    return array("d", range(size))


# Integers are over 2^40, so that none is among those that CPython keeps ready-made. Text is ASCII, as most is.
ARGUMENTS: dict[str, Callable[[int], tuple[Any, ...]]] = {
    "int": lambda _: (1 << 40,),
    "float": lambda _: (1.5,),
    "str": lambda size: ("x" * size,),
    "bytes": lambda size: (b"x" * size,),
    "list[int]": lambda size: ([(1 << 40) + number for number in range(size)],),
    "list[float]": lambda size: ([number + 0.5 for number in range(size)],),
    "list[str]": lambda size: ([item(number) for number in range(size)],),
    "dict[str, int]": lambda size: ({item(number): (1 << 40) + number for number in range(size)},),
    "buffer": lambda size: (make_buffer(size),),
    "callback": lambda size: (empty, size),
}
# Results are asked for by their size.
RESULTS = ("int", "float", "str", "bytes", "list[int]", "list[float]", "list[str]", "dict[str, int]")
ARGUMENTS.update({f"-> {name}": lambda size: (size,) for name in RESULTS})
SCALARS = ("int", "float", "-> int", "-> float")


def time_0(function: Callable[..., Any], count: int) -> int:
    """Times so many calls without arguments, in ns, the loop's own few ns each included."""
    calls = repeat(None, count)
    start = perf_counter_ns()
    for _ in calls:
        function()
    return perf_counter_ns() - start


def time_1(function: Callable[..., Any], count: int, argument: Any) -> int:
    """The same with one argument."""
    calls = repeat(None, count)
    start = perf_counter_ns()
    for _ in calls:
        function(argument)
    return perf_counter_ns() - start


def time_2(function: Callable[..., Any], count: int, first: Any, second: Any) -> int:
    """The same with two."""
    calls = repeat(None, count)
    start = perf_counter_ns()
    for _ in calls:
        function(first, second)
    return perf_counter_ns() - start


TIMERS = (time_0, time_1, time_2)


class Cell:
    """A call to be timed in batches of about `batch_ns`: as many calls as that takes, found by a warm-up."""

    def __init__(self, function: Callable[..., Any], arguments: tuple[Any, ...], batch_ns: int) -> None:
        self.function, self.arguments = function, arguments
        self.timer = TIMERS[len(arguments)]
        self.times: list[float] = []
        self.count = 1
        function(*arguments)  # the first call may make what later ones use
        # The best batch plans: one that was disturbed would plan too few calls.
        best: float = min(self.timer(function, 1, *arguments) for _ in range(5))
        while True:
            best = min(best, max(1, self.timer(function, self.count, *arguments)) / self.count)
            wanted = min(ceil(batch_ns / best), MOST_CALLS)
            if wanted <= 8 * self.count:
                self.count = wanted
                return
            self.count *= 8

    def time(self) -> None:
        """Times a batch, after a call that brings code and data back into the caches."""
        self.function(*self.arguments)
        self.times.append(self.timer(self.function, self.count, *self.arguments) / self.count)

    def per_call_ns(self) -> float:
        """The median of the batches."""
        return sorted(self.times)[len(self.times) // 2]


def per_call_ns(function: Callable[..., Any], batch_ns: int, batches: int) -> float:
    """Time of a call without arguments."""
    cell = Cell(function, (), batch_ns)
    for _ in range(batches):
        cell.time()
    return cell.per_call_ns()


def clock(batch_ns: int, batches: int) -> Json:
    """What the clock says of itself, its smallest step seen, and what a reading costs."""
    info = get_clock_info("perf_counter")
    readings = [perf_counter_ns() for _ in range(CLOCK_READINGS)]
    steps = [later - earlier for earlier, later in zip(readings, readings[1:]) if later > earlier]
    return {
        "source": info.implementation,
        "stated_resolution_ns": info.resolution * 1e9,
        "smallest_step_ns": min(steps) if steps else None,
        "reading_ns": per_call_ns(perf_counter_ns, batch_ns, batches),
    }


def find_extensions(names: list[str]) -> tuple[dict[str, Any], list[Json]]:
    """The modules of those names, and which could not be imported and why."""
    from importlib import import_module

    modules, failures = {}, []
    for name in names:
        try:
            modules[name] = import_module(name)
        except BaseException as error:  # an import may do anything, SystemExit and a Rust panic included
            failures.append({"module": name, "message": f"{type(error).__name__}: {error}"})
    return modules, failures


def describe_extension(name: str, module: Any) -> Json | None:
    """A native module, with how it says that it was built; None for other modules."""
    from importlib.machinery import EXTENSION_SUFFIXES

    path = getattr(module, "__file__", None)
    if not isinstance(path, str) or not path.endswith(tuple(EXTENSION_SUFFIXES)):
        return None
    stated = {key: getattr(module, f"__{key}__", None) for key in ("build_profile", "pyo3_version")}
    profile, pyo3 = (value if isinstance(value, str) else None for value in stated.values())
    return {"name": name, "path": path, "profile": profile, "pyo3": pyo3}


def crossings(functions: dict[str, Any], seed: int, batch_ns: int, batches: int) -> Json:
    """Time per call of every crossing at every size, and what could not be timed.

    Batches are taken in passes over all cells, each in an order of its own drawn from the seed: a disturbance that
    lasts longer than a batch then falls on many cells once, and their medians pass over it.
    """
    from random import Random

    random = Random(seed)
    known = [name for name in ARGUMENTS if callable(functions.get(name))]
    cells: dict[tuple[str, int], Cell] = {}
    failures: dict[str, str] = {}
    for name in known:
        try:
            for size in SIZES[:1] if name in SCALARS else SIZES:
                cells[name, size] = Cell(functions[name], ARGUMENTS[name](size), batch_ns)
        except BaseException as error:  # a panic of Rust is one
            failures[name] = f"{type(error).__name__}: {error}"
    for key in [key for key in cells if key[0] in failures]:
        del cells[key]
    for _ in range(batches):
        order = list(cells.values())
        random.shuffle(order)
        for cell in order:
            cell.time()
    return {
        "points": [{"name": name, "size": size, "time_ns": cell.per_call_ns()} for (name, size), cell in cells.items()],
        "failures": [{"name": name, "message": message} for name, message in failures.items()],
        "unknown": sorted(str(name) for name in functions if name not in ARGUMENTS),
    }


def measure(job: Json) -> Json:
    """Carries out a job."""
    sys.path[:0] = job["sys_path"]
    modules, failures = find_extensions(job["modules"])
    first = {
        attribute: next((name for name, module in modules.items() if hasattr(module, attribute)), None)
        for attribute in ("__call_floor__", "__crossings__")
    }
    batch_ns, batches = job["batch_ns"], job["batches"]
    gc.collect()
    gc.freeze()
    floor_of, crossings_of = first["__call_floor__"], first["__crossings__"]
    floor = modules[floor_of].__call_floor__ if floor_of else None
    functions = modules[crossings_of].__crossings__ if crossings_of else None
    if functions is not None and not isinstance(functions, dict):
        failures.append({"module": crossings_of, "message": "its `__crossings__` is not a dictionary"})
        functions = None
    return {
        "clock": clock(batch_ns, batches),
        "floors": {
            "empty_call_ns": per_call_ns(empty, batch_ns, batches),
            "builtin_call_ns": per_call_ns(gc.isenabled, batch_ns, batches),
            "extension_call_ns": per_call_ns(floor, batch_ns, batches) if callable(floor) else None,
        },
        "floor_module": floor_of,
        "crossings_module": crossings_of if functions is not None else None,
        "crossings": None if functions is None else crossings(functions, job["seed"], batch_ns, batches),
        "extensions": [found for found in map(describe_extension, modules, modules.values()) if found],
        "failures": failures,
    }


def main() -> None:
    """Answers on a private descriptor, out of the reach of what imported code prints."""
    output = os.dup(1)
    os.dup2(2, 1)
    if os.path.realpath(sys.path[0] or ".") == os.path.dirname(os.path.realpath(__file__)):
        del sys.path[0]
    line = json.dumps(measure(json.loads(sys.stdin.readline()))).encode() + b"\n"
    view = memoryview(line)
    while view:
        view = view[os.write(output, view) :]
    os._exit(0)  # threads and exit handlers of imported code could hang a process that has said all it has


if __name__ == "__main__":
    main()
