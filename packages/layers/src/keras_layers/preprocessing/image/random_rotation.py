"""`RandomRotation`: images turned at random."""

from collections.abc import Sequence
from typing import Any

from keras_backends.api import export
from keras_ops.tensor import Tensor

from keras_layers.preprocessing.image.affine_layer import AffineLayer, Map, affine_texts, turned
from keras_layers.preprocessing.image.factors import factor_range


@export("keras.layers.RandomRotation")
@affine_texts
class RandomRotation(AffineLayer):
    """Turns each image about its middle by a random angle while training.

    Args:
        factor: Angle in full turns, counterclockwise: a pair of numbers in `[-1, 1]`, between which it is drawn, or
            one number `x` for `(-x, x)`.
        {fill}
        {interpolation}
        seed: Seed; a random one by default.
        {fill_value}
        {of_layer}

    {raises}

    Example:

        >>> from keras_ops import ops
        >>> image = ops.reshape(ops.arange(9.0), (3, 3, 1))
        >>> half_turn = RandomRotation((0.5, 0.5), data_format="channels_last")
        >>> ops.round(half_turn(image))[:, :, 0].tolist()
        [[8.0, 7.0, 6.0], [5.0, 4.0, 3.0], [2.0, 1.0, 0.0]]
    """

    def __init__(
        self,
        factor: float | Sequence[float],
        fill_mode: str = "reflect",
        interpolation: str = "bilinear",
        seed: int | None = None,
        fill_value: float = 0.0,
        data_format: str | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(
            fill_mode=fill_mode,
            interpolation=interpolation,
            seed=seed,
            fill_value=fill_value,
            data_format=data_format,
            **kwargs,
        )
        self.factor = factor_range(self, factor)

    def draw_transformation(self, images: Tensor, seed: Any) -> dict[str, Any]:
        (angle,) = self.uniform(images, [self.factor], seed)
        return {"angle": angle}

    def linear_map(self, transformation: dict[str, Any], height: Any, width: Any) -> Map:
        return turned(transformation["angle"]), (0, 0)
