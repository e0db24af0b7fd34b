"""Quantizers: objects that turn floats into small integers and the scale to get back.

`QuantizationConfig` holds them; quantized kernels call them on weights when a layer is quantized, and on inputs
at each call. The functions behind them are in `abs_max`.
"""

from collections.abc import Sequence
from typing import Any

from keras_backends.api import export
from keras_backends.dtypes import standardize_dtype
from keras_ops.configurable import Configurable
from keras_ops.tensor import Tensor

from keras_layers.quantizers.abs_max import abs_max_quantize


@export(["keras.Quantizer", "keras.quantizers.Quantizer"])
class Quantizer(Configurable):
    """Base of quantizers: a callable from a tensor to small integers and a scale.

    A subclass implements `__call__`, and `get_config` where the constructor's parameters are not plain
    attributes of the same name.

    Args:
        output_dtype: Dtype of the integers.

    Example:

        >>> from keras_ops import ops
        >>> class Halves(Quantizer):
        ...     def __call__(self, x, axis=None, to_numpy=False):
        ...         return ops.cast(ops.round(x * 2), self.output_dtype), 2.0
        >>> Halves()(ops.array([0.5, 1.6]))[0]
        Array([1, 3], dtype=int8)
    """

    def __init__(self, output_dtype: str = "int8") -> None:
        self.output_dtype = output_dtype

    def __call__(
        self, x: Tensor, axis: int | Sequence[int] | None = None, to_numpy: bool = False
    ) -> tuple[Any, Any]:
        """Returns the integers and the scale; `integers / scale` is close to `x`.

        Args:
            x: Tensor of any shape.
            axis: Axes that share one scale, which has size 1 there.
            to_numpy: Whether to compute with NumPy and return arrays.
        """
        raise NotImplementedError(
            f"Quantizer {type(self).__name__!r} must implement `__call__(self, x, axis=None, to_numpy=False)`; "
            "it does not."
        )

    def get_config(self) -> dict[str, Any]:
        """Returns the constructor's arguments, ready to be written as JSON."""
        return super().get_config()

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> "Quantizer":
        """Makes a quantizer from what `get_config` returned."""
        return cls(**config)


@export("keras.quantizers.AbsMaxQuantizer")
class AbsMaxQuantizer(Quantizer):
    """Scales the largest absolute value to the end of a range, then rounds.

    Args:
        axis: Axes that share one scale; `None` leaves it to the caller, or to all axes.
        value_range: Smallest and largest integer.
        epsilon: Added to the largest absolute value, so that zeros can be scaled.
        output_dtype: Dtype of the integers.

    Raises:
        ValueError: If the range is none, or does not fit into `output_dtype`.

    Example:

        >>> from keras_ops import ops
        >>> integers, scale = AbsMaxQuantizer(axis=-1)(ops.array([[0.5, -1.0]]))
        >>> integers, round(float(scale[0, 0]))
        (Array([[  63, -127]], dtype=int8), 127)
    """

    not_in_config = ("axis",)

    def __init__(
        self,
        axis: int | Sequence[int] | None = None,
        value_range: Sequence[int] = (-127, 127),
        epsilon: float = 1e-7,
        output_dtype: str = "int8",
    ) -> None:
        super().__init__(output_dtype=standardize_dtype(output_dtype))
        self.axis = tuple(axis) if isinstance(axis, (list, tuple)) else axis
        if len(value_range) != 2 or value_range[0] >= value_range[1]:
            raise ValueError(
                "AbsMaxQuantizer: `value_range` must be a smallest and a largest integer, received "
                f"value_range={value_range!r}."
            )
        self.value_range = tuple(value_range)
        self.epsilon = epsilon

    def __call__(
        self, x: Tensor, axis: int | Sequence[int] | None = None, to_numpy: bool = False
    ) -> tuple[Any, Any]:
        """Returns the integers and the scale; `integers / scale` is close to `x`.

        Args:
            x: Tensor of any shape.
            axis: Axes that share one scale, where the quantizer was not given any; default all.
            to_numpy: Whether to compute with NumPy and return arrays.
        """
        axis = axis if self.axis is None else self.axis
        return abs_max_quantize(
            x, axis, tuple(self.value_range), self.output_dtype, self.epsilon, to_numpy=to_numpy
        )

    # Equal quantizers share compiled programs, and one that was changed does not use the programs of what it was. What
    # classes of users hold beside this is not known here, so they are equal only to themselves.
    def __eq__(self, other: object) -> bool:
        return self is other or (
            type(self) is type(other) is AbsMaxQuantizer and self._key == other._key  # type: ignore[attr-defined]
        )

    def __hash__(self) -> int:
        return hash(self._key) if type(self) is AbsMaxQuantizer else id(self)

    @property
    def _key(self) -> tuple[Any, ...]:
        return self.axis, tuple(self.value_range), self.epsilon, self.output_dtype

    def get_config(self) -> dict[str, Any]:
        """Returns the constructor's arguments; `axis` only if it was given."""
        config = super().get_config()
        return config if self.axis is None else {"axis": self.axis, **config}
