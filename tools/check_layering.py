#!/usr/bin/env python3
"""Refuses imports that point the wrong way, and questions about which backend is running.

`.ci/run` runs it over `packages/*/src`; it reads the sources with `ast` and imports nothing of ours.
A line that has to break a rule says so itself: `# layering: <reason>`, for instance a lazy edge.

The rules:

1. A package imports the packages below it (`ARROWS`), and nothing imports `keras`.
2. A backend's folder imports its framework, its package's dependencies and `keras_backends`; of the
   other backends' folders only `numpy`. No other module imports a framework, not even in a function.
3. A module loads third-party packages only if its package depends on them; optional ones are
   imported in the function that needs them, and nothing else is imported inside a function.
4. Outside the backends nothing compares with a backend's name: ask a trait.
5. A reason stands only where it is needed.
"""

import argparse
import ast
import re
import sys
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
ARROWS = {
    "keras_backends": set(),
    "keras_ops": {"keras_backends"},
    "keras_saving": {"keras_ops"},
    "keras_layers": {"keras_ops"},
    "keras_datasets": {"keras_ops"},
    "keras_training": {"keras_datasets", "keras_ops"},
    "keras_models": {"keras_layers", "keras_training", "keras_saving"},
    "keras_applications": {"keras_models", "keras_layers", "keras_datasets"},
}
"""What a package may import, besides what those packages may import."""
FRAMEWORKS = {
    "numpy": set(),
    "jax": {"jax", "jaxlib"},
    "torch": {"torch"},
    "tensorflow": {"tensorflow"},
    "openvino": {"openvino"},
}
"""What the folder of each backend imports on top of the dependencies of `keras_backends`."""
ALL_FRAMEWORKS = set().union(*FRAMEWORKS.values())
SELECTION = "keras_backends.selection"
"""Finds backends by name, so it may speak of them."""
ALLOW = re.compile(r"#\s*layering:\s*\S")
NAMED = ("backend", "active", "_backend", "selected")
"""What a backend, or the function that returns one, is called where its `name` is compared."""


@dataclass(frozen=True)
class Module:
    """A source file: where it is, its dotted name, its package and the backend it belongs to."""

    path: Path
    name: str
    package: str
    backend: str | None
    dependencies: frozenset[str]
    """Third-party packages that are there whenever this package is."""


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--root", type=Path, default=ROOT, help="the top of the repository")
    root = parser.parse_args().root
    count, problems = 0, []
    for module in modules(root):
        count += 1
        for line, text in check(module):
            problems.append(f"{module.path.relative_to(root)}:{line}: {text}")
    print("\n".join([*problems, f"check_layering: {count} modules, {len(problems)} problems"]))
    return 1 if problems or not count else 0


def modules(root: Path) -> Iterator[Module]:
    """Yields the source files of all packages that have a place in `ARROWS`."""
    for package, source in ((name, path) for name in ARROWS for path in root.glob(f"packages/*/src/{name}")):
        project = tomllib.loads((source.parent.parent / "pyproject.toml").read_text(encoding="utf-8"))
        names = (re.split(r"[^\w.-]", item, maxsplit=1)[0] for item in project["project"]["dependencies"])
        dependencies = frozenset(name.replace("-", "_") for name in names) - set(ARROWS)
        for path in sorted(source.rglob("*.py")):
            parts = [package, *path.relative_to(source).with_suffix("").parts]
            inner = parts[1] if package == "keras_backends" and len(parts) > 2 else None
            backend = inner if inner in FRAMEWORKS else None
            yield Module(path, ".".join(parts).removesuffix(".__init__"), package, backend, dependencies)


def check(module: Module) -> list[tuple[int, str]]:
    """Returns the line and the text of everything in a file that breaks a rule."""
    source = module.path.read_text(encoding="utf-8")
    lines = source.splitlines()
    tree = ast.parse(source)
    found = set()
    for node, inside in _walk(tree, False):
        for target in _imports(node, module):
            found.update((node.lineno, text) for text in _judge(target, inside, module))
        if module.backend is None and module.name != SELECTION and (name := _backend_name_in(node)):
            text = f"asks for the backend {name!r} by name; ask for a trait of `active().traits` instead"
            found.add((node.lineno, text))
    stated = {i for i, line in enumerate(lines, 1) if ALLOW.search(line)}
    needless = stated - {line for line, _ in found}
    found.update((line, "states a reason, but breaks no rule; remove the comment") for line in needless)
    return sorted((line, text) for line, text in found if line not in stated or line in needless)


def _walk(node: ast.AST, inside: bool) -> Iterator[tuple[ast.AST, bool]]:
    """Yields every node below `node` and whether it runs only when a function is called."""
    for child in ast.iter_child_nodes(node):
        yield child, inside
        function = isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda)
        yield from _walk(child, inside or function)


def _imports(node: ast.AST, module: Module) -> Iterator[str]:
    """Yields the dotted names that a node imports, also by `import_module` with a literal."""
    if isinstance(node, ast.Import):
        yield from (alias.name for alias in node.names)
    elif isinstance(node, ast.ImportFrom):
        base = node.module or ""
        if node.level:
            folder = module.name if module.path.name == "__init__.py" else module.name.rpartition(".")[0]
            for _ in range(node.level - 1):
                folder = folder.rpartition(".")[0]
            base = f"{folder}.{base}".strip(".")
        yield from (f"{base}.{alias.name}" for alias in node.names)
    elif isinstance(node, ast.Call) and node.args and isinstance(node.args[0], ast.Constant):
        called = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
        if called in ("import_module", "__import__") and isinstance(node.args[0].value, str):
            yield node.args[0].value


def _judge(target: str, inside: bool, module: Module) -> Iterator[str]:
    """Yields what is wrong with importing `target` there."""
    top = target.partition(".")[0]
    if top == "keras":
        yield "imports `keras`, which only tests, examples and benchmarks do"
    elif top in ARROWS:
        if top != module.package and top not in below(module.package):
            yield f"{module.package} does not import {top}: arrows point down only"
        if inside:
            yield f"imports {target} inside a function; move it to the top or state the lazy edge"
        if module.backend:
            yield from _judge_sibling(target, module.backend)
    elif top in sys.stdlib_module_names:
        if inside:
            yield f"imports {top} of the standard library inside a function"
    elif not module.backend and top in ALL_FRAMEWORKS:
        yield f"imports the framework {top} outside its backend's folder; ask the backend instead"
    elif inside and top in module.dependencies:
        yield f"imports {top}, which is always there, inside a function"
    elif module.backend and top not in module.dependencies | FRAMEWORKS[module.backend]:
        yield f"the {module.backend} backend does not import {top}"
    elif not inside and not module.backend and top not in module.dependencies:
        yield f"loads {top}, which is not a dependency of the package; import it in the function"


def _judge_sibling(target: str, backend: str) -> Iterator[str]:
    other = (target.split(".") + [""])[1]
    if other in FRAMEWORKS and other not in (backend, "numpy"):
        yield f"the {backend} backend does not import the {other} backend"


def below(package: str) -> set[str]:
    """Returns all packages that a package may import.

    Example:

        >>> sorted(below("keras_ops"))
        ['keras_backends']
    """
    direct = ARROWS[package]
    return direct.union(*(below(name) for name in direct))


def _backend_name_in(node: ast.AST) -> str | None:
    """Returns the backend name that a comparison, a case or a table of backends mentions."""
    if isinstance(node, ast.Compare):
        candidates = [node.left, *node.comparators]
        for side in list(candidates):
            if isinstance(side, ast.Tuple | ast.List | ast.Set):
                candidates += side.elts
        return next(_constants(candidates), None) or next(
            filter(None, map(_name_of_backend, candidates)), None
        )
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "startswith":
        return next(_constants(list(node.args)), None)
    if isinstance(node, ast.MatchValue):
        return next(_constants([node.value]), None)
    if isinstance(node, ast.Dict):
        names = list(_constants(node.keys))
        return names[0] if len(names) > 1 else None
    return None


def _name_of_backend(node: ast.AST | None) -> str | None:
    """Returns the source of an expression such as `backend.name` or `active().name`."""
    if not (isinstance(node, ast.Attribute) and node.attr == "name"):
        return None
    owner = node.value.func if isinstance(node.value, ast.Call) else node.value
    called = owner.attr if isinstance(owner, ast.Attribute) else getattr(owner, "id", "")
    return ast.unparse(node) if called in NAMED else None


def _constants(nodes: list[ast.AST | None]) -> Iterator[str]:
    return (item.value for item in nodes if isinstance(item, ast.Constant) and item.value in FRAMEWORKS)


if __name__ == "__main__":
    sys.exit(main())
