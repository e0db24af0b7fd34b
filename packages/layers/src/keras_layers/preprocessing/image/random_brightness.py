"""`RandomBrightness`: images made lighter or darker at random."""

from collections.abc import Sequence
from typing import Any

from keras_backends.api import export
from keras_ops import ops
from keras_ops.tensor import Tensor

from keras_layers.preprocessing.image.color_layer import ColorLayer, color_program, color_texts
from keras_layers.preprocessing.image.factors import Range


@export("keras.layers.RandomBrightness")
@color_texts
class RandomBrightness(ColorLayer):
    """Adds a random number to all pixels of an image while training, and clips to the range of values.

    Args:
        factor: Part of the value range that is added: a pair of numbers in `[-1, 1]`, between which it is drawn,
            or one number `x` for `(-x, x)`.
        {value_range}
        {seed}
        {kwargs_with_format}

    {raises}

    Example:

        >>> RandomBrightness((0.5, 0.5), value_range=(0, 1))(ops.full((1, 1, 3), 0.25))[0, 0].tolist()
        [0.75, 0.75, 0.75]
    """

    def __init__(
        self,
        factor: float | Sequence[float],
        value_range: Sequence[float] = (0, 255),
        seed: int | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(factor, value_range, seed=seed, **kwargs)

    @staticmethod
    @color_program
    def changed(images: Tensor, factor: Tensor, value_range: Range, data_format: str) -> Tensor:
        low, high = value_range
        return ops.clip(images + factor * (high - low), low, high)
