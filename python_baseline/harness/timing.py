"""Times one Python callable on one input, as a worker of rustworthy or by hand.

A worker gets a JSON job on standard input and answers in JSON lines, as `docs/PROTOCOL.md` describes; one process
is one launch. By hand: `python timing.py module:function --input module:callable --size 1000`.

The file is run by path with the interpreter of the project under test. So it is one file, needs the standard library
alone, reads on CPython 3.8 to 3.14, keeps its own folder off `sys.path`, and imports little: start-up is measured
time, and a module imported here would be missing from the import time of the code under test. Types that need a
module (`Decimal`, `datetime`, data classes) are looked up in `sys.modules`: such a value exists only if it is there.

Times are integer nanoseconds of `time.perf_counter_ns` unless a name says otherwise; sizes are bytes.
"""

from __future__ import annotations

import gc
import json
import marshal
import os
import sys
from functools import partial
from itertools import repeat
from json.encoder import encode_basestring as quote
from math import ceil, isfinite
from time import perf_counter_ns, process_time_ns

TYPE_CHECKING = False  # typing itself is not worth its import in a worker
if TYPE_CHECKING:
    from typing import Any, Callable, Dict, Iterator, NoReturn, Tuple

    Json = Dict[str, Any]
    Arguments = Tuple[Any, ...]

PROTOCOL = "rustworthy.worker/1"


# Canonical values: encoding
#
# The encoder writes text straight away instead of building a tree for `json`, so that lists and dictionaries of
# plain scalars go through C whole: a million floats take a fraction of a second.

MAX_DEPTH = 400
INT64_MIN, INT64_MAX = -(2**63), 2**63 - 1
SCALARS = {type(None), bool, int, float, str}
PLAIN_JSON = json.JSONEncoder(ensure_ascii=False, check_circular=False, allow_nan=False, separators=(",", ":"))
# Class name -> (tag, module) of the types whose canonical content is `str(value)`.
TEXT_TYPES = {
    "Decimal": ("Decimal", "decimal"),
    "Fraction": ("Fraction", "fractions"),
    "PosixPath": ("Path", "pathlib"),
    "WindowsPath": ("Path", "pathlib"),
    "UUID": ("UUID", "uuid"),
    "date": ("date", "datetime"),
    "datetime": ("datetime", "datetime"),
    "time": ("time", "datetime"),
    "timedelta": ("timedelta", "datetime"),
}


class Unencodable(TypeError):
    """A value without a canonical form; the message names its type and the path to it."""

    def __init__(self, kind: type, why: str) -> None:
        super().__init__(kind, why)
        self.kind = kind
        self.type_name = full_name(kind)
        self.why = why
        self.path = ""

    def under(self, part: str) -> None:
        """Puts one more step in front of the path, on the way out of the recursion."""
        self.path = part + self.path

    def __str__(self) -> str:
        return f"`${self.path}` is of type `{self.type_name}`, which {self.why}"


def full_name(kind: type) -> str:
    """The name of a class with its module, unless it is a built-in one."""
    return kind.__qualname__ if kind.__module__ == "builtins" else f"{kind.__module__}.{kind.__qualname__}"


def tagged(tag: str, content: str) -> str:
    """A tagged object around content that is JSON already."""
    return f'{{"$":{quote(tag)},"v":{content}}}'


def is_utf8(text: str) -> bool:
    """Whether the text is free of lone surrogates; at once for ASCII, whose strings know what they are."""
    if text.isascii():
        return True
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def encode_str(text: str) -> str:
    return quote(text) if is_utf8(text) else tagged("str", quote(text.encode("utf-8", "surrogatepass").hex()))


def encode_int(value: int) -> str:
    return repr(value) if INT64_MIN <= value <= INT64_MAX else tagged("int", f'"{value}"')


def encode_float(value: float) -> str:
    """A float; `repr` always has a point or an exponent, and reads back to the same bits."""
    return repr(value) if isfinite(value) else tagged("float", f'"{value}"')


ATOMS: dict[type, Callable[[Any], str]] = {
    type(None): lambda _: "null",
    bool: lambda value: "true" if value else "false",
    int: encode_int,
    float: encode_float,
    str: encode_str,
    bytes: lambda value: tagged("bytes", f'"{value.hex()}"'),
    bytearray: lambda value: tagged("bytearray", f'"{value.hex()}"'),
    complex: lambda value: tagged("complex", f"[{encode_float(value.real)},{encode_float(value.imag)}]"),
    range: lambda value: tagged("range", f"[{','.join(map(encode_int, (value.start, value.stop, value.step)))}]"),
}


def encode_scalars(values: Any, scalars: Any) -> str | None:
    """A list or dictionary whose items are all plain JSON scalars, in C; None when one of them is not.

    `scalars` are the items of the list or the values of the dictionary. None also for a few of them, since entering
    the C encoder costs as much as sixteen scalars.
    """
    if len(values) < 16:
        return None
    kinds = set(map(type, scalars))
    if not kinds <= SCALARS:
        return None
    if kinds == {int}:
        if min(scalars) < INT64_MIN or max(scalars) > INT64_MAX:
            return None
    elif int in kinds and not all(INT64_MIN <= value <= INT64_MAX for value in scalars if type(value) is int):
        return None
    try:
        text = PLAIN_JSON.encode(values)
    except ValueError:  # NaN or an infinity
        return None
    return text if is_utf8(text) else None


def exact_dict(value: dict[Any, Any]) -> dict[Any, Any]:
    """A plain dictionary of a subclass's items; an OrderedDict keeps an order of its own beside the dictionary's."""
    from collections import OrderedDict

    return dict(OrderedDict.items(value) if isinstance(value, OrderedDict) else dict.items(value))


# How to see a subclass as its built-in base, whatever methods it overrides.
EXACT: dict[type, Callable[[Any], Any]] = {
    int: int.__int__,
    float: float.__float__,
    complex: lambda value: complex(complex.real.__get__(value), complex.imag.__get__(value)),
    str: str.__str__,
    bytes: lambda value: bytes(memoryview(value)),
    bytearray: lambda value: bytearray(memoryview(value)),
    list: lambda value: list(list.__iter__(value)),
    tuple: lambda value: tuple(tuple.__iter__(value)),
    set: lambda value: set(set.__iter__(value)),
    frozenset: lambda value: frozenset(frozenset.__iter__(value)),
    dict: exact_dict,
}
RESERVED_TAGS = {kind.__name__ for kind in EXACT} | {tag for tag, _ in TEXT_TYPES.values()} | {"opaque", "range"}


def text_tag(kind: type) -> str | None:
    """The tag of a type whose canonical content is its text; None for other types, whatever they are called."""
    tag, module = TEXT_TYPES.get(kind.__name__, (None, ""))
    return tag if tag and getattr(sys.modules.get(module), kind.__name__, None) is kind else None


def record_fields(value: Any, kind: type) -> list[tuple[str, Any]] | None:
    """The fields of a named tuple or data class, in order; None for anything else."""
    names = getattr(kind, "_fields", None)
    if issubclass(kind, tuple) and type(names) is tuple and len(names) == tuple.__len__(value):
        return list(zip(names, tuple.__iter__(value)))
    if "dataclasses" in sys.modules and hasattr(kind, "__dataclass_fields__"):
        return [(field.name, getattr(value, field.name)) for field in sys.modules["dataclasses"].fields(kind)]
    return None


class Encoder:
    """Writes canonical values.

    `opaque`: what has no canonical form becomes `{"$": "opaque", "v": TYPE}`, for digests only. `rebuildable`: what
    could not be decoded to an equal value of the same type is refused too, for inputs. References shared within a
    value are written, and decoded, as copies.
    """

    def __init__(self, opaque: bool = False, rebuildable: bool = False) -> None:
        self.opaque = opaque
        self.rebuildable = rebuildable
        self.active: set[int] = set()
        self.containers = {
            list: self._list,
            tuple: lambda value, depth: tagged("tuple", self._list(list(value), depth)),
            set: lambda value, depth: tagged("set", self._set(value, depth)),
            frozenset: lambda value, depth: tagged("frozenset", self._set(value, depth)),
            dict: self._dict,
        }

    def encode(self, value: Any, depth: int = 1) -> str:
        """The canonical JSON of a value that lies at this depth.

        Raises Unencodable, with the path, unless the encoder is opaque.
        """
        atom = ATOMS.get(type(value))
        if atom is not None:
            return atom(value)
        if depth > MAX_DEPTH:
            return self._refuse(value, f"is nested deeper than {MAX_DEPTH} levels")
        if id(value) in self.active:
            return self._refuse(value, "contains itself")
        self.active.add(id(value))
        text = self.containers.get(type(value), self._other)(value, depth)
        self.active.discard(id(value))
        return text

    def _refuse(self, value: Any, why: str) -> str:
        if self.opaque:
            return tagged("opaque", quote(full_name(type(value))))
        raise Unencodable(type(value), why)

    def _list(self, items: list[Any], depth: int) -> str:
        return encode_scalars(items, items) or f"[{','.join(self._each(items, depth, '[{}]'))}]"

    def _set(self, members: Any, depth: int) -> str:
        return f"[{','.join(sorted(self._each(members, depth, '{{{}}}')))}]"

    def _each(self, items: Any, depth: int, part: str) -> list[str]:
        texts: list[str] = []
        try:
            for item in items:
                texts.append(self.encode(item, depth + 1))
        except Unencodable as error:
            error.under(part.format(len(texts)))
            raise
        return texts

    def _dict(self, pairs: dict[Any, Any], depth: int) -> str:
        if not (set(map(type, pairs)) <= {str} and "$" not in pairs and is_utf8("".join(pairs))):
            keys = self._each(pairs, depth, ".keys()[{}]")
            entries = zip(keys, self._values(pairs.items(), depth))
            return tagged("dict", f"[{','.join([f'[{key},{value}]' for key, value in entries])}]")
        return encode_scalars(pairs, pairs.values()) or self._object(pairs.items(), depth)

    def _object(self, pairs: Any, depth: int) -> str:
        entries = zip(pairs, self._values(pairs, depth))
        return f"{{{','.join([f'{quote(key)}:{value}' for (key, _), value in entries])}}}"

    def _values(self, pairs: Any, depth: int) -> list[str]:
        texts: list[str] = []
        try:
            for _, value in pairs:
                texts.append(self.encode(value, depth + 1))
        except Unencodable as error:
            key = list(pairs)[len(texts)][0]
            plain = type(key) is str and key.isidentifier()
            error.under(f".{key}" if plain else f"[{key!r:.60}]")
            raise
        return texts

    def _other(self, value: Any, depth: int) -> str:
        """Anything but an exact built-in type."""
        kind = type(value)
        tag = text_tag(kind)
        if tag is not None:
            return self._text(value, tag)
        if "enum" in sys.modules and issubclass(kind, sys.modules["enum"].Enum):
            # A combination of flags may have no name before 3.11; its value then stands for it.
            content = value._name_ if value._name_ is not None else value._value_
            return self._typed(value, f"enum:{kind.__name__}", lambda: self.encode(content, depth + 1))
        try:
            fields = record_fields(value, kind)
        except AttributeError as error:
            return self._refuse(value, f"lacks a field ({error})")
        if fields is not None:
            return self._typed(value, f"record:{kind.__name__}", lambda: self._object(fields, depth))
        for base, exact in EXACT.items():
            if issubclass(kind, base):
                tag = full_name(kind) if kind.__name__ in RESERVED_TAGS else kind.__name__
                return self._typed(value, tag, lambda exact=exact: self.encode(exact(value), depth))
        return self._refuse(value, "has no canonical form")

    def _text(self, value: Any, tag: str) -> str:
        text = str(value)
        # A zone with rules, or the second fold of an hour, is not in the text: reading it back shows that.
        if self.rebuildable and repr(decode_text(tag, text)) != repr(value):
            return self._refuse(value, "loses something in its text")
        return tagged(tag, encode_str(text))

    def _typed(self, value: Any, tag: str, content: Callable[[], str]) -> str:
        if self.rebuildable:
            return self._refuse(value, "cannot be rebuilt from its encoding")
        return tagged(tag, content())


class Unlimited:
    """Lifts the interpreter's limits while a deep or huge value is read or written, and puts them back.

    400 levels take some three frames each, over the usual limit of 1000; 3.11 and later refuse to write integers of
    more than 4300 digits. The code under test must see the limits it would see anywhere else.
    """

    def __enter__(self) -> None:
        self.recursion = sys.getrecursionlimit()
        sys.setrecursionlimit(max(self.recursion, 10 * MAX_DEPTH))
        self.digits = sys.get_int_max_str_digits() if hasattr(sys, "get_int_max_str_digits") else None
        if self.digits is not None:
            sys.set_int_max_str_digits(0)

    def __exit__(self, *_: object) -> None:
        sys.setrecursionlimit(self.recursion)
        if self.digits is not None:
            sys.set_int_max_str_digits(self.digits)


def encode(value: Any, opaque: bool = False, rebuildable: bool = False) -> bytes:
    """The canonical JSON of a value as UTF-8; raises Unencodable unless `opaque`."""
    with Unlimited():
        return Encoder(opaque, rebuildable).encode(value).encode()


def sha256(data: bytes) -> str:
    """The digest in hexadecimal."""
    from hashlib import sha256 as algorithm

    return algorithm(data).hexdigest()


def fingerprint(values: Arguments, plain: bool) -> bytes | str:
    """Tells arguments from the same ones changed.

    What is `plain` is written by `marshal` some ten times as fast as by the encoder; its second version depends on
    nothing but the values. Arrays, `bytearray` among them, are to it the bytes that they hold: they are not plain.
    """
    if plain:
        try:
            return marshal.dumps(values, 2)
        except ValueError:  # a type that it does not know, or a value nested too deeply
            pass
    return sha256(encode(values, opaque=True))


def has_changed(values: Arguments, before: bytes | str, plain: bool) -> bool:
    """Whether arguments are others than they were when `before` was their fingerprint."""
    after = fingerprint(values, plain)
    if before == after:
        return False
    if isinstance(before, bytes) and isinstance(after, bytes):
        # A set that was changed and changed back may have another order.
        return encode(marshal.loads(before), opaque=True) != encode(values, opaque=True)
    return True


# Canonical values: decoding


def decode_timedelta(text: str) -> Any:
    """`str(timedelta)` read back, such as `-1 day, 23:59:59.000001`."""
    from datetime import timedelta

    days, _, clock = text.rpartition(",")
    hours, minutes, seconds = clock.split(":")
    whole, _, micros = seconds.partition(".")
    return timedelta(
        int(days.split()[0]) if days else 0, int(whole), int(micros or 0), minutes=int(minutes), hours=int(hours)
    )


def decode_text(tag: str, text: str) -> Any:
    """A value of a type that is written as its text."""
    if tag == "timedelta":
        return decode_timedelta(text)
    module = next(module for name, module in TEXT_TYPES.values() if name == tag)
    kind = getattr(__import__(module), tag)
    return kind.fromisoformat(text) if module == "datetime" else kind(text)


BUILDERS: dict[str, Callable[[Any], Any]] = {
    "int": int,
    "float": float,
    "str": lambda digits: bytes.fromhex(digits).decode("utf-8", "surrogatepass"),
    "bytes": bytes.fromhex,
    "bytearray": bytearray.fromhex,
    "complex": lambda parts: complex(*parts),
    "range": lambda parts: range(*parts),
    "tuple": tuple,
    "set": set,
    "frozenset": frozenset,
    "dict": dict,
}
BUILDERS.update((tag, partial(decode_text, tag)) for tag, _ in TEXT_TYPES.values())


def untag(plain: Json) -> Any:
    """What an object of the canonical JSON stands for; its members are decoded already."""
    if "$" not in plain:
        return plain
    build = BUILDERS.get(plain["$"])
    if build is None:
        raise ValueError(f"a value tagged `{plain['$']}` cannot be rebuilt")
    return build(plain["v"])


def decode(data: bytes) -> Any:
    """The value of canonical JSON; raises ValueError on a tag that cannot be rebuilt."""
    with Unlimited():
        return json.loads(data, object_hook=untag)


# Inputs


def resolve(target: str) -> Any:
    """The object that `module:attribute` names, imported if need be; dots are allowed after the colon."""
    return look_up(target)[-1]


def look_up(target: str) -> list[Any]:
    """The module that `module:attribute` names, imported if need be, and each object on the way to the last one."""
    module, colon, attributes = target.partition(":")
    if not (module and colon and attributes):
        raise ValueError(f"`{target}` is not of the form `module:attribute`")
    __import__(module)
    found = [sys.modules[module]]
    for attribute in attributes.split("."):
        found.append(getattr(found[-1], attribute))
    return found


def make_arguments(target: str, size: int, seed: int) -> Arguments:
    """The positional arguments that an input callable makes."""
    made = resolve(target)(size, seed)
    if not isinstance(made, tuple):
        raise TypeError(
            f"`{target}` must return a tuple of positional arguments, not `{full_name(type(made))}`: "
            "for one argument, `return (argument,)`"
        )
    return tuple(made)


def adapt_arguments(target: str, arguments: Arguments) -> Arguments:
    """The arguments in the form that one implementation takes."""
    adapted = resolve(target)(*arguments)
    if type(adapted) is not tuple:
        raise TypeError(f"`{target}` must return a tuple of positional arguments, not `{full_name(type(adapted))}`")
    return adapted


def write_arguments(arguments: Arguments) -> tuple[str | None, bytes, str | None]:
    """The encoding's name, the file's content, and why there is none.

    A lone text or bytes argument is kept raw. Of arguments that cannot be rebuilt from a file, the content is what
    can be seen of them, `opaque` type names standing for the rest: good for a digest, though two inputs that differ
    only inside such objects share it.
    """
    if len(arguments) == 1 and type(arguments[0]) is bytes:
        return "bytes", arguments[0], None
    if len(arguments) == 1 and type(arguments[0]) is str and is_utf8(arguments[0]):
        return "text", arguments[0].encode(), None
    try:
        return "tagged", encode(arguments, rebuildable=True), None
    except Unencodable as error:
        return None, encode(arguments, opaque=True), str(error)


def read_arguments(path: str, encoding: str) -> Arguments:
    """The positional arguments that an input file holds."""
    with open(path, "rb") as file:
        data = file.read()
    if encoding == "bytes":
        return (data,)
    if encoding == "text":
        return (data.decode(),)
    if encoding != "tagged":
        raise ValueError(f"`{encoding}` is not an encoding of inputs")
    arguments = decode(data)
    if type(arguments) is not tuple:
        raise ValueError(f"{path} holds a `{type(arguments).__name__}`, not a tuple of positional arguments")
    return arguments


def write_file(path: str, data: bytes) -> None:
    """Writes a file so that it is there whole or not at all."""
    temporary = f"{path}.{os.getpid()}.tmp"
    try:
        with open(temporary, "wb") as file:
            file.write(data)
        os.replace(temporary, path)
    except BaseException:
        if os.path.exists(temporary):
            os.unlink(temporary)
        raise


# Calling


class LazyResult(TypeError):
    """The call returned before it computed anything."""


def is_lazy_type(kind: type) -> bool:
    """Whether its objects are iterators, generators, or something to be awaited."""
    return any(hasattr(kind, name) for name in ("__next__", "__await__", "__anext__"))


def is_lazy(result: Any) -> bool:
    """Whether a result has computed nothing yet."""
    return is_lazy_type(type(result))


EVENT_LOOPS: list[Any] = []
ASYNC_FLAGS = 0x80 | 0x200  # `inspect.CO_COROUTINE`, `CO_ASYNC_GENERATOR`


def event_loop() -> Any:
    """The one event loop of this process, made at the first need and kept.

    An application pays for its loop once; `asyncio.run` in every call would time the making of loops.
    """
    if not EVENT_LOOPS:
        import asyncio

        EVENT_LOOPS.append(asyncio.new_event_loop())
    return EVENT_LOOPS[0]


def wait_for(awaitable: Any) -> Any:
    """The result of something awaitable, on the event loop."""
    return event_loop().run_until_complete(awaitable)


def needs_loop(result: Any) -> bool:
    """Whether a result is computed by an event loop: a coroutine, another awaitable, an asynchronous iterator."""
    kind = type(result)
    return hasattr(kind, "__await__") or hasattr(kind, "__anext__")


async def settle(result: Any, consume: bool) -> Any:
    """What comes of a call that needs an event loop; with `consume`, with nothing lazy left at its top."""
    kind = type(result)
    if hasattr(kind, "__next__"):
        return list(result) if consume else result
    if hasattr(kind, "__await__"):
        result = await result
        return await settle(result, consume) if consume else result
    if consume and hasattr(kind, "__anext__"):
        return [item async for item in result]
    return result


def is_asynchronous(function: Any, consume: bool) -> bool:
    """Whether a callable is declared `async`; an asynchronous generator counts where it is to be exhausted."""
    if type(function) is type(empty) and not function.__dict__ and not function.__code__.co_flags & ASYNC_FLAGS:
        return False  # most are plain, and `inspect` is long in coming
    from inspect import isasyncgenfunction, iscoroutinefunction

    forms = [function, type(function).__call__]  # the second: an instance that can be called
    return any(iscoroutinefunction(form) or (consume and isasyncgenfunction(form)) for form in forms)


class Subject:
    """What a target names, in a form that can be called.

    A method that is looked up on its class is bound to an instance: the one that the setup returned; else it is called
    as it is where the first argument is an instance; else one is made without arguments, before the clock starts.
    """

    def __init__(self, target: str) -> None:
        self.target = target
        *_, self.owner, self.function = look_up(target)
        if not callable(self.function):
            raise TypeError(f"`{target}` is of type `{full_name(type(self.function))}`, which cannot be called")

    def is_method(self) -> bool:
        """Whether the call needs an instance: looked up on a class, and neither bound nor static."""
        if not isinstance(self.owner, type):
            return False
        name = self.target.rpartition(".")[2]
        plain = next((vars(kind)[name] for kind in self.owner.__mro__ if name in vars(kind)), None)
        bound = isinstance(plain, (staticmethod, classmethod, type)) or type(plain).__name__ in (
            "classmethod_descriptor",
            "builtin_function_or_method",  # a static method of a class written in C
        )
        return plain is not None and not bound and hasattr(type(plain), "__get__")

    def bind(self, given: Any, arguments: Arguments) -> Callable[..., Any]:
        """The callable for these arguments; `given` is what the setup returned, an instance or a tuple of them."""
        if not self.is_method():
            return self.function
        name = self.target.rpartition(".")[2]
        for instance in given if type(given) is tuple else (given,):
            if isinstance(instance, self.owner):
                return getattr(instance, name)
        if arguments and isinstance(arguments[0], self.owner):
            return self.function
        try:
            instance = self.owner()
        except TypeError as error:
            raise TypeError(
                f"`{self.target}` is a method, and no instance of `{self.owner.__qualname__}` can be made without "
                f"arguments ({error}): let `setup` return one, or let the input's first argument be one"
            ) from error
        return getattr(instance, name)


def still() -> int:
    """A clock that stands still: where instructions are counted, a time of more digits would be more instructions."""
    return 0


def time_calls(call: Callable[..., Any], count: int, arguments: Arguments, clock: Callable[[], int]) -> int:
    """The timed loop: ns of so many calls, the loop's own few ns each included.

    Few arguments are passed as code would pass them. A `partial` costs tens of ns a call, and CPython cannot specialise
    the call of a Python function through it.
    """
    calls = repeat(None, count)
    if not arguments:
        start = clock()
        for _ in calls:
            call()
        return clock() - start
    if len(arguments) == 1:
        (only,) = arguments
        start = clock()
        for _ in calls:
            call(only)
        return clock() - start
    if len(arguments) == 2:
        first, second = arguments
        start = clock()
        for _ in calls:
            call(first, second)
        return clock() - start
    return time_calls(partial(call, *arguments), count, (), clock)


def time_fresh_calls(function: Callable[..., Any], inputs: list[Arguments], clock: Callable[[], int]) -> int:
    """The timed loop where each call has arguments of its own, made beforehand and freed afterwards."""
    start = clock()
    for arguments in inputs:
        function(*arguments)
    return clock() - start


async def time_awaited_calls(
    function: Callable[..., Any], inputs: Iterator[Arguments], consume: bool, clock: Callable[[], int]
) -> int:
    """The timed loop of what needs an event loop, inside the running one: starting that takes tens of microseconds.

    Without `consume`, one `await` a call and nothing else.
    """
    if consume:
        start = clock()
        for arguments in inputs:
            await settle(function(*arguments), True)
        return clock() - start
    start = clock()
    for arguments in inputs:
        await function(*arguments)
    return clock() - start


COPIES_BYTES = 256 << 20
MEMORY_PER_ENCODED_BYTE = 8  # a short text or number takes 2 to 10 bytes in JSON and 16 to 60 as an object


def copier(arguments: Arguments) -> tuple[Callable[[], Arguments], int]:
    """What makes copies of arguments, and about how many bytes each takes in an encoding.

    Copies of plain values have text of their own, which `deepcopy` leaves out, as text never changes. But Python keeps
    with a text that is not ASCII its form in UTF-8 once somebody asked for it: Rust would ask at the first call alone,
    and all others would find it there.
    """
    try:
        encoded = len(encode(arguments, rebuildable=True))
    except Unencodable:
        from copy import deepcopy

        return partial(deepcopy, arguments), len(encode(arguments, opaque=True))
    from pickle import HIGHEST_PROTOCOL, dumps, loads

    with Unlimited():
        pickled = dumps(arguments, HIGHEST_PROTOCOL)

    def copy() -> Arguments:
        with Unlimited():
            return loads(pickled)

    return copy, encoded


class Batch:
    """Time, CPU time and collections of a batch of calls."""

    def __init__(self) -> None:
        self.elapsed_ns = self.cpu_ns = self.gc_collections = 0


class Target:
    """A callable with its arguments: what is timed.

    With `fresh`, the copies for a batch are made outside the clock; a batch whose copies would take more than about
    256 MiB, guessed from their encoded size, is timed in parts that are added up.
    """

    def __init__(
        self, function: Callable[..., Any], arguments: Arguments, consume: bool, fresh: bool, guard: Callable[[], None]
    ) -> None:
        self.called, self.consume = function, consume
        self.awaits = is_asynchronous(function, consume)
        self.function = self._settled if consume or self.awaits else function
        if self.awaits:
            event_loop()
        self.arguments = arguments
        self.fresh = fresh
        self.guard = guard
        self.copies_at_once = 1
        self.own_arguments: Callable[[], Arguments] = lambda: arguments
        if fresh:
            self.own_arguments, encoded = copier(arguments)
            self.copies_at_once = max(1, COPIES_BYTES // (MEMORY_PER_ENCODED_BYTE * encoded))

    def _settled(self, *given: Any) -> Any:
        """Calls and awaits, or exhausts what came of it."""
        if self.awaits:
            return wait_for(self._awaited(given))
        try:
            result = self.called(*given)
        except RuntimeError as error:
            # What makes a future of its own needs the loop to run already, and says so before it does anything.
            if str(error) != "no running event loop":
                raise
            self.awaits = True
            return wait_for(self._awaited(given))
        if hasattr(type(result), "__next__"):
            return list(result)
        # A function that gives an awaitable need not be declared `async`; one written in Rust cannot be.
        self.awaits = needs_loop(result)
        return wait_for(settle(result, self.consume)) if self.awaits else result

    async def _awaited(self, given: Arguments) -> Any:
        return await settle(self.called(*given), self.consume)

    def _run(self, count: int, inputs: Any, clock: Callable[[], int]) -> int:
        """So many calls and what the clock says of them; `inputs` are their arguments."""
        if self.awaits:
            return wait_for(time_awaited_calls(self.called, inputs, self.consume, clock))
        if self.fresh:
            return time_fresh_calls(self.function, inputs, clock)
        return time_calls(self.function, count, self.arguments, clock)

    def time(self, count: int) -> Batch:
        """Times so many calls; the CPU clock and the collector are read outside the wall clock."""
        batch = Batch()
        while count > 0:
            part = min(count, self.copies_at_once) if self.fresh else count
            inputs = [self.own_arguments() for _ in range(part)] if self.fresh else repeat(self.arguments, part)
            if self.fresh:
                settle_collector()  # the copies shall cost the collector no more than shared arguments do
            collections = count_collections()
            cpu = process_time_ns()
            batch.elapsed_ns += self._run(part, inputs, perf_counter_ns)
            batch.cpu_ns += process_time_ns() - cpu
            batch.gc_collections += count_collections() - collections
            count -= part
            self.guard()
        return batch

    def repeat(self, count: int, copies: int) -> None:
        """The same calls without a clock. With `fresh` so many copies are made, however few of them are used."""
        inputs: Any = repeat(self.arguments, count)
        if self.fresh:
            if copies > self.copies_at_once:
                raise MemoryError(f"{copies} copies of its arguments would take more than {COPIES_BYTES >> 20} MiB")
            held = [self.own_arguments() for _ in range(copies)]  # to the end: freed memory would be used again
            inputs = held[:count]
            settle_collector()
        self._run(count, inputs, still)
        self.guard()


# Sampling: criterion's shape, see `docs/PROTOCOL.md`


def settle_collector() -> None:
    """Collects, and moves what survives out of the collector's sight; the collector itself stays on."""
    gc.collect()
    gc.freeze()


def count_collections() -> int:
    """Collections of all generations since the start."""
    return sum(generation["collections"] for generation in gc.get_stats())


class WarmUp:
    """Calls in batches that double, until they were long and many enough, or the limit would be passed.

    The last batches are cut to what is still wanted: a warm-up that doubles to its end lasts up to twice its time.

    `mean_ns` is the wall time a call of the last batch took, the making of fresh arguments included: the first calls
    are no guide (lazy imports, specialisation), and copies that take longer than the calls must not stretch a launch.
    """

    def __init__(self, target: Target, step: Json) -> None:
        self.calls = self.elapsed_ns = 0
        wall_ns, count = 0, 1
        while count > 0:
            start = perf_counter_ns()
            self.elapsed_ns += target.time(count).elapsed_ns
            last_ns = max(1, perf_counter_ns() - start)
            wall_ns += last_ns
            self.calls += count
            self.mean_ns = last_ns / count
            if self.elapsed_ns >= step["warmup_ns"] and self.calls >= step["warmup_calls"]:
                break
            affordable = (step["warmup_limit_ns"] - wall_ns) * self.calls // wall_ns
            wanted = max((step["warmup_ns"] - self.elapsed_ns) / self.mean_ns, step["warmup_calls"] - self.calls)
            # A batch of a few calls would be a poor guide to how long the next ones take.
            count = min(2 * count, max(ceil(wanted), count // 2, 1), affordable)


def plan_batches(mean_ns: float, measure_ns: int, samples: int) -> tuple[str, list[int]]:
    """The mode and the calls in each batch, so that all take about `measure_ns`.

    Linear batches of d, 2d, 3d … calls; flat ones where these would take over twice the time even with d = 1. Where
    single calls would still take over twice the time there are fewer batches: at least 5, or 2 when one call is
    longer than `measure_ns`.
    """
    samples = max(1, samples)
    steps = samples * (samples + 1) / 2
    unit = max(1, ceil(measure_ns / mean_ns / steps))
    if unit * steps * mean_ns <= 2 * measure_ns or unit > 1:
        return "linear", [unit * (index + 1) for index in range(samples)]
    count = max(1, ceil(measure_ns / mean_ns / samples))
    if count == 1:
        fewest = 5 if mean_ns <= measure_ns else 2
        samples = min(samples, max(fewest, int(2 * measure_ns / mean_ns)))
    return "flat", [count] * samples


def median(values: list[float]) -> float:
    """The median."""
    return quantile(values, 0.5)


def quantile(values: list[float], share: float) -> float:
    """The quantile, interpolated between neighbours."""
    ordered = sorted(values)
    position = share * (len(ordered) - 1)
    below = int(position)
    above = min(below + 1, len(ordered) - 1)
    return ordered[below] + (ordered[above] - ordered[below]) * (position - below)


def is_steady(per_call_ns: list[float]) -> bool | None:
    """Whether the first and the second half of the batches agree.

    They do not when their medians are over 10 % apart and their inter-quartile ranges do not meet. Null below eight
    batches: halves of three have no quartiles to speak of.
    """
    if len(per_call_ns) < 8:
        return None
    half = len(per_call_ns) // 2
    first, second = sorted((per_call_ns[:half], per_call_ns[half:]), key=median)
    return median(second) <= 1.1 * median(first) or quantile(first, 0.75) >= quantile(second, 0.25)


def sample(target: Target, step: Json) -> Json:
    """Warms up, then times batches with the collector on."""
    warm_up = WarmUp(target, step)
    mode, iterations = plan_batches(warm_up.mean_ns, step["measure_ns"], step["samples"])
    settle_collector()
    try:
        batches = [target.time(count) for count in iterations]
    finally:
        gc.unfreeze()
    elapsed = [batch.elapsed_ns for batch in batches]
    return {
        "mode": mode,
        "iterations": iterations,
        "elapsed_ns": elapsed,
        "cpu_ns": sum(batch.cpu_ns for batch in batches),
        "warmup_calls": warm_up.calls,
        "warmup_ns": warm_up.elapsed_ns,
        "gc_collections": sum(batch.gc_collections for batch in batches),
        "steady": is_steady([ns / count for ns, count in zip(elapsed, iterations)]),
    }


def time_slice(target: Target, step: Json) -> Json:
    """Times so many calls. The heap stays frozen, so that the next slice's collection has little to look at."""
    settle_collector()
    batch = target.time(step["calls"])
    return {"calls": step["calls"], "elapsed_ns": batch.elapsed_ns, "cpu_ns": batch.cpu_ns}


OTHERS_S = 0.0002  # other threads that took less processor time than this did not work,
OTHERS_SHARE = 0.01  # nor did they where it is a smaller part of the whole


def has_children() -> bool:
    """Whether this thread has started processes that are still there; false where the system does not list them."""
    try:
        with open("/proc/thread-self/children", "rb") as file:
            return bool(file.read())
    except OSError:
        return False


def count_calls(target: Target, step: Json) -> Json:
    """Makes so many calls without a clock, for somebody who counts instructions from outside.

    Whether others worked is told by processor clocks as floats, which are all of one size: that of the process beyond
    this thread's is of other threads, and processes that were waited for have one, too. The thread's clock is read
    first and last: what passes between two readings must not look like the work of others. The answer is as long
    whatever the calls took.
    """
    try:
        from time import process_time, thread_time
    except ImportError:  # a platform without a thread's clock
        target.repeat(step["calls"], step["copies"])
        return {"others": None}
    settle_collector()
    waited, own, whole = sum(os.times()[2:4]), thread_time(), process_time()
    target.repeat(step["calls"], step["copies"])
    whole, own, waited = process_time() - whole, thread_time() - own, sum(os.times()[2:4]) - waited
    # No branch that hangs on a clock: each of these is looked at, whatever the others say, and none asks for the larger
    # of two times. What is beyond this thread's clock is negative where nobody else worked, so these answers are no.
    beyond = whole - own
    others = ((beyond > OTHERS_S) & (beyond > OTHERS_SHARE * whole), waited > 0, has_children())
    return {"others": any(others)}


def latency(target: Target, step: Json) -> Json:
    """Times calls one by one; each call's clock is part of its latency: tens of nanoseconds."""
    settle_collector()
    try:
        end = perf_counter_ns() + step["limit_ns"]
        elapsed = [target.time(1).elapsed_ns]
        while len(elapsed) < step["calls"] and perf_counter_ns() < end:
            elapsed.append(target.time(1).elapsed_ns)
    finally:
        gc.unfreeze()
    return {"elapsed_ns": elapsed}


# Memory


def resident_bytes(field: str) -> int:
    """`VmRSS` or `VmHWM` of this process; raises OSError where there is no /proc."""
    with open("/proc/self/status", "rb") as status:
        for line in status:
            if line.startswith(field.encode()):
                return int(line.split()[1]) * 1024
    raise OSError(f"/proc/self/status has no {field}")


def trim_heap() -> Callable[[], object]:
    """The C library's `malloc_trim`, which gives free memory back; nothing where it has none (musl, macOS)."""
    try:
        import ctypes

        return partial(ctypes.CDLL(None).malloc_trim, 0)
    except (ImportError, OSError, AttributeError, TypeError):
        return lambda: None


def memory(target: Target, first: Callable[[], object]) -> Json:
    """One call with its result held, after a `first` one that imports and caches; null where nothing marks the peak.

    Linux resets the high-water mark of a process through `clear_refs` (proc(5), `clear_refs`, value 5).
    """
    first()
    trim = trim_heap()
    arguments = target.own_arguments()
    gc.collect()
    trim()
    try:
        with open("/proc/self/clear_refs", "w") as clear_refs:
            clear_refs.write("5")
        before = resident_bytes("VmRSS")
    except OSError:
        return {"before_bytes": None, "peak_bytes": None, "resident_bytes": None}
    held = target.function(*arguments)
    answer = {
        "before_bytes": before,
        "peak_bytes": resident_bytes("VmHWM"),
        "resident_bytes": resident_bytes("VmRSS"),
    }
    del held
    return answer


# The call floor

FLOOR_BATCH_NS = 1_000_000
FLOOR_BATCHES = 5


def empty() -> None:
    """What the cheapest Python call is measured with."""


def floor_ns(call: Callable[[], Any] | None) -> float | None:
    """Time per call, ns, of something that does nothing, in the loop that all calls are timed by: median of five."""
    if call is None:
        return None
    count = 1024
    while time_calls(call, count, (), perf_counter_ns) < FLOOR_BATCH_NS:
        count *= 2
    return median([time_calls(call, count, (), perf_counter_ns) / count for _ in range(FLOOR_BATCHES)])


# The probe: what a call does besides computing

LONG_CALL_NS = 1_000_000
PROBED_CALLS = 5
TINY_CALL_NS = 20_000
TINY_CALLS_NS = 20_000_000


class Watcher:
    """A second thread that writes down when it gets to run: whether a call keeps the interpreter's lock shows there."""

    def __init__(self) -> None:
        from threading import Thread
        from time import sleep

        self.sleep = sleep
        self.seen_ns: list[int] = []
        self.stopped = False
        self.thread = Thread(target=self._watch, daemon=True)

    def _watch(self) -> None:
        while not self.stopped:
            self.seen_ns.append(perf_counter_ns())
            self.sleep(0.00005)

    def __enter__(self) -> Watcher:
        self.interval = sys.getswitchinterval()
        self.thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        sys.setswitchinterval(self.interval)
        self.stopped = True
        self.thread.join()

    def is_alone(self) -> bool:
        """Whether no thread but this and the main one runs: another would keep a lock that is never asked back."""
        from threading import active_count

        return active_count() == 2

    def locked_share(self, start: int, end: int) -> float:
        """The longest time within these bounds in which the thread did not run, as a share of them."""
        times = [start, *(time for time in list(self.seen_ns) if start < time < end), end]
        return max(later - earlier for earlier, later in zip(times, times[1:])) / max(1, end - start)

    def runs_beside(self, target: Target, lasting_ns: int) -> int:
        """How often the thread ran while calls were made that nothing but the calls themselves interrupts.

        Python code gives the lock away only when a thread has waited for the switch interval: with one of an hour, it
        is given away by a call alone.
        """
        sys.setswitchinterval(3600.0)
        for _ in range(3):  # a thread that waits already does so for the old interval
            self.sleep(0.0002)
        before = len(self.seen_ns)
        start = perf_counter_ns()
        while perf_counter_ns() - start < lasting_ns:
            time_calls(target.function, 100, target.arguments, perf_counter_ns)
        return len(self.seen_ns) - before


def count_objects(values: Any) -> int:
    """Objects in lists, tuples, sets and dictionaries, down to the leaves: what has to be looked at one by one."""
    total, left = 0, [values]
    while left:
        value = left.pop()
        if isinstance(value, dict):
            total += 2 * len(value)
            inner: Any = value.values()
        elif isinstance(value, (list, tuple, set, frozenset)):
            total += len(value)
            inner = value
        else:
            continue
        left += [item for item in inner if isinstance(item, (dict, list, tuple, set, frozenset))]
    return total


def read_calls() -> tuple[int, int] | None:
    """System calls by which this process has read so far, and the bytes they brought; null without /proc."""
    try:
        with open("/proc/self/io", "rb") as file:
            fields = dict(line.split(b": ") for line in file.read().splitlines())
        return int(fields[b"syscr"]), int(fields[b"rchar"])
    except (OSError, KeyError, ValueError):
        return None


class Probe:
    """What calls do besides computing: reads, the objects that cross, the interpreter's lock. Off every clock.

    `locked_share` is the least share of a call in which another thread could not run, over a few calls; null where
    calls are too short to tell, or there is no lock. `unlocks` tells of tiny calls whether they let go of the lock;
    null for others. All is null of a call that raises: what it raises is the business of `outcome`.
    """

    def __init__(self, target: Target) -> None:
        self.target = target
        self.calls_ns: list[int] = []
        fields = ("reads", "read_bytes", "objects_in", "objects_out", "call_ns", "locked_share", "unlocks")
        self.answer: Json = dict.fromkeys(fields)

    def carry_out(self, limit_ns: int) -> Json:
        """Makes a few calls, and after the first no more than the limit allows."""
        has_lock = sys._is_gil_enabled() if hasattr(sys, "_is_gil_enabled") else True
        try:
            if has_lock and not self.target.awaits:
                self._watched(limit_ns)
            else:
                self._first_call()
        except KeyboardInterrupt:
            raise
        except BaseException:
            return dict.fromkeys(self.answer)
        self.answer["call_ns"] = int(median(self.calls_ns))
        return self.answer

    def _watched(self, limit_ns: int) -> None:
        with Watcher() as watcher:
            sys.setswitchinterval(0.0001)
            end = perf_counter_ns() + limit_ns
            shares = [watcher.locked_share(*self._first_call())]
            while len(shares) < PROBED_CALLS and perf_counter_ns() < end:
                shares.append(watcher.locked_share(*self._call()[:2]))
            call_ns = median(self.calls_ns)
            if call_ns >= LONG_CALL_NS:
                self.answer["locked_share"] = min(shares)
            elif call_ns <= TINY_CALL_NS and not self.target.fresh and watcher.is_alone():
                self.answer["unlocks"] = watcher.runs_beside(self.target, TINY_CALLS_NS) > 2

    def _call(self) -> tuple[int, int, Any]:
        """Start, end and result of a call."""
        arguments = self.target.own_arguments()
        start = perf_counter_ns()
        result = self.target.function(*arguments)
        end = perf_counter_ns()
        self.target.guard()
        self.calls_ns.append(max(1, end - start))
        return start, end, result

    def _first_call(self) -> tuple[int, int]:
        before = read_calls()
        start, end, result = self._call()
        after = read_calls()
        if before is not None and after is not None:
            # Looking at the account reads, too: what two looks in a row differ by is taken off.
            again = read_calls() or after
            self.answer["reads"] = max(0, after[0] - before[0] - (again[0] - after[0]))
            self.answer["read_bytes"] = max(0, after[1] - before[1] - (again[1] - after[1]))
        self.answer["objects_in"] = sum(map(count_objects, self.target.arguments))
        self.answer["objects_out"] = count_objects(result)
        return start, end


# Outcomes


def describe_exception(error: BaseException) -> Json:
    """Class, bases up to Exception, message and position of an exception that is an answer."""
    bases: list[str] = []
    for kind in type(error).__mro__:
        bases.append(kind.__name__)
        if kind in (Exception, BaseException):
            break
    return {
        "class": type(error).__name__,
        "bases": bases[1:],
        "message": message_of(error),
        "position": position_of(error),
    }


def message_of(error: BaseException) -> str:
    """`str(error)`, as text that any reader of JSON takes."""
    try:
        return str(error).encode("utf-8", "backslashreplace").decode()
    except Exception as worse:
        return f"<its message cannot be shown: {type(worse).__name__}>"


def position_of(error: BaseException) -> int | None:
    """Where in the input the error lies, when it says so."""
    for name in ("position", "pos", "start" if isinstance(error, UnicodeError) else "", "lineno"):
        try:
            position = getattr(error, name, None)
        except Exception:  # a property of somebody else's
            continue
        if type(position) is int and position >= 0:
            return position
    return None


TRACEBACK_BYTES = 4096


def traceback_of(error: BaseException) -> str | None:
    """The traceback without frames of this file and of the import system, its last 4 KiB; null when none are left."""
    try:
        from traceback import StackSummary, TracebackException

        shown = TracebackException.from_exception(error)
        part: TracebackException | None = shown
        frames = 0
        while part is not None:
            kept = [frame for frame in part.stack if not is_own_frame(frame.filename)]
            part.stack = StackSummary.from_list(kept)
            frames += len(kept)
            part = part.__cause__ or part.__context__
        text = "".join(shown.format())
    except Exception:  # an exception whose parts cannot be shown
        return None
    text = text if len(text) <= TRACEBACK_BYTES else f"…{text[-TRACEBACK_BYTES:]}"
    return text if frames else None


def tell(text: str) -> None:
    """Writes to standard error, whatever user code has made of `sys.stderr`."""
    try:
        os.write(2, text.encode("utf-8", "backslashreplace"))
    except OSError:  # closed
        pass


def is_own_frame(filename: str) -> bool:
    """Whether a frame tells the user nothing."""
    return filename == __file__ or filename.startswith("<frozen importlib")


def failure(step: str, error: BaseException) -> Json:
    """The answer for a step that could not be carried out."""
    return {
        "op": "failed",
        "step": step,
        "class": type(error).__name__,
        "message": message_of(error),
        "traceback": traceback_of(error),
    }


# The environment


def extension_modules(before: set[str], first: str) -> list[tuple[str, Any]]:
    """Native modules loaded since `before`, the interpreter's own aside: `first`, then its package's, then others."""
    from importlib.machinery import EXTENSION_SUFFIXES

    found = []
    for name in [name for name in sys.modules if name not in before]:
        module = sys.modules[name]
        path = file_of(module)
        if path is not None and path.endswith(tuple(EXTENSION_SUFFIXES)) and not is_of_interpreter(path):
            found.append((name, module))
    package = first.partition(".")[0]
    return sorted(found, key=lambda item: (item[0] != first, item[0].partition(".")[0] != package))


def is_of_interpreter(path: str) -> bool:
    """Whether a native module came with the interpreter."""
    folder = os.path.dirname(os.path.realpath(path))
    library = os.path.dirname(os.path.realpath(os.__file__))
    builtin_folders = {library, os.path.join(library, "lib-dynload"), os.path.join(sys.base_prefix, "DLLs")}
    return folder in builtin_folders or os.path.basename(folder) == "lib-dynload"


def build_profile(module: Any) -> str | None:
    """`release` or `debug`, as the module says, or as cargo's folder says where it was not copied out of it."""
    stated = getattr(module, "__build_profile__", None) or getattr(module, "build_profile", None)
    if callable(stated):
        stated = stated()
    if isinstance(stated, str):
        return stated
    folders = os.path.realpath(module.__file__).replace(os.sep, "/")
    return "debug" if "/target/debug/" in folders else None


DIGESTED_BYTES = 64 << 20  # of native modules, in each launch; half a second's work at worst


def describe_extensions(extensions: list[tuple[str, Any]]) -> list[Json]:
    """Native modules as `prepared` reports them; digests of the first ones, as far as 64 MiB go."""
    described = []
    left = DIGESTED_BYTES
    for name, module in extensions:
        path = file_of(module) or ""
        version = getattr(module, "__pyo3_version__", None)
        size = os.path.getsize(path) if os.path.exists(path) else 0
        left -= size
        described.append(
            {
                **describe_file(name, path, digested=left >= 0),
                "profile": build_profile(module),
                "pyo3": version if isinstance(version, str) else None,
            }
        )
    return described


def describe_file(name: str, path: str, digested: bool = True) -> Json:
    """A module's file: which, with what in it, written when (ns since 1970); null for what cannot be read."""
    from hashlib import sha256 as algorithm

    described: Json = {"name": name, "path": path, "sha256": None, "modified_ns": None}
    try:
        with open(path, "rb") as file:
            described["modified_ns"] = os.fstat(file.fileno()).st_mtime_ns
            if digested:
                digest = algorithm()
                for part in iter(partial(file.read, 1 << 20), b""):
                    digest.update(part)
                described["sha256"] = digest.hexdigest()
    except OSError:
        pass
    return described


def file_of(module: Any) -> str | None:
    """A module's file; a module that loads itself at the first look at an attribute shall not do so for us."""
    try:
        path = object.__getattribute__(module, "__dict__").get("__file__")
    except AttributeError:  # `sys.modules` may hold anything
        return None
    return os.path.abspath(path) if isinstance(path, str) else None


def project_modules(before: set[str], folders: list[str], package: str | None) -> list[Json]:
    """Each module loaded since `before` whose file lies in these folders, by its name.

    What is installed there is not the project's: an environment of its own often lies in its folder. Of `package` every
    module is reported, installed or not.
    """
    inside = [os.path.join(os.path.realpath(folder), "") for folder in folders]
    library = os.path.join(os.path.dirname(os.path.realpath(os.__file__)), "")
    own = os.path.realpath(__file__)  # `multiprocessing` loads it once more, under another name
    found: dict[str, str] = {}
    for name in [name for name in list(sys.modules) if name not in before]:
        path = file_of(sys.modules[name])
        real = os.path.realpath(path) if path is not None else ""
        parts = real.split(os.sep)
        installed = "site-packages" in parts or "dist-packages" in parts
        if path is None or real == own or (real.startswith(library) and not installed):
            continue
        if package is not None and name.partition(".")[0] == package:
            found.setdefault(path, name)
        if not installed and any(real.startswith(folder) for folder in inside):
            found.setdefault(path, name)
    return [describe_file(name, path) for path, name in sorted(found.items(), key=lambda item: item[1])]


def environment(extensions: list[tuple[str, Any]]) -> Json:
    """What the interpreter is after the imports: an import can switch the GIL back on."""
    seed = os.environ.get("PYTHONHASHSEED", "")
    fixed_seed = seed.isdigit() and not sys.flags.ignore_environment
    jit = getattr(sys, "_jit", None)
    flags = {name: getattr(sys.flags, name) for name in dir(sys.flags) if not name.startswith(("_", "n_"))}
    return {
        "version": sys.version.split()[0],
        "implementation": sys.implementation.name,
        "executable": sys.executable,
        "gil": sys._is_gil_enabled() if hasattr(sys, "_is_gil_enabled") else True,
        "jit": jit.is_enabled() if jit is not None else False,
        "hash_seed": int(seed) if fixed_seed else None,
        "gc": {"enabled": gc.isenabled(), "threshold": list(gc.get_threshold())},
        "flags": {name: value for name, value in flags.items() if isinstance(value, int) and value},
        "optimize": sys.flags.optimize,
        "extensions": describe_extensions(extensions),
    }


# The worker


AGAIN_LIMIT_NS = 5_000_000_000
CHANGEABLE = (list, dict, set, bytearray)  # what a caller could change, and somebody else would see it


class Seen:
    """What one call did: the outcome document, and what is not in it."""

    def __init__(self, document: bytes, raised: BaseException | None, result: Any, mutated: bool, call_ns: int) -> None:
        self.document = document
        self.digest = f"sha256:{sha256(document)}"
        self.raised = raised
        self.result = result
        self.mutated = mutated
        self.call_ns = call_ns


class Worker:
    """One implementation on one input, and the steps carried out on it.

    `step` is what is being done, for the answer when it fails. `guard` ends a forked child that runs on.
    """

    def __init__(self, guard: Callable[[], None] = empty) -> None:
        self.guard = guard
        self.step = "job"
        self.folder = os.getcwd()  # the code under test may change it
        self.modules = set(sys.modules)

    def prepare(self, job: Json) -> Json:
        """Imports, runs the setup, gets the arguments."""
        if job.get("protocol") != PROTOCOL:
            raise ValueError(f"the protocol is `{job.get('protocol')}`, not `{PROTOCOL}`")
        try:
            implementation, self.input = job["implementation"], job["input"]
            self.call, sys_path = implementation["call"], job["sys_path"]
            self.warm_up_input = job.get("warm_up_input")
            clock = still if job.get("untimed") else perf_counter_ns
        except KeyError as error:
            raise ValueError(f"the job has no {error}") from None
        sys.path[:0] = [os.path.join(self.folder, entry) for entry in sys_path]

        self.step = "import"
        start = clock()
        subject = Subject(self.call) if self.call else None
        import_ns = clock() - start
        self.extensions = extension_modules(self.modules, self.call.partition(":")[0])
        self.normalise = resolve(implementation["result"]) if implementation.get("result") else None

        self.step = "setup"
        given = resolve(implementation["setup"])() if implementation.get("setup") else None

        self.step = "input"
        start = clock()
        arguments = self._arguments(self.input)
        input_ns = clock() - start
        self._check_digest(arguments)
        self.adapt = implementation.get("adapt")
        arguments = self._adapted(self.input, arguments)
        self.consume = implementation.get("consume", False)
        self.trusted = implementation.get("trusted", False)
        self.step = "setup"
        function = subject.bind(given, arguments) if subject is not None else empty
        self.target = Target(function, arguments, self.consume, implementation.get("fresh", False), self.guard)
        described = environment(self.extensions)
        watched = job.get("watched", [])
        folders = [entry for entry in (job.get("project"), *sys_path, *watched) if entry is not None]
        folders = [os.path.join(self.folder, folder) for folder in folders]
        package = self.call.partition(":")[0].partition(".")[0] if watched else None
        self.reported = folders, package
        self.known = set(sys.modules)
        return {
            "op": "prepared",
            "import_ns": import_ns,
            "input_ns": input_ns,
            "modules": project_modules(self.modules, folders, package),
            "environment": described,
        }

    def _arguments(self, wanted: Json) -> Arguments:
        source = wanted.get("source")
        if source is None:
            return ()
        if "file" in source:
            path = os.path.join(self.folder, source["file"]["path"])
            return (path,) if wanted.get("pass") == "path" else read_arguments(path, source["file"]["encoding"])
        if wanted.get("pass") == "path":
            raise ValueError("an input that cannot be written to a file cannot be passed as its path")
        return make_arguments(source["callable"]["call"], wanted["size"], wanted["seed"])

    def _adapted(self, wanted: Json, arguments: Arguments) -> Arguments:
        """What this implementation takes for these arguments; without an input there is nothing to adapt."""
        if not self.adapt or wanted.get("source") is None:
            return arguments
        return adapt_arguments(self.adapt, arguments)

    def call_on_warm_up_input(self) -> None:
        """Calls once on the job's `warm_up_input`, or on arguments of the measured call where it has none.

        What the call imports and caches is then there, and its heap has not grown to what the measured call needs.
        A small input may be one that is refused; by then the imports are made.
        """
        if self.warm_up_input is None:
            self.target.function(*self.target.own_arguments())
            return
        arguments = self._arguments(self.warm_up_input)
        try:
            self.target.function(*self._adapted(self.warm_up_input, arguments))
        except Exception as error:
            tell(traceback_of(error) or "")

    def _check_digest(self, arguments: Arguments) -> None:
        expected = ((self.input.get("source") or {}).get("callable") or {}).get("sha256")
        if expected is None:
            return
        _, data, _ = write_arguments(arguments)
        if sha256(data) != expected:
            raise ValueError(
                f"`{self.input['source']['callable']['call']}` made another input than before for the same size and "
                "seed: it must depend on these alone"
            )

    def carry_out(self, step: Json) -> Json:
        """The answer to one step."""
        self.step = "job"
        op = step.get("op")
        if not isinstance(op, str):
            raise ValueError("a step must be an object with an `op`")
        self.step = op
        if op not in STEPS:
            raise ValueError(f"there is no step `{op}`; there are {', '.join(STEPS)}")
        perform, fields = STEPS[op]
        for field in fields:
            if field not in step:
                raise ValueError(f"the step `{op}` has no `{field}`")
        return {"op": op, **perform(self, step)}

    def make_input(self, step: Json) -> Json:
        """Writes the arguments that the input's callable made."""
        if "callable" not in (self.input.get("source") or {}):
            raise ValueError("only an input that comes from a callable can be written")
        encoding, data, reason = write_arguments(self.target.arguments)
        if encoding is not None:
            write_file(os.path.join(self.folder, step["file"]), data)
        written = 0 if encoding is None else len(data)
        return {"encoding": encoding, "sha256": sha256(data), "bytes": written, "reason": reason}

    def outcome(self, step: Json) -> Json:
        """Calls once and digests what came of it, the arguments included when they are part of that."""
        seen = self._observe(self.target.own_arguments())
        if seen.raised is not None:
            tell(traceback_of(seen.raised) or "")
        # Shared arguments that the first call has changed are no second input like the first.
        again = None
        if step.get("again") and not (seen.mutated and not self.target.fresh):
            again = self._again(seen, self.target.own_arguments, step["file"])
        # What is imported by a call is part of it, too.
        modules = project_modules(self.known, *self.reported) if step.get("again") else []
        return {**self._keep(seen, step), "first_call_ns": seen.call_ns, "again": again, "modules": modules}

    def make_case(self, step: Json) -> Json:
        """Writes the arguments that the input's callable makes for a size and seed; what it raises makes no case."""
        answer = {"encoding": None, "sha256": None, "bytes": 0, "reason": None, "raised": None}
        try:
            arguments = make_arguments(step["call"], step["size"], step["seed"])
            encoding, data, reason = write_arguments(arguments)
        except KeyboardInterrupt:
            raise
        except BaseException as error:
            self.guard()
            return {**answer, "raised": describe_exception(error)}
        self.guard()
        if encoding is not None:
            write_file(os.path.join(self.folder, step["file"]), data)
            answer["bytes"] = len(data)
        return {**answer, "encoding": encoding, "sha256": sha256(data), "reason": reason}

    def case(self, step: Json) -> Json:
        """Calls once on an input of its own. What goes wrong is an answer: the next case goes on."""
        try:
            self.input = step["input"]
            arguments = self._arguments(self.input)
            self._check_digest(arguments)
            seen = self._observe(self._adapted(self.input, arguments))
            again = None
            if step.get("again"):
                again = self._again(seen, lambda: self._adapted(self.input, self._arguments(self.input)), step["file"])
        except KeyboardInterrupt:
            raise
        except BaseException as error:
            self.guard()
            refused = {key: value for key, value in failure("case", error).items() if key != "op"}
            empty_answer = {"kind": "refused", "digest": None, "matches": None, "mutated": False, "call_ns": 0}
            return {**empty_answer, "file": None, "refused": refused, "again": None}
        return {**self._keep(seen, step), "call_ns": seen.call_ns, "refused": None, "again": again}

    def _observe(self, arguments: Arguments) -> Seen:
        """Calls once, and says what came of it; arguments of what is trusted are not looked at."""
        plain = not self.trusted and self._is_plain()
        before = None if self.trusted else fingerprint(arguments, plain)
        raised: BaseException | None = None
        result = None
        start = perf_counter_ns()
        try:
            result = self.target.function(*arguments)
        except KeyboardInterrupt:
            raise  # somebody stopped the run: that is no answer
        except BaseException as error:
            raised = error
        call_ns = perf_counter_ns() - start
        self.guard()
        mutated = before is not None and has_changed(arguments, before, plain)
        parts = [self._value_part(result) if raised is None else self._raised_part(raised)]
        if mutated or (raised is None and result is None):
            parts.append(self._arguments_part(arguments, mutated))
        if isinstance(result, CHANGEABLE):
            aliases = [str(index) for index, argument in enumerate(arguments) if argument is result]
            if aliases:
                parts.append(b'"aliases":[' + ",".join(aliases).encode() + b"]")
        return Seen(b"{" + b",".join(parts) + b"}", raised, result, mutated, call_ns)

    def _is_plain(self) -> bool:
        """Whether `marshal` tells the arguments apart: they come out of a file, and no array is among them."""
        source = (self.input.get("source") or {}).get("file")
        if source is None or self.adapt:
            return False
        if source["encoding"] != "tagged" or self.input.get("pass") == "path":
            return True
        with open(os.path.join(self.folder, source["path"]), "rb") as file:
            return b'"bytearray"' not in file.read()

    def _keep(self, seen: Seen, step: Json) -> Json:
        """What is answered of a call; its document is written unless its digest is the expected one."""
        matches = None if step.get("expect") is None else seen.digest == step["expect"]
        file = None if matches else step["file"]
        if file is not None:
            write_file(os.path.join(self.folder, file), seen.document)
        return {
            "kind": "value" if seen.raised is None else "raised",
            "digest": seen.digest,
            "matches": matches,
            "mutated": seen.mutated,
            "file": file,
        }

    def _again(self, first: Seen, arguments: Callable[[], Arguments], file: str) -> Json | None:
        """A second call on the same input, the result of the first one held; nothing after a long first call."""
        if first.call_ns > AGAIN_LIMIT_NS:
            return None
        held = self._held(first)
        second = self._observe(arguments())
        same = second.digest == first.digest
        if not same:
            write_file(os.path.join(self.folder, file + ".again"), second.document)
        return {
            "digest": second.digest,
            "file": None if same else file + ".again",
            "shared": isinstance(second.result, CHANGEABLE) and second.result is first.result,
            "first_changed": held != self._held(first),
        }

    def _held(self, seen: Seen) -> str | None:
        """Digest of a result that is still held and that somebody could change."""
        return sha256(encode(seen.result, opaque=True)) if isinstance(seen.result, CHANGEABLE) else None

    def _value_part(self, result: Any) -> bytes:
        if not self.consume:
            self.refuse_lazy(result)
        if self.normalise is not None and result is not None:
            result = self.normalise(result)
        try:
            return b'"value":' + encode(result)
        except Unencodable as error:
            if is_lazy_type(error.kind):
                raise LazyResult(
                    f"`{self.call}` returned a result that holds a lazy `{error.type_name}` at `${error.path}`, which "
                    "has computed nothing yet: let it return a list there, or name a callable as `result` that makes it"
                ) from None
            error.why += "; `result` names a callable that turns such a result into plain values"
            raise

    def refuse_lazy(self, result: Any, mend: str = "`consume = true`") -> None:
        """Raises LazyResult for a result that has computed nothing yet; `mend` is what would exhaust it."""
        if is_lazy(result):
            raise LazyResult(
                f"`{self.call}` returned a lazy `{full_name(type(result))}`, which has computed nothing yet: "
                f"{mend} exhausts it inside the clock"
            )

    @staticmethod
    def _raised_part(error: BaseException) -> bytes:
        return b'"raised":' + PLAIN_JSON.encode(describe_exception(error)).encode()

    @staticmethod
    def _arguments_part(arguments: Arguments, mutated: bool) -> bytes:
        # Opaque arguments would be equal to any others here: agreement must not be claimed of what cannot be seen.
        try:
            return b'"arguments":' + encode(list(arguments))
        except Unencodable as error:
            why = "it changes its arguments" if mutated else "it returns None, so its arguments are its result"
            error.why += f"; the arguments are compared because {why}: let it work on plain values, or return a result"
            raise

    def floor(self, _: Json) -> Json:
        """Times calls that do nothing: of Python, of C (`gc.isenabled`, which reads a flag), of the extension."""
        floors = (getattr(module, "__call_floor__", None) for _, module in self.extensions)
        return {
            "empty_call_ns": floor_ns(empty),
            "builtin_call_ns": floor_ns(gc.isenabled),
            "extension_call_ns": floor_ns(next(filter(callable, floors), None)),
        }


# Each step with the fields that it must have.
STEPS: dict[str, tuple[Callable[[Worker, Json], Json], tuple[str, ...]]] = {
    "make_input": (Worker.make_input, ("file",)),
    "outcome": (Worker.outcome, ("file",)),
    "make_case": (Worker.make_case, ("call", "size", "seed", "file")),
    "case": (Worker.case, ("input", "file")),
    "sample": (
        lambda worker, step: sample(worker.target, step),
        ("warmup_ns", "warmup_calls", "warmup_limit_ns", "measure_ns", "samples"),
    ),
    "slice": (lambda worker, step: time_slice(worker.target, step), ("calls",)),
    "count": (lambda worker, step: count_calls(worker.target, step), ("calls", "copies")),
    "latency": (lambda worker, step: latency(worker.target, step), ("calls", "limit_ns")),
    "memory": (lambda worker, _: memory(worker.target, worker.call_on_warm_up_input), ()),
    "floor": (Worker.floor, ()),
    "probe": (lambda worker, step: Probe(worker.target).carry_out(step["limit_ns"]), ("limit_ns",)),
}


class Channel:
    """The private line to the manager, out of the reach of user code's input and output.

    Descriptors 0 and 1 become the null device and standard error, and Python's own objects on them follow. The
    duplicates are not inherited by programs that user code starts.
    """

    def __init__(self) -> None:
        self.pid = os.getpid()
        self.input = os.fdopen(os.dup(0), "rb")
        self.output = os.dup(1)
        null = os.open(os.devnull, os.O_RDWR)
        os.dup2(null, 0)
        try:
            os.dup2(2, 1)
        except OSError:  # no standard error
            os.dup2(null, 1)
        os.close(null)

    def guard(self) -> None:
        """Ends a forked child that returned from user code: it would answer in its parent's name."""
        if os.getpid() != self.pid:
            os._exit(0)

    def lines(self) -> Iterator[Json]:
        """The objects on standard input, one a line."""
        while True:
            self.guard()
            line = self.input.readline()
            if not line:
                return
            if line.strip():
                value = json.loads(line)
                if not isinstance(value, dict):
                    raise ValueError("each line must be a JSON object")
                yield value

    def send(self, answer: Json) -> None:
        """Writes one line."""
        self.guard()
        # A lone surrogate, as in a file name that is not UTF-8, would make the line unreadable for the manager.
        line = memoryview(json.dumps(answer, ensure_ascii=False).encode("utf-8", "replace") + b"\n")
        try:
            while line:
                line = line[os.write(self.output, line) :]
        except OSError:  # nobody listens any more
            self.leave(1)

    def leave(self, code: int) -> NoReturn:
        """Exits at once: threads and exit handlers of user code could hang a worker that has said all it has."""
        for stream in (sys.stdout, sys.stderr, sys.__stdout__, sys.__stderr__):
            try:
                stream.flush()
            except Exception:  # closed, replaced or None: user code's own affair
                continue
        os._exit(code)


def serve() -> NoReturn:
    """Carries out the job on standard input."""
    channel = Channel()
    worker = Worker(channel.guard)
    code = 0
    try:
        lines = channel.lines()
        job = next(lines, None)
        if job is None:
            raise ValueError("there is no job on standard input")
        channel.send(worker.prepare(job))
        for step in job.get("steps", []):
            channel.send(worker.carry_out(step))
        worker.step = "job"
        for step in lines:
            channel.send(worker.carry_out(step))
            worker.step = "job"
    except BaseException as error:  # SystemExit and a panic of the extension are failures like any other
        channel.send(failure(worker.step, error))
        code = 1
    channel.send({"op": "done"})
    channel.leave(code)


# By hand


def parse_arguments(argv: list[str]) -> Any:
    """The options of a run by hand."""
    import argparse

    parser = argparse.ArgumentParser(
        prog="timing.py",
        description="Time one Python callable. Without arguments, or with `-`: a worker that reads a job on standard "
        "input (docs/PROTOCOL.md).",
    )
    add = parser.add_argument
    add("call", metavar="MODULE:FUNCTION", help="what to time")
    add("--input", metavar="MODULE:CALLABLE", help="called with size and seed; returns a tuple of arguments")
    add("--adapt", metavar="MODULE:CALLABLE", help="called with the arguments; returns the tuple that this one takes")
    add("--size", type=int, default=1, help="the input's size (default 1)")
    add("--seed", type=int, default=1, help="the input's seed (default 1)")
    add("--path", metavar="DIR", action="append", default=[], help="put on sys.path, before the working directory")
    add("--consume", action="store_true", help="exhaust a lazy result inside the clock")
    add("--fresh", action="store_true", help="give each call arguments of its own, copied outside the clock")
    add("--warmup", metavar="SECONDS", type=float, default=0.3, help="warm up for so long (default 0.3)")
    add("--measure", metavar="SECONDS", type=float, default=1.0, help="measure for about so long (default 1)")
    add("--samples", metavar="N", type=int, default=20, help="in so many batches (default 20)")
    add("--memory", action="store_true", help="the peak memory of one call, too (Linux)")
    add("--json", action="store_true", help="print the answers as one JSON object")
    return parser.parse_args(argv)


def per_call_ns(answer: Json) -> float:
    """Time per call, ns: the slope through the origin of linear batches, the median of flat ones."""
    pairs = list(zip(answer["iterations"], answer["elapsed_ns"]))
    if answer["mode"] == "flat":
        return median([elapsed / count for count, elapsed in pairs])
    return sum(count * elapsed for count, elapsed in pairs) / sum(count * count for count, _ in pairs)


def show_ns(ns: float | None) -> str:
    """A time in the unit that suits it."""
    if ns is None:
        return "-"
    for unit, scale in (("s", 1e9), ("ms", 1e6), ("µs", 1e3)):
        if ns >= scale:
            return f"{ns / scale:.4g} {unit}"
    return f"{ns:.4g} ns"


def summarise(call: str, answers: Json) -> str:
    """The answers for a person."""
    sampled, floor, peak = answers["sample"], answers["floor"], answers.get("memory")
    calls = sum(sampled["iterations"])
    steady = {True: "steady", False: "not steady: the halves differ", None: "too few batches to tell a drift"}
    lines = [
        f"{call}: {show_ns(per_call_ns(sampled))} per call",
        f"  batches  {len(sampled['iterations'])} {sampled['mode']}, {calls} calls; {steady[sampled['steady']]}",
        f"  CPU      {show_ns(sampled['cpu_ns'] / calls)} per call",
        f"  GC       on; {sampled['gc_collections']} collections while timing",
        f"  floor    empty Python call {show_ns(floor['empty_call_ns'])}, C builtin "
        f"{show_ns(floor['builtin_call_ns'])}, extension {show_ns(floor['extension_call_ns'])}",
        f"  import   {show_ns(answers['prepared']['import_ns'])}",
    ]
    if peak is not None and peak["peak_bytes"] is not None:
        lines.append(f"  memory   {(peak['peak_bytes'] - peak['before_bytes']) / 2**20:.2f} MiB over the start")
    elif peak is not None:
        lines.append("  memory   - (this platform does not mark the peak of one call)")
    return "\n".join(lines)


def run_by_hand(options: Any) -> int:
    """Times a callable with a worker in this very process, and prints what a person wants of it."""
    source = {"callable": {"call": options.input}} if options.input else None
    job = {
        "protocol": PROTOCOL,
        "implementation": {
            "call": options.call,
            "adapt": options.adapt,
            "consume": options.consume,
            "fresh": options.fresh,
        },
        "sys_path": [*options.path, ""],
        "input": {"size": options.size, "seed": options.seed, "source": source},
    }
    step = {
        "op": "sample",
        "warmup_ns": int(options.warmup * 1e9),
        "warmup_calls": 64,
        "warmup_limit_ns": int(max(2, 2 * options.warmup) * 1e9),
        "measure_ns": int(options.measure * 1e9),
        "samples": options.samples,
    }
    worker = Worker()
    try:
        answers = {"prepared": worker.prepare(job)}
        if not options.consume:
            worker.refuse_lazy(worker.target.function(*worker.target.own_arguments()), mend="`--consume`")
        for each in (step, {"op": "floor"}, *([{"op": "memory"}] if options.memory else [])):
            answers[each["op"]] = worker.carry_out(each)
    except KeyboardInterrupt:
        raise
    except BaseException as error:
        failed = failure(worker.step, error)
        print(failed["traceback"] or "", end="", file=sys.stderr)
        print(f"timing.py: {failed['step']}: {failed['class']}: {failed['message']}", file=sys.stderr)
        return 1
    print(json.dumps(answers) if options.json else summarise(options.call, answers))
    return 0


def main(argv: list[str]) -> int:
    """A worker, or a run by hand."""
    folder = os.path.dirname(os.path.realpath(__file__))
    if sys.path and os.path.realpath(sys.path[0] or ".") == folder and not getattr(sys.flags, "safe_path", False):
        del sys.path[0]
    if argv == ["-"] or (not argv and sys.stdin is not None and not sys.stdin.isatty()):
        serve()
    return run_by_hand(parse_arguments(argv or ["--help"]))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
