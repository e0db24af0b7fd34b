"""Random initializers: plain distributions, orthogonal matrices, and the family scaled by fan.

Their numbers come from `draws`.
"""

import functools
import math
from collections.abc import Sequence
from textwrap import indent
from typing import Any

import numpy as np
from keras_backends.api import export

from keras_ops.documentation import documented
from keras_ops.initializers import draws
from keras_ops.initializers.base import RandomInitializer
from keras_ops.tensor import standardize_shape

_SEED = """
seed: An integer for the same values at every call and on every backend; `None`, the default,
    for others at every call; or a `keras.random.SeedGenerator`.
"""
_FANS = """
input_axes: Axis or axes of the inputs, where they are not the last but one.
output_axes: Axis or axes of the outputs, where they are not the last.
"""
_ARGUMENTS = _SEED.rstrip() + _FANS
_texts = documented(seed=_SEED, fan_arguments=_ARGUMENTS, scaled="Args:" + indent(_ARGUMENTS, "    "))


@export(["keras.initializers.RandomNormal", "keras.initializers.random_normal"])
@_texts
class RandomNormal(RandomInitializer):
    """Values from a normal distribution.

    Args:
        mean: Its mean, default 0.
        stddev: Its standard deviation, default 0.05.
        {seed}

    Example:

        >>> RandomNormal(stddev=1.0, seed=1)((2, 3)).shape == (2, 3)
        True
    """

    sampler = staticmethod(draws.normal)

    def __init__(self, mean: float = 0.0, stddev: float = 0.05, seed: Any = None) -> None:
        self.mean = mean
        self.stddev = stddev
        super().__init__(seed)

    def host_values(self, shape: Sequence[int], dtype: str) -> Any:
        values = self.draw(self.sampler, shape, dtype)
        return _scaled(values, self.stddev, self.mean)


@export(["keras.initializers.TruncatedNormal", "keras.initializers.truncated_normal"])
@_texts
class TruncatedNormal(RandomNormal):
    """Values from a normal distribution, drawn again if they are beyond two standard deviations.

    Args:
        mean: The mean, default 0.
        stddev: The standard deviation before truncation, default 0.05.
        {seed}

    Example:

        >>> TruncatedNormal(seed=1)((2, 3)).shape == (2, 3)
        True
    """

    sampler = staticmethod(draws.truncated_normal)

    def __init__(self, mean: float = 0.0, stddev: float = 0.05, seed: Any = None) -> None:
        super().__init__(mean, stddev, seed)


@export(["keras.initializers.RandomUniform", "keras.initializers.random_uniform"])
@_texts
class RandomUniform(RandomInitializer):
    """Values spread evenly between two bounds.

    Args:
        minval: Lower bound, default -0.05.
        maxval: Upper bound, default 0.05.
        {seed}

    Example:

        >>> RandomUniform(seed=1)((2, 3)).shape == (2, 3)
        True
    """

    def __init__(self, minval: float = -0.05, maxval: float = 0.05, seed: Any = None) -> None:
        self.minval = minval
        self.maxval = maxval
        super().__init__(seed)

    def host_values(self, shape: Sequence[int], dtype: str) -> Any:
        values = self.draw(draws.uniform, shape, dtype)
        return _scaled(values, self.maxval - self.minval, self.minval)


def _scaled(values: Any, factor: float, offset: float) -> Any:
    if isinstance(values, np.ndarray):
        values *= factor
        values += offset
        return values
    return values * factor + offset


@export(
    [
        "keras.initializers.Orthogonal",
        "keras.initializers.OrthogonalInitializer",
        "keras.initializers.orthogonal",
    ]
)
@_texts
class Orthogonal(RandomInitializer):
    """A random orthogonal matrix; axes before the last are taken together as its rows.

    Where rows outnumber columns the columns are orthonormal, else the rows.

    Args:
        gain: Factor, default 1.
        {seed}

    Raises:
        ValueError: If it is called with fewer than two axes.

    Example:

        >>> Orthogonal(seed=1)((3, 3)).shape == (3, 3)
        True

    Source: [Saxe et al., 2014](https://openreview.net/forum?id=_wzZwKpTDF_9C)
    """

    def __init__(self, gain: float = 1.0, seed: Any = None) -> None:
        self.gain = gain
        super().__init__(seed)

    def host_values(self, shape: Sequence[int], dtype: str) -> Any:
        shape = standardize_shape(shape)
        if len(shape) < 2:
            raise ValueError(f"Orthogonal: expected a shape of two or more axes. Received: shape={shape}")
        rows, columns = math.prod(shape[:-1]), shape[-1]
        values = self.draw(draws.normal, (max(rows, columns), min(rows, columns)), dtype)
        if not isinstance(values, np.ndarray):
            raise NotImplementedError(
                "Orthogonal: a `SeedGenerator` that is part of a compiled function cannot seed it; build the "
                "layer before, or give the initializer an integer as seed."
            )
        q, r = np.linalg.qr(values)
        # With the signs of the diagonal the distribution is uniform, and the same on every machine.
        q *= np.where(np.diag(r) < 0, -1, 1).astype(q.dtype)
        if rows < columns:
            q = q.T
        return np.ascontiguousarray(self.gain * q, values.dtype).reshape(shape)


_MODES = ("fan_in", "fan_out", "fan_avg")
_DISTRIBUTIONS = ("normal", "truncated_normal", "untruncated_normal", "uniform")
_TRUNCATED_STDDEV = 0.87962566103423978
"""Standard deviation of a normal distribution cut off at two standard deviations."""


@export(["keras.initializers.VarianceScaling", "keras.initializers.variance_scaling"])
@_texts
class VarianceScaling(RandomInitializer):
    """Values whose variance is `scale / fan`, so that signals keep their size through layers.

    The fans are the numbers of inputs and outputs that a unit is connected to: of a kernel
    `(*window, inputs, outputs)` the last two sizes, each times the size of the window.

    Args:
        scale: Factor, positive, default 1.
        mode: `"fan_in"`, `"fan_out"`, or `"fan_avg"` for their mean. Default `"fan_in"`.
        distribution: `"truncated_normal"` (also called `"normal"`), `"untruncated_normal"` or
            `"uniform"`. Default `"truncated_normal"`.
        {fan_arguments}

    Raises:
        ValueError: If an argument is out of range.

    Example:

        >>> VarianceScaling(2.0, mode="fan_out", seed=1)((3, 3, 8, 16)).shape == (3, 3, 8, 16)
        True
    """

    def __init__(
        self,
        scale: float = 1.0,
        mode: str = "fan_in",
        distribution: str = "truncated_normal",
        seed: Any = None,
        input_axes: int | Sequence[int] | None = None,
        output_axes: int | Sequence[int] | None = None,
    ) -> None:
        if scale <= 0.0:
            raise ValueError(f"{type(self).__name__}: `scale` should be positive. Received: scale={scale}")
        self.scale = scale
        self.mode, self.distribution = _checked_rule(type(self).__name__, str(mode), str(distribution))
        self.input_axes = input_axes
        self.output_axes = output_axes
        super().__init__(seed)

    def host_values(self, shape: Sequence[int], dtype: str) -> Any:
        fan_in, fan_out = compute_fans(standardize_shape(shape), self.input_axes, self.output_axes)
        fan = {"fan_in": fan_in, "fan_out": fan_out, "fan_avg": (fan_in + fan_out) / 2}[self.mode]
        stddev = math.sqrt(self.scale / max(1.0, fan))
        if self.distribution == "uniform":
            limit = math.sqrt(3.0) * stddev
            values = self.draw(draws.uniform, shape, dtype)
            return _scaled(values, 2 * limit, -limit)
        if self.distribution == "truncated_normal":
            values = self.draw(draws.truncated_normal, shape, dtype)
            return _scaled(values, stddev / _TRUNCATED_STDDEV, 0.0)
        values = self.draw(draws.normal, shape, dtype)
        return _scaled(values, stddev, 0.0)


@functools.cache
def _checked_rule(name: str, mode: str, distribution: str) -> tuple[str, str]:
    """Returns mode and distribution in their proper spelling."""
    mode, distribution = mode.lower(), distribution.lower()
    for argument, value, allowed in (
        ("mode", mode, _MODES),
        ("distribution", distribution, _DISTRIBUTIONS),
    ):
        if value not in allowed:
            raise ValueError(
                f"{name}: expected `{argument}` to be one of {allowed}. Received: {argument}={value!r}"
            )
    return mode, "truncated_normal" if distribution == "normal" else distribution


def compute_fans(
    shape: Sequence[int],
    input_axes: int | Sequence[int] | None = None,
    output_axes: int | Sequence[int] | None = None,
) -> tuple[int, int]:
    """Returns the numbers of inputs and outputs of a unit, for a kernel of some shape.

    Args:
        shape: Shape of the kernel, by default `(*window, inputs, outputs)`.
        input_axes: Axes of the inputs, if others.
        output_axes: Axes of the outputs, if others.

    Raises:
        ValueError: If an axis does not exist.

    Example:

        >>> compute_fans((3, 3, 8, 16)), compute_fans((8, 2, 4), input_axes=0, output_axes=(1, 2))
        ((72, 144), (8, 8))
    """
    if len(shape) < 2:
        size = shape[0] if shape else 1
        return size, size
    if input_axes is None and output_axes is None:
        *window, inputs, outputs = shape
        size = math.prod(window)
        return size * inputs, size * outputs
    into = _axes(input_axes, -2, shape)
    out_of = _axes(output_axes, -1, shape)
    size = math.prod(n for axis, n in enumerate(shape) if axis not in {*into, *out_of})
    return size * math.prod(shape[a] for a in into), size * math.prod(shape[a] for a in out_of)


def _axes(axes: int | Sequence[int] | None, default: int, shape: Sequence[int]) -> list[int]:
    if axes is None:
        axes = default
    axes = [axes] if isinstance(axes, int) else list(axes)
    if not all(-len(shape) <= axis < len(shape) for axis in axes):
        raise ValueError(f"Expected axes of a kernel of shape {tuple(shape)}. Received: {axes}")
    return [axis % len(shape) for axis in axes]


class _Scaled(VarianceScaling):
    """Base of the named members of the family: a constructor with a fixed rule."""

    rule: tuple[float, str, str]

    def __init__(
        self,
        seed: Any = None,
        input_axes: int | Sequence[int] | None = None,
        output_axes: int | Sequence[int] | None = None,
    ) -> None:
        scale, mode, distribution = self.rule
        super().__init__(scale, mode, distribution, seed, input_axes, output_axes)


@export(["keras.initializers.GlorotUniform", "keras.initializers.glorot_uniform"])
@_texts
class GlorotUniform(_Scaled):
    """Even spread within `sqrt(6 / (fan_in + fan_out))`, the default of most kernels.

    {scaled}

    Example:

        >>> GlorotUniform(seed=1)((3, 4)).shape == (3, 4)
        True
    """

    rule = (1.0, "fan_avg", "uniform")


@export(["keras.initializers.GlorotNormal", "keras.initializers.glorot_normal"])
@_texts
class GlorotNormal(_Scaled):
    """Truncated normal with standard deviation `sqrt(2 / (fan_in + fan_out))`.

    {scaled}

    Example:

        >>> GlorotNormal(seed=1)((3, 4)).shape == (3, 4)
        True
    """

    rule = (1.0, "fan_avg", "truncated_normal")


@export(["keras.initializers.HeUniform", "keras.initializers.he_uniform"])
@_texts
class HeUniform(_Scaled):
    """Even spread within `sqrt(6 / fan_in)`, made for ReLU.

    {scaled}

    Example:

        >>> HeUniform(seed=1)((3, 4)).shape == (3, 4)
        True
    """

    rule = (2.0, "fan_in", "uniform")


@export(["keras.initializers.HeNormal", "keras.initializers.he_normal"])
@_texts
class HeNormal(_Scaled):
    """Truncated normal with standard deviation `sqrt(2 / fan_in)`, made for ReLU.

    {scaled}

    Example:

        >>> HeNormal(seed=1)((3, 4)).shape == (3, 4)
        True
    """

    rule = (2.0, "fan_in", "truncated_normal")


@export(["keras.initializers.LecunUniform", "keras.initializers.lecun_uniform"])
@_texts
class LecunUniform(_Scaled):
    """Even spread within `sqrt(3 / fan_in)`.

    {scaled}

    Example:

        >>> LecunUniform(seed=1)((3, 4)).shape == (3, 4)
        True
    """

    rule = (1.0, "fan_in", "uniform")


@export(["keras.initializers.LecunNormal", "keras.initializers.lecun_normal"])
@_texts
class LecunNormal(_Scaled):
    """Truncated normal with standard deviation `sqrt(1 / fan_in)`.

    {scaled}

    Example:

        >>> LecunNormal(seed=1)((3, 4)).shape == (3, 4)
        True
    """

    rule = (1.0, "fan_in", "truncated_normal")
