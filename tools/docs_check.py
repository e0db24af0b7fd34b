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
import re
import sys
import warnings
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
from api_gen import Export, read_sources

ROOT = Path(__file__).resolve().parent.parent
BACKENDS = ROOT / "packages" / "backends" / "src" / "keras_backends"
FLAGS = doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE


class Checker(doctest.OutputChecker):
    """Compares what an example states with what it gives, tensors by value.

    Backends print tensors in their own ways: `Array([1.], dtype=float32)` in a docstring agrees with
    `tensor([1.])`. An example that states nothing only has to run.
    """

    def check_output(self, want: str, got: str, optionflags: int) -> bool:
        if not want or super().check_output(want, got, optionflags):
            return True
        try:
            return agree(value(want), value(got))
        except (SyntaxError, NameError, TypeError, ValueError):
            return False


def value(text: str) -> Any:
    """Evaluates what a tensor, or a nest of them, is printed as.

    Example:

        >>> value("(Array([1, 2], dtype=int32), tensor(3.))")
        (array([1, 2]), array(3.))
    """
    names = {name: lambda data, dtype=None: np.asarray(data) for name in ("Array", "array", "tensor")}
    names |= {
        "torch": SimpleNamespace(Size=tuple),
        "np": np,
        "nan": np.nan,
        "inf": np.inf,
        "__builtins__": {"True": True, "False": False, "None": None},
    }
    text = re.sub(r"dtype=[\w.]+", "dtype=None", text)
    return eval(text.strip(), names)


def agree(want: Any, got: Any) -> bool:
    """Says whether two nests hold the same values, up to the digits that are printed."""
    if isinstance(want, list | tuple | dict):
        if isinstance(want, dict):
            return want.keys() == got.keys() and all(agree(want[key], got[key]) for key in want)
        return len(want) == len(got) and all(map(agree, want, got))
    if isinstance(want, int | float | complex | np.ndarray) and not isinstance(want, bool):
        return np.shape(want) == np.shape(got) and np.allclose(
            want, got, rtol=1e-3, atol=1e-4, equal_nan=True
        )
    return bool(want == got)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("only", nargs="*", help="dotted names whose examples run; default all")
    parser.add_argument("--missing", action="store_true", help="list the public objects without an example")
    args = parser.parse_args()
    import keras
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
    public = {f"{item.module}.{item.name}": item for item in read_sources(ROOT, [])[0]}
    without = [public[name] for name in public.keys() - documented]
    missing = sorted(item.public for item in without if "Example:" not in docstring_of(item))
    print(f"{len(missing)} of {len(public)} public objects have no example")
    if args.missing:
        print("\n".join(missing))
    print(f"{passed} passed, {failed} failed")
    return 1 if failed or not passed else 0


def docstring_of(item: Export) -> str:
    """Returns the docstring that a public object has once it is imported: some are taken from another's."""
    return getattr(importlib.import_module(item.module), item.name).__doc__ or ""


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
    # Without collecting garbage, which takes longer than most examples.
    keras.utils.clear_session(free_memory=False)
    runner = doctest.DocTestRunner(Checker(), optionflags=FLAGS, verbose=False)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return runner.run(test).failed > 0


if __name__ == "__main__":
    os.environ.setdefault("KERAS_BACKEND", "torch")
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    sys.exit(main())
