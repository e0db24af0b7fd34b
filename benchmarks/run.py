#!/usr/bin/env python3
"""Measures the library beside the raw framework, in one process, on the backend of `KERAS_BACKEND`.

Prints a table with the budgets of `budgets.py`; `--json FILE` keeps the figures, `--only NAME` runs some
cases. Never fails for time: a figure is for people to judge. Run it on an idle machine.
"""

import argparse
import json
import os
import sys

# One thread each, ours and theirs: with more, what is measured is the scheduler.
for _name in ("OMP_NUM_THREADS", "TF_NUM_INTRAOP_THREADS", "TF_NUM_INTEROP_THREADS"):
    os.environ.setdefault(_name, "1")
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import keras
from budgets import budget_of, pace
from cases import CASES, SAMPLES, TRAINING
from native import native


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--only", action="append", choices=list(CASES), help="only this case; repeatable")
    parser.add_argument("--json", metavar="FILE", help="write the figures there")
    args = parser.parse_args()
    backend = keras.config.backend()
    raw = native(backend)
    print(f"keras {keras.__version__}, backend {backend}; processor time, least of repeats")
    print(
        "budgets are stretched by the pace of this machine beside that of the table, measured with each case"
    )
    print(f"{'case':32}{'ours':>12}{'native':>12}{'ratio':>8}{'pace':>8}{'budget':>12}  ")
    rows = {}
    for name in args.only or CASES:
        if name in TRAINING and not (raw and raw.trains):
            continue
        keras.utils.clear_session()
        ours, theirs, addition = CASES[name](raw)
        budget, slower = budget_of(name, backend), pace(addition)
        limit = budget.limit(theirs, slower) if budget else None
        rows[name] = {"ours": ours, "native": theirs, "pace": slower, "budget": limit}
        ratio = f"{ours / theirs:.2f}" if theirs else ""
        verdict = "" if limit is None else "within" if ours <= limit else "OVER"
        print(
            f"{name:32}{show(ours):>12}{show(theirs):>12}{ratio:>8}{slower:>8.2f}{show(limit):>12}  {verdict}",
            flush=True,
        )
    if epoch := rows.get("fit epoch"):
        speeds = [f"{SAMPLES / epoch[side]:,.0f} samples/s {side}" for side in ("ours", "native")]
        print(f"fit: {', '.join(speeds)}")
    if args.json:
        with open(args.json, "w", encoding="utf-8") as stream:
            json.dump({"backend": backend, "version": keras.__version__, "seconds": rows}, stream, indent=1)
    return 0


def show(seconds: float | None) -> str:
    """Returns seconds in the unit that reads best.

    Example:

        >>> show(2.5e-06)
        '2.50 us'
    """
    if seconds is None:
        return ""
    for unit, factor in (("s", 1.0), ("ms", 1e3), ("us", 1e6)):
        if seconds * factor >= 1 or unit == "us":
            return f"{seconds * factor:.2f} {unit}"
    return ""


if __name__ == "__main__":
    sys.exit(main())
