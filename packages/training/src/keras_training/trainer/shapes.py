"""What a model makes of the shapes and dtypes of a batch, before or instead of its numbers.

`Trainer` builds models with it.
"""

from typing import Any

import numpy as np
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
