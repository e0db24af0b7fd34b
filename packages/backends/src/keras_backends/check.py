"""`python -m keras_backends.check NAME`: what a backend provides, and whether it keeps the contract.

For authors of backends. The operations come from the table in `primitives`; `--operations` takes another
list, one name a line.
"""

import argparse
import sys
import traceback
from collections.abc import Sequence
from pathlib import Path

from keras_backends.conformance import CHECKS
from keras_backends.contract import Backend
from keras_backends.primitives import PRIMITIVES
from keras_backends.selection import load


def provision(backend: Backend, name: str, primitive: bool) -> str:
    """Returns how a backend provides an operation, in one word.

    Args:
        backend: The backend.
        name: The operation's name.
        primitive: Whether the operation has no body in terms of others.

    Returns:
        `"primitive"` or `"override"` for a kernel of the backend's own, `"fallback"` for a primitive
        that has a kernel for concrete values only, `"composite"` where the body runs, or `"missing"`.

    Example:

        >>> provision(load("numpy"), "add", primitive=True)
        'primitive'
    """
    if name in backend.kernels and name not in backend.fallbacks:
        return "primitive" if primitive else "override"
    if not primitive:
        return "composite"
    return "fallback" if name in backend.kernels else "missing"


def report(backend: Backend, primitives: Sequence[str]) -> list[str]:
    """Returns lines that say which primitives a backend has, lacks, and what else it overrides."""
    provided = [name for name in primitives if name in backend.kernels]
    missing = [name for name in primitives if name not in backend.kernels]
    overrides = sorted(set(backend.kernels) - set(primitives))
    return [
        f"Backend {backend.name!r}: {backend.traits}",
        f"Primitives provided ({len(provided)} of {len(primitives)}): {', '.join(provided)}",
        f"Primitives missing ({len(missing)}): {', '.join(missing) or 'none'}",
        f"Overrides of composites ({len(overrides)}): {', '.join(overrides) or 'none'}",
    ]


def run_checks(backend: Backend) -> tuple[list[str], int]:
    """Runs the conformance suite.

    Returns:
        A line per check, and the number of checks that failed.
    """
    lines, failures = [], 0
    for name, check in CHECKS.items():
        try:
            reason = check(backend)
        except Exception as error:
            failures += 1
            place = traceback.extract_tb(error.__traceback__)[-1]
            lines.append(f"FAIL  {name}: {type(error).__name__}: {error} ({place.name}, line {place.lineno})")
        else:
            lines.append(f"ok    {name}" + (f" (not applicable: {reason})" if reason else ""))
    return lines, failures


def main(arguments: Sequence[str] | None = None) -> int:
    """Prints the report on one backend; returns 1 if a check failed."""
    parser = argparse.ArgumentParser(prog="python -m keras_backends.check", description=__doc__)
    parser.add_argument("name", help="a built-in name, an entry point of keras.backends, or a module")
    parser.add_argument("--operations", type=Path, help="file with the names of primitives, one a line")
    options = parser.parse_args(arguments)
    primitives = sorted(PRIMITIVES)
    if options.operations is not None:
        primitives = options.operations.read_text(encoding="utf-8").split()
    backend = load(options.name)
    lines, failures = run_checks(backend)
    print("\n".join([*report(backend, primitives), *lines]))
    print(f"{len(CHECKS) - failures} of {len(CHECKS)} checks passed.")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
