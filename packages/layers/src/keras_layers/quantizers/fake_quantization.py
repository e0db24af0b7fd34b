"""Fake quantization: rounding to what integers between two values can hold, with a gradient to train through.

For models that learn to be quantized. Nothing here is stored as integers.
"""

from typing import Any

from keras_backends.api import export
from keras_backends.dtypes import standardize_dtype
from keras_ops import ops
from keras_ops.graph import Operation, any_symbolic
from keras_ops.programs import one_program
from keras_ops.registry import saved_as
from keras_ops.tensor import KerasTensor, Tensor


@export("keras.quantizers.fake_quant_with_min_max_vars")
def fake_quant_with_min_max_vars(
    inputs: Tensor,
    min_vals: Tensor,
    max_vals: Tensor,
    num_bits: int = 8,
    narrow_range: bool = False,
    axis: int | None = None,
) -> Tensor:
    """Rounds to one of `2 ** num_bits` evenly spaced values, of which 0 is one.

    The range is moved a little, so that 0 is a step. The gradient passes where the input is in it; of all
    others it goes to the end of the range that they lie beyond.

    Args:
        inputs: Floats of any shape.
        min_vals: Smallest value: scalar, or `(channels,)` with `axis`.
        max_vals: Largest value, likewise.
        num_bits: Number of bits, 2 to 16.
        narrow_range: Whether the smallest integer is 1 instead of 0.
        axis: Axis of the channels; `None` for one range.

    Returns:
        A tensor of the shape and dtype of `inputs`.

    Raises:
        ValueError: If `num_bits` is out of range.

    Example:

        >>> fake_quant_with_min_max_vars(ops.array([-2.0, 0.3, 0.6]), -1.0, 2.0, num_bits=2)
        Array([-1.,  0.,  1.], dtype=float32)
    """
    operation = FakeQuantWithMinMaxVars(num_bits, narrow_range, axis)
    if any_symbolic((inputs,)):
        return operation.symbolic_call(inputs, min_vals, max_vals)
    return operation.call(inputs, min_vals, max_vals)


@saved_as("keras.src.quantizers.quantizers")
class FakeQuantWithMinMaxVars(Operation):
    """`fake_quant_with_min_max_vars` as a step of a graph.

    Args:
        num_bits: Number of bits.
        narrow_range: Whether the smallest integer is 1 instead of 0.
        axis: Axis of the channels; `None` for one range.
        name: Name, made from the class name by default.
    """

    def __init__(
        self,
        num_bits: int = 8,
        narrow_range: bool = False,
        axis: int | None = None,
        name: str | None = None,
    ) -> None:
        super().__init__(name=name)
        if not 2 <= num_bits <= 16:
            raise ValueError(
                f"fake_quant_with_min_max_vars: `num_bits` must be from 2 to 16, received num_bits={num_bits!r}."
            )
        self.num_bits = num_bits
        self.narrow_range = narrow_range
        self.axis = axis

    def call(self, inputs: Tensor, min_vals: Tensor, max_vals: Tensor) -> Tensor:
        inputs = ops.convert_to_tensor(inputs)
        dtype = standardize_dtype(inputs.dtype)
        x, least, most = (ops.cast(value, "float32") for value in (inputs, min_vals, max_vals))
        return ops.cast(_fake(x, least, most, self.num_bits, self.narrow_range, self.axis), dtype)

    def compute_output_spec(self, inputs: KerasTensor, min_vals: Any, max_vals: Any) -> KerasTensor:
        return KerasTensor(inputs.shape, dtype=inputs.dtype)


@one_program
def _fake(x: Tensor, least: Tensor, most: Tensor, num_bits: int, narrow: bool, axis: int | None) -> Tensor:
    first, last = int(narrow), 2**num_bits - 1
    return ops.custom_gradient(lambda *tensors: _rounded(*tensors, first, last, axis))(x, least, most)


def _rounded(
    x: Tensor, least: Tensor, most: Tensor, first: int, last: int, axis: int | None
) -> tuple[Tensor, Any]:
    """The rounded values, and the function of gradients."""
    rank = len(x.shape)
    if axis is None:
        shape, others = (), None
    else:
        axis %= rank
        shape = tuple(-1 if i == axis else 1 for i in range(rank))
        others = tuple(i for i in range(rank) if i != axis)
    sizes = tuple(least.shape)
    low, high = (ops.reshape(value, shape) for value in (least, most))
    scale = ops.divide(ops.subtract(high, low), last - first)
    # Where the range is empty everything becomes 0.
    step = ops.where(ops.equal(scale, 0.0), 1.0, scale)
    zero = ops.round(ops.clip(ops.subtract(first, ops.divide(low, step)), first, last))
    low = ops.multiply(ops.subtract(first, zero), scale)
    high = ops.multiply(ops.subtract(last, zero), scale)
    clipped = ops.minimum(ops.maximum(x, low), high)
    steps = ops.floor(ops.add(ops.divide(ops.subtract(clipped, low), step), 0.5))
    rounded = ops.multiply(ops.add(steps, ops.subtract(first, zero)), scale)

    def gradients(upstream: Tensor, *_: Any) -> tuple[Tensor, Tensor, Tensor]:
        below, above = ops.less(x, low), ops.greater(x, high)
        zeros = ops.zeros_like(upstream)
        inside = ops.where(ops.logical_or(below, above), zeros, upstream)
        beyond = (ops.sum(ops.where(which, upstream, zeros), axis=others) for which in (below, above))
        return inside, *(ops.reshape(total, sizes) for total in beyond)

    return rounded, gradients
