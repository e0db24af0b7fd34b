"""Weights of classes made into weights of samples."""

from collections.abc import Mapping
from typing import Any

import numpy as np
from keras_backends import settings
from keras_ops import tree
from keras_ops.state import state


def class_weights_of(y: Any, class_weight: Mapping[int, float]) -> np.ndarray:
    """Returns the weight of each sample by its class.

    Args:
        y: Class numbers `(batch,)` or `(batch, 1)`, or one-hot targets `(batch, classes)`.
        class_weight: Class number to weight; classes that are not in it weigh 1.

    Returns:
        `(batch,)`, in floatx.

    Raises:
        ValueError: If there are several outputs, or no targets.

    Example:

        >>> class_weights_of(np.array([0, 2, 1]), {0: 0.5, 2: 3.0}).tolist()
        [0.5, 3.0, 1.0]
    """
    if y is None:
        raise ValueError("`class_weight` needs targets to weigh samples by; there is no `y`.")
    if tree.is_nested(y):
        raise ValueError(
            "`class_weight` is for models with one output, received a nest of targets. Pass `sample_weight` "
            "instead, in the structure of the targets."
        )
    classes = state.backend.numpy(y) if state.backend.is_tensor(y) else np.asarray(y)
    if classes.ndim > 1:
        classes = classes.argmax(-1) if classes.shape[-1] != 1 else classes[..., 0]
    classes = np.round(classes).astype("int64")
    weights = np.ones(classes.shape, settings.floatx())
    for number, weight in class_weight.items():
        weights[classes == int(number)] = weight
    return weights


def weigh(batch: tuple[Any, Any, Any], class_weight: Mapping[int, float] | None) -> tuple[Any, Any, Any]:
    """Puts sample weights made of class weights into a batch `(x, y, sample_weight)`."""
    if class_weight is None:
        return batch
    x, y, sample_weight = batch
    if sample_weight is not None:
        raise ValueError("`class_weight` and `sample_weight` can not be used together.")
    return x, y, class_weights_of(y, class_weight)
