"""Augmentation policies: operations of other image layers, chosen for each image at random.

`PolicyLayer` holds the layers and applies one of them to each image of a batch; `RandAugment` does so several times,
`AugMix` mixes the results of several chains.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np
from keras_backends.api import export
from keras_ops import ops, random, tree
from keras_ops.documentation import documented
from keras_ops.state import state
from keras_ops.tensor import Tensor

from keras_layers.constructor import checked_bool
from keras_layers.core.arguments import positive
from keras_layers.preprocessing.image.affine_layer import AffineLayer, Map
from keras_layers.preprocessing.image.color_layer import in_float
from keras_layers.preprocessing.image.equalization import Equalization
from keras_layers.preprocessing.image.factors import Range, checked_value_range, factor_range, positive_number
from keras_layers.preprocessing.image.image_layer import (
    ImageLayer,
    RandomImageLayer,
    Transformation,
    batch_size,
    per_image,
)
from keras_layers.preprocessing.image.random_brightness import RandomBrightness
from keras_layers.preprocessing.image.random_color import RandomColorDegeneration, RandomContrast
from keras_layers.preprocessing.image.random_color_jitter import further_seed, use_generator
from keras_layers.preprocessing.image.random_filters import RandomSharpness
from keras_layers.preprocessing.image.random_rotation import RandomRotation
from keras_layers.preprocessing.image.random_shear import RandomShear
from keras_layers.preprocessing.image.random_tones import AutoContrast, RandomPosterization, Solarization
from keras_layers.preprocessing.image.random_translation import RandomTranslation

_MOVES = ("random_shear", "random_translation", "random_rotation")
_COLOURS = ("random_brightness", "random_color_degeneration", "random_contrast", "random_sharpness")
_OF_A_BATCH = ("equalization",)
"""What happens to an image by these depends on the other images of the batch."""
_TONES = ("random_posterization", "solarization", "auto_contrast", "equalization")

_texts = documented(
    strengths="""
        At strength 1 images are sheared by 0.3, moved by 45% of their size, turned by 30 degrees, made lighter or
        darker by half of the range, their contrast, colour and sharpness change by 90%, posterization leaves 4 bits,
        and solarization inverts all values. What has a direction is drawn from both sides of 0, up to the largest
        strength.
    """,
    cost="""
        Called eagerly on NumPy, PyTorch and TensorFlow, each operation is computed for its own images only; in
        compiled functions, `tf.data` pipelines and on JAX all operations are computed for all images.
    """,
    common="""
        interpolation: How moved images are read between pixels, `"bilinear"` or `"nearest"`.
        seed: Seed; a random one by default.
        data_format: `"channels_last"` or `"channels_first"`; `keras.config.image_data_format()` by
            default.
        **kwargs: `bounding_box_format` (needed where data holds boxes), and arguments of `keras.Layer`, such as
            `name` and `dtype`.
    """,
)


class PolicyLayer(RandomImageLayer):
    """Base of policies: holds the layers, and applies one of them to each image.

    Args:
        value_range: Smallest and largest value of a pixel.
        factor: Strength of the operations, in `[0, 1]`.
        interpolation: How moved images are read between pixels.
        **kwargs: Arguments of `RandomImageLayer`.
    """

    def __init__(
        self,
        *,
        value_range: Sequence[float],
        factor: float | Sequence[float],
        interpolation: str,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.value_range = checked_value_range(self, value_range)
        self.factor = factor_range(self, factor, (0, 1.0))
        self.interpolation = interpolation

    def _make_layers(self, names: Sequence[str]) -> None:
        """Makes the layers of these names, in attributes of the same names."""
        common = {"seed": self.seed, "data_format": self.data_format, "dtype": self.dtype_policy}
        arguments = _arguments(self.factor)
        for name in names:
            cls, own = arguments[name]
            options = dict(common)
            if name in _MOVES:
                options["interpolation"] = self.interpolation
            else:
                options["value_range"] = self.value_range
            if not issubclass(cls, RandomImageLayer):
                del options["seed"]
            setattr(self, name, cls(**own, **options))
        self._names = tuple(names)
        moves = {name: getattr(self, name) for name in names if name in _MOVES}
        self._geometry = _Geometry(moves, interpolation=self.interpolation, **common)
        use_generator(self, (*(getattr(self, name) for name in names), self._geometry))

    def draw_one(self, images: Tensor, seed: Any, step: int) -> dict[str, Any]:
        """Draws which operation each image undergoes, and how."""
        first = step * (len(self._names) + 1)
        seeds = [further_seed(self.generator, seed, first + i) for i in range(len(self._names) + 1)]
        count = len(self._names)
        (place,) = self.uniform(images, [(0, count)], seeds[0])
        drawn = {"chosen": ops.minimum(ops.floor(place), count - 1)}
        for name, own in zip(self._names, seeds[1:]):
            drawn[name] = getattr(self, name).draw_transformation(images, own)
        return drawn

    def change_by_one(self, part: str, value: Any, drawn: dict[str, Any], transformation: Any) -> Any:
        """Applies what `draw_one` drew.

        Args:
            part: `"images"`, `"masks"` or `"boxes"`.
            value: Images, masks, or a dict of boxes and labels, of a batch.
            drawn: What was drawn.
            transformation: The transformation that it is a part of.
        """
        chosen = drawn["chosen"]
        shape = {"input_shape": transformation["input_shape"]}
        if part == "images" and _readable(chosen):
            return self._changed_apart(value, drawn, shape)
        result = getattr(self._geometry, f"change_{part}")(value, {**drawn, **shape})
        for number, name in enumerate(self._names if part == "images" else ()):
            if name not in _MOVES:
                changed = getattr(self, name).change_images(value, {**drawn[name], **shape})
                result = ops.where(per_image(chosen == number), changed, result)
        return result

    def _changed_apart(self, images: Tensor, drawn: dict[str, Any], shape: dict[str, Any]) -> Tensor:
        """Gathers the images of each operation, and computes no other one for them."""
        chosen = np.asarray(ops.convert_to_numpy(drawn["chosen"])).astype(int)
        moves = len(self._geometry.members)
        # All moves are one pass. Images that undergo nothing have no number of an operation.
        groups = np.where((chosen >= 0) & (chosen < moves), 0, chosen)
        order = [np.flatnonzero(groups == group).astype("int32") for group in np.unique(groups)]
        parts = []
        for places in order:
            group = groups[places[0]]
            if group < 0:
                changed = _some(images, places)
            elif group == 0:
                some = _some(drawn, places)
                changed = self._geometry.change_images(_some(images, places), {**some, **shape})
            elif (name := self._names[group]) in _OF_A_BATCH:
                changed = getattr(self, name).change_images(images, {**drawn[name], **shape})
                changed = _some(changed, places)
            else:
                some = _some(drawn[name], places)
                changed = getattr(self, name).change_images(_some(images, places), {**some, **shape})
            parts.append(changed)
        back = np.argsort(np.concatenate(order)).astype("int32")
        return ops.take(ops.concatenate(parts, axis=0), back, axis=0)


def _some(tensors: Any, places: np.ndarray) -> Any:
    """Gathers what belongs to some images of a batch."""
    return tree.map_structure(lambda x: ops.take(x, places, axis=0), tensors)


def _readable(chosen: Tensor) -> bool:
    """Whether values are there to be read, and a batch of any size costs no compilation."""
    backend = state.backend
    traits = backend.traits
    if traits.compiles_each_operation or traits.kernels_decline:
        return False
    return type(chosen) in backend.tensors and not backend.traced()


def _arguments(factor: Range) -> dict[str, tuple[type[ImageLayer], dict[str, Any]]]:
    """Classes of the layers by name, and what a strength means for each."""
    low, high = factor

    def both(most: float) -> Range:
        return (-most * high, most * high)

    shear = (0.3 * low, 0.3 * high)
    return {
        "random_shear": (RandomShear, {"x_factor": shear, "y_factor": shear}),
        "random_translation": (
            RandomTranslation,
            {"height_factor": both(0.45), "width_factor": both(0.45)},
        ),
        "random_rotation": (RandomRotation, {"factor": both(30 / 360)}),
        "random_brightness": (RandomBrightness, {"factor": both(0.5)}),
        "random_color_degeneration": (RandomColorDegeneration, {"factor": both(0.9)}),
        "random_contrast": (RandomContrast, {"factor": (0.9 * high, 0.9 * high)}),
        "random_sharpness": (RandomSharpness, {"factor": (0.5 - 0.45 * high, 0.5 + 0.45 * high)}),
        "random_posterization": (
            RandomPosterization,
            {"factor": (8 - round(4 * high), 8 - round(4 * low))},
        ),
        "solarization": (Solarization, {"threshold_factor": (1 - high, 1 - low)}),
        "auto_contrast": (AutoContrast, {}),
        "equalization": (Equalization, {}),
    }


class _Geometry(AffineLayer):
    """Moves each image by the chosen one of several affine layers, all by one pass over the pixels.

    Args:
        layers: The layers; the number of each is its place among them.
        **kwargs: Arguments of `AffineLayer`.
    """

    def __init__(self, layers: dict[str, AffineLayer], **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.members = layers

    def linear_map(self, transformation: dict[str, Any], height: Any, width: Any) -> Map:
        chosen = transformation["chosen"]
        one, none = ops.ones_like(chosen), ops.zeros_like(chosen)
        result = [one, none, none, one, none, none]
        for number, (name, layer) in enumerate(self.members.items()):
            linear, shift = layer.linear_map(transformation[name], height, width)
            result = [ops.where(chosen == number, x, y) for x, y in zip((*linear, *shift), result)]
        return result[:4], result[4:]


@export("keras.layers.RandAugment")
@_texts
class RandAugment(PolicyLayer):
    """Changes each image by some operations, each drawn from 11, while training.

    The operations are `RandomShear`, `RandomTranslation`, `RandomRotation`, `RandomBrightness`,
    `RandomColorDegeneration`, `RandomContrast`, `RandomSharpness`, `RandomPosterization`, `Solarization`,
    `AutoContrast` and `Equalization`. Masks and bounding boxes move with the images. {strengths}

    {cost}

    See Cubuk et al., "RandAugment: Practical automated data augmentation with a reduced search space", 2019.

    Args:
        value_range: Smallest and largest value of a pixel.
        num_ops: Number of operations that each image undergoes, one after the other.
        factor: Strength of the operations: a pair of numbers in `[0, 1]`, or one number `x` for `(0, x)`.
        {common}

    Raises:
        ValueError: If `factor` is outside of its bounds, or another argument is none of those named.

    Example:

        >>> RandAugment(seed=1)(ops.ones((2, 8, 8, 3))).shape == (2, 8, 8, 3)
        True
    """

    moves_pixels = True

    def __init__(
        self,
        value_range: Sequence[float] = (0, 255),
        num_ops: int = 2,
        factor: float | Sequence[float] = 0.5,
        interpolation: str = "bilinear",
        seed: int | None = None,
        data_format: str | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(
            value_range=value_range,
            factor=factor,
            interpolation=interpolation,
            seed=seed,
            data_format=data_format,
            **kwargs,
        )
        self.num_ops = positive(self, "num_ops", num_ops)
        self.needs_rgb = True
        self._make_layers((*_MOVES, *_COLOURS, *_TONES))

    def draw_transformation(self, images: Tensor, seed: Any) -> dict[str, Any]:
        return {"steps": [self.draw_one(images, seed, step) for step in range(self.num_ops)]}

    def _change(self, part: str, value: Any, transformation: Transformation) -> Any:
        for drawn in transformation["steps"]:
            value = self.change_by_one(part, value, drawn, transformation)
        return value

    def change_images(self, images: Tensor, transformation: Transformation) -> Tensor:
        return self._change("images", images, transformation)

    def change_masks(self, masks: Tensor, transformation: Transformation) -> Tensor:
        return self._change("masks", masks, transformation)

    def change_boxes(self, boxes: dict[str, Tensor], transformation: dict[str, Any]) -> dict[str, Tensor]:
        return self._change("boxes", boxes, transformation)


@export("keras.layers.AugMix")
@_texts
class AugMix(PolicyLayer):
    """Mixes each image with versions of it that went through chains of operations, while training.

    Operations are drawn for each image and each place in a chain, from those of `keras.layers.RandAugment`, and so is
    the length of each chain. Shares of the chains are drawn from a Dirichlet distribution, the share of their mix in
    the result from a beta distribution. Masks and bounding boxes stay as they are. {strengths}

    {cost}

    See Hendrycks et al., "AugMix: A Simple Data Processing Method to Improve Robustness and Uncertainty", 2019.

    Args:
        value_range: Smallest and largest value of a pixel.
        num_chains: Number of chains.
        chain_depth: Largest number of operations in a chain.
        factor: Strength of the operations: a pair of numbers in `[0, 1]`, or one number `x` for `(0, x)`.
        alpha: Parameter of both distributions, positive.
        all_ops: Whether brightness, colour, contrast and sharpness are among the operations.
        {common}

    Raises:
        ValueError: If `factor` is outside of its bounds, or another argument is none of those named.

    Example:

        >>> AugMix(seed=1)(ops.ones((2, 8, 8, 3))).shape == (2, 8, 8, 3)
        True
    """

    def __init__(
        self,
        value_range: Sequence[float] = (0, 255),
        num_chains: int = 3,
        chain_depth: int = 3,
        factor: float | Sequence[float] = 0.3,
        alpha: float = 1.0,
        all_ops: bool = True,
        interpolation: str = "bilinear",
        seed: int | None = None,
        data_format: str | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(
            value_range=value_range,
            factor=factor,
            interpolation=interpolation,
            seed=seed,
            data_format=data_format,
            **kwargs,
        )
        self.num_chains = positive(self, "num_chains", num_chains)
        self.chain_depth = positive(self, "chain_depth", chain_depth)
        self.alpha = positive_number(self, "alpha", alpha)
        self.all_ops = self.needs_rgb = checked_bool(self, "all_ops", all_ops)
        self._make_layers((*_MOVES, *(_COLOURS if all_ops else ()), *_TONES))

    def draw_transformation(self, images: Tensor, seed: Any) -> dict[str, Any]:
        count = batch_size(images)
        batch = images if len(images.shape) == 4 else ops.expand_dims(images, 0)
        chains = self._chains(batch)
        far = self.chain_depth * (len(self._names) + 1)
        seeds = [further_seed(self.generator, seed, far + i) for i in range(3)]
        (depth,) = self.uniform(chains, [(0, self.chain_depth)], seeds[0])
        shares = random.gamma((self.num_chains, count), self.alpha, dtype="float32", seed=seeds[1])
        return {
            "steps": [self.draw_one(chains, seed, step) for step in range(self.chain_depth)],
            "depth": depth,
            "shares": shares / ops.maximum(ops.sum(shares, axis=0), _LEAST),
            "mixed": random.beta((count,), self.alpha, self.alpha, dtype="float32", seed=seeds[2]),
        }

    def _chains(self, images: Tensor) -> Tensor:
        """The batch once for each chain: the chains are a larger batch."""
        return ops.concatenate([images] * self.num_chains, axis=0)

    def change_images(self, images: Tensor, transformation: Transformation) -> Tensor:
        chains = self._chains(images)
        for step, drawn in enumerate(transformation["steps"]):
            on = transformation["depth"] > step
            some = {**drawn, "chosen": ops.where(on, drawn["chosen"], _NONE)}
            changed = self.change_by_one("images", chains, some, transformation)
            chains = ops.where(per_image(on), changed, chains)
        parts = ops.split(chains, self.num_chains, axis=0)

        def joined(x: Tensor) -> Tensor:
            shares = [per_image(share, x.dtype) for share in ops.unstack(transformation["shares"])]
            mixed = per_image(transformation["mixed"], x.dtype)
            mix = sum(share * ops.cast(part, x.dtype) for share, part in zip(shares, parts))
            return x + mixed * (mix - x)

        return in_float(joined, images)


_LEAST = 1e-30
_NONE = -1.0
"""The number of no operation."""
