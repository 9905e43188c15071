"""A small command line program, started anew for each call: `--version`, `--help`, and reading a configuration.

It is run by its path and imports nothing of this project, so that it runs under `python -I -S`, too: without the
user's environment and without `site`, which is as little as a Python program can start with. What only one option
needs is imported there, as the start is what is timed.
"""

from __future__ import annotations

import sys

VERSION = "settings 1.0.0"
HELP = """\
Tells how many settings a configuration has

Usage: settings [OPTIONS]

Options:
      --config <FILE>  Read this configuration
  -h, --help           Print help
      --version        Print version
"""

LARGEST = 2**63


def make(size: int, seed: int) -> tuple[str]:
    """A configuration of `size` settings, as JSON."""
    import json
    import random

    rng = random.Random(seed)
    settings = {f"setting.{number}": {"enabled": rng.random() < 0.5, "level": number % 97} for number in range(size)}
    return (json.dumps(settings, indent=1),)


def main() -> int:
    """Does what the command line says; the result is the exit code."""
    from argparse import SUPPRESS, ArgumentParser

    parser = ArgumentParser("settings", usage=SUPPRESS, add_help=False, allow_abbrev=False)
    parser.format_help = lambda: HELP  # its own differs between versions of Python
    parser.add_argument("-h", "--help", action="help")
    parser.add_argument("--version", action="version", version=VERSION)
    parser.add_argument("--config")
    options = parser.parse_args()
    if options.config is None:
        parser.error("there is nothing to do")
    try:
        print(summary(options.config))
    except (OSError, ValueError) as error:
        print(f"settings: {options.config}: {error}", file=sys.stderr)
        return 1
    return 0


def summary(path: str) -> str:
    """How many settings there are, how many of them are enabled, and the sum of their levels, as JSON.

    Raises ValueError for what is no configuration.
    """
    import json

    with open(path, encoding="utf-8") as file:
        settings = json.load(file)
    if type(settings) is not dict:
        raise ValueError("not an object")
    enabled = total = 0
    for name, setting in settings.items():
        if type(setting) is not dict or setting.keys() != {"enabled", "level"}:
            raise ValueError(f"{name} does not have `enabled` and `level` alone")
        is_enabled, level = setting["enabled"], setting["level"]
        if type(is_enabled) is not bool or type(level) is not int or not -LARGEST <= level < LARGEST:
            raise ValueError(f"{name} is not a truth with an integer of 64 bits")
        enabled += is_enabled
        total += level
    return json.dumps({"settings": len(settings), "enabled": enabled, "level": total})


if __name__ == "__main__":
    sys.exit(main())
