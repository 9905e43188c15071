"""Does what docs/TUTORIAL.md says, in an empty folder: `tutorial.py docs/TUTORIAL.md FOLDER COMMAND…`.

`COMMAND…` stands for `rustworthy` in its commands. A file's name before a block of Python is that file; the blocks of
Rust and TOML are put in as the text around them says. Commands must end with 0, in blocks marked `fails` with 1.
"""

from __future__ import annotations

import re
import shlex
import subprocess
import sys
from pathlib import Path

BLOCK = re.compile(
    r"(?:^`(?P<file>[^`\n]+)`:\n\n)?^```(?P<kind>\w+)(?P<mark>[^\n]*)\n(?P<text>.*?)^```$", re.DOTALL | re.MULTILINE
)


def edit(path: Path, pattern: str, replacement: str) -> None:
    """Replaces one place of a file; that it is there is part of what is tried."""
    text = path.read_text()
    changed, count = re.subn(pattern, lambda _: replacement, text, flags=re.DOTALL | re.MULTILINE)
    if count != 1:
        sys.exit(f"{path}: {count} places where the tutorial names one")
    path.write_text(changed)


def put_port(path: Path, function: str) -> None:
    edit(path, r"^pub fn count_words\(.*?^\}\n", function)
    edit(path, r"\A((?://![^\n]*\n)+\n)", path.read_text().split("use ")[0] + "use std::collections::HashMap;\n\n")


def command(line: str, tool: list[str], folder: Path, expected: int) -> None:
    words = shlex.split(line)
    if words[0] == "rustworthy":
        words[:1] = tool
    print(f"$ {line}", flush=True)
    code = subprocess.run(words, cwd=folder).returncode
    if code != expected:
        sys.exit(f"exit code {code} where the tutorial says {expected}: {line}")


def main() -> None:
    page, folder, tool = Path(sys.argv[1]), Path(sys.argv[2]), sys.argv[3:]
    commands = 0
    for block in BLOCK.finditer(page.read_text()):
        kind, mark, text = block["kind"], block["mark"].strip(), block["text"]
        if kind == "python":
            (folder / block["file"]).write_text(text)
        elif kind == "toml":
            edit(folder / block["file"], r'^unit = "letters"\n', text)
        elif kind == "rust":
            put_port(folder / block["file"], text)
        elif kind == "sh":
            if mark == "mended":
                port = folder / "rust/src/ports/count_words.rs"
                edit(port, re.escape("word.len() as i64"), "word.chars().count() as i64")
            for line in text.splitlines():
                command(line, tool, folder, 1 if mark == "fails" else 0)
                commands += 1
        else:
            sys.exit(f"a block of {kind}, which nothing is done with")
    left = [
        name for name in ("run.json", "report.html", "report.md") if not (folder / "reports/latest" / name).is_file()
    ]
    if left or commands < 9:
        sys.exit(f"{commands} commands, no {', '.join(left) or 'file missing'}")
    print(f"{commands} commands did what the tutorial says")


if __name__ == "__main__":
    main()
