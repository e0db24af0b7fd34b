"""Convolution and pooling at the edges: empty operands, windows larger than the inputs, integers."""

import numpy as np
import pytest
from keras_ops import KerasTensor, ops

_EDGES = {
    "conv": (ops.conv, (4, 6)),
    "depthwise_conv": (ops.depthwise_conv, (4, 2)),
}


def _operands(rank, batch, filters):
    return ops.zeros((batch, 7, 6, 5)[: rank + 1] + (4,)), ops.zeros((3, 2, 2)[:rank] + filters)


@pytest.mark.parametrize("padding", ["valid", "same"])
@pytest.mark.parametrize("rank", [1, 2, 3])
@pytest.mark.parametrize("name", _EDGES)
def test_an_empty_batch_has_the_shape_of_the_rule(name, rank, padding):
    function, filters = _EDGES[name]
    x, kernel = _operands(rank, 0, filters)
    expected = function(KerasTensor(x.shape), KerasTensor(kernel.shape), padding=padding).shape
    assert tuple(function(x, kernel, padding=padding).shape) == tuple(expected)


@pytest.mark.parametrize(
    "call",
    [
        lambda x: ops.conv(x, ops.zeros((3, 2, 4, 6))),
        lambda x: ops.conv(x, ops.zeros((2, 2, 4, 6)), dilation_rate=2),
        lambda x: ops.depthwise_conv(x, ops.zeros((3, 2, 4, 1))),
        lambda x: ops.max_pool(x, (3, 2)),
        lambda x: ops.average_pool(x, (3, 2)),
    ],
)
def test_windows_larger_than_the_inputs_are_refused(call):
    with pytest.raises(ValueError, match="expected spatial sizes"):
        call(ops.zeros((1, 2, 6, 4)))


@pytest.mark.parametrize("padding", ["valid", "same"])
@pytest.mark.parametrize("rank", [1, 2])
def test_integers_are_pooled(rank, padding):
    x = ops.convert_to_tensor(np.arange(-5, 1, dtype="int32").reshape(1, 6, *(1,) * rank))
    size, rest = (3, 1)[:rank], padding == "same"
    for function, expected in [(ops.max_pool, [-3, -1, 0]), (ops.average_pool, [-4, -2, 0])]:
        result = function(x, size, 2, padding)
        assert ops.dtype(result) == "int32"
        assert ops.convert_to_numpy(result).ravel().tolist() == expected[: 2 + rest]


@pytest.mark.parametrize(("size", "pool"), [(3, 9), (6, 12), (1, 5), (2, 6)])
def test_windows_much_larger_than_the_inputs_are_padded(size, pool):
    x = ops.ones((1, size, 2))
    for function in (ops.max_pool, ops.average_pool):
        np.testing.assert_array_equal(ops.convert_to_numpy(function(x, pool, 1, "same")), np.ones(x.shape))


def _windows(x, taps, strides, dilation, padding, fill):
    """All windows, with channels last: `(batch, *positions, channels, *taps)`."""
    pads = [(0, 0)]
    if padding == "same":
        for n, k, s, d in zip(x.shape[1:], taps, strides, dilation):
            total = max((-(-n // s) - 1) * s + (k - 1) * d + 1 - n, 0)
            pads.append((total // 2, total - total // 2))
    x = np.pad(x, (pads + [(0, 0)] * x.ndim)[: x.ndim], constant_values=fill)
    sizes = [(k - 1) * d + 1 for k, d in zip(taps, dilation)]
    windows = np.lib.stride_tricks.sliding_window_view(x, sizes, tuple(range(1, x.ndim - 1)))
    steps = [slice(None, None, s) for s in strides], [slice(None, None, d) for d in dilation]
    return windows[(slice(None), *steps[0], slice(None), *steps[1])]


# Rows that are cut into parts with a rest, several images in a block and blocks with a rest, on NumPy.
_CASES = [
    ((2, 67, 48), (3,), (1,), (2,), 1, "valid", "channels_last"),
    ((2, 67, 48), (3,), (2,), (1,), 2, "same", "channels_first"),
    ((2, 6, 53, 40), (3, 2), (1, 1), (1, 3), 1, "same", "channels_last"),
    ((3, 23, 19, 6), (4, 3), (3, 3), (1, 1), 2, "same", "channels_last"),
    ((3, 130, 130, 9), (2, 2), (2, 2), (1, 1), 1, "valid", "channels_first"),
    ((2, 9, 7, 3), (1, 1), (2, 2), (1, 1), 2, "same", "channels_last"),
]


@pytest.mark.parametrize("shape, taps, strides, dilation, multiplier, padding, data_format", _CASES)
def test_windows_are_those_of_the_definition(
    shape, taps, strides, dilation, multiplier, padding, data_format
):
    draw = np.random.default_rng(0)
    x, options = draw.normal(size=shape).astype("float32"), {"padding": padding, "data_format": data_format}
    first = data_format == "channels_first"
    given = ops.convert_to_tensor(np.moveaxis(x, -1, 1) if first else x)

    def check(result, expected):
        result = ops.convert_to_numpy(result)
        result = np.moveaxis(result, 1, -1) if first else result
        np.testing.assert_allclose(result, expected, rtol=1e-5, atol=1e-5)

    kernel = draw.normal(size=(*taps, shape[-1], multiplier)).astype("float32")
    axes = range(x.ndim + len(taps) + 1)
    expected = np.einsum(
        _windows(x, taps, strides, dilation, padding, 0.0),
        axes[:-1],
        kernel,
        [*axes[x.ndim : -1], x.ndim - 1, axes[-1]],
        [*axes[: x.ndim], axes[-1]],
    )
    result = ops.depthwise_conv(given, kernel, strides, dilation_rate=dilation, **options)
    check(result, expected.reshape(*expected.shape[:-2], -1))
    windows = _windows(x, taps, strides, [1] * len(taps), padding, np.nan)
    axes = tuple(range(x.ndim, windows.ndim))
    check(ops.max_pool(given, taps, strides, **options), np.nanmax(windows, axes))
    check(ops.average_pool(given, taps, strides, **options), np.nanmean(windows, axes))
