#!/usr/bin/env python3
"""Runs the examples of all docstrings under `packages/*/src`, on the backend of `KERAS_BACKEND`.

An example sees its module's names, and `keras`, `ops` and `np`; each starts from fresh names and a
fresh session. Ends with `N passed, N failed` and says how many public objects have no example.
"""

import argparse
import ast
import doctest
import importlib
import os
import sys
import warnings
from collections.abc import Iterator
from pathlib import Path

from api_gen import read_sources

ROOT = Path(__file__).resolve().parent.parent
BACKENDS = ROOT / "packages" / "backends" / "src" / "keras_backends"
FLAGS = doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("only", nargs="*", help="dotted names whose examples run; default all")
    parser.add_argument("--missing", action="store_true", help="list the public objects without an example")
    args = parser.parse_args()
    import keras
    import numpy as np
    from keras_ops import ops

    shared = {"keras": keras, "np": np, "ops": ops}
    passed = failed = 0
    documented = set()
    for path in sources(keras.config.backend()):
        module = ".".join(path.with_suffix("").parts[path.parts.index("src") + 1 :]).removesuffix(".__init__")
        for name, line, text in docstrings(ast.parse(path.read_text(encoding="utf-8"))):
            full = f"{module}.{name}".rstrip(".")
            if "Example:" in text:
                documented.add(full)
            if args.only and not full.startswith(tuple(args.only)):
                continue
            names = {**vars(importlib.import_module(module)), **shared, "__name__": "__main__"}
            test = doctest.DocTestParser().get_doctest(text, names, full, str(path), line)
            if test.examples:
                wrong = run(test, keras)
                passed, failed = passed + (not wrong), failed + wrong
    public = {f"{item.module}.{item.name}": item.public for item in read_sources(ROOT, [])}
    missing = sorted(public[name] for name in public.keys() - documented)
    print(f"{len(missing)} of {len(public)} public objects have no example")
    if args.missing:
        print("\n".join(missing))
    print(f"{passed} passed, {failed} failed")
    return 1 if failed or not passed else 0


def sources(backend: str) -> Iterator[Path]:
    """Yields all source files but those of backends that are not running."""
    for path in sorted(ROOT.glob("packages/*/src/keras_*/**/*.py")):
        folder = path.parent.name
        if path.parent.parent != BACKENDS or folder in (backend, "numpy"):
            yield path


def docstrings(tree: ast.AST, prefix: str = "") -> Iterator[tuple[str, int, str]]:
    """Yields name, line and text of each docstring of a module, its functions and classes."""
    if prefix == "" and (text := ast.get_docstring(tree, clean=False)):
        yield "", 0, text
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, ast.FunctionDef | ast.ClassDef):
            if text := ast.get_docstring(node, clean=False):
                yield f"{prefix}{node.name}", node.body[0].lineno - 1, text
            if isinstance(node, ast.ClassDef):
                yield from docstrings(node, f"{prefix}{node.name}.")


def run(test: doctest.DocTest, keras: object) -> bool:
    """Runs one docstring's examples and returns whether any failed; prints those."""
    keras.utils.clear_session()
    runner = doctest.DocTestRunner(optionflags=FLAGS, verbose=False)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return runner.run(test).failed > 0


if __name__ == "__main__":
    os.environ.setdefault("KERAS_BACKEND", "torch")
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    sys.exit(main())
