"""What the interpreter's description says, and that it shows no path."""

from __future__ import annotations

import importlib.util
import json
import os
import platform
import subprocess
import sys
from pathlib import Path

import pytest

SCRIPT = Path(__file__).resolve().parents[1] / "harness" / "about.py"
SPEC = importlib.util.spec_from_file_location("about", SCRIPT)
about = importlib.util.module_from_spec(SPEC)
SPEC.loader.exec_module(about)


def ask(*options: str, **variables: str) -> dict:
    environment = {**os.environ, **variables}
    done = subprocess.run([sys.executable, *options, SCRIPT], capture_output=True, check=True, env=environment)
    return json.loads(done.stdout.splitlines()[-1])


def test_it_describes_the_interpreter_that_runs_it():
    answer = ask()
    assert answer["version"] == platform.python_version()
    assert answer["compiler"] == platform.python_compiler()
    assert answer["debug"] == hasattr(sys, "gettotalrefcount")
    assert any(package.startswith("pytest==") for package in answer["packages"])


def test_flags_are_those_it_was_started_with():
    assert ask("-O")["flags"]["optimize"] == 1
    assert "optimize" not in ask(PYTHONOPTIMIZE="")["flags"]
    assert ask("-X", "dev")["flags"]["dev_mode"] == 1


def test_no_path_is_shown():
    text = json.dumps(ask())
    assert sys.prefix not in text
    assert str(Path.home()) + os.sep not in text


@pytest.mark.parametrize(
    "arguments, words",
    [
        ("'--enable-optimizations' '--with-lto=thin'", ["optimised with a profile", "link-time optimised"]),
        ("--with-lto=no --prefix=/home/me", []),
        ("'CFLAGS=-g -O2' --disable-gil", ["free-threaded"]),
        ("--with-pydebug 'never closed", ["debug build"]),
        ("", []),
    ],
)
def test_arguments_of_configure_become_words(arguments, words):
    assert about.configured(arguments) == words


def test_the_last_level_of_optimisation_counts():
    assert about.optimisation("-g -O3 -Wall -O2") == "-O2"
    assert about.optimisation("-g -Wall") is None


def test_a_distributions_python_does_not_say_whether_it_was_profiled(monkeypatch):
    monkeypatch.setattr(sys, "base_prefix", "/usr")
    assert about.profile_guided("--prefix=/usr", []) is None
    assert about.profile_guided("--enable-optimizations", ["optimised with a profile"]) is True
    monkeypatch.setattr(sys, "base_prefix", "/opt/python")
    assert about.profile_guided("--prefix=/opt/python", []) is False
    assert about.profile_guided(None, []) is None
