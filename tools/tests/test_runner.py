"""The runner must not take an empty, broken or silent check for a good one."""

import importlib.util
import json
import sys
import tomllib
from pathlib import Path

import pytest

TOOLS = Path(__file__).resolve().parent.parent


def load(name: str):
    """Loads a script of `tools/` as a module, under a name that shadows nothing."""
    spec = importlib.util.spec_from_file_location(f"tools_{name}", TOOLS / f"{name}.py")
    module = sys.modules[spec.name] = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


runner, size = load("test"), load("size")


@pytest.mark.parametrize(
    ("code", "log", "expected"),
    [
        (0, "noise\n12 passed in 0.1s", (12, 0)),
        (1, "1 failed, 12 passed, 2 skipped in 0.1s", (12, 1)),
        (1, "3 passed, 2 errors in 0.1s", (3, 2)),
        (5, "no tests ran in 0.1s", (0, 1)),
        (-11, "Fatal Python error: Segmentation fault", (0, 1)),
    ],
)
def test_counts_of_pytest(code, log, expected):
    assert runner.by_pytest(code, log) == expected


@pytest.mark.parametrize(
    ("code", "passed", "failed", "expected"),
    [(0, 7, 0, (7, 0)), (1, 7, 2, (7, 2)), (0, 0, 0, (0, 1)), (139, 7, 0, (7, 1))],
)
def test_counts_of_files(code, passed, failed, expected):
    line = f"saved: passed {passed}, failed {failed}, skipped 2 of 9 cases; checks passed 5, failed 0"
    assert runner.by_files(code, f"noise\n{line}\n") == expected


@pytest.mark.parametrize(
    ("passed", "failures", "expected"),
    [
        (7, [], (7, 0)),
        (7, ["ops/odd/1", "ops/odd/2"], (7, 0)),
        (7, ["ops/odd/1", "ops/odd/2", "ops/odd/3"], (7, 1)),
        (7, ["ops/plain/1"], (7, 1)),
        (0, [], (0, 1)),
    ],
)
def test_golden_failures_beyond_the_listed_deviations_are_wrong(tmp_path, passed, failures, expected):
    report = tmp_path / "report.json"
    areas = {"ops": {"passed": passed, "failed": len(failures)}}
    report.write_text(json.dumps({"areas": areas, "failures": [{"id": case} for case in failures]}))
    assert runner.by_golden_report(report, {"ops/odd": 2}) == expected


def test_a_golden_run_without_report_has_failed(tmp_path):
    assert runner.by_golden_report(tmp_path / "missing.json", {}) == (0, 1)


def test_every_deviation_has_a_reason_and_a_number():
    table = tomllib.loads((TOOLS / "contract.toml").read_text(encoding="utf-8"))["golden"]
    for group in table.get("deviations", {}).values():
        assert len(group["reason"]) > 20
        assert all(number > 0 for counts in group["cases"].values() for number in counts.values())


def test_every_check_of_the_contract_is_planned_on_each_of_its_backends(tmp_path):
    backends = list(runner.BACKENDS)
    stages = ("api", "golden", "files")
    checks = [check for stage in stages for check in runner.plan(stage, backends, tmp_path)]
    names = {" ".join(check.name.split()[:2]) for check in checks}
    contract = tomllib.loads((TOOLS / "contract.toml").read_text(encoding="utf-8"))
    parts = {"api": contract["api"], "golden": contract["golden"], **contract["files"]}
    wanted = [f"{part} {name}" for part, table in parts.items() for name in table["backends"]]
    wanted += [f"golden {name}" for name in contract["golden"]["outsiders"]]
    assert sorted(names) == sorted(wanted)


def test_size_counts_code_and_finds_long_functions():
    text = '"""Doc."""\n\n# why\nx = [\n    1,\n]\n\n\ndef f():\n    """Doc\n    more."""\n' + "    x\n" * 61
    assert size.code_lines(text) == 3 + 1 + 61
    assert [line.partition(": ")[2] for line in size.too_long(text, "a.py")] == [
        "f has 62 lines, more than 60"
    ]
