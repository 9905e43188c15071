"""Reads a function's signature: its parameters, what their annotations say, what it returns.

Gets one JSON object on standard input (`sys_path`, `target` as `module:attribute`, `unbuilt` modules that something
may stand in for) and prints one on standard output.
Run by path with the project's interpreter; standard library alone, CPython 3.8 to 3.14. Importing the function runs
its module, which may print: what it prints goes to standard error.

A type is an object with a `kind`: `int`, `float`, `bool`, `str`, `bytes`, `none`; `list` and `set` with `item`; `dict`
with `key` and `value`; `tuple` with `items`; `optional` with `item`; and `any`, whose `text` is the annotation as it
is written, null where there is none.
"""

from __future__ import annotations

import json
import os
import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Dict, NoReturn

    Json = Dict[str, Any]

SCALARS = {"int": "int", "float": "float", "bool": "bool", "str": "str", "bytes": "bytes", "None": "none"}
# What a caller may hand over as a list, and what a port would take as one.
LISTS = {"list", "List", "Sequence", "MutableSequence", "Collection"}
# What is called for its items and computed on the way; as a parameter only `Iterable` may be a list.
LAZY = {"Iterable", "Iterator", "Generator"}
SETS = {"set", "Set", "MutableSet", "AbstractSet"}
DICTS = {"dict", "Dict", "Mapping", "MutableMapping"}


class Refused(Exception):
    """A function that no pair can be made for; the message says why and what to do."""


def is_int64(value: int) -> bool:
    return -(2**63) <= value < 2**63


def any_type(text: str | None) -> Json:
    return {"kind": "any", "text": text}


def text_of(annotation: Any) -> str:
    """An annotation as a person would write it."""
    if isinstance(annotation, str):
        return annotation
    if isinstance(annotation, type) and not hasattr(annotation, "__args__"):
        return annotation.__qualname__
    return str(annotation).replace("typing.", "").replace("collections.abc.", "")


def parametrised(name: str, items: list[Json], text: str) -> Json:
    """The type of `name[items…]`, whoever spelled it."""
    if name in LISTS | LAZY and items:
        return {"kind": "list", "item": items[0]}
    if name in SETS and len(items) == 1:
        return {"kind": "set", "item": items[0]}
    if name in DICTS and len(items) == 2:
        return {"kind": "dict", "key": items[0], "value": items[1]}
    if name in ("tuple", "Tuple") and items:
        return {"kind": "tuple", "items": items}
    return any_type(text)


def union(members: list[Json], text: str) -> Json:
    """`None` and one other type is optional; no other union has a counterpart."""
    others = [member for member in members if member["kind"] != "none"]
    if len(others) == 1 and len(members) == 2:
        return {"kind": "optional", "item": others[0]}
    return any_type(text)


def describe(annotation: Any) -> Json:
    """The type that an evaluated annotation means."""
    import typing

    if annotation is None or annotation is type(None):
        return {"kind": "none"}
    if isinstance(annotation, str):
        return describe_text(annotation)
    text = text_of(annotation)
    if hasattr(annotation, "__supertype__"):  # NewType
        return describe(annotation.__supertype__)
    if isinstance(annotation, type) and annotation.__module__ == "builtins" and annotation.__name__ in SCALARS:
        return {"kind": annotation.__name__}
    origin = getattr(annotation, "__origin__", None)
    arguments = getattr(annotation, "__args__", ())
    if hasattr(annotation, "__metadata__"):  # Annotated
        return describe(origin)
    if origin is typing.Union or type(annotation).__name__ == "UnionType":
        return union([describe(member) for member in arguments], text)
    if text.startswith("Literal["):
        kinds = {type(member).__name__ for member in arguments}
        kind = kinds.pop()
        return {"kind": kind} if not kinds and kind in SCALARS else any_type(text)
    if origin is None or any(isinstance(argument, typing.TypeVar) for argument in arguments):
        return any_type(text)
    name = getattr(origin, "__name__", "")
    if name == "tuple" and len(arguments) == 2 and arguments[1] is Ellipsis:
        return any_type(text)
    return parametrised(name, [describe(argument) for argument in arguments], text)


def describe_text(source: str) -> Json:
    """The type of an annotation that cannot be evaluated here: `list[int]` under 3.8, `int | None` under 3.9."""
    import ast

    try:
        return describe_tree(ast.parse(source.strip(), mode="eval").body, source)
    except SyntaxError:
        return any_type(source)


def describe_tree(node: Any, source: str) -> Json:
    import ast

    if isinstance(node, ast.Constant) and node.value is None:
        return {"kind": "none"}
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return describe_text(node.value)
    name = node.id if isinstance(node, ast.Name) else getattr(node, "attr", None)
    if name in SCALARS:
        return {"kind": SCALARS[name]}
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.BitOr):
        return union([describe_tree(node.left, source), describe_tree(node.right, source)], source)
    if isinstance(node, ast.Subscript):
        inner = getattr(node.slice, "value", node.slice) if type(node.slice).__name__ == "Index" else node.slice
        parts = inner.elts if isinstance(inner, ast.Tuple) else [inner]
        if any(isinstance(part, ast.Constant) and part.value is Ellipsis for part in parts):
            return any_type(source)
        items = [describe_tree(part, source) for part in parts]
        of = node.value.id if isinstance(node.value, ast.Name) else getattr(node.value, "attr", "")
        if of == "Optional" and len(items) == 1:
            return union([items[0], {"kind": "none"}], source)
        if of == "Union":
            return union(items, source)
        return parametrised(of, items, source)
    return any_type(source)


def describe_default(value: Any) -> Json:
    """A default that Rust can repeat: its kind and its value; any other as text alone."""
    kind = type(value).__name__
    if value is None:
        return {"literal": True, "kind": "none", "text": "None"}
    if kind in ("bool", "str") or (kind == "int" and is_int64(value)):
        usable = kind != "str" or value.isascii() and value.isprintable()
        return {"literal": usable, "kind": kind, "value": value if usable else None, "text": repr(value)}
    if kind == "float" and abs(value) <= 1.7976931348623157e308:
        return {"literal": True, "kind": kind, "value": value, "text": repr(value)}
    return {"literal": False, "kind": "any", "text": repr(value)[:80]}


def hints_of(function: Any) -> Json:
    """Evaluated annotations; where one of them cannot be evaluated, all as they are written."""
    import typing

    try:
        return typing.get_type_hints(function)
    except Exception:  # names that only a type checker sees, syntax of a newer Python
        return dict(getattr(function, "__annotations__", {}))


def resolve(target: str) -> tuple[Any, Any]:
    """The object, and what it was got from."""
    import importlib

    module_name, _, path = target.partition(":")
    owner = None
    value: Any = importlib.import_module(module_name)
    for part in path.split("."):
        owner, value = value, getattr(value, part)
    return owner, value


def stand_in(name: str) -> None:
    """Lets a package be imported whose extension module is not built yet: what it takes from there is not looked at."""
    import importlib
    import types

    try:
        importlib.import_module(name)
    except Exception:  # the package's own import fails at it, with whatever it raises then
        module = types.ModuleType(name)
        module.__dict__["__all__"] = []
        module.__dict__["__getattr__"] = placeholder
        sys.modules[name] = module


def placeholder(name: str) -> Any:
    if name.startswith("__"):
        raise AttributeError(name)
    return None


def is_instance_method(owner: Any, name: str, value: Any) -> bool:
    import types

    held = next((kind.__dict__[name] for kind in getattr(owner, "__mro__", ()) if name in kind.__dict__), None)
    return isinstance(value, types.FunctionType) and isinstance(held, types.FunctionType)


def can_be_made(kind: type) -> bool:
    """Whether instances need no arguments."""
    import inspect

    try:
        inspect.signature(kind).bind()
    except (TypeError, ValueError):
        return False
    return True


def read(target: str) -> Json:
    import inspect

    owner, function = resolve(target)
    name = target.rpartition(":")[2].rpartition(".")[2]
    if isinstance(function, type):
        raise Refused("it is a class; name a function that makes one and uses it")
    if not callable(function):
        raise Refused(f"it is no function but a {type(function).__name__}")
    if isinstance(owner, type) and isinstance(owner.__dict__.get(name), property):
        raise Refused("it is a property; name a function that reads it")
    plain = inspect.unwrap(function)
    if inspect.iscoroutinefunction(plain) or inspect.isasyncgenfunction(plain):
        raise Refused("it is an async function, whose time is mostly waiting; name the synchronous function in it")
    try:
        signature = inspect.signature(function)
    except (TypeError, ValueError):
        raise Refused("it tells no signature; it is native code already, or wrap it in a function of yours") from None
    hints = hints_of(plain)
    on_instance = isinstance(owner, type) and is_instance_method(owner, name, function)
    parameters = [describe_parameter(parameter, hints) for parameter in signature.parameters.values()]
    if on_instance and parameters:
        made = f"{target.rpartition('.')[0]}" if can_be_made(owner) else None
        parameters[0].update(type=any_type(owner.__qualname__), instance={"of": owner.__qualname__, "make": made})
    returns = hints.get("return", inspect.Signature.empty)
    is_lazy = text_of(returns).startswith(("Iterator[", "Generator["))
    code = getattr(plain, "__code__", None)
    return {
        "name": name,
        "parameters": parameters,
        "returns": any_type(None) if returns is inspect.Signature.empty else describe(returns),
        "is_lazy": is_lazy or inspect.isgeneratorfunction(plain),
        "is_cached": hasattr(function, "cache_info"),
        "file": code.co_filename if code else None,
        "doc": (inspect.getdoc(plain) or "").strip().partition("\n")[0][:200],
    }


def describe_parameter(parameter: Any, hints: Json) -> Json:
    if parameter.kind in (parameter.VAR_POSITIONAL, parameter.VAR_KEYWORD):
        several = f"`{parameter}`"
        raise Refused(
            f"it takes any number of arguments ({several}); name a function with parameters of its own that calls it"
        )
    default = None if parameter.default is parameter.empty else describe_default(parameter.default)
    keyword = parameter.kind is parameter.KEYWORD_ONLY
    if keyword and default is None:
        raise Refused(f"`{parameter.name}` is keyword-only; name a function with positional parameters that calls it")
    hint = hints.get(parameter.name, parameter.empty)
    guessed = hint is parameter.empty and default is not None and default["literal"] and default["kind"] != "none"
    if guessed:
        kind = {"kind": default["kind"]}
    elif hint is parameter.empty:
        kind = any_type(None)
    else:
        is_consumed = text_of(hint).startswith(("Iterator[", "Generator["))
        kind = any_type(text_of(hint)) if is_consumed else describe(hint)
    if default is not None and default["kind"] == "none" and kind["kind"] not in ("optional", "none", "any"):
        kind = {"kind": "optional", "item": kind}
    return {
        "name": parameter.name,
        "type": kind,
        "default": default,
        "keyword": keyword,
        "guessed": guessed,
        "instance": None,
    }


def main() -> NoReturn:
    answer_to = os.dup(1)
    os.dup2(2, 1)
    job = json.load(sys.stdin)
    sys.path[:1] = job["sys_path"]  # in the place of this script's folder
    try:
        for name in job.get("unbuilt", []):
            stand_in(name)
        answer = {"signature": read(job["target"])}
    except Refused as refused:
        answer = {"refused": str(refused)}
    except (ImportError, AttributeError) as error:
        answer = {"missing": f"{type(error).__name__}: {error}"}
    except BaseException as error:  # an import may raise anything, and may exit
        import traceback

        traceback.print_exc()
        answer = {"missing": f"importing it raised {type(error).__name__}: {error}"}
    os.write(answer_to, json.dumps(answer).encode())
    sys.stdout.flush()
    os._exit(0)


if __name__ == "__main__":
    main()
