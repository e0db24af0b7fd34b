#!/usr/bin/env python3
"""Builds the wheels of all packages and tries each one alone, as a user of that package would.

For every package an environment gets its wheel and those of the packages below it, the README's example
runs there, and what it must not have imported is looked up. By default the environment is empty and
third-party packages are installed; `--quick`, which CI runs, borrows them from this interpreter.
"""

import argparse
import email
import os
import re
import shutil
import subprocess
import sys
import sysconfig
import tempfile
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from packaging.requirements import Requirement

ROOT = Path(__file__).resolve().parent.parent
FRAMEWORKS = {"jax", "torch", "tensorflow", "openvino"}
HEAVY = {"absl", "scipy", "matplotlib", "pandas", "h5py", "rich", "PIL"}
"""What no example may load, unless `MAY_LOAD` says so."""
MAY_LOAD = {"keras-saving": {"h5py"}, "keras": {"h5py", "rich"}}
NEEDS = {"keras-saving": "h5"}
"""The extra without which a package's example cannot run."""
WITH_FRAMEWORK = {"keras-ops": ("jax", "torch"), "keras": ("jax",)}
"""Extras that the full run tries besides NumPy."""


@dataclass(frozen=True)
class Wheel:
    """A built wheel: its file and what its metadata says."""

    path: Path
    name: str
    version: str
    requires: tuple[Requirement, ...]

    @classmethod
    def read(cls, path: Path) -> "Wheel":
        with zipfile.ZipFile(path) as archive:
            names = archive.namelist()
            text = archive.read(next(name for name in names if name.endswith("/METADATA"))).decode("utf-8")
        metadata = email.message_from_string(text)
        requires = tuple(Requirement(line) for line in metadata.get_all("Requires-Dist", []))
        return cls(path, metadata["Name"], metadata["Version"], requires)

    @property
    def module(self) -> str:
        return self.name.replace("-", "_")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument(
        "--quick", action="store_true", help="take third-party packages from this interpreter"
    )
    parser.add_argument("--only", action="append", help="only this distribution; repeatable")
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        # The build reads the members' versions from the lock file, which is not in the repository.
        uv("lock", "--quiet", cwd=ROOT)
        uv("build", "--quiet", "--all-packages", "--wheel", "--out-dir", str(folder / "wheels"), cwd=ROOT)
        wheels = {wheel.name: wheel for wheel in map(Wheel.read, sorted((folder / "wheels").glob("*.whl")))}
        problems = [problem for wheel in wheels.values() for problem in inspect(wheel, wheels)]
        tried = 0
        for name in wheels if args.only is None else args.only:
            for framework in ("numpy", *(() if args.quick else WITH_FRAMEWORK.get(name, ()))):
                tried += 1
                problems += try_alone(wheels[name], wheels, framework, folder, args.quick)
    for problem in problems:
        print(problem)
    print(f"wheels: {len(wheels)} built, {tried} tried alone, {len(problems)} problems")
    return 1 if problems or not tried else 0


def uv(*arguments: str, cwd: Path | None = None) -> None:
    """Runs uv, the one that runs this script if there is one."""
    program = os.environ.get("UV") or shutil.which("uv")
    if program is None:
        raise SystemExit("wheels: uv is not on the PATH; install it with `pip install uv`.")
    subprocess.run([program, *arguments], cwd=cwd, check=True)


def inspect(wheel: Wheel, wheels: dict[str, Wheel]) -> list[str]:
    """Returns what is wrong with a wheel's contents and metadata."""
    with zipfile.ZipFile(wheel.path) as archive:
        files = [name for name in archive.namelist() if ".dist-info/" not in name]
    problems = []
    if f"{wheel.module}/py.typed" not in files:
        problems.append(f"{wheel.name}: the wheel has no py.typed")
    problems += [
        f"{wheel.name}: {file} is outside of {wheel.module}/" for file in files if not in_module(file, wheel)
    ]
    for requirement in wheel.requires:
        member = wheels.get(requirement.name)
        if member is None:
            continue
        bounds = {part.operator for part in requirement.specifier}
        if not requirement.specifier.contains(member.version) or bounds != {">=", "<"}:
            problems.append(f"{wheel.name}: expected a range around {member.version}, found `{requirement}`")
    return problems


def in_module(file: str, wheel: Wheel) -> bool:
    return file.startswith(f"{wheel.module}/") and "/tests/" not in file


def closure(wheel: Wheel, wheels: dict[str, Wheel]) -> list[Wheel]:
    """Returns a wheel and all wheels of ours that it needs without extras."""
    found = {wheel.name: wheel}
    queue = [wheel]
    while queue:
        for requirement in queue.pop().requires:
            needed = requirement.marker is None or requirement.marker.evaluate({"extra": ""})
            member = wheels.get(requirement.name)
            if needed and member and member.name not in found:
                found[member.name] = member
                queue.append(member)
    return list(found.values())


def try_alone(wheel: Wheel, wheels: dict[str, Wheel], framework: str, folder: Path, quick: bool) -> list[str]:
    """Installs one wheel with those below it and runs its README's example there."""
    home = folder / f"{wheel.name}-{framework}"
    uv("venv", "--quiet", "--python", sys.executable, str(home))
    python = home / "bin" / "python"
    extra = NEEDS.get(wheel.name, "") if framework == "numpy" else framework
    files = [
        f"{member.name} @ {member.path.as_uri()}" for member in closure(wheel, wheels) if member is not wheel
    ]
    files.append(f"{wheel.name}[{extra}] @ {wheel.path.as_uri()}")
    uv("pip", "install", "--quiet", "--python", str(python), *(["--no-deps"] if quick else []), *files)
    if quick:
        borrowed = next(home.glob("lib/python*/site-packages")) / "borrowed.pth"
        borrowed.write_text(sysconfig.get_path("purelib") + "\n", encoding="utf-8")
    forbidden = (FRAMEWORKS | HEAVY) - {framework} - MAY_LOAD.get(wheel.name, set())
    if framework != "numpy":
        # Frameworks load packages of their own accord.
        forbidden = FRAMEWORKS - {framework}
    return run_example(wheel, python, framework, forbidden, folder)


def run_example(
    wheel: Wheel, python: Path, framework: str, forbidden: set[str], folder: Path
) -> Sequence[str]:
    readme = ROOT / "packages" / wheel.name.removeprefix("keras-") / "README.md"
    example = re.search(
        r"^```python\n(.*?)^```", readme.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL
    )
    if example is None:
        return [f"{wheel.name}: {readme.relative_to(ROOT)} has no example"]
    lines = [
        example[1],
        "import sys as _sys",
        f"_loaded = {sorted(forbidden)!r}",
        "_loaded = [name for name in _loaded if name in _sys.modules]",
        "if _loaded: raise SystemExit(f'loaded what it must not load: {_loaded}')",
        f"_path = __import__({wheel.module!r}).__file__",
        f"if not _path.startswith({str(folder)!r}): raise SystemExit(f'not the wheel: {{_path}}')",
    ]
    kept = ("PYTHONPATH", "VIRTUAL_ENV", "KERAS_HOME")
    environment = {name: value for name, value in os.environ.items() if name not in kept}
    environment |= {"KERAS_BACKEND": framework, "KERAS_HOME": str(folder), "JAX_PLATFORMS": "cpu"}
    done = subprocess.run(
        [str(python), "-c", "\n".join(lines)],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    print(
        f"{wheel.name} {wheel.version} on {framework}: {'failed' if done.returncode else 'fine'}", flush=True
    )
    if done.returncode:
        return [f"{wheel.name} on {framework}: {(done.stderr or done.stdout).strip()[-1500:]}"]
    return []


if __name__ == "__main__":
    sys.exit(main())
