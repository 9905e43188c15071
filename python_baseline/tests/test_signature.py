import json
import subprocess
import sys
from pathlib import Path

import pytest

SCRIPT = Path(__file__).parents[1] / "harness" / "signature.py"

MODULE = """
from __future__ import annotations

import functools
from typing import TYPE_CHECKING, Any, Dict, Iterable, Iterator, List, Mapping, Optional, Sequence, Set, Tuple, Union

if TYPE_CHECKING:
    from nowhere import Hidden

print("noise on standard output")


def scalars(a: int, b: float, c: bool, d: str, e: bytes) -> None: ...
def new_style(a: list[int], b: dict[str, list[float]], c: int | None, d: tuple[int, str], e: set[str]) -> str: ...
def old_style(a: List[int], b: Dict[str, int], c: Optional[int], d: Tuple[int, str], e: Set[str]) -> str: ...
def abstract(a: Sequence[int], b: Mapping[str, int], c: Iterable[str]) -> Iterator[int]: ...
def unknown(a, b: Any, c: Hidden, d: Union[int, str], e: tuple[int, ...], f: Iterator[int]): ...
def defaults(a=1, b="x", c=None, d: int = None, e=[], f=float("nan"), g=10**30, *, h: float = 2): ...
def lazy():
    yield 1
async def waits(): ...
def variadic(*values): ...
def by_name(*, key): ...
@functools.lru_cache(maxsize=None)
def cached(number: int) -> int: ...
NUMBER = 3


class Tool:
    def method(self, a: int): ...
    @staticmethod
    def plain(a: int): ...
    @classmethod
    def made(cls, a: int): ...


class Needs:
    def __init__(self, value): ...
    def method(self): ...
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("signature")
    (folder / "module.py").write_text(MODULE)
    (folder / "broken.py").write_text("raise SystemExit(3)")
    package = folder / "package"
    package.mkdir()
    (package / "__init__.py").write_text("from ._native import *\nfrom ._native import total\nfrom . import _native\n")
    (package / "pure.py").write_text("def total(values: 'list[int]') -> int: ...")
    return folder


@pytest.fixture
def ask(folder):
    def ask(target, unbuilt=()):
        job = json.dumps({"sys_path": [str(folder)], "target": target, "unbuilt": unbuilt})
        process = subprocess.run([sys.executable, str(SCRIPT)], input=job, stdout=subprocess.PIPE, text=True)
        assert process.returncode == 0
        return json.loads(process.stdout)

    return ask


def short(kind):
    """A type in one word."""
    inner = [kind[key] for key in ("item", "key", "value") if key in kind] + kind.get("items", [])
    return kind["kind"] + (f"({', '.join(map(short, inner))})" if inner else "")


def types(ask, function):
    signature = ask(f"module:{function}")["signature"]
    return [short(parameter["type"]) for parameter in signature["parameters"]] + [short(signature["returns"])]


def test_annotations_mean_the_same_however_they_are_spelled(ask):
    assert types(ask, "scalars") == ["int", "float", "bool", "str", "bytes", "none"]
    expected = ["list(int)", "dict(str, list(float))", "optional(int)", "tuple(int, str)", "set(str)", "str"]
    assert types(ask, "new_style") == expected
    assert types(ask, "old_style") == [*expected[:1], "dict(str, int)", *expected[2:]]
    assert types(ask, "abstract") == ["list(int)", "dict(str, int)", "list(str)", "list(int)"]
    assert types(ask, "unknown") == ["any"] * 7


def test_defaults_are_repeated_where_rust_can(ask):
    parameters = ask("module:defaults")["signature"]["parameters"]
    literal = {parameter["name"]: parameter["default"]["literal"] for parameter in parameters}
    assert literal == dict(a=True, b=True, c=True, d=True, e=False, f=False, g=False, h=True)
    assert [parameter["name"] for parameter in parameters if parameter["guessed"]] == ["a", "b"]
    assert [short(parameter["type"]) for parameter in parameters[:4]] == ["int", "str", "any", "optional(int)"]
    assert parameters[-1]["keyword"]


def test_methods_know_their_object(ask):
    by_name = {name: ask(f"module:{name}")["signature"]["parameters"] for name in ("Tool.method", "Needs.method")}
    assert by_name["Tool.method"][0]["instance"] == {"of": "Tool", "make": "module:Tool"}
    assert by_name["Needs.method"][0]["instance"] == {"of": "Needs", "make": None}
    for target in ("module:Tool.plain", "module:Tool.made"):
        assert [parameter["name"] for parameter in ask(target)["signature"]["parameters"]] == ["a"]


def test_what_is_lazy_or_cached_is_said(ask):
    assert ask("module:lazy")["signature"]["is_lazy"]
    assert ask("module:abstract")["signature"]["is_lazy"]
    assert ask("module:cached")["signature"]["is_cached"]
    assert not ask("module:cached.__wrapped__")["signature"]["is_cached"]


@pytest.mark.parametrize("target", ["waits", "variadic", "by_name", "Tool", "NUMBER"])
def test_what_no_pair_can_be_made_for_is_refused(ask, target):
    assert "refused" in ask(f"module:{target}")


@pytest.mark.parametrize("target", ["module:gone", "gone:f", "broken:f", "module:Tool.gone"])
def test_what_cannot_be_imported_is_missing(ask, target):
    assert "missing" in ask(target)


def test_a_package_is_read_before_its_extension_is_built(ask):
    assert "missing" in ask("package.pure:total")
    signature = ask("package.pure:total", ["package._native"])["signature"]
    assert short(signature["parameters"][0]["type"]) == "list(int)"
