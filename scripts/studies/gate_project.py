"""The project that the gate is studied on: its commits for the tool, and plain builds of them for everybody else.

Five workloads make 100 equal passes of one kind of work each: arithmetic, allocations, copies, arithmetic called from
Python, calls from Python. A planted slow-down of 5 % is a commit that says 105; nothing else differs. A re-salted
commit has as many passes, another version, and a longer function in front of all others: what follows lies elsewhere.

What is made lies in ``target/studies/gate`` and is made again where the template differs. To start afresh, delete it.
"""

from __future__ import annotations

import ctypes
import hashlib
import json
import os
import shutil
import signal
import struct
import subprocess
import sys
from pathlib import Path
from typing import Any, Callable, Mapping, Sequence

import common

TEMPLATE = Path(__file__).resolve().parent / "gate_template"
PLACE = common.STUDIES / "gate"
REPOSITORY = PLACE / "project"
BUILDS = PLACE / "builds"
#: Where a plain build is made, one after another.
TREE = PLACE / "tree"
#: The tool's cache, cargo's target folder of the plain builds.
CACHE = PLACE / "cache"
TARGET = PLACE / "target"

#: The candidate and the kind of work of each workload.
CANDIDATES = {"mix": "native", "pieces": "native", "tape": "native", "fold": "hybrid", "crossings": "hybrid"}
KINDS = {"mix": "spin", "pieces": "allocation", "tape": "copy", "fold": "spin, hybrid", "crossings": "boundary calls"}
NATIVE = [name for name, kind in CANDIDATES.items() if kind == "native"]
HYBRID = [name for name, kind in CANDIDATES.items() if kind == "hybrid"]
SIZES = {"mix": 500, "pieces": 6_000, "tape": 8_192, "fold": 500, "crossings": 400}
PASSES = 100
#: Commits of a kind; the eleventh gate of a kind takes the first again.
VARIETIES = 10
#: The plain builds and by how many percent all their workloads are slower; names of one length, as paths weigh.
PLAIN = {"base": 0, "same": 0, "p_02": 2, "p_05": 5, "p_10": 10}

Levels = Mapping[str, int]


def planted(number: int) -> dict[str, int]:
    """By how many percent each workload of a planted commit is slower.

    Four of five are held to the bars, each workload twice at 5 % and twice at 10 % in five commits. The fifth is left
    as it is, or gets 2 %, which may end either way.
    """
    turn = [5, 10, 5, 10, 2 if number % 10 >= 5 else 0]
    return {name: turn[(index + number) % 5] for index, name in enumerate(CANDIDATES)}


def end_with_parent() -> None:
    """Has a child ended when its parent is, however that ends. Where the system has no such thing, nothing."""
    if sys.platform == "linux":
        ctypes.CDLL(None, use_errno=True).prctl(1, signal.SIGTERM)


def run(command: Sequence[object], **options: Any) -> subprocess.CompletedProcess:
    """A command that does not outlive this process."""
    return subprocess.run([str(word) for word in command], preexec_fn=end_with_parent, **options)


def checked(command: Sequence[object], **options: Any) -> subprocess.CompletedProcess:
    """The same; where it fails the study ends with what the command said."""
    done = run(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, **options)
    if done.returncode != 0:
        words = " ".join(str(word) for word in command)
        sys.exit(f"{words} ended with {done.returncode}:\n{done.stdout[-2000:]}{done.stderr[-4000:]}")
    return done


def sources(levels: Levels, salt: int = 0) -> dict[str, str]:
    """The files of a commit, by path."""
    paths = [path for path in sorted(TEMPLATE.rglob("*")) if path.is_file() and "__pycache__" not in path.parts]
    files = {str(path.relative_to(TEMPLATE)): path.read_text() for path in paths}
    files = {name: text for name, text in files.items() if not name.startswith("peers/")}
    worker = str(common.ROOT / "benches" / "worker")
    files["Cargo.toml"] = replaced(files["Cargo.toml"], "@WORKER@", worker)
    files["rustworthy.toml"] = replaced(files["rustworthy.toml"], "@PYTHON@", sys.executable)
    for name in CANDIDATES:
        passes = f"{PASSES + levels.get(name, 0)}"
        file, before, after = (
            ("planted.py", f"{name.upper()} = ", "")
            if name == "crossings"
            else ("src/planted.rs", f"{name.upper()}: u32 = ", ";")
        )
        files[file] = replaced(files[file], f"{before}{PASSES}{after}", f"{before}{passes}{after}")
    files["Cargo.lock"] = (common.ROOT / "Cargo.lock").read_text()
    files[".gitignore"] = "/target/\n/reports/\n__pycache__/\n"
    files["NOTES.md"] = "# Notes\n"
    if salt:
        files["Cargo.toml"] = replaced(files["Cargo.toml"], 'version = "0.1.0"', f'version = "0.1.{salt}"')
        step = "    state = black_box(state).wrapping_mul(0x2545_f491_4f6c_dd1d).rotate_left({});\n"
        steps = "".join(step.format(turn + 1) for turn in range(1 + 7 * salt % 23))
        files["src/padding.rs"] = (
            "/// Only makes room.\n#[inline(never)]\npub fn padding(mut state: u64) -> u64 {\n"
            + steps
            + "    state\n}\n"
        )
    return files


def replaced(text: str, old: str, new: str) -> str:
    if text.count(old) != 1:
        raise ValueError(f"the template has {old!r} {text.count(old)} times")
    return text.replace(old, new)


def write(folder: Path, files: Mapping[str, str]) -> None:
    """Writes what differs and nothing else: cargo goes by the times of files."""
    for name, text in files.items():
        path = folder / name
        if not path.exists() or path.read_text() != text:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)


def git(*words: object) -> str:
    fixed = {f"GIT_{who}_{what}": value for who in ("AUTHOR", "COMMITTER") for what, value in IDENTITY.items()}
    settings = ["-c", "core.hooksPath=/dev/null", "-c", "commit.gpgSign=false", "-c", "init.defaultBranch=main"]
    environment = {**os.environ, **fixed, "GIT_CONFIG_GLOBAL": os.devnull}
    return checked(["git", *settings, *words], cwd=REPOSITORY, env=environment).stdout.strip()


#: The same files are the same commit, whoever makes it and when.
IDENTITY = {"NAME": "study", "EMAIL": "study@localhost", "DATE": "2026-01-01T00:00:00Z"}


def commits() -> dict[str, dict[str, str]]:
    """The files of each commit beside the base, by the name of its tag."""
    wanted = {}
    for number in range(VARIETIES):
        notes = {**sources({}), "NOTES.md": f"# Notes\n\nNothing but these words is new, {number}.\n"}
        wanted[f"same-{number}"] = notes
        wanted[f"salted-{number}"] = sources({}, number + 1)
        wanted[f"planted-{number}"] = sources(planted(number))
    return wanted


def prepare_repository() -> str:
    """The repository with all commits; a word that stands for what is in it."""
    wanted = {"base": sources({}), **commits()}
    digest = hashlib.sha256(json.dumps(wanted, sort_keys=True).encode()).hexdigest()[:12]
    ready = PLACE / "repository.ready"
    if ready.exists() and ready.read_text() == digest:
        # Of a checkout that was cut off.
        (REPOSITORY / ".git" / "index.lock").unlink(missing_ok=True)
        return digest
    ready.unlink(missing_ok=True)
    shutil.rmtree(REPOSITORY, ignore_errors=True)
    REPOSITORY.mkdir(parents=True)
    git("init", "--quiet")
    write(REPOSITORY, wanted["base"])
    # What of the lock file is not needed here goes; versions stay those that the tool is built with.
    checked(["cargo", "metadata", "--format-version=1"], cwd=REPOSITORY)
    lock = (REPOSITORY / "Cargo.lock").read_text()
    for name, files in wanted.items():
        mine = 'name = "gate-study"\nversion = "0.1.0"'
        salt = files["Cargo.toml"].split('version = "', 1)[1].split('"', 1)[0]
        files["Cargo.lock"] = replaced(lock, mine, f'name = "gate-study"\nversion = "{salt}"')
        if name != "base":
            git("checkout", "--quiet", "--detach", "base")
        write(REPOSITORY, files)
        git("add", "--all")
        git("commit", "--quiet", "--message", name)
        git("tag", name)
    ready.write_text(digest)
    return digest


def check_out(tag: str) -> None:
    git("checkout", "--quiet", "--force", "--detach", tag)


def prepare_builds(
    wanted: Mapping[str, dict[str, str]],
    add: Callable[[Path], None] = lambda folder: None,
    added: Sequence[str] = (),
) -> None:
    """Builds of whole commits for everybody but the gate: `work`, the module, the Python files, and what `add` adds."""
    for name, files in wanted.items():
        folder = BUILDS / name
        content = hashlib.sha256(json.dumps(files, sort_keys=True).encode()).hexdigest()
        ready = folder / "ready"
        is_whole = ready.exists() and ready.read_text() == content
        if is_whole and all((folder / file).exists() for file in added):
            continue
        print(f"building {name}", file=sys.stderr)
        write(TREE, files)
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        shutil.copy2(bench(TREE, "work"), folder / "work")
        shutil.copy2(module(TREE), folder / "gate_study.so")
        for file in TREE.glob("*.py"):
            shutil.copy2(file, folder / file.name)
        add(folder)
        ready.write_text(content)


def plain() -> dict[str, dict[str, str]]:
    """The files of the plain builds, by name."""
    return {name: sources(dict.fromkeys(CANDIDATES, level)) for name, level in PLAIN.items()}


def salted() -> dict[str, dict[str, str]]:
    """The files of the re-salted commits, by the name of a plain build of each."""
    return {f"s_{salt:02}": sources({}, salt) for salt in range(1, VARIETIES + 1)}


def bench(package: Path, name: str) -> Path:
    """A bench of a package, built in a folder of its own: a library that is a module, too, has one name for all."""
    command = ["cargo", "bench", "-q", "--bench", name, "--no-run", "--message-format=json"]
    done = checked([*command, "--target-dir", TARGET / package.name], cwd=package)
    return artefact(done.stdout, name, "executable")


def module(package: Path) -> Path:
    """The PyO3 module of the study's package for this interpreter, built into a folder of its own."""
    command = ["cargo", "build", "-q", "--release", "--lib", "--features", "extension", "--message-format=json"]
    environment = {**os.environ, "PYO3_PYTHON": sys.executable, "PYO3_BUILD_EXTENSION_MODULE": "1"}
    done = checked([*command, "--target-dir", TARGET / "extension"], cwd=package, env=environment)
    return artefact(done.stdout, "gate_study", "filenames")


def artefact(messages: str, target: str, key: str) -> Path:
    """The last file of this target that cargo names."""
    found = None
    for line in messages.splitlines():
        message = json.loads(line)
        if message.get("target", {}).get("name") == target and message.get(key):
            files = [message[key]] if key == "executable" else message[key]
            found = next((file for file in files if not file.endswith(".rlib")), found)
    if found is None:
        sys.exit(f"cargo built no {target}")
    return Path(found)


def machine_code(file: Path) -> tuple[int, bytes]:
    """Where the machine code of a 64-bit ELF file lies in memory, and its bytes."""
    content = file.read_bytes()
    if content[:5] != b"\x7fELF\x02":
        raise ValueError(f"{file} is no 64-bit ELF file")
    (table,) = struct.unpack_from("<Q", content, 40)
    size, count, names = struct.unpack_from("<HHH", content, 58)
    headers = [struct.unpack_from("<IIQQQQ", content, table + size * index) for index in range(count)]
    strings = headers[names][4]
    for name, _, _, address, offset, length in headers:
        if content[strings + name :].split(b"\0", 1)[0] == b".text":
            return address, content[offset : offset + length]
    raise ValueError(f"{file} has no machine code")
