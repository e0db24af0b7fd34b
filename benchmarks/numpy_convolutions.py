"""Convolution and pooling of the NumPy backend beside PyTorch's, on one thread of a CPU.

Prints milliseconds of processor time (the least of turns) and the ratio; the ways of
`keras_backends/numpy/nn_conv.py` and `nn_pool.py` rest on these figures.

    KERAS_BACKEND=numpy python benchmarks/numpy_convolutions.py
"""

import os
from collections.abc import Callable
from functools import partial
from typing import Any

# One thread each: what is measured is the time of all of them.
for _name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"):
    os.environ.setdefault(_name, "1")

import numpy as np
import torch
import torch.nn.functional as f
from keras_ops import ops
from measure import seconds_in_turns

LAST = {"data_format": "channels_last"}
CONVOLUTIONS = (
    (64, 56, 64, 64, 3, 1),
    (8, 112, 3, 32, 3, 2),
    (8, 28, 128, 128, 3, 1),
    (8, 56, 64, 128, 1, 2),
)
"""Images, their size, channels, filters, taps and strides."""
DEPTHWISE = (
    (8, 56, 64, 3, 1, "valid"),
    (8, 56, 64, 3, 2, "same"),
    (8, 28, 8, 3, 1, "same"),
    (4, 14, 384, 7, 1, "same"),
)
"""Images, their size, channels, taps, strides and padding."""
_draw = np.random.default_rng(0)


def compare(name: str, ours: Callable[[], Any], theirs: Callable[[], Any]) -> None:
    """Prints a line with both times."""
    mine, raw = (seconds * 1e3 for seconds in seconds_in_turns([ours, theirs]))
    print(f"{name:40}{mine:9.2f}{raw:9.2f}{mine / raw:7.2f}", flush=True)


def inputs(*shape: int) -> tuple[np.ndarray, torch.Tensor]:
    """Images or a kernel for NumPy, and the same with channels in front."""
    x = _draw.normal(size=shape).astype("float32")
    return x, torch.from_numpy(x).permute(0, 3, 1, 2)


def kernels(*shape: int) -> tuple[np.ndarray, torch.Tensor]:
    kernel = _draw.normal(size=shape).astype("float32")
    return kernel, torch.from_numpy(kernel).permute(3, 2, 0, 1)


def convolution(batch: int, size: int, channels: int, filters: int, taps: int, stride: int) -> None:
    x, x_raw = inputs(batch, size, size, channels)
    kernel, kernel_raw = kernels(taps, taps, channels, filters)
    compare(
        f"conv {batch}x{size}x{size} {channels}->{filters} taps {taps} /{stride}",
        lambda: ops.conv(x, kernel, stride, "valid", **LAST),
        lambda: f.conv2d(x_raw, kernel_raw, stride=stride).permute(0, 2, 3, 1),
    )


def others() -> None:
    x, x_raw = inputs(8, 56, 56, 64)
    kernel, kernel_raw = kernels(3, 3, 64, 64)
    compare(
        "conv_transpose 8x56x56 64->64 taps 3 /2",
        lambda: ops.conv_transpose(x, kernel, 2, "valid", **LAST),
        lambda: f.conv_transpose2d(x_raw, kernel_raw, stride=2),
    )
    for size, stride in ((2, 2), (3, 2), (3, 1)):
        for name, raw in (("max_pool", f.max_pool2d), ("average_pool", f.avg_pool2d)):
            for padding in ("valid", "same"):
                pool, around = getattr(ops, name), size // 2 if padding == "same" else 0
                more = {"count_include_pad": False} if name == "average_pool" else {}
                compare(
                    f"{name} {size}/{stride} {padding}",
                    partial(pool, x, size, stride, padding, **LAST),
                    partial(raw, x_raw, size, stride, around, **more),
                )


def depthwise(batch: int, size: int, channels: int, taps: int, stride: int, padding: str) -> None:
    x, x_raw = inputs(batch, size, size, channels)
    kernel, kernel_raw = kernels(taps, taps, channels, 1)
    kernel_raw = kernel_raw.transpose(0, 1).contiguous()
    around = taps // 2 if padding == "same" else 0
    compare(
        f"depthwise {batch}x{size}x{size}x{channels} taps {taps} /{stride} {padding}",
        partial(ops.depthwise_conv, x, kernel, stride, padding, **LAST),
        partial(f.conv2d, x_raw, kernel_raw, None, stride, around, groups=channels),
    )


if __name__ == "__main__":
    torch.set_num_threads(1)
    with torch.no_grad():
        for case in CONVOLUTIONS:
            convolution(*case)
        for case in DEPTHWISE:
            depthwise(*case)
        others()
