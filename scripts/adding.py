"""Does what docs/ADDING.md says, in a copy of this repository: `adding.py FOLDER PYTHON COMMAND…`.

`COMMAND…` stands for `rustworthy` in its commands, `PYTHON` for `python`; `FOLDER` is made. A file's name before a
block says where it goes: as a new file, at the file's `end`, or `before="the start of a line"` of it.
"""

from __future__ import annotations

import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
BLOCK = re.compile(
    r"(?:^`(?P<file>[^`\n]+)`:\n\n)?"
    r'^```(?P<kind>\w+)(?: (?P<place>end|before="(?P<line>[^\n]+)"))?\n(?P<text>.*?)^```$',
    re.DOTALL | re.MULTILINE,
)


def copy(folder: Path) -> None:
    """The files that git knows or would take, as they are now."""
    names = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        check=True,
        capture_output=True,
    )
    for name in filter(None, names.stdout.decode().split("\0")):
        if (ROOT / name).is_file():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(ROOT / name, folder / name)


def put(path: Path, block: re.Match[str]) -> None:
    """A block of a file, where the page says."""
    text = block["text"]
    if block["place"] is None:
        if path.exists():
            sys.exit(f"{path} is there already")
        path.write_text(text)
        return
    lines = path.read_text().splitlines(keepends=True)
    at = len(lines)
    if block["line"] is not None:
        places = [number for number, line in enumerate(lines) if line.startswith(block["line"])]
        if len(places) != 1:
            sys.exit(f"{path}: {len(places)} lines start with {block['line']!r} where the page names one")
        at = places[0]
    path.write_text("".join([*lines[:at], text, *lines[at:]]))


def main() -> None:
    folder, python, tool = Path(sys.argv[1]), sys.argv[2], sys.argv[3:]
    copy(folder)
    files = commands = 0
    for block in BLOCK.finditer((ROOT / "docs/ADDING.md").read_text()):
        if block["kind"] != "sh":
            if block["file"] is None:
                sys.exit(f"no file is named for the block {block['text']:.60}")
            put(folder / block["file"], block)
            files += 1
            continue
        for line in block["text"].splitlines():
            words = shlex.split(line)
            environment = [word for word in words if re.match(r"[A-Z_]+=", word)]
            words = words[len(environment) :]
            words[:1] = {"rustworthy": tool, "python": [python]}.get(words[0], words[:1])
            print(f"$ {line}", flush=True)
            if subprocess.run(["env", *environment, *words], cwd=folder).returncode != 0:
                sys.exit(f"it failed: {line}")
            commands += 1
    if "| `dot_product` |" not in (folder / "docs/SUITE.md").read_text():
        sys.exit("the table of docs/SUITE.md has not got the new workload")
    if files < 9 or commands < 6:
        sys.exit(f"only {files} blocks and {commands} commands")
    print(f"{files} blocks and {commands} commands did what docs/ADDING.md says")


if __name__ == "__main__":
    main()
