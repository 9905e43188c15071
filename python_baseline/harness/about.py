"""Says what an interpreter is: how it was built, how it was started, what is installed in it.

Printed as one JSON object. Run by path with the interpreter in question; standard library alone, CPython 3.8 to 3.14.
No path is among the answers: they are shown around.
"""

from __future__ import annotations

import json
import os
import platform
import sys
import sysconfig

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Dict

    Json = Dict[str, Any]

# Words of `configure`, and what they mean; those that take a value are on unless that is "no".
CONFIGURED = [
    ("--enable-optimizations", "optimised with a profile"),
    ("--with-lto", "link-time optimised"),
    ("--enable-bolt", "optimised with BOLT"),
    ("--enable-shared", "shared library"),
    ("--with-pydebug", "debug build"),
    ("--with-trace-refs", "traced references"),
    ("--with-assertions", "assertions on"),
    ("--disable-gil", "free-threaded"),
    ("--enable-experimental-jit", "with a just-in-time compiler"),
    ("--with-tail-call-interp", "tail-calling interpreter"),
    ("--without-pymalloc", "without pymalloc"),
]


def configured(arguments: str) -> list[str]:
    """What the arguments of `configure` asked for, in words."""
    import shlex

    try:
        given = shlex.split(arguments)
    except ValueError:  # a quote that is never closed
        given = arguments.split()
    names = {word.partition("=")[0] for word in given if not word.endswith("=no")}
    return [meaning for name, meaning in CONFIGURED if name in names]


def optimisation(flags: str) -> str | None:
    """The last `-O…` among a compiler's flags, which is the one that counts."""
    levels = [word for word in flags.split() if word.startswith("-O")]
    return levels[-1] if levels else None


def profile_guided(arguments: str | None, built: list[str]) -> bool | None:
    """Whether it was built with profile-guided optimisation; None where it does not say.

    Distributions such as Debian do so by rules of their own, which leave no trace in the arguments of `configure`.
    """
    if "optimised with a profile" in built:
        return True
    return None if not arguments or sys.base_prefix == "/usr" else False


def packages() -> list[str]:
    """Installed distributions, `name==version`, by name."""
    from importlib.metadata import distributions

    found = {}
    for distribution in distributions():
        try:
            name, version = distribution.metadata["Name"], distribution.version
        except Exception:  # a broken installation is not ours to mend
            continue
        if name and version:
            found.setdefault(name.lower(), f"{name}=={version}")
    return [found[name] for name in sorted(found)]


def about() -> Json:
    """The interpreter that runs this."""
    variables = sysconfig.get_config_vars()
    arguments = variables.get("CONFIG_ARGS")
    jit = getattr(sys, "_jit", None)
    flags = {name: getattr(sys.flags, name) for name in dir(sys.flags) if not name.startswith(("_", "n_"))}
    built = configured(arguments or "")
    level = optimisation(" ".join(str(variables.get(name) or "") for name in ("OPT", "PY_CFLAGS")))
    return {
        "version": platform.python_version(),
        "compiler": platform.python_compiler(),
        "built": built + ([f"compiled with {level}"] if level else []),
        "profile_guided": profile_guided(arguments, built),
        "debug": hasattr(sys, "gettotalrefcount"),
        "free_threaded": bool(variables.get("Py_GIL_DISABLED")),
        "gil": sys._is_gil_enabled() if hasattr(sys, "_is_gil_enabled") else True,
        "jit": jit.is_enabled() if jit is not None else False,
        "optimize": sys.flags.optimize,
        "flags": {name: int(value) for name, value in flags.items() if isinstance(value, int) and value},
        "traced": sys.gettrace() is not None or sys.getprofile() is not None,
        "packages": packages(),
    }


if __name__ == "__main__":
    # What start-up files print must not be taken for the answer: it stands alone on the last line.
    if os.path.realpath(sys.path[0] or ".") == os.path.dirname(os.path.realpath(__file__)):
        del sys.path[0]
    print("\n" + json.dumps(about()))
