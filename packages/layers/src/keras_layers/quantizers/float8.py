"""Numbers of float8 training: scales from the largest values of past steps, and rounding to 8-bit floats.

`keras_layers.core.float8_kernel` uses them; the formulas are those of NVIDIA's Transformer Engine (delayed
scaling).
"""

from keras_backends.api import export
from keras_backends.dtypes import standardize_dtype
from keras_ops import ops
from keras_ops.tensor import Tensor

FLOAT8_MAX = {"float8_e4m3fn": 448.0, "float8_e5m2": 57344.0}
"""8-bit float dtype -> its largest number."""


@export("keras.quantizers.compute_float8_scale")
def compute_float8_scale(amax: Tensor, scale: Tensor, dtype_max: float, margin: int = 0) -> Tensor:
    """Returns the scale that maps the largest value to the end of a dtype's range.

    It is `amax * 2 ** margin / dtype_max`, and the old scale where `amax` is zero or not finite.

    Args:
        amax: Largest absolute value.
        scale: The scale so far.
        dtype_max: Largest number of the 8-bit dtype.
        margin: Bits to leave free above the largest value.

    Example:

        >>> compute_float8_scale(ops.array(896.0), ops.array(1.0), 448.0)
        Array(2., dtype=float32)
    """
    fits = ops.logical_and(ops.greater(amax, 0.0), ops.isfinite(amax))
    new = ops.multiply(ops.divide(amax, dtype_max), 2.0**margin)
    return ops.where(fits, new, scale)


@export("keras.quantizers.compute_float8_amax_history")
def compute_float8_amax_history(x: Tensor, amax_history: Tensor) -> Tensor:
    """Moves a history of largest values on by one step.

    Args:
        x: Tensor of any shape.
        amax_history: Largest absolute values of past steps, `(steps,)`; the first one is the latest.

    Returns:
        The history `(steps,)` with that of `x` in front.

    Example:

        >>> compute_float8_amax_history(ops.array([1.0, -5.0]), ops.array([3.0, 2.0, 1.0]))
        Array([5., 1., 3.], dtype=float32)
    """
    amax = ops.cast(ops.max(ops.absolute(x)), standardize_dtype(amax_history.dtype))
    return ops.concatenate([ops.reshape(amax, (1,)), ops.roll(amax_history, -1)[1:]], axis=0)


@export("keras.quantizers.quantize_and_dequantize")
def quantize_and_dequantize(
    inputs: Tensor, scale: Tensor, quantized_dtype: str, compute_dtype: str
) -> Tensor:
    """Rounds to what an 8-bit float dtype can hold.

    Args:
        inputs: Floats of any shape.
        scale: Divides the inputs before they are rounded.
        quantized_dtype: `"float8_e4m3fn"` or `"float8_e5m2"`.
        compute_dtype: Dtype of the result.

    Returns:
        A tensor of the shape of `inputs`.

    Example:

        >>> quantize_and_dequantize(ops.array([1.1, 1000.0]), ops.array(1.0), "float8_e4m3fn", "float32")
        Array([  1.125, 448.   ], dtype=float32)
    """
    most = FLOAT8_MAX[standardize_dtype(quantized_dtype)]
    scale = ops.cast(scale, compute_dtype)
    x = ops.clip(ops.divide(ops.cast(inputs, compute_dtype), scale), -most, most)
    return ops.multiply(ops.cast(ops.cast(x, quantized_dtype), compute_dtype), scale)
