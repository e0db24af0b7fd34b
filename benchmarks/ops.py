#!/usr/bin/env python3
"""Measures operations beside the raw call of the framework, on the backend of `KERAS_BACKEND`.

Forty common operations on tiny inputs say what a call of ours costs (the median ratio should stay below
1.3); a few on large inputs say whether the way we compute is the framework's best (below 1.05).
`--json FILE` keeps the figures, `--only WORD` runs the cases whose name contains it. Never fails for time.
"""

import argparse
import json
import os
import statistics
import sys
import time
from collections.abc import Callable
from functools import partial
from typing import Any

# One thread each, ours and theirs: with more, what is measured is the scheduler.
for _name in ("OMP_NUM_THREADS", "TF_NUM_INTRAOP_THREADS", "TF_NUM_INTEROP_THREADS"):
    os.environ.setdefault(_name, "1")
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import keras
import numpy as np
from measure import seconds_in_turns
from native import native
from ops_cases import LARGE, SMALL, Case

UNITS = {"small": ("us", 1e6), "large": ("ms", 1e3)}
TURN = 0.005
"""Seconds that a turn of small calls takes: short, so that a pair of turns sees the same machine."""


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--only", default="", metavar="WORD", help="only cases whose name contains it")
    parser.add_argument("--json", metavar="FILE", help="write the figures there")
    args = parser.parse_args()
    backend = keras.config.backend()
    print(f"keras {keras.__version__}, backend {backend}; processor time, least of turns; median ratio")
    rows = {}
    for group, table in (("small", SMALL), ("large", LARGE)):
        cases = {name: case for name, case in table.get(backend, {}).items() if args.only in name}
        unit, factor = UNITS[group]
        ratios = []
        for name, case in cases.items():
            ours, theirs, ratio = measured(case, 25 if group == "small" else 9)
            ratios.append(ratio)
            rows[f"{group} {name}"] = {"ours": ours, "native": theirs, "ratio": ratio}
            print(f"{name:24}{ours * factor:12.2f}{theirs * factor:12.2f} {unit}{ratio:8.2f}", flush=True)
        if ratios:
            print(f"{group}: median {statistics.median(ratios):.2f}, worst {max(ratios):.2f}\n")
    if args.json:
        with open(args.json, "w", encoding="utf-8") as stream:
            json.dump({"backend": backend, "version": keras.__version__, "seconds": rows}, stream, indent=1)
    return 0


def measured(case: Case, turns: int) -> tuple[float, float, float]:
    """Our least seconds per call, the framework's, and the median ratio of turns that follow each other.

    A processor that changes its speed meanwhile changes both figures of a later pair alike.
    """
    function, raw, arrays = case
    tensors = [keras.ops.convert_to_tensor(np.asarray(x)) for x in arrays]
    wait = native(keras.config.backend()).wait
    calls = partial(function, *tensors), partial(raw, *tensors)
    count = max(1, round(TURN / seconds_in_turns(calls, wait, 1)[1]))
    pairs = [[_seconds(call, wait, count) for call in calls] for _ in range(turns)]
    ours, theirs = map(min, zip(*pairs))
    return ours, theirs, statistics.median(x / y for x, y in pairs)


def _seconds(function: Callable[[], Any], wait: Callable[[Any], Any], count: int) -> float:
    start = time.process_time()
    for _ in range(count):
        result = function()
    wait(result)
    return (time.process_time() - start) / count


if __name__ == "__main__":
    sys.exit(main())
