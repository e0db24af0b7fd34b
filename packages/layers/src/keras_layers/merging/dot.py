"""`Dot`: products of samples, summed along an axis of each input."""

from collections.abc import Sequence
from string import ascii_lowercase
from typing import Any

from keras_backends.api import export
from keras_ops import ops
from keras_ops.tensor import KerasTensor, Tensor, known

from keras_layers.constructor import checked_bool
from keras_layers.layer import Shape
from keras_layers.merging.base_merge import Merge


@export("keras.layers.Dot")
class Dot(Merge):
    """Multiplies two tensors sample by sample, summing along one axis of each.

    For inputs `(batch, n)` and `(batch, n)` that is the dot product `(batch, 1)`; for `(batch, i, n)` and
    `(batch, n, j)` with `axes=(2, 1)` the matrix product `(batch, i, j)`.

    Args:
        axes: The axis of both inputs, or a pair of axes. The batch axis does not count as one.
        normalize: Whether the inputs are scaled to norm one along it first: cosine similarity.
        **kwargs: Arguments of `keras.Layer`, such as `name` and `dtype`.

    Example:

        >>> Dot(axes=(2, 1))([ops.ones((5, 2, 3)), ops.ones((5, 3, 4))]).shape == (5, 2, 4)
        True
    """

    exact_inputs = 2
    broadcasts = False

    def __init__(self, axes: int | Sequence[int], normalize: bool = False, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        if not hasattr(axes, "__index__") and not (
            isinstance(axes, (list, tuple)) and len(axes) == 2 and all(hasattr(a, "__index__") for a in axes)
        ):
            raise TypeError(f"Dot: `axes` must be an integer or a pair of them, received axes={axes!r}.")
        self.axes = axes
        self.normalize = checked_bool(self, "normalize", normalize)

    def _axes_for(self, ranks: Sequence[int]) -> tuple[int, int]:
        pair = (self.axes, self.axes) if hasattr(self.axes, "__index__") else self.axes
        first, second = (axis % rank if -rank <= axis < rank else 0 for axis, rank in zip(pair, ranks))
        if 0 in (first, second):
            raise ValueError(
                f"Dot {self.name!r}: axes={self.axes!r} must name axes after the batch axis of inputs with "
                f"{ranks[0]} and {ranks[1]} axes."
            )
        return first, second

    def _merge_function(self, inputs: list[Tensor]) -> Tensor:
        x, y = inputs
        first, second = self._axes_for((len(x.shape), len(y.shape)))
        if self.normalize:
            x, y = ops.normalize(x, axis=first), ops.normalize(y, axis=second)
        letters = iter(ascii_lowercase[2:])
        left = ["a", *(next(letters) for _ in range(len(x.shape) - 1))]
        right = ["a", *(next(letters) for _ in range(len(y.shape) - 1))]
        left[first] = right[second] = "b"
        result = [letter for letter in (*left, *right[1:]) if letter != "b"]
        product = ops.einsum(f"{''.join(left)},{''.join(right)}->{''.join(result)}", x, y)
        return ops.expand_dims(product, axis=1) if len(result) == 1 else product

    def compute_output_shape(self, input_shape: list[Shape]) -> Shape:
        self._check_list(input_shape, "shapes")
        x, y = (tuple(shape) for shape in input_shape)
        first, second = self._axes_for((len(x), len(y)))
        if x[first] != y[second] and None not in (x[first], y[second]):
            raise ValueError(
                f"Dot {self.name!r}: the sizes along axes={self.axes!r} must be equal, received {x[first]} and "
                f"{y[second]} for shapes {x} and {y}."
            )
        rest = [size for i, size in enumerate(x) if i != first]
        rest += [size for i, size in enumerate(y) if i not in (0, second)]
        return tuple(rest) if len(rest) > 1 else (*rest, 1)

    def compute_output_spec(self, inputs: list[KerasTensor]) -> KerasTensor:
        self._check_list(inputs, "inputs")
        shape = self.compute_output_shape([known(tuple(x.shape)) for x in inputs])
        return KerasTensor(shape, dtype=self.compute_dtype)

    def compute_mask(self, inputs: list[Tensor], mask: list[Any] | None = None) -> None:
        """The steps are summed up, so there is no mask."""


@export("keras.layers.dot")
def dot(inputs: list[Tensor], axes: int | Sequence[int] = -1, **kwargs: Any) -> Tensor:
    """Multiplies two tensors sample by sample, see `Dot`.

    Args:
        inputs: List of two tensors.
        axes: The axis of both that is summed along, or a pair of axes.
        **kwargs: Arguments of the layer, such as `normalize`.

    Example:

        >>> float(dot([ops.ones((1, 3)), ops.ones((1, 3))], axes=1)[0, 0])
        3.0
    """
    return Dot(axes=axes, **kwargs)(inputs)
