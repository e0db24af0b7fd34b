#!/usr/bin/env python3
"""Prints which operation each backend has a kernel for: a table of operations by backends.

Each backend is asked in a process of its own, so that no framework meets another; one that is not
installed is left out. `--markdown FILE` writes the table for people to read.
"""

import argparse
import json
import os
import subprocess
import sys
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path

from keras_backends.selection import is_installed

BACKENDS = ("numpy", "jax", "torch", "tensorflow", "openvino")
LEGEND = {
    "primitive": "the backend's own kernel; the operation has no body",
    "override": "the backend's own kernel in the place of the body",
    "composite": "the body runs, in terms of other operations",
    "fallback": "another backend's kernel serves concrete values; a model compiled as a whole has none",
    "missing": "an error when called",
}

ASK = """
import json
from keras_backends.check import provision
from keras_backends.primitives import FUNCTIONS
from keras_backends.selection import active
from keras_ops.operations import all_operations

backend = active()
found = {name: provision(backend, name, op.body is None) for name, op in sorted(all_operations().items())}
found |= {f"{name} (function)": provision(backend, name, True) for name in sorted(FUNCTIONS)}
print(json.dumps(found))
"""
"""Run with `KERAS_BACKEND` set."""


def ask(name: str) -> dict[str, str]:
    """Asks the backend `name`: the word of the legend for each operation and each other function."""
    environment = {**os.environ, "KERAS_BACKEND": name}
    done = subprocess.run([sys.executable, "-c", ASK], env=environment, capture_output=True, text=True)
    if done.returncode:
        raise SystemExit(f"The backend {name!r} could not be asked:\n{done.stderr}")
    return json.loads(done.stdout.splitlines()[-1])


def rows(columns: Mapping[str, Mapping[str, str]]) -> list[tuple[str, ...]]:
    """The table: a heading, a row per operation, and a row per word of the legend with its counts."""
    names = list(next(iter(columns.values())))
    counts = {backend: Counter(column.values()) for backend, column in columns.items()}
    return [
        ("operation", *columns),
        *((name, *(column[name] for column in columns.values())) for name in names),
        *((f"{word}: in all", *(str(counts[backend][word]) for backend in columns)) for word in LEGEND),
    ]


def as_text(table: Sequence[Sequence[str]]) -> str:
    widths = [max(map(len, column)) for column in zip(*table)]
    return "\n".join("  ".join(map(str.ljust, row, widths)).rstrip() for row in table)


def as_markdown(table: Sequence[Sequence[str]]) -> str:
    heading, *body = table
    lines = [heading, ["---"] * len(heading), *body]
    legend = [f"- {word}: {meaning}." for word, meaning in LEGEND.items()]
    drawn = [f"| {' | '.join(line)} |" for line in lines]
    return "\n".join(["# Kernels", "", *legend, "", *drawn, ""])


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--backend", action="append", help="only this one; repeatable, any backend's name")
    parser.add_argument("--markdown", type=Path, metavar="FILE", help="write the table there")
    options = parser.parse_args(arguments)
    table = rows({name: ask(name) for name in options.backend or filter(is_installed, BACKENDS)})
    if options.markdown:
        options.markdown.write_text(as_markdown(table), encoding="utf-8")
    else:
        print(as_text(table))
    return 0


if __name__ == "__main__":
    sys.exit(main())
