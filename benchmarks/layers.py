#!/usr/bin/env python3
"""Measures layers beside the same work written by hand in the framework, on the backend of `KERAS_BACKEND`.

A training step (with SGD: one of `fit`, and `train_on_batch`, each beside a step by hand) and a prediction of
recurrent layers, attention, convolutions and normalization, and preprocessing of texts and images. Both start from
the same NumPy arrays, and return the loss as a number, the prediction as an array; the framework's step is compiled where programs in it are
(JAX, TensorFlow). What is done by hand for texts and images is said in `layers_cases`. Ours and theirs are measured
in turns. The ratio is the framework's time over ours: the aim is 0.95 and more. `--json FILE` keeps the figures,
`--only WORD` runs some cases. Never fails for time.
"""

import argparse
import json
import os
import sys
from collections.abc import Callable
from functools import partial

# One thread each, ours and theirs: with more, what is measured is the scheduler.
for _name in ("OMP_NUM_THREADS", "TF_NUM_INTRAOP_THREADS", "TF_NUM_INTEROP_THREADS"):
    os.environ.setdefault(_name, "1")
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import keras
import numpy as np
from layers_cases import MODELS, PREPROCESSING, made
from layers_native import raw_steps
from measure import seconds_in_turns
from native import native

STEPS = 16
"""Batches of an epoch of `fit`."""


def _each(step: Callable[..., float], batches: list[tuple[np.ndarray, ...]]) -> float:
    """An epoch by hand."""
    for batch in batches:
        loss = step(*batch)
    return loss


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--only", default="", metavar="WORD", help="only cases whose name contains it")
    parser.add_argument("--json", metavar="FILE", help="write the figures there")
    args = parser.parse_args()
    backend = keras.config.backend()
    wait = native(backend).wait
    print(f"keras {keras.__version__}, backend {backend}; processor time, least of repeats")
    print(f"{'case':34}{'ours':>12}{'native':>12}{'raw/ours':>10}")
    rows = {}

    def row(name: str, ours: object, theirs: object, steps: int = 1) -> None:
        mine, raw = seconds_in_turns([ours, theirs], wait, 15)
        mine, raw = mine / steps, raw / steps
        rows[name] = {"ours": mine, "native": raw}
        print(f"{name:34}{mine * 1e3:9.2f} ms{raw * 1e3:9.2f} ms{raw / mine:10.2f}", flush=True)

    for name, case in MODELS.items():
        if args.only in name:
            x, y = case.data()
            model = made(case)
            step, forward = raw_steps(backend, name, model.get_weights())
            np.testing.assert_allclose(forward(x), model.predict_on_batch(x), atol=2e-3)
            many = [np.concatenate([part] * STEPS) for part in (x, y)]
            batches = list(zip(*(np.split(part, STEPS) for part in many), strict=True))
            epoch = partial(model.fit, *many, batch_size=len(x), shuffle=False, verbose=0)
            row(f"{name}: step of fit", epoch, partial(_each, step, batches), STEPS)
            row(f"{name}: train_on_batch", partial(model.train_on_batch, x, y), partial(step, x, y))
            row(f"{name}: predict_on_batch", partial(model.predict_on_batch, x), partial(forward, x))
    for name, pair in PREPROCESSING.items():
        if args.only in name:
            row(name, *pair(backend))
    if args.json:
        with open(args.json, "w", encoding="utf-8") as stream:
            json.dump({"backend": backend, "version": keras.__version__, "seconds": rows}, stream, indent=1)
    return 0


if __name__ == "__main__":
    sys.exit(main())
