"""The timing script, through the protocol that the tool speaks to it. No test asserts a duration."""

from __future__ import annotations

import hashlib
import importlib.util
import json
import math
import os
import random
import subprocess
import sys
import textwrap
from collections import Counter, OrderedDict, namedtuple
from dataclasses import make_dataclass
from datetime import date, datetime, time, timedelta, timezone
from decimal import Decimal
from enum import Enum, Flag, IntEnum
from fractions import Fraction
from pathlib import Path
from uuid import UUID

import pytest

SCRIPT = Path(__file__).resolve().parents[1] / "harness" / "timing.py"
PROTOCOL = "rustworthy.worker/1"
SAMPLE = {
    "op": "sample",
    "warmup_ns": 2_000_000,
    "warmup_calls": 8,
    "warmup_limit_ns": 50_000_000,
    "measure_ns": 10_000_000,
    "samples": 10,
}
ON_LINUX = sys.platform.startswith("linux")

SUBJECT = """
import os
import sys
import threading

KEPT = []


def nothing():
    pass


def add(*numbers):
    return sum(numbers)


def path_of(path):
    return path


def identity(value):
    return value


def sort(values):
    values.sort()


def pop(values):
    return values.pop()


def numbers(size, seed):
    return ([(seed * 7919 * n) % 101 for n in range(size)],)


def text(size, seed):
    return ("line\\r\\n" * size + "\\u00e9",)


def surrogate(size, seed):
    return ("\\ud800",)


def blob(size, seed):
    return (b"\\x00\\r\\n" * size,)


def a_list(size, seed):
    return [size, seed]


def subprocesses():
    import subprocess

    silent = dict.fromkeys(("stdin", "stdout", "stderr"), subprocess.DEVNULL)
    KEPT.append(subprocess.Popen(["sleep", "5"], **silent))


def elsewhere():
    other = threading.Thread(target=sum, args=(range(2_000_000),))
    other.start()
    other.join()


def opaque(size, seed):
    return ([1, object()], size)


def changing(size, seed):
    return (os.getpid(),)


def of_size(size, seed):
    return (size, seed)


def generate():
    yield 1
    yield 2


def mapped():
    return map(str, [1, 2])


def future_of():
    return promise()


async def promise():
    return "kept"


async def promises():
    yield 1
    yield 2


def ranged():
    return range(3)


class Opaque:
    pass


def nested_opaque():
    return {"rows": [0, {"cell": Opaque()}]}


def plain(result):
    return [type(result).__name__]


class ParseError(ValueError):
    def __init__(self, message, pos):
        super().__init__(message)
        self.pos = pos


def refuse():
    raise ParseError("not here", 7)


class PanicException(BaseException):
    pass


def panic():
    raise PanicException("overflow")


def leave():
    sys.exit(4)


def interrupt():
    raise KeyboardInterrupt


def unprintable():
    class Silent(Exception):
        def __str__(self):
            raise RuntimeError

    raise Silent


def odd_text():
    raise ValueError("\\udc80")


def die():
    os._exit(9)


def loud():
    print("to stdout")
    print("to stderr", file=sys.stderr)
    os.write(1, b"raw\\n")
    return sys.stdin.read()


def close_all():
    for descriptor in (0, 1, 2):
        os.close(descriptor)


def replace_streams():
    sys.stdout = sys.stderr = None
    os.chdir("/")


def fork():
    return "child" if os.fork() == 0 else "parent"


def hang_at_exit():
    threading.Thread(target=threading.Event().wait).start()


def limits():
    return [sys.getrecursionlimit(), getattr(sys, "get_int_max_str_digits", lambda: 0)()]


STARTED = []


def start():
    STARTED.append(1)


def started():
    return len(STARTED)
"""


@pytest.fixture(scope="session")
def module():
    """The script as a module, for what needs no process."""
    spec = importlib.util.spec_from_file_location("timing_script", SCRIPT)
    loaded = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(loaded)
    return loaded


class Manager:
    """Speaks to workers whose code under test is `subject.py`, or another module written here."""

    def __init__(self, folder):
        self.folder = folder
        self.write("subject", SUBJECT)
        self.outcome = {"op": "outcome", "file": str(folder / "outcome.json"), "expect": None}

    def write(self, name, source):
        (self.folder / f"{name}.py").write_text(textwrap.dedent(source), encoding="utf-8")

    def job(self, call, *steps, source=None, pass_="value", size=5, seed=3, **implementation):
        call = call if ":" in call or not call else f"subject:{call}"
        return {
            "protocol": PROTOCOL,
            "implementation": {"call": call, **implementation},
            "sys_path": [str(self.folder)],
            "input": {"size": size, "seed": seed, "pass": pass_, "source": source},
            "steps": list(steps),
        }

    def speak(self, *lines, flags=(), **environment):
        """The answers, and the finished process."""
        spoken = "\n".join(line if isinstance(line, str) else json.dumps(line) for line in lines)
        process = subprocess.run(
            [sys.executable, *flags, str(SCRIPT)],
            input=spoken.encode(),
            capture_output=True,
            timeout=60,
            cwd=str(self.folder),
            env={**os.environ, **environment},
        )
        return [json.loads(line) for line in process.stdout.splitlines()], process

    def answer(self, call, step, **job):
        """The answer to the only step."""
        answers, process = self.speak(self.job(call, step, **job))
        assert [each["op"] for each in answers] == ["prepared", step["op"], "done"], (answers, process.stderr)
        assert process.returncode == 0
        return answers[1]

    def failure(self, call, *steps, **job):
        """The failure that ends the conversation."""
        answers, process = self.speak(self.job(call, *steps, **job))
        assert [each["op"] for each in answers[-2:]] == ["failed", "done"], (answers, process.stderr)
        assert process.returncode == 1
        return answers[-2]

    def document(self, call, **job):
        """The outcome document, its digest checked."""
        answer = self.answer(call, self.outcome, **job)
        written = Path(answer["file"]).read_bytes()
        assert answer["digest"] == "sha256:" + hashlib.sha256(written).hexdigest()
        return json.loads(written)

    def arguments(self, module, *values):
        """An input file of these arguments."""
        path = self.folder / "input.json"
        path.write_bytes(module.encode(values))
        return {"file": {"path": str(path), "encoding": "tagged"}}

    def made_by(self, call, sha256=None):
        return {"callable": {"call": f"subject:{call}", "sha256": sha256}}


@pytest.fixture
def manager(tmp_path):
    return Manager(tmp_path)


# Canonical values


def tag(name, content):
    return {"$": name, "v": content}


Point = namedtuple("Point", "x y")
Pixel = make_dataclass("Pixel", ["x", "colour"])
Colour = Enum("Colour", "RED GREEN")
Level = IntEnum("Level", "LOW HIGH")
Access = Flag("Access", "READ WRITE")
tuple_of_ours = type("tuple", (tuple,), {"__module__": "acme"})


@pytest.mark.parametrize(
    ("value", "written"),
    [
        (None, None),
        ([True, 1, 1.0, "1"], [True, 1, 1.0, "1"]),
        (2**63 - 1, 2**63 - 1),
        (-(2**63), -(2**63)),
        (2**63, tag("int", str(2**63))),
        ([1] * 20 + [-(2**63) - 1], [1] * 20 + [tag("int", str(-(2**63) - 1))]),
        (math.inf, tag("float", "inf")),
        (-math.inf, tag("float", "-inf")),
        ([0.5] * 20 + [math.nan], [0.5] * 20 + [tag("float", "nan")]),
        ("é\n\u2028\U0001f600", "é\n\u2028\U0001f600"),
        ("\ud800", tag("str", "eda080")),
        (["a"] * 20 + ["\ud800"], ["a"] * 20 + [tag("str", "eda080")]),
        (b"\x00\xff", tag("bytes", "00ff")),
        (bytearray(b"\x01"), tag("bytearray", "01")),
        ((1, (2,)), tag("tuple", [1, tag("tuple", [2])])),
        ({3, 10, 2}, tag("set", [10, 2, 3])),
        (frozenset("ba"), tag("frozenset", ["a", "b"])),
        ({"b": 1, "a": [2]}, {"b": 1, "a": [2]}),
        ({"$": 1}, tag("dict", [["$", 1]])),
        ({1: "a", (2,): "b"}, tag("dict", [[1, "a"], [tag("tuple", [2]), "b"]])),
        ({"\ud800": 1}, tag("dict", [[tag("str", "eda080"), 1]])),
        (complex(1, -math.inf), tag("complex", [1.0, tag("float", "-inf")])),
        (range(1, 9, 2), tag("range", [1, 9, 2])),
        (Decimal("1.50"), tag("Decimal", "1.50")),
        (date(2024, 2, 29), tag("date", "2024-02-29")),
        (datetime(2024, 2, 29, tzinfo=timezone.utc), tag("datetime", "2024-02-29 00:00:00+00:00")),
        (time(1, 2, 3, 4), tag("time", "01:02:03.000004")),
        (timedelta(-1, 5), tag("timedelta", "-1 day, 0:00:05")),
        (Fraction(1, 3), tag("Fraction", "1/3")),
        (Path("a/b"), tag("Path", os.path.join("a", "b"))),
        (UUID(int=7), tag("UUID", "00000000-0000-0000-0000-000000000007")),
        (Point(1, [2]), tag("record:Point", {"x": 1, "y": [2]})),
        (Pixel(1, Colour.RED), tag("record:Pixel", {"x": 1, "colour": tag("enum:Colour", "RED")})),
        (Level.HIGH, tag("enum:Level", "HIGH")),
        (Counter("aab"), tag("Counter", {"a": 2, "b": 1})),
        (tuple_of_ours((1,)), tag("acme.tuple", tag("tuple", [1]))),
    ],
)
def test_a_value_has_its_canonical_form(module, value, written):
    assert module.encode(value).decode() == json.dumps(written, ensure_ascii=False, separators=(",", ":"))


def test_types_that_compare_equal_stay_apart(module):
    forms = [module.encode(value) for value in (1, 1.0, True, "1", [1], (1,), {1}, frozenset([1]), Level.LOW)]
    assert len(set(forms)) == len(forms)
    assert module.encode(0.0) != module.encode(-0.0)


def test_an_ordered_dict_is_written_in_its_own_order(module):
    ordered = OrderedDict([("a", 1), ("b", 2)])
    ordered.move_to_end("a")
    assert module.encode(ordered) == b'{"$":"OrderedDict","v":{"b":2,"a":1}}'


def test_a_combination_of_flags_has_a_form(module):
    assert module.encode(Access.READ | Access.WRITE) in (
        b'{"$":"enum:Access","v":3}',
        b'{"$":"enum:Access","v":"READ|WRITE"}',
    )


def test_a_subclass_cannot_hide_what_it_holds(module):
    class Hiding(list):
        def __iter__(self):
            return iter(())

        def __len__(self):
            return 0

    assert module.encode(Hiding([1, 2])) == b'{"$":"Hiding","v":[1,2]}'


def test_dictionary_order_is_kept_and_set_order_is_not(module):
    assert module.encode({"a": 1, "b": 2}) != module.encode({"b": 2, "a": 1})
    assert module.encode({"a", "b", "c"}) == module.encode({"c", "b", "a"})


def test_what_has_no_form_is_named_with_its_path(module):
    with pytest.raises(module.Unencodable, match=r"`\$\[1\]\.name\['a b'\]\[0\]` is of type `object`"):
        module.encode([0, {"name": {"a b": (object(),)}}])
    with pytest.raises(module.Unencodable, match=r"`\$\.x` is of type `function`"):
        module.encode(Point(len, 1)._replace(x=lambda: 0))


def test_depth_is_bounded_and_cycles_are_found(module):
    def nest(levels, wrap):
        value = wrap(0)
        for _ in range(levels - 1):
            value = wrap(value)
        return value

    for wrap in (lambda x: [x], lambda x: (x,), lambda x: {"k": x}, lambda x: {1: x}, lambda x: Point(x, 1)):
        value = nest(400, wrap)
        written = module.encode(value)
        if not isinstance(value, Point):
            assert module.encode(module.decode(written)) == written
        with pytest.raises(module.Unencodable, match="nested deeper than 400 levels"):
            module.encode(nest(401, wrap))
    cycle = [1]
    cycle.append({"again": cycle})
    with pytest.raises(module.Unencodable, match=r"`\$\[1\]\.again` .* contains itself"):
        module.encode(cycle)
    assert module.encode([cycle[0], cycle[:1], cycle[:1]]) == b"[1,[1],[1]]"


def test_huge_integers_pass_the_digit_limit(module):
    huge = -(10**6000)
    assert module.decode(module.encode([huge])) == [huge]


def random_value(rng, depth, hashable=False):
    leaves = [
        lambda: None,
        lambda: rng.random() < 0.5,
        lambda: rng.randint(-5, 5),
        lambda: rng.choice([-1, 1]) * rng.getrandbits(rng.choice([8, 62, 63, 64, 65, 200])),
        lambda: rng.choice([0.0, -0.0, 1.0, 1e16, 5e-324, math.inf, -math.inf, rng.random(), rng.gauss(0, 1e300)]),
        lambda: "".join(chr(rng.choice([36, 65, 0, 10, 34, 92, 0xE9, 0xD800, 0xDFFF, 0x1F600])) for _ in range(3)),
        lambda: bytes(rng.getrandbits(8) for _ in range(rng.randint(0, 4))),
        lambda: complex(rng.random(), -0.0),
        lambda: range(rng.randint(-9, 9), rng.randint(-9, 9), rng.choice([-3, 1, 2**70])),
        lambda: Decimal(rng.choice(["0", "-0.00", "1E+400", "Infinity", "-1.10"])),
        lambda: date(rng.randint(1, 9999), 1, 31),
        lambda: datetime(rng.randint(1, 9999), 1, 1, 3, 4, 5, rng.choice([0, 7]), rng.choice(zones)),
        lambda: time(3, 4, 5, rng.choice([0, 7]), rng.choice(zones)),
        lambda: timedelta(rng.choice([-3, -1, 0, 1, 99999]), rng.randint(0, 86399), rng.choice([0, 1, 999999])),
        lambda: Fraction(rng.randint(-9, 9), 7),
        lambda: Path(rng.choice([".", "/a/é", "b.c"])),
        lambda: UUID(int=rng.getrandbits(128)),
    ]
    zones = [None, timezone.utc, timezone(timedelta(hours=-5, minutes=-30, seconds=rng.choice([0, 1])))]
    if depth == 0 or rng.random() < 0.3:
        return rng.choice(leaves)()
    count = rng.choice([0, 1, 2, 3, 17])

    def members(hashable=True):
        return [random_value(rng, depth - 1, hashable) for _ in range(count)]

    if rng.random() < 0.2:  # of one type, and long: the ways through C
        leaf = rng.choice(leaves)
        alike = [leaf() for _ in range(20)]
        return tuple(alike) if hashable else rng.choice([alike, dict(zip("abcdefghijklmnopqrst", alike))])
    kinds = [lambda: tuple(members(hashable)), lambda: frozenset(members())]
    if not hashable:
        kinds += [
            lambda: members(False),
            lambda: set(members()),
            lambda: dict(zip(members(), members(False))),
            lambda: dict(zip("ab$", members(False))),
            lambda: bytearray(b"ab"),
        ]
    return rng.choice(kinds)()


def same(one, other):
    """Equal, of the same types all through, and with the same signs of zero."""
    if type(one) is not type(other):
        return False
    if isinstance(one, (list, tuple)):
        return len(one) == len(other) and all(map(same, one, other))
    if isinstance(one, dict):
        return same(list(one.items()), list(other.items()))
    if isinstance(one, (set, frozenset)):
        return sorted(map(repr, one)) == sorted(map(repr, other)) or one == other
    return repr(one) == repr(other)


def test_any_value_is_read_back_as_it_was(module):
    rng = random.Random(20240229)
    for _ in range(1500):
        value = random_value(rng, 4)
        written = module.encode(value, rebuildable=True)
        back = module.decode(written)
        assert same(back, value)
        assert module.encode(back) == written


# Inputs


def test_an_input_is_written_and_read_as_it_was_made(manager):
    file = manager.folder / "made"
    made = manager.answer("", {"op": "make_input", "file": str(file)}, source=manager.made_by("numbers"))
    assert (made["encoding"], made["bytes"]) == ("tagged", file.stat().st_size)
    assert made["sha256"] == hashlib.sha256(file.read_bytes()).hexdigest()
    source = {"file": {"path": str(file), "encoding": "tagged"}}
    assert manager.document("identity", source=source) == manager.document(
        "identity", source=manager.made_by("numbers")
    )
    assert [path.name for path in manager.folder.iterdir() if path.suffix == ".tmp"] == []


@pytest.mark.parametrize(
    ("call", "encoding", "content"),
    [
        ("text", "text", ("line\r\n" * 5 + "é").encode()),
        ("blob", "bytes", b"\x00\r\n" * 5),
        ("surrogate", "tagged", b'{"$":"tuple","v":[{"$":"str","v":"eda080"}]}'),
    ],
)
def test_a_lone_text_or_bytes_is_kept_raw(manager, call, encoding, content):
    file = manager.folder / "made"
    made = manager.answer("", {"op": "make_input", "file": str(file)}, source=manager.made_by(call))
    assert (made["encoding"], file.read_bytes()) == (encoding, content)
    source = {"file": {"path": str(file), "encoding": encoding}}
    assert manager.document("identity", source=source) == manager.document("identity", source=manager.made_by(call))


def test_an_input_must_be_a_tuple(manager):
    failed = manager.failure("identity", source=manager.made_by("a_list"))
    assert (failed["step"], failed["class"]) == ("input", "TypeError")
    assert "tuple of positional arguments, not `list`" in failed["message"]


def test_what_cannot_be_encoded_is_made_again_and_checked(manager):
    make = {"op": "make_input", "file": str(manager.folder / "made")}
    made = manager.answer("", make, source=manager.made_by("opaque"))
    assert (made["encoding"], made["bytes"]) == (None, 0)
    assert "`$[0][1]` is of type `object`" in made["reason"]
    assert not (manager.folder / "made").exists()
    source = manager.made_by("opaque", made["sha256"])
    answers, _ = manager.speak(manager.job("identity", source=source))
    assert [each["op"] for each in answers] == ["prepared", "done"]
    answers, _ = manager.speak(manager.job("identity", source=source, size=6))
    assert (answers[0]["step"], "made another input" in answers[0]["message"]) == ("input", True)


@pytest.mark.parametrize("made", ["Point(1, 2)", "Counter('a')", "datetime(2024, 1, 1, fold=1)", "Level.LOW"])
def test_an_input_that_would_lose_its_type_is_not_written(manager, made):
    manager.write(
        "inputs",
        f"""
        from collections import Counter, namedtuple
        from datetime import datetime
        from enum import IntEnum
        Point = namedtuple("Point", "x y")
        Level = IntEnum("Level", "LOW HIGH")
        def make(size, seed):
            return ({made},)
        """,
    )
    make = {"op": "make_input", "file": str(manager.folder / "made")}
    answer = manager.answer("", make, source={"callable": {"call": "inputs:make", "sha256": None}})
    assert answer["encoding"] is None
    assert "`$[0]`" in answer["reason"]


def test_an_input_that_changes_from_process_to_process_is_refused(manager):
    make = {"op": "make_input", "file": str(manager.folder / "made")}
    digest = manager.answer("", make, source=manager.made_by("changing"))["sha256"]
    failed = manager.failure("identity", source=manager.made_by("changing", digest))
    assert failed["step"] == "input"


def test_the_path_is_passed_where_it_is_asked_for(manager, module):
    source = manager.arguments(module, 1)
    assert manager.document("path_of", source=source, pass_="path") == {"value": source["file"]["path"]}


def test_the_setup_runs_once_before(manager):
    assert manager.document("started", setup="subject:start") == {"value": 1}


# Outcomes


def test_a_value_and_its_expected_digest(manager, module):
    source = manager.arguments(module, 1, 2)
    answer = manager.answer("add", manager.outcome, source=source)
    assert (answer["kind"], answer["matches"], answer["mutated"]) == ("value", None, False)
    (manager.folder / "outcome.json").unlink()
    again = manager.answer("add", {**manager.outcome, "expect": answer["digest"]}, source=source)
    assert (again["matches"], again["file"]) == (True, None)
    assert not (manager.folder / "outcome.json").exists()
    other = manager.answer("add", {**manager.outcome, "expect": "sha256:00"}, source=source)
    assert (other["matches"], other["file"]) == (False, str(manager.folder / "outcome.json"))


def test_none_brings_the_arguments_along(manager, module):
    assert manager.document("nothing") == {"value": None, "arguments": []}
    source = manager.arguments(module, [3, 1, 2])
    assert manager.document("sort", source=source) == {"value": None, "arguments": [[1, 2, 3]]}


def test_a_mutation_is_seen(manager, module):
    source = manager.arguments(module, [3, 1, 2])
    assert manager.answer("pop", manager.outcome, source=source)["mutated"] is True
    assert manager.document("pop", source=source) == {"value": 2, "arguments": [[3, 1]]}
    assert manager.answer("identity", manager.outcome, source=source)["mutated"] is False


@pytest.mark.parametrize(
    ("body", "mutated"),
    [
        ("values[1] = values[1]", False),
        ("values[0]['a'].append(2)", True),
        ("values[1] = 1.0", True),
        ("values[1] = True", True),
        ("values[2] = -values[2]", True),
        ("values[3] = object()", True),
        ("values[4].add(99); values[4].discard(99)", False),
        ("values[4].add(99)", True),
        ("values[0]['b'] = values[0].pop('a')", True),
        ("values[-1] = bytes(values[-1])", True),
    ],
)
def test_any_mutation_is_seen_however_it_is_looked_for(manager, module, body, mutated):
    from decimal import Decimal

    manager.write("changing", f"def change(values):\n    {body}\n    return 1\n")
    plain = [{"a": [1]}, 1, 0.0, None, {1, 2, 3}]
    for more in ([b"ab"], [bytearray(b"ab")], [Decimal(1), b"ab"]):
        source = manager.arguments(module, [*plain, *more])
        answers, _ = manager.speak(manager.job("changing:change", manager.outcome, source=source))
        # Arguments that have come to hold what cannot be encoded are an error, once they are seen to have changed.
        seen = answers[1].get("mutated", answers[1].get("class") == "Unencodable")
        assert seen is (mutated and not (body.startswith("values[-1]") and isinstance(more[-1], bytes))), more


def test_what_is_trusted_is_not_looked_at_before_and_after_its_calls(manager, module):
    source = manager.arguments(module, [3, 1, 2])
    plain = manager.answer("identity", manager.outcome, source=source)
    trusted = manager.answer("identity", manager.outcome, source=source, trusted=True)
    assert (trusted["digest"], trusted["mutated"]) == (plain["digest"], False)
    assert manager.answer("pop", manager.outcome, source=source, trusted=True)["mutated"] is False
    assert manager.document("sort", source=source, trusted=True) == {"value": None, "arguments": [[1, 2, 3]]}


def test_fresh_arguments_survive_any_number_of_calls(manager, module):
    source = manager.arguments(module, [3])  # a second `pop` of the same list would raise
    answers, _ = manager.speak(
        manager.job("pop", manager.outcome, SAMPLE, {"op": "slice", "calls": 50}, source=source, fresh=True)
    )
    assert [each["op"] for each in answers] == ["prepared", "outcome", "sample", "slice", "done"]
    assert answers[1]["mutated"] is True
    failed = manager.failure("pop", SAMPLE, source=source)
    assert (failed["step"], failed["class"]) == ("sample", "IndexError")


def test_fresh_batches_are_timed_in_parts_that_fit_in_memory(module):
    live = []

    class Counted:
        def __deepcopy__(self, _):
            return Copy()

    class Copy:
        def __init__(self):
            live.append(self)

    def call(_):
        most.append(len(live))

    most = []
    target = module.Target(call, (Counted(),), consume=False, fresh=True, guard=lambda: live.clear())
    target.copies_at_once = 3
    assert target.time(8).elapsed_ns > 0
    assert (len(most), max(most)) == (8, 3)


def count(calls, copies):
    return {"op": "count", "calls": calls, "copies": copies}


def test_counted_calls_are_answered_alike_however_many_they_are(manager, module):
    source = manager.arguments(module, [3, 1, 2])
    steps = (count(2, 40), count(40, 40), manager.outcome)
    answers, _ = manager.speak({**manager.job("sort", *steps, source=source), "untimed": True})
    prepared, few, many, outcome, _ = answers
    assert few == many == {"op": "count", "others": False}
    assert (prepared["import_ns"], prepared["input_ns"]) == (0, 0)
    assert outcome["first_call_ns"] > 0  # only counting and getting ready do without a clock


def test_counted_calls_get_arguments_of_their_own_where_they_want_them(manager, module):
    source = manager.arguments(module, [3])  # a second `pop` of the same list would raise
    answers, _ = manager.speak(manager.job("pop", count(5, 9), count(9, 9), source=source, fresh=True))
    assert [each["op"] for each in answers] == ["prepared", "count", "count", "done"]
    failed = manager.failure("pop", count(1, 10**9), source=source, fresh=True)
    assert (failed["step"], failed["class"]) == ("count", "MemoryError")


@pytest.mark.skipif(not ON_LINUX, reason="needs a clock for each thread")
@pytest.mark.parametrize("call", ["elsewhere", "subprocesses"])
def test_the_work_of_others_is_seen(manager, call):
    assert manager.answer(call, count(2, 2)) == {"op": "count", "others": True}


def test_fresh_text_is_new_text(module):
    text, number, rows = "été" * 3, 10**400, [{"名": ("x" * 40, b"y" * 40)}]
    target = module.Target(len, (text, number, rows), consume=False, fresh=True, guard=lambda: None)
    first, second = target.own_arguments(), target.own_arguments()
    assert first == second == (text, number, rows)
    # Whatever Python keeps with a text, such as its form in UTF-8, was not made by an earlier call.
    assert first[0] is not text and first[0] is not second[0]
    assert first[2][0]["名"][0] is not second[2][0]["名"][0]


@pytest.mark.parametrize("call", ["generate", "mapped", "future_of", "promises"])
def test_a_lazy_result_is_an_error_that_says_what_to_do(manager, call):
    failed = manager.failure(call, manager.outcome)
    assert (failed["step"], failed["class"]) == ("outcome", "LazyResult")
    assert "consume = true" in failed["message"]


@pytest.mark.parametrize(
    ("call", "value"), [("generate", [1, 2]), ("mapped", ["1", "2"]), ("promise", "kept"), ("promises", [1, 2])]
)
def test_a_lazy_result_is_exhausted_where_that_is_asked_for(manager, call, value):
    assert manager.document(call, consume=True) == {"value": value}
    assert manager.answer(call, SAMPLE, consume=True)["iterations"]


def test_a_range_is_not_lazy(manager):
    assert manager.document("ranged") == {"value": tag("range", [0, 3, 1])}


def test_a_result_without_a_form_names_the_way_out(manager):
    failed = manager.failure("nested_opaque", manager.outcome)
    assert (failed["step"], failed["class"]) == ("outcome", "Unencodable")
    assert "`$.rows[1].cell` is of type `subject.Opaque`" in failed["message"]
    assert "`result`" in failed["message"]
    assert manager.document("nested_opaque", result="subject:plain") == {"value": ["dict"]}


def test_an_implementation_gets_arguments_in_its_own_form(manager):
    manager.write(
        "forms",
        "from array import array\n"
        "def made(size, seed): return ([1.0, 2.0],)\n"
        "def as_array(values): return (array('d', values), 'more')\n"
        "def as_list(values): return values\n"
        "def call(values, more): return [type(values).__name__, sum(values), more]\n",
    )
    source = {"callable": {"call": "forms:made", "sha256": None}}
    assert manager.document("forms:call", source=source, adapt="forms:as_array") == {"value": ["array", 3.0, "more"]}
    assert manager.answer("forms:call", SAMPLE, source=source, adapt="forms:as_array")["iterations"]
    failed = manager.failure("forms:call", manager.outcome, source=source, adapt="forms:as_list")
    assert (failed["step"], failed["class"]) == ("input", "TypeError")
    assert "`forms:as_list` must return a tuple" in failed["message"]


def test_a_case_is_adapted_too_and_a_job_without_an_input_is_not(manager):
    manager.write(
        "shaped",
        "from array import array\n"
        "def made(size, seed): return ([float(seed)] * size,)\n"
        "def as_array(values): return (array('d', values),)\n"
        "def call(values): return [type(values).__name__, sum(values)]\n",
    )
    source = {"callable": {"call": "shaped:made", "sha256": None}}
    case = {"op": "case", "input": {"size": 3, "seed": 2, "pass": "value", "source": source}}
    step = {**case, "file": "case.json", "expect": None, "again": True}
    answer = manager.answer("shaped:call", step, source=None, adapt="shaped:as_array")
    assert (answer["kind"], answer["again"]["digest"]) == ("value", answer["digest"])
    assert json.loads((manager.folder / "case.json").read_text()) == {"value": ["array", 6.0]}


def test_agreement_is_not_claimed_of_arguments_that_cannot_be_seen(manager):
    manager.write("blind", "def call(items, size): pass")
    failed = manager.failure("blind:call", manager.outcome, source=manager.made_by("opaque"))
    assert "`$[0][1]` is of type `object`" in failed["message"]


def test_an_exception_is_an_answer(manager):
    assert manager.answer("refuse", manager.outcome)["kind"] == "raised"
    raised = {"class": "ParseError", "bases": ["ValueError", "Exception"], "message": "not here", "position": 7}
    assert manager.document("refuse") == {"raised": raised}
    assert manager.document("json:loads")["raised"]["class"] == "TypeError"


def test_a_panic_and_an_exit_are_answers_too(manager):
    raised = {"class": "PanicException", "bases": ["BaseException"], "message": "overflow", "position": None}
    assert manager.document("panic") == {"raised": raised}
    assert manager.document("leave")["raised"]["class"] == "SystemExit"


def test_messages_that_cannot_be_shown_do_no_harm(manager):
    assert manager.document("unprintable")["raised"]["class"] == "Silent"
    assert manager.document("odd_text")["raised"]["message"] == "\\udc80"


def test_an_interrupt_is_no_answer(manager):
    failed = manager.failure("interrupt", manager.outcome)
    assert (failed["step"], failed["class"]) == ("outcome", "KeyboardInterrupt")


def test_the_code_under_test_sees_the_usual_limits(manager):
    usual = [sys.getrecursionlimit(), getattr(sys, "get_int_max_str_digits", lambda: 0)()]
    manager.write("fresh_limits", "import sys; print(sys.getrecursionlimit())")
    limit = int(
        subprocess.run([sys.executable, str(manager.folder / "fresh_limits.py")], stdout=subprocess.PIPE).stdout
    )
    assert manager.document("limits") == {"value": [limit, usual[1]]}


# Sampling


def test_batches_grow_linearly(manager, module):
    source = manager.arguments(module, 1, 2)
    answer = manager.answer("add", SAMPLE, source=source)
    unit = answer["iterations"][0]
    assert answer["mode"] == "linear"
    assert answer["iterations"] == [unit * (index + 1) for index in range(10)]
    assert len(answer["elapsed_ns"]) == 10 and all(answer["elapsed_ns"])
    assert answer["warmup_calls"] >= 8
    assert answer["cpu_ns"] > 0 and answer["warmup_ns"] > 0
    assert answer["steady"] in (True, False)


def test_collections_while_timing_are_counted(manager):
    manager.write("cyclic", "def call():\n    for _ in range(2000):\n        one = []\n        one.append(one)\n")
    assert manager.answer("cyclic:call", SAMPLE)["gc_collections"] > 0
    assert manager.answer("nothing", SAMPLE)["gc_collections"] == 0


@pytest.mark.parametrize(
    ("mean_ns", "measure_ns", "samples", "mode", "iterations"),
    [
        (10, 2100, 20, "linear", [index + 1 for index in range(20)]),
        (10, 2101, 20, "linear", [2 * (index + 1) for index in range(20)]),
        (10, 1050, 20, "linear", [index + 1 for index in range(20)]),  # just twice the time
        (10, 1000, 20, "flat", [5] * 20),
        (10, 200, 20, "flat", [1] * 20),
        (10, 80, 20, "flat", [1] * 16),
        (10, 10, 20, "flat", [1] * 5),
        (11, 10, 20, "flat", [1] * 2),
        (1e9, 10, 1, "flat", [1]),
    ],
)
def test_batches_are_planned_for_the_time_there_is(module, mean_ns, measure_ns, samples, mode, iterations):
    assert module.plan_batches(mean_ns, measure_ns, samples) == (mode, iterations)


class FakeClock:
    """A target whose calls take a time of their own on a clock of its own."""

    def __init__(self, module, monkeypatch, cost):
        self.module, self.now, self.calls, self.cost = module, 0, 0, cost
        monkeypatch.setattr(module, "perf_counter_ns", lambda: self.now)

    def time(self, count):
        batch = self.module.Batch()
        for _ in range(count):
            batch.elapsed_ns += self.cost(self.calls)
            self.calls += 1
        self.now += batch.elapsed_ns
        return batch


def warm_up(module, monkeypatch, cost, **step):
    clock = FakeClock(module, monkeypatch, cost)
    return module.WarmUp(clock, {"warmup_ns": 100, "warmup_calls": 64, "warmup_limit_ns": 10_000, **step})


def test_the_warm_up_is_long_and_often_enough(module, monkeypatch):
    assert warm_up(module, monkeypatch, lambda call: 10).calls == 79
    assert warm_up(module, monkeypatch, lambda call: 1, warmup_ns=200).calls == 200


def test_the_warm_up_keeps_to_its_limit(module, monkeypatch):
    assert warm_up(module, monkeypatch, lambda call: 1000).elapsed_ns <= 10_000
    assert warm_up(module, monkeypatch, lambda call: 20_000).calls == 1


def test_the_first_call_does_not_set_the_plan(module, monkeypatch):
    assert warm_up(module, monkeypatch, lambda call: 2000 if call == 0 else 10).mean_ns == 10


def test_a_drift_is_not_steady(module):
    calm = [100.0, 101.0, 99.0, 100.0, 102.0, 100.0, 99.0, 101.0]
    assert module.is_steady(calm) is True
    assert module.is_steady([*calm, *(1.3 * ns for ns in calm)]) is False
    assert module.is_steady([*(1.3 * ns for ns in calm), *calm]) is False
    assert module.is_steady([100.0, 180.0] * 4 + [115.0, 190.0] * 4) is True  # as wide as they are apart
    assert module.is_steady(calm[:7]) is None


def test_a_slice_has_as_many_calls_as_it_should(manager):
    manager.write("counted", "CALLS = []\ndef call():\n    CALLS.append(1)\n    return len(CALLS)\n")
    job = manager.job("counted:call", {"op": "slice", "calls": 7}, {"op": "slice", "calls": 4}, manager.outcome)
    answers, _ = manager.speak(job)
    assert [each.get("calls") for each in answers[1:3]] == [7, 4]
    assert all(each["elapsed_ns"] > 0 and each["cpu_ns"] is not None for each in answers[1:3])
    assert json.loads((manager.folder / "outcome.json").read_bytes()) == {"value": 12}


# Memory and the floor


@pytest.mark.skipif(not ON_LINUX, reason="only Linux resets the high-water mark")
def test_the_peak_of_a_call_and_what_stays(manager):
    manager.write("memory", "def peak():\n    bytearray(64 << 20)\n    return bytearray(16 << 20)\n")
    answer = manager.answer("memory:peak", {"op": "memory"})
    if answer["peak_bytes"] is None:
        pytest.skip("this system does not let a process reset its high-water mark")
    assert answer["peak_bytes"] - answer["before_bytes"] >= 63 << 20
    assert 15 << 20 <= answer["resident_bytes"] - answer["before_bytes"] <= 48 << 20


def test_the_floor_is_measured(manager):
    floor = manager.answer("nothing", {"op": "floor"})
    assert floor["empty_call_ns"] > 0 and floor["builtin_call_ns"] > 0
    assert floor["extension_call_ns"] is None


EXTENSION = """
#include <Python.h>
static PyObject *floor_(PyObject *self, PyObject *none) { Py_RETURN_NONE; }
static PyMethodDef methods[] = {{"__call_floor__", floor_, METH_NOARGS, ""}, {NULL, NULL, 0, NULL}};
static struct PyModuleDef module = {PyModuleDef_HEAD_INIT, "native", "", -1, methods};
PyMODINIT_FUNC PyInit_native(void) {
    PyObject *made = PyModule_Create(&module);
    PyModule_AddStringConstant(made, "__pyo3_version__", "0.99");
    return made;
}
"""


def build_extension(folder):
    import shutil
    import sysconfig

    compiler = shutil.which("cc")
    headers = sysconfig.get_path("include")
    if not ON_LINUX or compiler is None or not os.path.exists(os.path.join(headers, "Python.h")):
        pytest.skip("no C compiler, or no headers of Python")
    folder.mkdir(parents=True)
    source = folder / "native.c"
    source.write_text(EXTENSION)
    built = folder / f"native{sysconfig.get_config_var('EXT_SUFFIX')}"
    subprocess.run([compiler, "-shared", "-fPIC", f"-I{headers}", str(source), "-o", str(built)], check=True)
    return built


def test_an_extension_is_described_and_its_floor_measured(manager):
    built = build_extension(manager.folder / "target" / "debug")
    manager.write("wrapper", "import _decimal\nimport native\ndef call(): pass\n")
    job = manager.job("wrapper:call", {"op": "floor"})
    job["sys_path"].append(str(built.parent))
    (prepared, floor, _), _ = manager.speak(job)
    extension = {
        "name": "native",
        "path": str(built),
        "sha256": hashlib.sha256(built.read_bytes()).hexdigest(),
        "modified_ns": built.stat().st_mtime_ns,
        "profile": "debug",
        "pyo3": "0.99",
    }
    assert prepared["environment"]["extensions"] == [extension]
    assert floor["extension_call_ns"] > 0


# The environment and the conversation


def test_the_environment_is_reported(manager):
    answers, _ = manager.speak(manager.job("nothing"), flags=["-O"], PYTHONHASHSEED="3")
    environment = answers[0]["environment"]
    assert environment["version"] == sys.version.split()[0]
    assert environment["implementation"] == sys.implementation.name
    assert (environment["hash_seed"], environment["optimize"], environment["gil"]) == (3, 1, True)
    assert environment["gc"]["enabled"] is True
    assert set(environment) >= {"executable", "jit", "flags", "extensions"}


def test_user_output_does_not_reach_the_conversation(manager):
    answers, process = manager.speak(manager.job("loud", manager.outcome))
    assert [each["op"] for each in answers] == ["prepared", "outcome", "done"]
    assert json.loads((manager.folder / "outcome.json").read_bytes()) == {"value": ""}
    assert sorted(process.stderr.split()) == [b"raw", b"stderr", b"stdout", b"to", b"to"]


@pytest.mark.parametrize("call", ["close_all", "replace_streams", "hang_at_exit"])
def test_the_conversation_survives_what_the_user_does(manager, call):
    if call == "close_all":
        manager.write("closing", SUBJECT + "\nclose_all()\n")
        call = "closing:nothing"
    answers, _ = manager.speak(manager.job(call, {**manager.outcome, "file": "relative.json"}, {"op": "floor"}))
    assert [each["op"] for each in answers] == ["prepared", "outcome", "floor", "done"]
    assert (manager.folder / "relative.json").exists()


@pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork here")
def test_a_forked_child_does_not_answer(manager):
    answers, _ = manager.speak(manager.job("fork", manager.outcome), {"op": "floor"})
    assert [each["op"] for each in answers] == ["prepared", "outcome", "floor", "done"]
    assert json.loads((manager.folder / "outcome.json").read_bytes()) == {"value": "parent"}


def test_a_worker_that_dies_never_says_done(manager):
    answers, process = manager.speak(manager.job("die", manager.outcome))
    assert [each["op"] for each in answers] == ["prepared"]
    assert process.returncode == 9


def test_more_steps_follow_the_job(manager):
    answers, _ = manager.speak(manager.job("nothing"), {"op": "slice", "calls": 3}, "", {"op": "slice", "calls": 4})
    assert [each.get("calls") for each in answers] == [None, 3, 4, None]


def test_the_folder_of_the_script_is_not_importable_and_the_project_is_first(manager):
    manager.write("paths", "import sys\ndef call():\n    return [sys.path[0], 'timing' in sys.modules, sys.path]\n")
    first, loaded, path = manager.document("paths:call")["value"]
    assert (first, loaded) == (str(manager.folder), False)
    assert str(SCRIPT.parent) not in path


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("import no_such_module_anywhere", "ModuleNotFoundError"),
        ("raise ValueError('no')", "ValueError"),
        ("import sys; sys.exit(0)", "SystemExit"),
        ("class PanicException(BaseException): pass\nraise PanicException('no')", "PanicException"),
        ("raise KeyboardInterrupt", "KeyboardInterrupt"),
        ("", "AttributeError"),
    ],
)
def test_an_import_that_fails_is_reported(manager, source, expected):
    manager.write("broken", source)
    failed = manager.failure("broken:call")
    assert (failed["step"], failed["class"]) == ("import", expected)


def test_a_traceback_shows_the_users_frames_alone(manager):
    manager.write("deep", "def call(n=30):\n    raise ValueError('x' * 9000) if n == 0 else None or call(n - 1)\n")
    manager.write("wrong", "def fails():\n    return 1 / 0\nfails()\n")
    trace = manager.failure("wrong:call")["traceback"]
    assert "wrong.py" in trace and "fails" in trace
    assert "timing.py" not in trace and "importlib" not in trace
    long = manager.failure("deep:call", SAMPLE)["traceback"]
    assert len(long) <= 4097


@pytest.mark.parametrize(
    ("change", "step", "message"),
    [
        ({"protocol": "rustworthy.worker/9"}, "job", "rustworthy.worker/9"),
        ({"sys_path": None, "implementation": {}}, "job", "'call'"),
        ({"steps": [{"op": "dance"}]}, "dance", "no step `dance`"),
        ({"steps": [{}]}, "job", "`op`"),
        ({"steps": [{"op": "slice"}]}, "slice", "no `calls`"),
        ({"implementation": {"call": "subject"}}, "import", "module:attribute"),
        ({"implementation": {"call": "subject:nothing", "setup": "subject:gone"}}, "setup", "gone"),
        ({"implementation": {"call": "subject:nothing", "setup": "subject:refuse"}}, "setup", "not here"),
        ({"steps": [{"op": "make_input", "file": "x"}]}, "make_input", "callable"),
    ],
)
def test_a_job_that_cannot_be_done_is_refused(manager, change, step, message):
    answers, process = manager.speak({**manager.job("nothing"), **change})
    assert [each["op"] for each in answers[-2:]] == ["failed", "done"]
    assert answers[-2]["step"] == step
    assert message in answers[-2]["message"]
    assert process.returncode == 1


@pytest.mark.parametrize("line", ["", "{", "[]"])
def test_a_line_that_is_no_job_is_refused(manager, line):
    answers, process = manager.speak(line)
    assert [each["op"] for each in answers] == ["failed", "done"]
    assert answers[0]["step"] == "job"
    assert process.returncode == 1


# By hand


def by_hand(manager, *arguments):
    process = subprocess.run(
        [sys.executable, str(SCRIPT), *arguments],
        capture_output=True,
        cwd=str(manager.folder),
        timeout=60,
        env={**os.environ, "PYTHONIOENCODING": "utf-8"},
    )
    return process.returncode, process.stdout.decode(), process.stderr.decode()


QUICK = ("--warmup", "0.001", "--measure", "0.01")


def test_by_hand_a_summary_is_printed(manager):
    code, out, err = by_hand(
        manager, "subject:identity", "--input", "subject:numbers", "--size", "9", *QUICK, "--memory"
    )
    assert (code, err) == (0, "")
    for word in ("per call", "batches", "collections while timing", "floor", "memory"):
        assert word in out


def test_by_hand_the_answers_can_be_had_as_json(manager):
    code, out, _ = by_hand(manager, "subject:pop", "--input", "subject:numbers", "--fresh", "--json", *QUICK)
    assert code == 0
    assert set(json.loads(out)) == {"prepared", "sample", "floor"}


def test_by_hand_a_failure_says_what_to_do(manager):
    code, out, err = by_hand(manager, "subject:generate", *QUICK)
    assert (code, out) == (1, "")
    assert "`--consume` exhausts it" in err and "consume =" not in err
    assert by_hand(manager, "subject:generate", "--consume", *QUICK)[0] == 0


def test_by_hand_there_is_help(manager):
    code, out, _ = by_hand(manager, "--help")
    assert code == 0
    assert "MODULE:FUNCTION" in out
