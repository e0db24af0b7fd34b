"""What a model makes of the shapes and dtypes of a batch, without its numbers.

`Trainer` builds models with it; `functions` finds the layer that refuses a batch, where a compiled step has
failed without naming one.
"""

from collections.abc import Callable
from typing import Any

import numpy as np
from keras_datasets.packing import unpack_x_y_sample_weight
from keras_ops import tree
from keras_ops.inference import compute_output_spec
from keras_ops.state import state
from keras_ops.tensor import KerasTensor


def spec(x: Any) -> Any:
    """Returns shape and dtype of an array or tensor as a `KerasTensor`; `None` for `None`."""
    if x is None:
        return None
    dtype = state.backend.dtype(x) if state.backend.is_tensor(x) else str(np.asarray(x).dtype)
    return KerasTensor(tuple(x.shape), "string" if dtype[0] in "<|>oOUS" else dtype)


def outputs_for(model: Any, x: Any) -> Any:
    """Returns the specs of a model's outputs; builds what is not built.

    Args:
        model: The model.
        x: Its inputs.

    Raises:
        ValueError: If a layer refuses the inputs.
        RuntimeError: If it fails in another way.
    """
    built = all(layer.built for layer in model._flatten_layers())
    specs = tree.map_structure(spec, x)
    try:
        return compute_output_spec(model._call, specs, training=False)
    except Exception as error:
        kind = ValueError if isinstance(error, (ValueError, TypeError)) else RuntimeError
        raise kind(
            f"Model {model.name!r} can not be {'called on' if built else 'built from'} a batch of shapes "
            f"{tree.map_structure(lambda s: getattr(s, 'shape', None), specs)}: "
            f"{type(error).__name__}: {error}"
        ) from error


def naming_layers(model: Any, run: Callable[[list[Any]], Any]) -> Callable[[list[Any]], Any]:
    """Makes a function of batches tell which layer refuses a batch, where it fails at one.

    A compiled step may have been traced for sizes that it leaves open, or be refused its arguments before any
    layer sees them.

    Args:
        model: A model whose steps call it on the inputs of a batch.
        run: Takes a list of batches.
    """

    def told(batches: list[Any]) -> Any:
        try:
            return run(batches)
        except ValueError:
            raise
        except Exception:
            for batch in batches:
                _refuse(model, unpack_x_y_sample_weight(batch)[0])
            raise

    return told


def _refuse(model: Any, x: Any) -> None:
    """Raises what a layer has against inputs; that the model fails on specs in another way says nothing."""
    try:
        outputs_for(model, x)
    except (ValueError, RuntimeError) as error:
        if isinstance(error.__cause__, ValueError):
            raise
