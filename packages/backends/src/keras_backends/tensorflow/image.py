"""TensorFlow kernels for images: resizing, and patches, by its own functions, which know sizes at run time only."""

import tensorflow as tf

from keras_backends.geometry import as_tuple

_METHODS = frozenset({"nearest", "bilinear", "bicubic", "lanczos3", "lanczos5"})


def resize(
    images,
    *,
    size,
    interpolation,
    antialias,
    crop_to_aspect_ratio,
    pad_to_aspect_ratio,
    fill_mode,
    fill_value,
    data_format,
):
    plain = fill_mode == "constant" and not (crop_to_aspect_ratio or pad_to_aspect_ratio)
    if not plain or interpolation not in _METHODS or len(size) != 2 or min(size) < 1:
        return NotImplemented
    # Its nearest pixels are rounded ones where sizes do not divide, so they serve unknown sizes only.
    fits = None in images.shape if interpolation == "nearest" else images.dtype == tf.float32
    if images.shape.rank not in (3, 4) or not fits:
        return NotImplemented
    return _with_channels_last(
        images, data_format, lambda x: tf.image.resize(x, size, interpolation, antialias=antialias)
    )


def extract_patches(images, *, size, strides, dilation_rate, padding, data_format):
    # Patches of known sizes are taken along one axis after the other, for every dtype.
    rank, first = images.shape.rank, data_format == "channels_first"
    volumes = isinstance(size, tuple) and len(size) == 3
    if volumes or rank not in (3, 4) or None not in (images.shape[-2:] if first else images.shape[-3:-1]):
        return NotImplemented
    size = as_tuple(size, 2, "size")
    strides = size if strides is None else as_tuple(strides, 2, "strides")
    rates = as_tuple(dilation_rate, 2, "dilation_rate")

    def patches(x):
        x = x[None] if rank == 3 else x
        y = tf.image.extract_patches(
            x, (1, *size, 1), (1, *strides, 1), (1, *rates, 1), "SAME" if padding == "same" else "VALID"
        )
        return y[0] if rank == 3 else y

    return _with_channels_last(images, data_format, patches)


def _with_channels_last(images, data_format, function):
    if data_format == "channels_last":
        return function(images)
    forward, back = ([1, 2, 0], [2, 0, 1]) if images.shape.rank == 3 else ([0, 2, 3, 1], [0, 3, 1, 2])
    return tf.transpose(function(tf.transpose(images, forward)), back)
