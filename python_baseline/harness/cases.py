"""Draws arguments that break ports, from the annotations of a Python function.

One JSON job on standard input: `call` (`module:attribute`), `sys_path`, `setup`, `count`, `seed`, `timing` (the path of
the timing script, whose encoder writes the arguments) and `file`. The file gets one JSON object with what could not be
drawn, then one tagged tuple of arguments a line: first every value that is known to part languages, in every place
where it may stand, then mixtures. The same job draws the same arguments.

Run by path with the interpreter of the project under test; standard library alone, CPython 3.8 to 3.14.
"""

from __future__ import annotations

import ast
import collections.abc
import importlib.util
import inspect
import json
import os
import sys
import typing
from random import Random

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Callable, Dict, Iterator

    Json = Dict[str, Any]

MOST_SPECIALS = 64  # of one container: its members' own specials are many already
MOST_DEPTH = 6
RETRIES = 30

POWERS = (2**31, 2**32, 2**53, 2**63, 2**64, 10**30)
INTEGERS = [0, 1, -1, 2, 7, -7, 10, 127, 128, 255, 256]
INTEGERS += [sign * (power + step) for power in POWERS for step in (-1, 0, 1) for sign in (1, -1)]

FLOATS = [0.0, -0.0, 0.5, 1.5, 2.5, -0.5, -1.5, 1.0, -1.0, 0.1, 1 / 3, 0.1 + 0.2, 2.675, 1e-7, 1e16, 1e22, 1e23]
FLOATS += [float(2**53), float(2**63), float(2**64), 5e-324, 2.2250738585072014e-308, 1.7976931348623157e308]
FLOATS += [float("inf"), float("-inf"), float("nan")]

DEEP = 200
TEXTS = [
    "",
    "a",
    " ",
    "ab",
    "\u00e9",  # one code point, and the same letter as two
    "e\u0301",
    "\u0130",  # its lower case has two code points
    "\u00df",  # its upper case has two letters
    "\ufb01",
    "\U0001f600",
    "\U0001f468\u200d\U0001f469\u200d\U0001f467",
    "\ud800",  # half a surrogate pair: text for Python, not for UTF-8
    "a\udfffb",
    "\x00",
    "a\x00b",
    "\x1c",  # splits lines and words in Python alone
    "\x85",
    "\u2028",
    "\u200b",
    "\ufeffa",
    "\r",
    "a\r\nb\n",
    "\t \n",
    "0",
    "-0",
    " 1 ",
    "1_000",
    "\u0661\u0662",  # digits, though not ASCII's
    "\uff11",
    "1e5",
    "1e400",
    "NaN",
    "-Infinity",
    "18446744073709551616",
    "\u4e2d\u6587 \u03a9",
    'a,"b ""c"",\nd",e\n\n',
    '{"a": 1, "a": 2}',
    '{"b": 1, "a": 2}',
    '"\\ud800"',
    "[" * DEEP + "]" * DEEP,
    "a" * 1000,
]
BYTES = [b"", b"a", b"ab", b"\x00", b"\xff", b"\xc3", b"\xed\xa0\x80", b"\xef\xbb\xbfa", bytes(range(256)), b"a\r\nb\n"]
BYTES += [b'{"a": 1, "a": 2}', b"[" * DEEP + b"]" * DEEP, b"a" * 1000, "\u00e9\U0001f600".encode()]


class Undrawable(Exception):
    """An annotation that nothing is drawn for; the message says why, and what to do."""


def show(kind: Any) -> str:
    """An annotation as it would be written."""
    return kind.__name__ if isinstance(kind, type) and not hasattr(kind, "__origin__") else str(kind)


class Drawer:
    """Values for one annotation: the special ones, and mixtures."""

    def specials(self) -> list[Any]:
        """Values that are known to part languages, each once."""
        raise NotImplementedError

    def draw(self, random: Random, depth: int) -> Any:
        """Any value; half of the time a special one."""
        raise NotImplementedError


class Scalar(Drawer):
    """A type without members."""

    def __init__(self, values: list[Any], plain: Callable[[Random], Any] | None = None) -> None:
        self.values = values
        self.plain = plain

    def specials(self) -> list[Any]:
        return list(self.values)

    def draw(self, random: Random, depth: int) -> Any:
        if self.plain is None or random.random() < 0.5:
            return random.choice(self.values)
        return self.plain(random)


def some_integer(random: Random) -> int:
    if random.random() < 0.7:
        return random.randint(-100, 100)
    return random.randint(-(2**70), 2**70) >> random.randrange(70)


def some_float(random: Random) -> float:
    digits = random.randrange(5)
    return (
        round(random.uniform(-1000, 1000), digits)
        if digits < 4
        else random.uniform(-1, 1) * 10.0 ** random.randint(-9, 18)
    )


def some_text(random: Random) -> str:
    letters = 'ab01 ,"\n.-_\u00e9\u0301\U0001f600'
    return "".join(random.choice(letters) for _ in range(random.randrange(12)))


def some_bytes(random: Random) -> bytes:
    return bytes(
        random.choice((97, 98, 48, 44, 10, 0, 255, random.randrange(256))) for _ in range(random.randrange(12))
    )


class Choice(Drawer):
    """A union: a value of one of its members."""

    def __init__(self, drawers: list[Drawer]) -> None:
        self.drawers = drawers

    def specials(self) -> list[Any]:
        return [value for drawer in self.drawers for value in drawer.specials()]

    def draw(self, random: Random, depth: int) -> Any:
        return random.choice(self.drawers).draw(random, depth)


class Several(Drawer):
    """A list, a set, or a tuple of any length."""

    def __init__(self, build: Callable[[Any], Any], member: Drawer, hashed: bool = False) -> None:
        self.build = build
        self.member = member
        self.hashed = hashed

    def specials(self) -> list[Any]:
        members = self.member.specials()
        found = [[], *([value] for value in members)]
        if len(members) > 1:
            found += [members[:2], members[1::-1], members, members[::-1]]
        found += [[members[0]] * 2, [members[-1]] * 3, (members * 100)[:100]]
        # Pairs of one key: who keeps the first, who the last?
        pairs = [value for value in members if isinstance(value, tuple) and len(value) == 2]
        found += [[(one[0], one[1]), (one[0], other[1])] for one, other in zip(pairs, reversed(pairs)) if one != other][
            :4
        ]
        return [self.build(values) for values in found]

    def draw(self, random: Random, depth: int) -> Any:
        count = 0 if depth >= MOST_DEPTH else random.choice((0, 1, 1, 2, 3, 5, 8, 13, 40))
        values = [self.member.draw(random, depth + 1) for _ in range(count)]
        if values and not self.hashed and random.random() < 0.3:
            values += [random.choice(values) for _ in range(random.randrange(4))]
        return self.build(values)


class Record(Drawer):
    """A tuple of known members, or a dictionary of known keys."""

    def __init__(self, members: list[Drawer], build: Callable[[Any], Any]) -> None:
        self.members = members
        self.build = build

    def specials(self) -> list[Any]:
        pools = [member.specials() for member in self.members]
        first = [pool[0] for pool in pools]
        found = [self.build(first)]
        for index, pool in enumerate(pools):
            found += [self.build([*first[:index], value, *first[index + 1 :]]) for value in pool[1:]]
        return found

    def draw(self, random: Random, depth: int) -> Any:
        return self.build([member.draw(random, depth + 1) for member in self.members])


class Mapping(Drawer):
    """A dictionary."""

    def __init__(self, key: Drawer, value: Drawer) -> None:
        self.key = key
        self.value = value

    def specials(self) -> list[Any]:
        keys, values = self.key.specials(), self.value.specials()
        found: list[Any] = [{}]
        found += [{key: values[0]} for key in keys]
        found += [{keys[0]: value} for value in values[1:]]
        found += [dict(zip(keys, values)), dict(reversed(list(zip(keys, values))))]
        return found

    def draw(self, random: Random, depth: int) -> Any:
        count = 0 if depth >= MOST_DEPTH else random.choice((0, 1, 2, 3, 5, 8, 20))
        pairs = ((self.key.draw(random, depth + 1), self.value.draw(random, depth + 1)) for _ in range(count))
        return dict(pairs)


def texts_of(module: str, name: str, *texts: str) -> Drawer:
    """Values of a type that is made from text."""
    kind = getattr(__import__(module), name)
    build = kind.fromisoformat if module == "datetime" else kind
    return Scalar([build(text) for text in texts])


SCALARS: dict[Any, Callable[[], Drawer]] = {
    int: lambda: Scalar(INTEGERS, some_integer),
    float: lambda: Scalar(FLOATS, some_float),
    bool: lambda: Scalar([False, True]),
    str: lambda: Scalar(TEXTS, some_text),
    bytes: lambda: Scalar(BYTES, some_bytes),
    bytearray: lambda: Scalar([bytearray(value) for value in BYTES]),
    complex: lambda: Scalar([0j, -0.0j, 1 + 2j, complex("inf"), complex("nan")]),
    type(None): lambda: Scalar([None]),
}
NAMED: dict[str, Callable[[], Drawer]] = {
    "decimal.Decimal": lambda: texts_of(
        "decimal", "Decimal", "0", "-0", "0.1", "1.10", "2.675", "1E+30", "NaN", "Infinity"
    ),
    "fractions.Fraction": lambda: texts_of("fractions", "Fraction", "0", "1/3", "-7/2", "1000000000000000000000/3"),
    "datetime.date": lambda: texts_of("datetime", "date", "2024-02-29", "0001-01-01", "9999-12-31", "1970-01-01"),
    "datetime.datetime": lambda: texts_of(
        "datetime", "datetime", "1970-01-01T00:00:00", "2024-02-29T23:59:59.999999", "0001-01-01T00:00:00"
    ),
    "datetime.time": lambda: texts_of("datetime", "time", "00:00:00", "23:59:59.999999"),
    "uuid.UUID": lambda: texts_of("uuid", "UUID", "0" * 32, "f" * 32),
}
LISTS = (list, collections.abc.Sequence, collections.abc.MutableSequence, collections.abc.Collection)
LISTS += (collections.abc.Iterable, collections.abc.Reversible, collections.abc.Container)
SETS = (set, collections.abc.Set, collections.abc.MutableSet)
DICTIONARIES = (dict, collections.abc.Mapping, collections.abc.MutableMapping)


def drawer_of(kind: Any, depth: int = 0) -> Drawer:
    """What draws values of an annotation; raises Undrawable."""
    if depth > MOST_DEPTH:
        raise Undrawable("is nested too deep, or holds itself: let the input callable make it")
    if kind is None:
        return SCALARS[type(None)]()
    if kind in SCALARS:
        return SCALARS[kind]()
    name = f"{getattr(kind, '__module__', '')}.{getattr(kind, '__qualname__', '')}"
    if name in NAMED:
        return NAMED[name]()
    origin, arguments = typing.get_origin(kind), typing.get_args(kind)
    if origin is None and isinstance(kind, type) and kind in (*LISTS, *SETS, *DICTIONARIES, tuple, frozenset):
        raise Undrawable(f"does not say what it holds: write `{kind.__name__}[…]`")
    return drawer_of_form(kind, origin, arguments, lambda inner: drawer_of(inner, depth + 1))


def drawer_of_form(kind: Any, origin: Any, arguments: Any, inner: Callable[[Any], Drawer]) -> Drawer:
    """For everything that is made of other annotations."""
    if hasattr(kind, "__supertype__"):  # NewType
        return inner(kind.__supertype__)
    if type(kind).__name__ == "TypeAliasType":
        return inner(kind.__value__)
    if isinstance(kind, typing.TypeVar):
        if kind.__constraints__:
            return Choice([inner(each) for each in kind.__constraints__])
        return inner(kind.__bound__ if kind.__bound__ is not None else int)
    if hasattr(kind, "__metadata__"):  # Annotated
        return inner(kind.__origin__)
    if typing.is_typeddict(kind) if hasattr(typing, "is_typeddict") else hasattr(kind, "__total__"):
        fields = typing.get_type_hints(kind)
        keys = list(fields)
        return Record([inner(fields[key]) for key in keys], lambda values: dict(zip(keys, values)))
    if origin is typing.Union or type(kind).__name__ == "UnionType":
        return Choice([inner(each) for each in arguments])
    if origin is not None and str(origin).endswith("Literal"):
        return Scalar(list(arguments))
    if origin is tuple:
        if len(arguments) == 2 and arguments[1] is Ellipsis:
            return Several(tuple, inner(arguments[0]))
        members = [each for each in arguments if each != ()]
        return Record([inner(each) for each in members], tuple)
    if arguments and not any(isinstance(each, typing.TypeVar) for each in arguments):
        if origin in LISTS:
            return Several(list, inner(arguments[0]))
        if origin in SETS:
            return Several(set, inner(arguments[0]), hashed=True)
        if origin is frozenset:
            return Several(frozenset, inner(arguments[0]), hashed=True)
        if origin in DICTIONARIES:
            return Mapping(inner(arguments[0]), inner(arguments[1]))
    if kind is typing.Any or kind is object:
        raise Undrawable("says nothing: name a type")
    if origin is not None and not arguments:
        raise Undrawable("does not say what it holds: write it with its members' types")
    raise Undrawable("is not drawn: let the input callable make it, and leave `cases` out")


# Annotations


class Modern(ast.NodeTransformer):
    """Rewrites `list[int]` and `int | None` for interpreters that cannot evaluate them."""

    GENERIC = {"list": "List", "dict": "Dict", "set": "Set", "frozenset": "FrozenSet", "tuple": "Tuple", "type": "Type"}

    def visit_Subscript(self, node: ast.Subscript) -> Any:
        self.generic_visit(node)
        if isinstance(node.value, ast.Name) and node.value.id in self.GENERIC:
            node.value = ast.Name(id=f"__rustworthy_typing_{self.GENERIC[node.value.id]}", ctx=ast.Load())
        return node

    def visit_BinOp(self, node: ast.BinOp) -> Any:
        self.generic_visit(node)
        if not isinstance(node.op, ast.BitOr):
            return node
        members = ast.Tuple(elts=[node.left, node.right], ctx=ast.Load())
        union = ast.Name(id="__rustworthy_typing_Union", ctx=ast.Load())
        index: Any = members if sys.version_info >= (3, 9) else ast.Index(value=members)  # type: ignore[call-arg]
        return ast.Subscript(value=union, slice=index, ctx=ast.Load())


def evaluate(annotation: Any, namespace: Json) -> Any:
    """An annotation's meaning; text is evaluated where the function stands."""
    if not isinstance(annotation, str):
        return annotation
    tree = ast.fix_missing_locations(Modern().visit(ast.parse(annotation.strip(), mode="eval")))
    names = {f"__rustworthy_typing_{name}": getattr(typing, name) for name in (*Modern.GENERIC.values(), "Union")}
    # Text may stand in text, where a module's annotations are text already.
    return evaluate(eval(compile(tree, "<annotation>", "eval"), {**namespace, **names}), namespace)


def hints_of(function: Any, signature: inspect.Signature) -> tuple[Json, Json]:
    """The parameters' annotations, and why some could not be evaluated."""
    inner = function
    while hasattr(inner, "__wrapped__") or hasattr(inner, "func"):
        inner = getattr(inner, "__wrapped__", None) or inner.func
    inner = getattr(inner, "__func__", inner)
    if not hasattr(inner, "__globals__"):  # an object that can be called
        inner = type(inner).__call__
    namespace = getattr(inner, "__globals__", {})
    hints, faults = {}, {}
    for name, parameter in signature.parameters.items():
        if parameter.annotation is inspect.Parameter.empty:
            continue
        try:
            hints[name] = evaluate(parameter.annotation, namespace)
            if isinstance(hints[name], typing.ForwardRef):
                hints[name] = evaluate(hints[name].__forward_arg__, namespace)
        except Exception as error:
            faults[name] = f"cannot be evaluated ({type(error).__name__}: {error})"
    return hints, faults


def parameters(function: Any) -> tuple[list[Drawer], Drawer | None, list[Json]]:
    """What draws each positional argument, what draws further ones, and what could not be drawn."""
    try:
        signature = inspect.signature(function)
    except (TypeError, ValueError):
        why = "has no signature that Python can see: let the input callable make its arguments, and leave `cases` out"
        return [], None, [{"parameter": None, "annotation": None, "why": why, "needed": True}]
    hints, faults = hints_of(function, signature)
    drawers: list[Drawer] = []
    more: Drawer | None = None
    refused: list[Json] = []
    for name, parameter in signature.parameters.items():
        needed = parameter.default is inspect.Parameter.empty
        if parameter.kind is inspect.Parameter.VAR_KEYWORD or (
            parameter.kind is inspect.Parameter.KEYWORD_ONLY and not needed
        ):
            continue
        variadic = parameter.kind is inspect.Parameter.VAR_POSITIONAL
        why = faults.get(name)
        if parameter.kind is inspect.Parameter.KEYWORD_ONLY:
            why = "can only be given by its name, and arguments are given by their place"
        elif name not in hints and why is None:
            why = "has no annotation: write one"
        if why is None:
            try:
                drawer = drawer_of(hints[name])
                drawer.specials()
            except Undrawable as error:
                why = str(error)
            except TypeError as error:  # members that cannot be hashed
                why = f"cannot be drawn ({error})"
        if why is not None:
            shown = show(hints[name]) if name in hints else None
            refused.append({"parameter": name, "annotation": shown, "why": why, "needed": needed and not variadic})
            if not variadic and not needed:
                break  # later arguments cannot be given without this one
            continue
        if variadic:
            more = drawer
        else:
            drawers.append(drawer)
    return drawers, more, refused


def tuples(drawers: list[Drawer], more: Drawer | None, random: Random) -> Iterator[tuple[Any, ...]]:
    """Arguments without end: each special value in its place once, then mixtures."""
    pools = [drawer.specials() for drawer in drawers]
    turns = [(index, value) for index, pool in enumerate(pools) for value in pool]
    random.shuffle(turns)
    for index, value in turns:
        drawn = [drawer.draw(random, 0) for drawer in drawers]
        yield (*drawn[:index], value, *drawn[index + 1 :])
    while True:
        drawn = [drawer.draw(random, 0) for drawer in drawers]
        if more is not None:
            drawn += [more.draw(random, 0) for _ in range(random.randrange(4))]
        yield tuple(drawn)


def lines(job: Json, timing: Any) -> Iterator[str]:
    """What the file holds."""
    sys.path[:0] = job["sys_path"]
    function = timing.resolve(job["call"])
    if job.get("setup"):
        timing.resolve(job["setup"])()
    drawers, more, refused = parameters(function)
    yield json.dumps({"refused": refused})
    if any(each["needed"] for each in refused) or not (drawers or more):
        return
    random = Random(job["seed"])
    seen: set[str] = set()
    misses = 0
    for arguments in tuples(drawers, more, random):
        if len(seen) >= job["count"] or misses > RETRIES * job["count"]:
            return
        try:
            text = timing.encode(arguments, rebuildable=True).decode()
        except timing.Unencodable:
            text = ""
        if not text or text in seen:
            misses += 1
            continue
        seen.add(text)
        yield text


def load(path: str) -> Any:
    """The timing script as a module."""
    spec = importlib.util.spec_from_file_location("rustworthy_timing", path)
    if spec is None or spec.loader is None:
        raise ImportError(f"cannot load {path}")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def main() -> int:
    """Carries out the job on standard input."""
    folder = os.path.dirname(os.path.realpath(__file__))
    if sys.path and os.path.realpath(sys.path[0] or ".") == folder and not getattr(sys.flags, "safe_path", False):
        del sys.path[0]
    job = json.loads(sys.stdin.buffer.readline())
    written = list(lines(job, load(job["timing"])))
    with open(job["file"], "w", encoding="utf-8") as file:
        file.writelines(line + "\n" for line in written)
    return 0


if __name__ == "__main__":
    sys.exit(main())
