"""Quantizers and what configures quantization: `keras.quantizers`.

Here are the numbers: scales, rounding, packing, calibration. How a layer holds and uses a quantized kernel is in
`keras_layers.core` (`int8_kernel`, `grouped_kernel`, `float8_kernel`).
"""
