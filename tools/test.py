#!/usr/bin/env python3
"""Runs every check of the repository, two at a time, and ends with `N passed, N failed`.

`.ci/run` and the README call it. The stages: lint (ruff, layering, generated files, sizes), tools (their
tests), wheels, docs (examples in docstrings), suite (the packages' tests on each backend), examples, and,
where `../shared` lies beside the checkout, api, golden and files: the recorded contract, as far as
`contract.toml` names it. The output of each check stays in `out/test/`.
"""

import argparse
import json
import os
import re
import shlex
import subprocess
import sys
import tempfile
import time
import tomllib
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
LOGS = ROOT / "out" / "test"
BACKENDS = ("tensorflow", "jax", "torch", "openvino", "numpy")
"""Slow ones first, so that two workers end at about the same time."""
STAGES = ("lint", "tools", "wheels", "suite", "golden", "files", "docs", "api", "examples")
TIME_LIMIT = 2400
"""Seconds for one check; one that hangs must not take the others' time."""
ENVIRONMENT = {
    # Two checks share the machine, and small tensors gain nothing from threads.
    "OMP_NUM_THREADS": "1",
    "TF_NUM_INTRAOP_THREADS": "1",
    "TF_NUM_INTEROP_THREADS": "1",
    "TF_CPP_MIN_LOG_LEVEL": "3",
    "MPLBACKEND": "Agg",
    # Checks on JAX run many of the same small programs, which they share in a folder of the run's own.
    "JAX_PERSISTENT_CACHE_MIN_COMPILE_TIME_SECS": "0",
    "JAX_PERSISTENT_CACHE_MIN_ENTRY_SIZE_BYTES": "-1",
}
LOWER, LAYERS = ("packages/backends", "packages/ops"), ("packages/layers",)
UPPER = tuple(
    name
    for name in sorted(f"packages/{path.name}" for path in (ROOT / "packages").iterdir())
    if name not in (*LOWER, *LAYERS)
)
SUITE_PARTS = {"jax": {"lower": LOWER, "layers": LAYERS, "upper": UPPER}}
"""Where one process would run long after all others."""
COMPILING = {"jax": {"JAX_DISABLE_MOST_OPTIMIZATIONS": "1"}}
"""Where thousands of small functions run once each, compiling them well takes longer than running them."""
Counts = tuple[int, int]
"""Passed and failed."""


def by_exit_code(code: int, log: str) -> Counts:
    return (1, 0) if code == 0 else (0, 1)


def by_pytest(code: int, log: str) -> Counts:
    """Reads pytest's closing line; a run that collected nothing has failed."""
    closing = log.rstrip().rpartition("\n")[2]
    found = {word: int(number) for number, word in re.findall(r"(\d+) (passed|failed|errors?)", closing)}
    passed, failed = found.pop("passed", 0), sum(found.values())
    return passed, failed if failed or code == 0 else 1


def by_files(code: int, log: str) -> Counts:
    return _sum(code, re.findall(r"^\w+: passed (\d+), failed (\d+)", log, re.MULTILINE))


def _sum(code: int, rows: list[tuple[str, str]]) -> Counts:
    """Adds rows up; a checker that failed, or that found no case, has one failure at least."""
    passed, failed = sum(int(row[0]) for row in rows), sum(int(row[1]) for row in rows)
    return passed, max(failed, 1) if code or not passed else failed


@dataclass(frozen=True)
class Check:
    """One process: what it is called, what it runs and how its output is counted."""

    name: str
    command: tuple[str, ...]
    environment: Mapping[str, str] = field(default_factory=dict)
    count: Callable[[int, str], Counts] = by_exit_code


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--stage", action="append", choices=STAGES, help="only this stage; repeatable")
    parser.add_argument("--backend", action="append", choices=BACKENDS, help="only this backend; repeatable")
    parser.add_argument("--jobs", type=int, default=2, help="checks at a time (default 2)")
    parser.add_argument("--shared", type=Path, default=ROOT.parent / "shared", help="the recorded contract")
    parser.add_argument("--list", action="store_true", help="print the commands and run nothing")
    args = parser.parse_args()
    backends = [name for name in BACKENDS if name in (args.backend or BACKENDS)]
    checks = [
        check
        for stage in STAGES
        if stage in (args.stage or STAGES)
        for check in plan(stage, backends, args.shared)
    ]
    if args.list:
        print("\n".join(describe(check) for check in checks))
        return 0
    if not args.shared.is_dir():
        print(f"{args.shared} is not there: the recorded contract is not checked.")
    LOGS.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as home, ThreadPoolExecutor(args.jobs) as pool:
        # A settings file in the user's home must not steer the tests, nor be written by them.
        counts = list(pool.map(lambda check: run(check, home), checks))
    passed, failed = (sum(column) for column in zip(*counts, strict=True)) if counts else (0, 0)
    print(f"{passed} passed, {failed} failed")
    return 1 if failed or not passed else 0


def describe(check: Check) -> str:
    settings = [f"{name}={value}" for name, value in check.environment.items()]
    command = [Path(part).name if part == sys.executable else part for part in check.command]
    return f"{check.name}: {' '.join([*settings, *command])}"


def run(check: Check, home: str) -> Counts:
    """Runs one check, prints how it went, and the end of its output where it failed."""
    start = time.monotonic()
    folders = {"KERAS_HOME": home, "JAX_COMPILATION_CACHE_DIR": f"{home}/jax"}
    environment = {**ENVIRONMENT, **os.environ, **folders, **check.environment}
    log = LOGS / f"{check.name.replace(' ', '_')}.log"
    with log.open("w", encoding="utf-8") as stream:
        try:
            done = subprocess.run(
                check.command,
                cwd=ROOT,
                env=environment,
                stdin=subprocess.DEVNULL,
                stdout=stream,
                stderr=subprocess.STDOUT,
                timeout=TIME_LIMIT,
                check=False,
            )
            code = done.returncode
        except subprocess.TimeoutExpired:
            stream.write(f"\nstopped after {TIME_LIMIT} seconds\n")
            code = 124
    text = log.read_text(encoding="utf-8", errors="replace")
    passed, failed = check.count(code, text)
    lines = [f"[{time.monotonic() - start:5.0f} s] {describe(check)[:240]}"]
    if failed:
        lines += [f"    | {line[:300]}" for line in text.splitlines()[-60:]]
    lines += [f"    {passed} ok, {failed} wrong"]
    print("\n".join(lines), flush=True)
    return passed, failed


def plan(stage: str, backends: list[str], shared: Path) -> Iterator[Check]:
    """Yields the checks of one stage."""
    python = sys.executable
    if stage == "lint":
        yield Check("ruff check", (python, "-m", "ruff", "check", "."))
        yield Check("ruff format", (python, "-m", "ruff", "format", "--check", "."))
        yield Check("layering", (python, "tools/check_layering.py"))
        yield Check("api_gen", (python, "tools/api_gen.py", "--check"))
        yield Check("size", (python, "tools/size.py"))
    elif stage == "tools":
        yield Check("tools", (python, "-m", "pytest", "-q", "tools/tests"), count=by_pytest)
    elif stage == "wheels":
        yield Check("wheels", (python, "tools/wheels.py", "--quick"))
    elif stage == "docs":
        # A backend that trains and compiles nothing runs them soonest.
        yield Check("docs", (python, "tools/docs_check.py"), {"KERAS_BACKEND": "torch"}, by_pytest)
    elif stage == "suite":
        for name in backends:
            environment = {"KERAS_BACKEND": name, **COMPILING.get(name, {})}
            for part, folders in SUITE_PARTS.get(name, {"": ("packages",)}).items():
                command = (python, "-m", "pytest", "-q", "-p", "no:cacheprovider", *folders)
                yield Check(f"suite {name} {part}".strip(), command, environment, by_pytest)
    elif stage == "examples":
        yield from plan_examples(backends)
    elif shared.is_dir():
        contract = tomllib.loads((ROOT / "tools" / "contract.toml").read_text(encoding="utf-8"))
        yield from CONTRACT[stage](contract[stage], backends, shared)


def plan_examples(backends: list[str]) -> Iterator[Check]:
    """Trains each example on every backend that can, and serves the first one's files on those that cannot."""
    trained = [name for name in ("jax", "torch", "tensorflow") if name in backends]
    for path in sorted((ROOT / "examples").glob("*.py")):
        for name in trained:
            served = [other for other in ("numpy", "openvino") if other in backends and name == trained[0]]
            folder = LOGS / f"{path.stem}-{name}"
            steps = [
                f"KERAS_BACKEND={backend} {shlex.quote(sys.executable)} {path.relative_to(ROOT)} --out {folder}"
                for backend in (name, *served)
            ]
            yield Check(f"{path.stem} {name}", ("sh", "-c", " && ".join([f"rm -rf {folder}", *steps])))


def plan_api(table: dict[str, Any], backends: list[str], shared: Path) -> Iterator[Check]:
    bars = ",".join(f"{category}=1.0" for category in table["categories"])
    areas = [part for area in table["areas"] for part in ("--area", area)]
    for name in (name for name in backends if name in table["backends"]):
        report = LOGS / f"api_{name}.json"
        script = str(shared / "api" / "check_api.py")
        command = (sys.executable, script, *areas, "--bar", bars, "--json", str(report))

        def count(code: int, log: str, report: Path = report) -> Counts:
            totals = json.loads(report.read_text(encoding="utf-8"))["totals"] if code < 2 else {}
            return _sum(
                code, [(ok, of - ok) for name, (ok, of) in totals.items() if name in table["categories"]]
            )

        yield Check(f"api {name}", command, {"KERAS_BACKEND": name}, count)


def plan_golden(table: dict[str, Any], backends: list[str], shared: Path) -> Iterator[Check]:
    script = str(shared / "golden" / "run_golden.py")
    options = ("--verbose", "--area", ",".join(table["areas"]))
    names = [name for name in backends if name in table["backends"]]
    outsiders = table["outsiders"] if "numpy" in names else {}  # They run on NumPy.
    for name in (*names, *outsiders):
        environment = {"KERAS_BACKEND": name, **COMPILING.get(name, {})}
        if name in outsiders:
            environment["PYTHONPATH"] = str(ROOT / outsiders[name])
            options = ("--verbose", "--area", "ops")
        parts = table["parts"].get(name, 1)
        for part in range(parts):
            title = f"golden {name}" if parts == 1 else f"golden {name} {part + 1} of {parts}"
            report = LOGS / f"{title.replace(' ', '_')}.json"
            command = (sys.executable, script, *options, "--shard", f"{part}/{parts}", "--json", str(report))

            def count(code: int, log: str, report: Path = report, name: str = name) -> Counts:
                # Any other code is a crash, and a report that lies there then is an older run's.
                return by_golden_report(report, allowed_deviations(table, name)) if code in (0, 1) else (0, 1)

            yield Check(title, command, environment, count)


def allowed_deviations(table: dict[str, Any], backend: str) -> dict[str, int]:
    """`area/operation` -> how many recorded cases this backend may answer otherwise, for a stated reason."""
    return {
        case: counts.get(backend, counts.get("all", 0))
        for group in table.get("deviations", {}).values()
        for case, counts in group["cases"].items()
    }


def by_golden_report(report: Path, allowed: Mapping[str, int]) -> Counts:
    """Counts the cases of a report; failures beyond those allowed for an operation are wrong."""
    if not report.is_file():
        return 0, 1
    data = json.loads(report.read_text(encoding="utf-8"))
    passed = sum(area.get("passed", 0) for area in data["areas"].values())
    failures = Counter("/".join(failure["id"].split("/")[:2]) for failure in data["failures"])
    excess = sum(max(0, number - allowed.get(case, 0)) for case, number in failures.items())
    return passed, max(excess, 0 if passed else 1)


def plan_files(table: dict[str, Any], backends: list[str], shared: Path) -> Iterator[Check]:
    script = str(shared / "golden_files" / "run_files.py")
    for area, part in table.items():
        for name in (name for name in backends if name in part["backends"]):
            cases = (*part["cases"], *part.get("also", {}).get(name, ()))
            chosen = (word for case in cases for word in ("--case", case))
            command = (sys.executable, script, area, "--verbose", *chosen)
            yield Check(f"{area} {name}", command, {"KERAS_BACKEND": name}, by_files)


CONTRACT = {"api": plan_api, "golden": plan_golden, "files": plan_files}


if __name__ == "__main__":
    sys.exit(main())
