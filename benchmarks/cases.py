"""The benchmarks: each returns our seconds, the framework's for the same work, and NumPy's for an addition.

They use the public API only. `run.py` runs them in the order of `CASES`.
"""

import os
import subprocess
import sys
import tempfile
from collections.abc import Callable
from typing import Any, NamedTuple

import keras
import numpy as np
from measure import seconds_in_turns, yardstick
from native import NumPy

IMPORT = """
import gc, time
import {framework}
gc.collect()
gc.freeze()
start = time.process_time()
import {package}
{names}
print(time.process_time() - start)
import sys
sys.path.insert(0, {here!r})
from measure import seconds_in_turns, yardstick
print(*seconds_in_turns([yardstick]))
"""
"""What the framework's import left to the garbage collector is frozen: going through it, which any import after
it may set off, takes longer than all of ours."""
REPEATS = 25
"""Of each case: a machine that changes its speed shows its best to long calls more rarely than to short ones."""
BATCH, INPUTS, HIDDEN, CLASSES, SAMPLES = 32, 784, 128, 10, 4096
"""Sizes of the perceptron that is trained."""


class Seconds(NamedTuple):
    """What one call takes, all three measured in turns."""

    ours: float
    native: float | None
    """The framework's own time for the same work, if there is such."""
    yardstick: float


def import_time(raw: NumPy | None) -> Seconds:
    """From `import keras` to the names of a first program, above the framework."""
    return _import_time("keras", "keras.ops.add, keras.layers.Dense, keras.Model, keras.optimizers.Adam")


def import_ops_time(raw: NumPy | None) -> Seconds:
    """From `import keras_ops` to an operation, above the framework."""
    return _import_time("keras_ops", "from keras_ops import ops; ops.add")


def _import_time(package: str, names: str) -> Seconds:
    here = os.path.dirname(__file__)
    code = IMPORT.format(framework=keras.config.backend(), package=package, names=names, here=here)
    with tempfile.TemporaryDirectory() as compiled:
        times = [_in_process(code, compiled) for _ in range(5)]
    ours, addition = min(times, key=lambda time: time[0] / time[1])
    return Seconds(ours, 0.0, addition)


def _in_process(code: str, compiled: str) -> list[float]:
    """Runs `code` with bytecode kept in the folder `compiled`, as an installed package has it."""
    environment = {**os.environ, "KERAS_BACKEND": keras.config.backend(), "PYTHONPYCACHEPREFIX": compiled}
    environment.pop("PYTHONDONTWRITEBYTECODE", None)
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, env=environment
    )
    return [float(line) for line in done.stdout.splitlines()[-2:]]


def _square(raw: NumPy | None) -> Any:
    value = np.ones((2, 2), "float32")
    return keras.ops.convert_to_tensor(value) if raw is None else raw.tensor(value)


def _beside(ours: Callable[[], Any], raw: NumPy | None, theirs: Callable[[], Any] | None = None) -> Seconds:
    functions = [yardstick, ours, *([theirs] if raw and theirs else [])]
    addition, mine, *native = seconds_in_turns(
        functions, raw.wait if raw else lambda result: None, repeats=REPEATS
    )
    return Seconds(mine, native[0] if native else None, addition)


def eager_add(raw: NumPy | None) -> Seconds:
    x, add = _square(raw), keras.ops.add
    return _beside(lambda: add(x, x), raw, lambda: raw.add(x, x))


def symbolic_add(raw: NumPy | None) -> Seconds:
    x, add = keras.KerasTensor((None, 2)), keras.ops.add
    return _beside(lambda: add(x, x), None)


def identity_layer(raw: NumPy | None) -> Seconds:
    class Same(keras.layers.Layer):
        def call(self, inputs: Any) -> Any:
            return inputs

    layer, x = Same(), _square(raw)
    return _beside(lambda: layer(x), raw)


def dense_call(raw: NumPy | None) -> Seconds:
    layer, x = keras.layers.Dense(2), _square(raw)
    kernel, bias = _square(raw), x[0]
    return _beside(lambda: layer(x), raw, lambda: raw.dense(x, kernel, bias))


def sequential_call(raw: NumPy | None) -> Seconds:
    model, x = keras.Sequential([keras.layers.Dense(2) for _ in range(10)]), _square(raw)
    kernel, bias = _square(raw), x[0]

    def by_hand() -> Any:
        y = x
        for _ in range(10):
            y = raw.dense(y, kernel, bias)
        return y

    return _beside(lambda: model(x), raw, by_hand)


def construct_dense(raw: NumPy | None) -> Seconds:
    return _beside(lambda: keras.layers.Dense(2), None)


def build_functional(raw: NumPy | None) -> Seconds:
    def build() -> Any:
        x = inputs = keras.Input((2,))
        for _ in range(20):
            x = keras.layers.Dense(2)(x)
        return keras.Model(inputs, x)

    return _beside(build, None)


def build_convolutional(raw: NumPy | None) -> Seconds:
    """50 convolutions with batch normalization: 50 distinct shapes of weights."""

    def build() -> Any:
        x = inputs = keras.Input((64, 64, 3))
        for index in range(50):
            x = keras.layers.Conv2D(8 + index, 3, padding="same", use_bias=False)(x)
            x = keras.layers.ReLU()(keras.layers.BatchNormalization()(x))
        return keras.Model(inputs, x)

    return _beside(build, None)


def _perceptron() -> keras.Model:
    layers = [
        keras.Input((INPUTS,)),
        keras.layers.Dense(HIDDEN, activation="relu"),
        keras.layers.Dense(CLASSES),
    ]
    return keras.Sequential(layers)


def _weights(model: keras.Model, raw: NumPy) -> list[Any]:
    return [raw.tensor(np.array(value)) for value in model.get_weights()]


def fit(raw: NumPy | None) -> Seconds:
    """Seconds per epoch of the perceptron, Adam, batches of 32, no metric."""
    random = np.random.default_rng(0)
    x = random.normal(size=(SAMPLES, INPUTS)).astype("float32")
    y = random.integers(0, CLASSES, SAMPLES)
    model = _perceptron()
    epoch = raw.epoch(_weights(model, raw))
    model.compile("adam", keras.losses.SparseCategoricalCrossentropy(from_logits=True))
    return _beside(
        lambda: model.fit(x, y, batch_size=BATCH, shuffle=False, verbose=0), raw, lambda: epoch(x, y, BATCH)
    )


def predict(raw: NumPy | None) -> Seconds:
    """One call of `predict` for one batch."""
    x = np.ones((BATCH, INPUTS), "float32")
    model = _perceptron()
    forward = raw.forward(_weights(model, raw)) if raw else None
    return _beside(lambda: model.predict(x, verbose=0), raw, forward and (lambda: forward(x)))


CASES: dict[str, Callable[[NumPy | None], Seconds]] = {
    "import": import_time,
    "import keras_ops": import_ops_time,
    "eager add": eager_add,
    "symbolic add": symbolic_add,
    "identity layer": identity_layer,
    "Dense(2)": dense_call,
    "Sequential of 10 Dense": sequential_call,
    "construct Dense(2)": construct_dense,
    "build Functional of 20 Dense": build_functional,
    "build 50 convolutions": build_convolutional,
    "fit epoch": fit,
    "predict": predict,
}
TRAINING = ("fit epoch",)
"""Cases that a backend without gradients cannot run."""
