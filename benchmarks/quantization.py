"""Dense layers of floats beside quantized ones, and the product of int8 beside those of int32 and of floats.

Prints microseconds of processor time of compiled calls (the least of several repeats). The kernels `int8_product` of
the backends rest on these figures.

    KERAS_BACKEND=torch python benchmarks/quantization.py
"""

from collections.abc import Callable
from typing import Any

import keras
import numpy as np
from keras_backends.selection import active
from keras_ops.operations.matmul import int8_product
from measure import seconds_per_call

ops, quantizers = keras.ops, keras.quantizers
CONFIGS = {
    "float32": None,
    "int8": quantizers.Int8QuantizationConfig(),
    "int8, weights only": quantizers.Int8QuantizationConfig(activation_quantizer=None),
    "int4, blocks of 128": quantizers.Int4QuantizationConfig(),
    "int4, per channel": quantizers.Int4QuantizationConfig(block_size=None),
}
SIZES = ((1, 1024), (64, 1024))
"""Rows of the input, and features of input and output."""


def microseconds(function: Callable[..., Any], *inputs: Any) -> float:
    """The time of a call of a function that is compiled where the backend compiles."""
    run = active().compile(function)
    return 1e6 * seconds_per_call(lambda: run(*inputs), ops.convert_to_numpy)


def _layer(features: int, config: Any) -> Any:
    layer = keras.layers.Dense(features)
    layer.build((None, features))
    if config is not None:
        layer.quantize(config=config)
    return layer


def _through(dtype: str) -> Callable[..., Any]:
    return lambda x, y: ops.matmul(ops.cast(x, dtype), ops.cast(y, dtype))


def main() -> None:
    draw = np.random.default_rng(0)
    print(keras.config.backend())
    for rows, features in SIZES:
        x = ops.convert_to_tensor(draw.normal(size=(rows, features)).astype("float32"))
        for name, config in CONFIGS.items():
            layer = _layer(features, config)
            print(f"Dense {rows:3} x {features}  {name:22}{microseconds(layer.__call__, x):10.0f}")
        left, right = (
            ops.convert_to_tensor(draw.integers(-127, 128, shape).astype("int8"))
            for shape in ((rows, features), (features, features))
        )
        for name, product in {
            "int8_product": int8_product,
            "as int32": _through("int32"),
            "as float32": _through("float32"),
        }.items():
            print(f"int8  {rows:3} x {features}  {name:22}{microseconds(product, left, right):10.0f}")


if __name__ == "__main__":
    main()
