"""`Normalization`: numbers shifted and scaled to mean 0 and variance 1, as given or found from data."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from keras_backends import settings
from keras_backends.api import export
from keras_ops import ops
from keras_ops.tensor import Shape, Tensor

from keras_layers.preprocessing.batches import batches
from keras_layers.preprocessing.data_layer import DataLayer


@export("keras.layers.Normalization")
class Normalization(DataLayer):
    """Computes `(inputs - mean) / sqrt(variance)`.

    Args:
        axis: Axis or axes along which each position has its own mean and variance, the last one by default;
            `None` for one mean and one variance.
        mean: The mean, of the shape of these axes; by default `adapt` finds it.
        variance: The variance, likewise. Both are given or none.
        invert: Whether to compute the opposite, `inputs * sqrt(variance) + mean`.
        **kwargs: Arguments of `keras.Layer`, such as `name` and `dtype`.

    Raises:
        ValueError: If only one of `mean` and `variance` is given.

    Example:

        >>> layer = Normalization()
        >>> layer.adapt(np.array([[0.0], [2.0]], dtype="float32"))
        >>> layer(ops.array([[1.0], [3.0]])).tolist()
        [[0.0], [2.0]]
    """

    not_in_config = (*DataLayer.not_in_config, "mean", "variance")

    def __init__(
        self,
        axis: int | Sequence[int] | None = -1,
        mean: Any = None,
        variance: Any = None,
        invert: bool = False,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        if (mean is None) != (variance is None):
            raise ValueError(
                "Normalization: `mean` and `variance` must both be given, or none of them, received "
                f"mean={mean}, variance={variance}."
            )
        self.axis = () if axis is None else (axis,) if hasattr(axis, "__index__") else tuple(axis)
        self.input_mean = mean
        self.input_variance = variance
        self.invert = invert
        self.supports_masking = True
        # Raw numbers may be larger than half precision holds, or differ by less than it tells apart.
        self.autocast = False
        self.adapt_mean: Any = None
        self.adapt_variance: Any = None
        self.count: Any = None
        self._place: Shape = ()

    def build(self, input_shape: Shape) -> None:
        if input_shape is None:
            return
        rank = len(input_shape)
        kept = [axis + rank if axis < 0 else axis for axis in self.axis]
        for given, axis in zip(self.axis, kept):
            if not 0 <= axis < rank or input_shape[axis] is None:
                raise ValueError(
                    f"Normalization {self.name!r}: `axis` must name axes of known size, received axis={given} for "
                    f"input_shape={tuple(input_shape)}."
                )
        self._place = tuple(size if i in kept else 1 for i, size in enumerate(input_shape))
        if self.input_mean is not None:
            return
        shape = tuple(input_shape[axis] for axis in sorted(kept))
        self.adapt_mean = self.add_weight(name="mean", shape=shape, initializer="zeros", trainable=False)
        self.adapt_variance = self.add_weight(
            name="variance", shape=shape, initializer="ones", trainable=False
        )
        self.count = self.add_weight(
            name="count", shape=(), dtype="int32", initializer="zeros", trainable=False
        )

    @property
    def mean(self) -> Tensor | None:
        """The mean, with as many axes as the inputs; `None` before it is known."""
        return self._placed(self.adapt_mean, self.input_mean)

    @property
    def variance(self) -> Tensor | None:
        """The variance, with as many axes as the inputs; `None` before it is known."""
        return self._placed(self.adapt_variance, self.input_variance)

    def _placed(self, variable: Any, given: Any) -> Tensor | None:
        if not self._place:
            return None
        if variable is not None:
            return ops.reshape(self.convert_weight(variable.value), self._place)
        values = np.asarray(given, dtype="float32")
        whole = values.size == int(np.prod(self._place))
        values = values.reshape(self._place) if whole else np.broadcast_to(values, self._place)
        return ops.convert_to_tensor(values, dtype=self._wide_dtype)

    @property
    def _wide_dtype(self) -> str:
        """What is computed in: results alone are narrower."""
        return "float32" if self.compute_dtype in ("float16", "bfloat16") else self.compute_dtype

    @property
    def is_adaptable(self) -> bool:
        """Whether `adapt` has something to find: not if it was given."""
        return self.input_mean is None

    def adapt(self, data: Any) -> None:
        """Finds mean and variance from data; what was found before is forgotten.

        Args:
            data: Array or tensor of the shape of the inputs, or an iterable of batches.

        Raises:
            ValueError: If the layer was given its mean and variance.
        """
        if self.input_mean is not None:
            raise ValueError(
                f"Normalization {self.name!r} was given `mean` and `variance`, so it does not adapt to data. Make "
                "it without them."
            )
        total = mean = variance = None
        for batch in batches(data):
            if not batch.size:
                continue
            if not self.built:
                self.build(batch.shape)
            others = tuple(i for i in range(batch.ndim) if i not in {axis % batch.ndim for axis in self.axis})
            values = batch.astype("float64")
            size = int(np.prod([batch.shape[i] for i in others]))
            new_mean, new_variance = values.mean(axis=others), values.var(axis=others)
            if total is None:
                total, mean, variance = size, new_mean, new_variance
                continue
            share = size / (total + size)
            merged = mean + (new_mean - mean) * share
            variance = (variance + (mean - merged) ** 2) * (1 - share)
            variance = variance + (new_variance + (new_mean - merged) ** 2) * share
            total, mean = total + size, merged
        if total is None:
            raise ValueError(f"Normalization {self.name!r}: there was no batch in the data to adapt to.")
        self.adapt_mean.assign(mean.astype("float32"))
        self.adapt_variance.assign(variance.astype("float32"))

    def finalize_state(self) -> None:
        """There is nothing left to do: mean and variance are read where they are used."""

    def call(self, inputs: Tensor) -> Tensor:
        dtype = self._wide_dtype
        mean, variance = ops.cast(self.mean, dtype), ops.cast(self.variance, dtype)
        deviation = ops.maximum(ops.sqrt(variance), settings.epsilon())
        inputs = ops.cast(inputs, dtype)
        if self.invert:
            result = ops.add(mean, ops.multiply(inputs, deviation))
        else:
            result = ops.divide(ops.subtract(inputs, mean), deviation)
        return ops.cast(result, self.compute_dtype)

    def compute_output_shape(self, input_shape: Shape) -> Shape:
        return input_shape

    def get_config(self) -> dict[str, Any]:
        return {
            **super().get_config(),
            "axis": self.axis,
            "mean": _plain(self.input_mean),
            "variance": _plain(self.input_variance),
        }

    def load_own_variables(self, store: Mapping[str, Any]) -> None:
        super().load_own_variables(store)
        self.finalize_state()


def _plain(value: Any) -> Any:
    return np.asarray(ops.convert_to_numpy(value)).tolist() if hasattr(value, "shape") else value
