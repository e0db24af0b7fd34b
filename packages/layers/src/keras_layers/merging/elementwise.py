"""`Add`, `Subtract`, `Multiply`, `Average`, `Maximum`, `Minimum`, as layers and as functions."""

from functools import reduce
from typing import Any

from keras_backends.api import export
from keras_ops import masks, ops
from keras_ops.tensor import Tensor

from keras_layers.documentation import documented
from keras_layers.merging.base_merge import Merge

LISTED = """
Args:
    **kwargs: Arguments of `keras.Layer`, such as `name` and `dtype`.

Call arguments:
    inputs: List of tensors whose shapes broadcast.

Returns:
    Tensor of the common shape.
"""


@export("keras.layers.Add")
@documented(listed=LISTED)
class Add(Merge):
    """Adds the inputs.

    {listed}

    Example:

        >>> float(Add()([ops.ones((1, 1)), ops.ones((1, 1))])[0, 0])
        2.0
    """

    def _merge_function(self, inputs: list[Tensor]) -> Tensor:
        return reduce(ops.add, inputs)


@export("keras.layers.Subtract")
class Subtract(Merge):
    """Subtracts the second of two inputs from the first.

    Args:
        **kwargs: Arguments of `keras.Layer`, such as `name` and `dtype`.

    Call arguments:
        inputs: List of two tensors whose shapes broadcast.

    Example:

        >>> float(Subtract()([ops.ones((1, 1)), ops.ones((1, 1))])[0, 0])
        0.0
    """

    exact_inputs = 2

    def _merge_function(self, inputs: list[Tensor]) -> Tensor:
        return ops.subtract(inputs[0], inputs[1])


@export("keras.layers.Multiply")
@documented(listed=LISTED)
class Multiply(Merge):
    """Multiplies the inputs; masked steps of an input count as ones.

    {listed}

    Example:

        >>> float(Multiply()([ops.full((1, 1), 2.0), ops.full((1, 1), 3.0)])[0, 0])
        6.0
    """

    _sparse_if = staticmethod(any)

    def _merge_function(self, inputs: list[Tensor]) -> Tensor:
        return reduce(ops.multiply, map(_ones_where_masked, inputs))


def _ones_where_masked(x: Tensor) -> Tensor:
    mask = masks.get_mask(x)
    if mask is None:
        return x
    while len(mask.shape) < len(x.shape):
        mask = ops.expand_dims(mask, axis=-1)
    return ops.where(mask, x, ops.ones_like(x))


@export("keras.layers.Average")
@documented(listed=LISTED)
class Average(Merge):
    """Takes the mean of the inputs.

    {listed}

    Example:

        >>> float(Average()([ops.zeros((1, 1)), ops.ones((1, 1))])[0, 0])
        0.5
    """

    def _merge_function(self, inputs: list[Tensor]) -> Tensor:
        # By the framework's own division, which on NumPy and TensorFlow makes float64 of integers.
        return reduce(ops.add, inputs) / len(inputs)


@export("keras.layers.Maximum")
@documented(listed=LISTED)
class Maximum(Merge):
    """Takes the largest of the inputs.

    {listed}

    Example:

        >>> float(Maximum()([ops.zeros((1, 1)), ops.ones((1, 1))])[0, 0])
        1.0
    """

    def _merge_function(self, inputs: list[Tensor]) -> Tensor:
        return reduce(ops.maximum, inputs)


@export("keras.layers.Minimum")
@documented(listed=LISTED)
class Minimum(Merge):
    """Takes the smallest of the inputs.

    {listed}

    Example:

        >>> float(Minimum()([ops.zeros((1, 1)), ops.ones((1, 1))])[0, 0])
        0.0
    """

    def _merge_function(self, inputs: list[Tensor]) -> Tensor:
        return reduce(ops.minimum, inputs)


Inputs = list[Tensor]


@export("keras.layers.add")
def add(inputs: Inputs, **kwargs: Any) -> Tensor:
    """Adds a list of tensors, see `Add`.

    Args:
        inputs: List of tensors whose shapes broadcast.
        **kwargs: Arguments of the layer, such as `name`.

    Example:

        >>> float(add([ops.full((1, 1), 1.0), ops.full((1, 1), 2.0)])[0, 0])
        3.0
    """
    return Add(**kwargs)(inputs)


@export("keras.layers.subtract")
def subtract(inputs: Inputs, **kwargs: Any) -> Tensor:
    """Subtracts the second of two tensors from the first, see `Subtract`.

    Args:
        inputs: List of tensors whose shapes broadcast.
        **kwargs: Arguments of the layer, such as `name`.

    Example:

        >>> float(subtract([ops.full((1, 1), 1.0), ops.full((1, 1), 2.0)])[0, 0])
        -1.0
    """
    return Subtract(**kwargs)(inputs)


@export("keras.layers.multiply")
def multiply(inputs: Inputs, **kwargs: Any) -> Tensor:
    """Multiplies a list of tensors, see `Multiply`.

    Args:
        inputs: List of tensors whose shapes broadcast.
        **kwargs: Arguments of the layer, such as `name`.

    Example:

        >>> float(multiply([ops.full((1, 1), 1.0), ops.full((1, 1), 2.0)])[0, 0])
        2.0
    """
    return Multiply(**kwargs)(inputs)


@export("keras.layers.average")
def average(inputs: Inputs, **kwargs: Any) -> Tensor:
    """Takes the mean of a list of tensors, see `Average`.

    Args:
        inputs: List of tensors whose shapes broadcast.
        **kwargs: Arguments of the layer, such as `name`.

    Example:

        >>> float(average([ops.full((1, 1), 1.0), ops.full((1, 1), 2.0)])[0, 0])
        1.5
    """
    return Average(**kwargs)(inputs)


@export("keras.layers.maximum")
def maximum(inputs: Inputs, **kwargs: Any) -> Tensor:
    """Takes the largest of a list of tensors, see `Maximum`.

    Args:
        inputs: List of tensors whose shapes broadcast.
        **kwargs: Arguments of the layer, such as `name`.

    Example:

        >>> float(maximum([ops.full((1, 1), 1.0), ops.full((1, 1), 2.0)])[0, 0])
        2.0
    """
    return Maximum(**kwargs)(inputs)


@export("keras.layers.minimum")
def minimum(inputs: Inputs, **kwargs: Any) -> Tensor:
    """Takes the smallest of a list of tensors, see `Minimum`.

    Args:
        inputs: List of tensors whose shapes broadcast.
        **kwargs: Arguments of the layer, such as `name`.

    Example:

        >>> float(minimum([ops.full((1, 1), 1.0), ops.full((1, 1), 2.0)])[0, 0])
        1.0
    """
    return Minimum(**kwargs)(inputs)
