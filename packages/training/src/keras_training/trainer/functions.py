"""The three functions that a model runs batches with, made of its steps by its engine.

A function takes a list of batches, placed by what `placer` returns. The signature of a step says how it
wants to be called: `step(self, data)`, or `step(self, state, data)` with the variables' values in and out.
"""

import inspect
from collections.abc import Callable
from contextlib import nullcontext
from typing import Any

from keras_ops import ops, tree
from keras_ops.state import state
from keras_ops.variable import Variable

from keras_training.trainer.engine import place, unique
from keras_training.trainer.functional_steps import GROUPS, STEPS, imperative, variables_of
from keras_training.trainer.shapes import naming_layers

Function = Callable[[list[Any]], Any]

_READ_ONLY = {
    "train_step": (),
    "test_step": ("trainable_variables",),
    "predict_step": ("trainable_variables",),
}


def takes_state(model: Any, name: str) -> bool:
    """Says whether a model's step has the signature `(self, state, data)`.

    Raises:
        TypeError: If it has, but the backend's state is not functional.
    """
    parameters = inspect.signature(getattr(model, name)).parameters.values()
    required = [
        p
        for p in parameters
        if p.default is p.empty and p.kind in (p.POSITIONAL_ONLY, p.POSITIONAL_OR_KEYWORD)
    ]
    if len(required) < 2:
        return False
    if not state.backend.traits.functional:
        raise TypeError(
            f"{type(model).__name__}.{name} has the signature `{name}(self, state, data)`, which is for "
            f"backends that pass state in and out; the {state.backend.name!r} backend does not. Write it as "
            f"`{name}(self, data)`."
        )
    return True


def runs_eagerly(model: Any) -> bool:
    """Says whether a model's steps are plain Python although the backend could compile them."""
    if model.run_eagerly or not state.backend.traits.functional:
        return model.run_eagerly
    return not model.jit_compile or _takes_text(model)


def _takes_text(model: Any) -> bool:
    """Says whether inputs are strings of which the backend has no tensors, so that they stay on the host."""
    if "string" in state.backend.native_dtypes:
        return False
    return any(getattr(x, "dtype", None) == "string" for x in tree.flatten(getattr(model, "inputs", None)))


def placer(model: Any, stable: bool) -> Callable[[Any], Any] | None:
    """Returns what puts a model's batches on the device; `None` if they may stay where they are.

    Args:
        model: The model.
        stable: Whether the batches' memory stays as it is, so that it may be shared.
    """
    if stable and model.engine.takes_host_arrays and not runs_eagerly(model):
        return None
    return place


def make_function(model: Any, name: str) -> Function:
    """Makes the function that runs a model's step on lists of batches.

    Args:
        model: The model.
        name: `"train_step"`, `"test_step"` or `"predict_step"`.

    Returns:
        A function from a list of batches to what the last step returned, or a function that computes
        it; for prediction to the outputs of all of them.
    """
    function = _function(model, name)
    return naming_layers(model, function) if _is_default(model, name) else function


def _function(model: Any, name: str) -> Function:
    traits = state.backend.traits
    eager = runs_eagerly(model)
    asked = model._jit_compile is True
    plain = eager or not (traits.compiles or asked)
    step, predicts = _step(model, name, plain), name == "predict_step"
    engine = model.engine
    # Only training may give the old values' memory away: other threads and users may hold them.
    options = {"compiled": not eager, "jit": True if asked else None, "donates": name == "train_step"}

    def fixed() -> list[Variable]:
        return unique(v for group in _READ_ONLY[name] for v in variables_of(model, group))

    def changing() -> list[Variable]:
        known = set(map(id, fixed()))
        groups = [variables_of(model, group) for group in GROUPS[name]]
        return unique(v for group in groups for v in group if id(v) not in known)

    # Prediction changes nothing, as a rule; the engine learns of exceptions (generators of random numbers).
    written = list if predicts else changing
    read = (lambda: [*fixed(), *changing()]) if predicts else fixed

    predictor = state.backend.predictor
    if predicts and predictor is not None and not eager:
        one = predictor(step)
    else:
        one = engine.prepare(step, written, read, **options)
    size = model.steps_per_execution
    if size == 1:
        return lambda batches: one(batches[0])
    many = None if predicts else engine.prepare_many(step, written, read, **options)

    def run(batches: list[Any]) -> Any:
        if many is not None and len(batches) == size and _same_shapes(batches):
            return many(batches)
        results = [one(batch) for batch in batches]
        if predicts and len(results) > 1:
            return tree.map_structure(lambda *parts: ops.concatenate(parts, axis=0), *results)
        return results[-1]

    return run


def _step(model: Any, name: str, plain: bool) -> Callable[[Any], Any]:
    """Returns a model's step as a function of a batch.

    Args:
        model: The model.
        name: Name of the step.
        plain: Whether the step runs as plain Python, where each operation costs.
    """
    if takes_state(model, name):
        return imperative(model, name)
    if plain and name in _PARTS and _is_default(model, name, "compute_metrics", "get_metrics_result"):
        return _without_results(model, name)
    method = getattr(model, name)
    if name == "train_step":
        return method
    inference = state.backend.inference

    def step(batch: Any) -> Any:
        with inference():
            return method(batch)

    return step


_PARTS = {"train_step": "_train", "test_step": "_test"}


def _is_default(model: Any, *names: str) -> bool:
    return all(getattr(type(model), name) is getattr(STEPS, name) for name in names)


def _without_results(model: Any, name: str) -> Callable[[Any], Any]:
    """Makes the default step, which leaves it to whoever wants results to compute them."""
    run, inference = getattr(model, _PARTS[name]), state.backend.inference
    trains = name == "train_step"

    def results() -> Any:
        with inference():
            return model.get_metrics_result()

    def step(batch: Any) -> Any:
        with nullcontext() if trains else inference():
            _, y, y_pred, sample_weight = run(batch)
        with inference():
            model._update_metrics(y, y_pred, sample_weight)
        return results

    return step


def _same_shapes(batches: list[Any]) -> bool:
    first = [getattr(x, "shape", None) for x in tree.flatten(batches[0])]
    return all([getattr(x, "shape", None) for x in tree.flatten(b)] == first for b in batches[1:])
