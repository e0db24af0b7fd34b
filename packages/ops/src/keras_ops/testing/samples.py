"""Samples: calls of operations on small arrays, from which the kit derives all its checks.

Each family has a module `samples_<family>` beside this one with a table `SAMPLES` from operation
name to calls. An operation without samples fails the suite.
"""

import importlib
import pkgutil
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import keras_ops.testing


@dataclass(frozen=True)
class Sample:
    """One call of an operation.

    Attributes:
        args: Positional arguments; NumPy arrays become tensors.
        kwargs: Keyword arguments.
        reference: A NumPy function of the same arguments that gives the expected result.
        differentiable: Whether the gradient is compared with finite differences.
        deterministic: Whether two calls give the same values.
        portable: Whether every backend gives the same values, e.g. not vectors up to their sign. Random
            numbers never are.
        symbolic: Whether the call works on KerasTensors.
        unknown: Whether the spec can be inferred when sizes are unknown.
        jit: Whether the call works inside a compiled function.
    """

    args: tuple[Any, ...]
    kwargs: dict[str, Any]
    reference: Callable[..., Any] | None = None
    differentiable: bool = True
    deterministic: bool = True
    portable: bool = True
    symbolic: bool = True
    unknown: bool = True
    jit: bool = True


_OPTIONS = ("reference", "differentiable", "deterministic", "portable", "symbolic", "unknown", "jit")


def call(*args: Any, **kwargs: Any) -> Sample:
    """Writes a sample as the call it is; the options of `Sample` may stand among the arguments.

    Example:

        >>> import numpy as np
        >>> call(np.ones((2, 3)), axis=1, reference=np.sum).kwargs
        {'axis': 1}
    """
    options = {name: kwargs.pop(name) for name in _OPTIONS if name in kwargs}
    return Sample(args, kwargs, **options)


def all_samples() -> dict[str, list[Sample]]:
    """Returns the samples of all families."""
    table: dict[str, list[Sample]] = {}
    for info in pkgutil.iter_modules(keras_ops.testing.__path__, "keras_ops.testing."):
        if info.name.rpartition(".")[2].startswith("samples_"):
            for name, samples in importlib.import_module(info.name).SAMPLES.items():
                table.setdefault(name, []).extend(samples)
    return table
