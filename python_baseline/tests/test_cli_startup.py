"""The program of `cli_startup`, held to its table of exits; its Rust twin is held to it by `benches/exits.rs`."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from cli_exits import EXITS, FILE, SCRIPT


@pytest.mark.parametrize("label", EXITS)
def test_the_program_has_its_declared_exit(label: str, tmp_path: Path) -> None:
    arguments, content, code, output = EXITS[label]
    file = tmp_path / "config"
    if content is not None:
        file.write_bytes(content)
    words = [word.replace(FILE, str(file)) for word in arguments]
    done = subprocess.run([sys.executable, "-I", "-S", str(SCRIPT), *words], capture_output=True, check=False)
    assert (done.returncode, done.stdout.decode()) == (code, output), done.stderr.decode()
    assert bool(done.stderr) == (code != 0), "a failure says why, and nothing else does"
    assert b"Traceback" not in done.stderr
