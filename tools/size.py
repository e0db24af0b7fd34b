#!/usr/bin/env python3
"""Prints the lines of each package beside its budget, and the longest modules.

The budgets are those of the design: a compass for reviews, so this script never fails for size. Tests,
generated files and data are not counted.
"""

import argparse
import ast
import io
import sys
import tokenize
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
BUDGETS = {
    "backends": 12_000,
    "ops": 17_000,
    "layers": 22_000,
    "training": 16_000,
    "models": 5_000,
    "saving": 6_000,
    "datasets": 6_000,
    "applications": 6_000,
}
MODULE_LIMIT = 500
FUNCTION_LIMIT = 60


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--root", type=Path, default=ROOT, help="the top of the repository")
    root = parser.parse_args().root
    print(f"{'package':14}{'lines':>8}{'code':>8}{'budget':>8}{'used':>7}")
    total, long = [0, 0], []
    for package, budget in BUDGETS.items():
        lines = code = 0
        for path in sorted((root / "packages" / package / "src").rglob("*.py")):
            text = path.read_text(encoding="utf-8")
            here = text.count("\n")
            lines, code = lines + here, code + code_lines(text)
            long += list(too_long(text, path.relative_to(root).as_posix()))
        total = [total[0] + lines, total[1] + code]
        print(f"{package:14}{lines:8}{code:8}{budget:8}{lines / budget:7.0%}")
    budget = sum(BUDGETS.values())
    print(f"{'all':14}{total[0]:8}{total[1]:8}{budget:8}{total[0] / budget:7.0%}")
    print("\n".join(long))
    return 0


def code_lines(text: str) -> int:
    """Counts the lines that hold code: no blank lines, comments or docstrings.

    Example:

        >>> code_lines("x = 1\\n\\n# why\\n")
        1
    """
    idle = (
        tokenize.COMMENT,
        tokenize.NL,
        tokenize.NEWLINE,
        tokenize.INDENT,
        tokenize.DEDENT,
        tokenize.ENDMARKER,
    )
    lines: set[int] = set()
    for token in tokenize.generate_tokens(io.StringIO(text).readline):
        if token.type not in idle:
            lines.update(range(token.start[0], token.end[0] + 1))
    for node in ast.walk(ast.parse(text)):
        if (
            isinstance(node, ast.Expr)
            and isinstance(node.value, ast.Constant)
            and isinstance(node.value.value, str)
        ):
            lines.difference_update(range(node.lineno, (node.end_lineno or node.lineno) + 1))
    return len(lines)


def too_long(text: str, path: str) -> list[str]:
    """Returns a line for a module and for each function that is longer than the house style likes."""
    found = []
    if (lines := text.count("\n")) > MODULE_LIMIT:
        found.append(f"{path}: {lines} lines, more than {MODULE_LIMIT}")
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.FunctionDef):
            body = (node.end_lineno or node.lineno) - node.lineno + 1 - _docstring_lines(node)
            if body > FUNCTION_LIMIT:
                found.append(
                    f"{path}:{node.lineno}: {node.name} has {body} lines, more than {FUNCTION_LIMIT}"
                )
    return found


def _docstring_lines(node: ast.FunctionDef) -> int:
    if ast.get_docstring(node, clean=False) is None:
        return 0
    return (node.body[0].end_lineno or 0) - node.body[0].lineno + 1


if __name__ == "__main__":
    sys.exit(main())
