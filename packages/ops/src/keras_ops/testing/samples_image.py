"""Samples of operations on images."""

import colorsys

import numpy as np

from keras_ops.testing.samples import call

_RNG = np.random.default_rng(11)
_FIRST = {"data_format": "channels_first"}
_LAST = {"data_format": "channels_last"}


def _random(*shape):
    return _RNG.random(shape).astype("float32")


_IMAGE, _BATCH = _random(7, 6, 3), _random(2, 7, 6, 3)
_BATCH_FIRST = _BATCH.transpose(0, 3, 1, 2)
_BYTES = _RNG.integers(0, 256, (5, 6, 3)).astype("uint8")
# Differences approximate gradients only where no corner is crossed: the parts of a colour are far
# apart, hues in the middle of their sixth, and transforms are lists, which are left as they are.
_COLOURS = _RNG.permuted(np.tile([0.2, 0.5, 0.9], (4, 5, 1)), axis=-1).astype("float32")
_HUES = np.concatenate([_RNG.integers(0, 6, (4, 5, 1)) / 6 + 0.11, 0.4 * _random(4, 5, 2) + 0.3], -1).astype(
    "float32"
)
_SHIFT = [0.9, 0.13, 0.4, -0.11, 1.05, 0.3, 0.0, 0.0]
_TILT = [0.9, -0.13, 0.4, 0.11, 1.05, -0.3, 0.01, 0.02]
_CORNERS = [[0.0, 0.0], [5.0, 0.0], [0.0, 6.0], [5.0, 6.0]]
_MOVED = [[0.6, 0.3], [4.8, 0.9], [0.1, 5.3], [5.35, 6.2]]
_GRID = np.array([[-1.3, 0.2, 2.4, 6.7], [0.4, -0.6, 4.3, 5.6]], "float32")


def _nearest(x, size, interpolation, **_):
    rows, columns = ((np.arange(n) + 0.5) * old // n for n, old in zip(size, x.shape))
    return x[rows.astype(int)][:, columns.astype(int)]


def _patches(x, size, **_):
    rows, columns = x.shape[1] // size, x.shape[2] // size
    x = x[:, : rows * size, : columns * size].reshape(-1, rows, size, columns, size, x.shape[-1])
    return x.transpose(0, 1, 3, 2, 4, 5).reshape(-1, rows, columns, size * size * x.shape[-1])


def _in_pixels(function):
    return lambda x, **_: np.array([[function(*pixel) for pixel in row] for row in x])


def _same(x, *_, **__):
    return x


SAMPLES = {
    "resize": [
        call(_BATCH, (4, 9), **_LAST),
        call(_BATCH_FIRST, (10, 3), antialias=True, **_FIRST),
        call(_IMAGE, (5, 11), interpolation="nearest", reference=_nearest, **_LAST),
        call(_IMAGE, (4, 8), interpolation="bicubic", **_LAST),
        call(_BATCH, [3, 8], interpolation="bicubic", antialias=True, **_LAST),
        call(_BATCH, (9, 4), interpolation="lanczos3", **_LAST),
        call(_IMAGE, (3, 7), interpolation="lanczos5", antialias=True, **_LAST),
        call(_BATCH, (4, 9), crop_to_aspect_ratio=True, **_LAST),
        call(_BATCH_FIRST, (4, 9), pad_to_aspect_ratio=True, fill_value=0.5, **_FIRST),
        call(_BYTES, (4, 9), **_LAST),
        call(_BYTES > 90, (7, 4), interpolation="nearest", reference=_nearest, **_LAST),
        call(_BATCH, (7, 6), reference=_same),
    ],
    "scale_and_translate": [
        call(_BATCH, (2, 5, 9, 3), [0.7, 1.4], [0.3, -0.6], (1, 2), "linear"),
        call(
            _IMAGE[..., 0], (9, 4), _random(2) + 0.6, _random(2), (0, 1), "cubic", False, differentiable=False
        ),
        call(_BYTES, (5, 8, 3), [1.2], [0.4], (-2,), "lanczos3"),
    ],
    "map_coordinates": [
        call(_IMAGE[..., 0], _GRID, 1),
        *(
            call(_IMAGE[..., 0], _GRID, order, fill_mode=mode, fill_value=0.3)
            for order, mode in [(0, "constant"), (1, "nearest"), (1, "wrap"), (0, "mirror"), (1, "reflect")]
        ),
        call(_BYTES, np.stack([_GRID[0], _GRID[1], _GRID[0] / 4]), 1, fill_mode="mirror"),
    ],
    "read_images": [
        *(
            call(_BATCH, 12 * _random(2, 4, 5) - 3, 9 * _random(1, 4, 5) - 2, 1, mode, 0.3)
            for mode in ("constant", "nearest", "wrap", "mirror", "reflect")
        ),
        call(_BATCH, _random(1, 4, 5), 3 * _random(1, 4, 5), 0, "mirror", 0.0, differentiable=False),
    ],
    "affine_transform": [
        call(_BATCH, [_SHIFT, _TILT], **_LAST),
        call(_BATCH_FIRST, _SHIFT, fill_mode="reflect", **_FIRST),
        call(_IMAGE, _SHIFT, interpolation="nearest", fill_value=0.4, **_LAST),
        call(_BYTES, [1.0, 0.0, 0.0, 0.0, 1.0, 0.0, 0.0, 0.0], reference=_same, **_LAST),
    ],
    "perspective_transform": [
        call(_IMAGE, _CORNERS, _MOVED, **_LAST),
        call(_BATCH_FIRST, [_CORNERS, _MOVED], [_MOVED, _CORNERS], "nearest", 0.3, **_FIRST),
    ],
    "elastic_transform": [
        call(_IMAGE, 4.0, 1.0, seed=3, differentiable=False, **_LAST),
        call(_BATCH_FIRST, 0.0, seed=1, interpolation="nearest", reference=_same, **_FIRST),
    ],
    "extract_patches": [
        call(_BATCH, 2, reference=_patches, **_LAST),
        call(_BATCH, (2, 3), strides=1, padding="same", **_LAST),
        call(_BATCH_FIRST, 3, strides=2, dilation_rate=2, padding="same", **_FIRST),
        call(_BYTES, 2, strides=(1, 3), **_LAST),
        call(_random(1, 4, 5, 4, 2), (2, 2, 3), **_LAST),
    ],
    "extract_patches_3d": [
        call(_random(1, 4, 5, 4, 2), 2, **_LAST),
        call(_random(2, 5, 4, 4), 2, strides=1, padding="same", **_FIRST),
    ],
    "crop_images": [
        call(_BATCH, 1, 2, 3, 1, reference=lambda x, *_, **__: x[:, 1:-3, 2:-1], **_LAST),
        call(_BATCH_FIRST, bottom_cropping=1, right_cropping=0, target_height=4, target_width=5, **_FIRST),
    ],
    "pad_images": [
        call(_IMAGE, 1, 2, 3, 1, reference=lambda x, *_, **__: np.pad(x, ((1, 3), (2, 1), (0, 0))), **_LAST),
        call(_BATCH_FIRST, top_padding=0, left_padding=1, target_height=8, target_width=9, **_FIRST),
    ],
    "rgb_to_grayscale": [
        call(_IMAGE, reference=lambda x, **_: x @ np.array([[0.2989], [0.587], [0.114]], "float32"), **_LAST),
        call(_BATCH_FIRST, **_FIRST),
        call(_BYTES, **_LAST),
    ],
    "rgb_to_hsv": [
        call(_COLOURS, reference=_in_pixels(colorsys.rgb_to_hsv), **_LAST),
        call(_COLOURS.transpose(2, 0, 1), **_FIRST),
        call(np.zeros((2, 2, 3), "float32"), reference=_same, differentiable=False, **_LAST),
    ],
    "hsv_to_rgb": [
        call(_HUES, reference=_in_pixels(colorsys.hsv_to_rgb), **_LAST),
        call(_HUES.transpose(2, 0, 1), **_FIRST),
    ],
    "gaussian_blur": [
        call(_BATCH, (5, 3), (0.7, 1.3), **_LAST),
        call(_BATCH_FIRST[0], sigma=[0.6, 0.9], **_FIRST),
        call(_BYTES, **_LAST),
    ],
    "sobel_edges": [call(_BATCH, **_LAST), call(_BATCH_FIRST[0], **_FIRST)],
    "ssim": [
        call(
            _IMAGE,
            _IMAGE,
            filter_size=5,
            reference=lambda *_, **__: np.ones(()),
            differentiable=False,
            **_LAST,
        ),
        call(_BATCH_FIRST, _BATCH_FIRST[::-1] * 0.9, 2.0, 3, 0.8, 0.02, 0.05, **_FIRST),
        call(_BYTES, _BYTES[::-1], 255.0, 5, **_LAST),
    ],
}
