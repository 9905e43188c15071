"""Other tools on the builds that the gate is studied on, each by its own verdict and in the same wall time.

A comparison measures the base, then the head, as each tool's documentation has it; tango takes both at once. Criterion
and tango measure the kernels in Rust, hyperfine whole processes of them, pyperf the functions that Python calls.
"""

from __future__ import annotations

import json
import math
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any, Sequence

import common
import gate_project
import time_to_verdict

CRITERION = "=0.8.2"
HYPERFINE = "1.20.0"
TANGO = "=0.9.0"

#: What each tool can measure.
WORKLOADS = {
    "criterion": gate_project.NATIVE,
    "pyperf": gate_project.HYBRID,
    "hyperfine": gate_project.NATIVE,
    "tango": gate_project.NATIVE,
}
#: Calls in a process that hyperfine starts, twice: some 40 ms.
CALLS = 10

PACKAGE = """[package]
name = "gate-study-{name}"
version = "0.1.0"
edition = "2024"
publish = false

[workspace]

[lib]
bench = false

[[bench]]
name = "{name}"
harness = false

[dependencies]
gate-study = {{ path = "../tree" }}
{dependency}

[profile.release]
codegen-units = 1
"""
DEPENDENCIES = {
    "criterion": f'criterion = {{ version = "{CRITERION}", default-features = false, '
    'features = ["cargo_bench_support"] }',
    "tango": f'tango-bench = "{TANGO}"',
}
PYPERF = """import os
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import pyperf
from {module} import {name}
from work import numbers

pyperf.Runner().bench_func("{name}", {name}, *numbers({size}, 42))
"""


def prepare(tools: Sequence[str]) -> None:
    """Builds the plain builds with the benches of these tools in them, and the tools themselves."""
    built = [name for name in DEPENDENCIES if name in tools]
    for name in built:
        folder = gate_project.PLACE / name
        files = {
            "Cargo.toml": PACKAGE.format(name=name, dependency=DEPENDENCIES[name]),
            "src/lib.rs": "//! Nothing: the bench is all.\n",
            f"benches/{name}.rs": (gate_project.TEMPLATE / "peers" / f"{name}.rs").read_text(),
        }
        gate_project.write(folder, files)
        if not (folder / "Cargo.lock").exists():
            shutil.copy2(common.ROOT / "Cargo.lock", folder / "Cargo.lock")
    gate_project.prepare_builds(gate_project.plain(), lambda folder: add(folder, built), built)
    if "pyperf" in tools:
        time_to_verdict.pyperf_python()
    if "hyperfine" in tools and not hyperfine_binary().exists():
        command = ["cargo", "install", "-q", "hyperfine", "--version", HYPERFINE, "--locked"]
        root = ["--root", gate_project.PLACE / "hyperfine", "--target-dir", gate_project.TARGET]
        gate_project.checked([*command, *root])


def add(folder: Path, built: Sequence[str]) -> None:
    """The benches of the build that is being made."""
    for name in built:
        shutil.copy2(gate_project.bench(gate_project.PLACE / name, name), folder / name)
    for name in gate_project.HYBRID:
        module = "port" if name == "crossings" else "gate_study"
        text = PYPERF.format(name=name, module=module, size=gate_project.SIZES[name])
        (folder / f"pyperf_{name}.py").write_text(text)


def hyperfine_binary() -> Path:
    return gate_project.PLACE / "hyperfine" / "bin" / "hyperfine"


def compare(tool: str, base: str, head: str, workload: str, budget: float) -> dict[str, Any]:
    """One comparison: the tool's verdict (`slower`, `faster` or `same`), its estimate of head ÷ base, its wall time."""
    sides = gate_project.BUILDS / base, gate_project.BUILDS / head
    with tempfile.TemporaryDirectory() as folder:
        start = time.perf_counter()
        verdict, ratio = TOOLS[tool](*sides, workload, budget, Path(folder))
        return {"verdict": verdict, "ratio": ratio, "wall_s": time.perf_counter() - start}


def said(command: Sequence[object], codes: Sequence[int] = (0,), **options: Any) -> str:
    """What a tool prints; a trial fails where it ends otherwise than it should."""
    done = gate_project.run(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, **options)
    if done.returncode not in codes:
        raise common.Failed(f"{command[0]} ended with {done.returncode}: {done.stderr[-500:]}")
    return done.stdout


def criterion(base: Path, head: Path, workload: str, budget: float, folder: Path) -> tuple[str, float]:
    """A baseline saved by the base, compared with by the head: what criterion says of its performance."""
    # Its defaults are 3 s and 5 s; what it computes afterwards takes a part of a second.
    side = max(budget / 2 - 0.4, 0.4)
    times = ["--warm-up-time", f"{side * 3 / 8:.2f}", "--measurement-time", f"{side * 5 / 8:.2f}"]
    words = ["--bench", "--exact", workload, "--noplot", *times]
    environment = {**os.environ, "CRITERION_HOME": str(folder)}
    said([base / "criterion", *words, "--save-baseline", "base"], env=environment)
    text = said([head / "criterion", *words, "--baseline", "base"], env=environment)
    verdicts = {
        "Performance has regressed": "slower",
        "Performance has improved": "faster",
        "No change in performance": "same",
        "Change within noise": "same",
    }
    verdict = next((verdict for words, verdict in verdicts.items() if words in text), None)
    if verdict is None:
        raise common.Failed(f"criterion says nothing of a change: {text[-500:]}")
    estimates = json.loads((folder / workload / "change" / "estimates.json").read_text())
    return verdict, 1 + estimates["mean"]["point_estimate"]


def pyperf(base: Path, head: Path, workload: str, budget: float, folder: Path) -> tuple[str, float]:
    """One result each, and what `compare_to` says. By default 20 processes; here as many as there is time for."""
    python = time_to_verdict.pyperf_python()
    # A process makes four values of a tenth of a second; one more finds out how many calls that is.
    processes = max(round(budget / 2 / 0.6) - 1, 2)
    files = []
    for side in (base, head):
        files.append(folder / f"{side.name}.json")
        said([python, side / f"pyperf_{workload}.py", "-q", "-p", processes, "-o", files[-1]])
    text = said([python, "-m", "pyperf", "compare_to", *files])
    means = [mean(json.loads(file.read_text())) for file in files]
    ratio = means[1] / means[0]
    if "not significant" in text.lower():
        return "same", ratio
    if "slower" not in text and "faster" not in text:
        return "same", ratio
    return ("slower" if "slower" in text else "faster"), ratio


def mean(result: dict[str, Any]) -> float:
    return statistics.fmean(value for run in result["benchmarks"][0]["runs"] for value in run.get("values", ()))


def hyperfine(base: Path, head: Path, workload: str, budget: float, folder: Path) -> tuple[str, float]:
    """Two commands and the rule of its script for them: Welch's t test, p < 0.05."""
    commands = [f"{side / 'work'} {workload} {CALLS} 1" for side in (base, head)]
    start = time.perf_counter()
    said(commands[0].split())
    once = time.perf_counter() - start
    # By default three seconds a command and at least ten runs.
    runs = max(int(budget / 2 / once), 10)
    file = folder / "times.json"
    said([hyperfine_binary(), "-N", "--style", "none", "--runs", runs, "--export-json", file, *commands])
    one, other = (result["times"] for result in json.loads(file.read_text())["results"])
    ratio = statistics.fmean(other) / statistics.fmean(one)
    if welch(one, other) >= 0.05:
        return "same", ratio
    return ("slower" if ratio > 1 else "faster"), ratio


def tango(base: Path, head: Path, workload: str, budget: float, folder: Path) -> tuple[str, float]:
    """Both sides at once; a star marks what it takes for significant."""
    words = ["--color", "never", "compare", base / "tango", "-f", workload, "-t", f"{max(budget - 0.3, 0.3):.2f}"]
    # It ends with 1 where something got slower, and where it could not measure.
    text = said([head / "tango", *words], codes=(0, 1))
    line = next((line for line in text.splitlines() if line.startswith(workload)), None)
    if line is None:
        raise common.Failed(f"tango measured nothing: {text[-500:]}")
    change = line.split("]")[-1].strip()
    ratio = 1 + float(change.rstrip("*").rstrip("%")) / 100
    if not change.endswith("*"):
        return "same", ratio
    return ("slower" if ratio > 1 else "faster"), ratio


TOOLS = {"criterion": criterion, "pyperf": pyperf, "hyperfine": hyperfine, "tango": tango}


def welch(one: Sequence[float], other: Sequence[float]) -> float:
    """The two-sided p of Welch's t test: equal means, variances as they are."""
    parts = [statistics.variance(values) / len(values) for values in (one, other)]
    error = sum(parts)
    difference = statistics.fmean(one) - statistics.fmean(other)
    if error == 0:
        return 1.0 if difference == 0 else 0.0
    freedom = error**2 / sum(part**2 / (len(values) - 1) for part, values in zip(parts, (one, other)))
    return student(difference / math.sqrt(error), freedom)


def student(t: float, freedom: float) -> float:
    """The probability that Student's t with so many degrees of freedom lies further from 0 than this."""
    return beta(freedom / 2, 0.5, freedom / (freedom + t * t))


def beta(a: float, b: float, x: float) -> float:
    """The regularised incomplete beta function, by its continued fraction."""
    if x <= 0 or x >= 1:
        return max(min(x, 1.0), 0.0)
    if x > (a + 1) / (a + b + 2):
        # The fraction converges fast on this side only.
        return 1 - beta(b, a, 1 - x)
    front = math.exp(math.lgamma(a + b) - math.lgamma(a) - math.lgamma(b) + a * math.log(x) + b * math.log1p(-x))
    # From its far end: at this side of the mean no more terms are needed for double precision.
    fraction = 0.0
    for term in range(400, 0, -1):
        half = term // 2
        if term % 2:
            weight = -(a + half) * (a + b + half) * x / ((a + 2 * half) * (a + 2 * half + 1))
        else:
            weight = half * (b - half) * x / ((a + 2 * half - 1) * (a + 2 * half))
        fraction = weight / (1 + fraction)
    return front / a / (1 + fraction)


if __name__ == "__main__":
    sys.exit(__doc__)
