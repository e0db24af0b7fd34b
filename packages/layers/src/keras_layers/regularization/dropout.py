"""`Dropout`: random zeros during training."""

from collections.abc import Sequence
from typing import Any

from keras_backends.api import export
from keras_ops import ops, random
from keras_ops.tensor import KerasTensor, Tensor

from keras_layers.layer import Layer


def checked_rate(owner: Layer, rate: Any, name: str = "rate") -> float:
    """Returns a rate, if it is one.

    Args:
        owner: The layer.
        rate: What the user wrote.
        name: Name of the argument.

    Raises:
        ValueError: If it is no number in `[0, 1]`.
    """
    if not isinstance(rate, (int, float)) or isinstance(rate, bool) or not 0 <= rate <= 1:
        raise ValueError(
            f"{type(owner).__name__}: `{name}` must be a number in [0, 1], received {name}={rate!r}."
        )
    return rate


@export("keras.layers.Dropout")
class Dropout(Layer):
    """Sets a random part of the input to zero while training, and scales the rest to keep the sum.

    Args:
        rate: Part that is set to zero, in `[0, 1]`.
        noise_shape: Shape of the random mask, broadcast to that of the input: `(batch, 1, features)` drops
            the same features in all steps. `None` in it stands for the input's size.
        seed: Seed; a random one by default.
        **kwargs: Arguments of `keras.Layer`, such as `name` and `dtype`.

    Call arguments:
        inputs: Tensor of any shape.
        training: Whether values are dropped.

    Example:

        >>> x = Dropout(0.5, seed=1)(ops.ones((1000,)), training=True)
        >>> 300 < int(ops.count_nonzero(x)) < 700
        True
    """

    _records_build_shape = False

    def __init__(
        self, rate: float, noise_shape: Sequence[int | None] | None = None, seed: Any = None, **kwargs: Any
    ) -> None:
        super().__init__(**kwargs)
        self.rate = checked_rate(self, rate)
        self.seed = seed
        self.noise_shape = checked_noise_shape(self, noise_shape)
        if rate > 0:
            self.seed_generator = random.SeedGenerator(seed)
        self.supports_masking = True

    def call(self, inputs: Tensor, training: bool = False) -> Tensor:
        if training and self.rate > 0:
            return random.dropout(
                inputs, self.rate, noise_shape=self._noise_shape_for(inputs), seed=self.seed_generator
            )
        return inputs

    def _noise_shape_for(self, inputs: Tensor) -> tuple[Any, ...] | None:
        return noise_shape_for(self, self.noise_shape, inputs)

    def compute_output_shape(self, input_shape: Any) -> Any:
        return input_shape

    def compute_output_spec(self, inputs: KerasTensor, training: bool = False) -> KerasTensor:
        return KerasTensor(inputs._shape, dtype=inputs.dtype, sparse=inputs.sparse)


def noise_shape_for(
    owner: Layer, noise_shape: tuple[int | None, ...] | None, inputs: Tensor
) -> tuple[Any, ...] | None:
    """Returns the shape of random numbers for some inputs; `None` where it is theirs.

    Raises:
        ValueError: If the ranks differ.
    """
    if noise_shape is None:
        return None
    sizes = ops.shape(inputs)
    if len(sizes) != len(noise_shape):
        raise ValueError(
            f"{type(owner).__name__} {owner.name!r}: `noise_shape` must have the rank of the input, received "
            f"noise_shape={noise_shape} and an input of rank {len(sizes)}."
        )
    return tuple(own if size is None else size for size, own in zip(noise_shape, sizes))


def checked_noise_shape(owner: Layer, noise_shape: Any) -> tuple[int | None, ...] | None:
    """Returns a `noise_shape` as a tuple.

    Raises:
        ValueError: If it is no tuple of positive sizes and `None`.
    """
    if noise_shape is None:
        return None
    if not isinstance(noise_shape, (tuple, list)) or not all(
        size is None or (hasattr(size, "__index__") and size > 0) for size in noise_shape
    ):
        raise ValueError(
            f"{type(owner).__name__}: `noise_shape` must be a tuple of positive sizes and None, received "
            f"noise_shape={noise_shape!r}."
        )
    return tuple(noise_shape)
