"""The schemes of quantization by the name of their mode: which kernel replaces that of a layer.

Adding one adds a file with a kernel, a configuration and a line here; no layer changes.
"""

from typing import Any

from keras_layers.core.calibrated_kernel import AWQKernel, GPTQKernel
from keras_layers.core.float8_kernel import Float8Kernel
from keras_layers.core.grouped_kernel import GroupedKernel
from keras_layers.core.scaled_kernel import ScaledKernel

SCHEMES: dict[str, type[Any]] = {
    "int8": ScaledKernel,
    "int4": GroupedKernel,
    "float8": Float8Kernel,
    "gptq": GPTQKernel,
    "awq": AWQKernel,
}
"""Mode -> the kernel of layers that are quantized by it."""


def scheme_of(config: Any) -> type[Any]:
    """Returns the kernel that a configuration asks for.

    Example:

        >>> from keras_layers.quantizers.configs import Int4QuantizationConfig
        >>> scheme_of(Int4QuantizationConfig(block_size=None)).__name__
        'ScaledKernel'
    """
    if config.mode == "int4" and not config.blocked:
        return ScaledKernel
    return SCHEMES[config.mode]
