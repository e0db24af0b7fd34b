"""TensorFlow kernels for images: resizing by its own function, which knows sizes at run time only."""

import tensorflow as tf

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
    first = data_format == "channels_first"
    forward, back = ([1, 2, 0], [2, 0, 1]) if images.shape.rank == 3 else ([0, 2, 3, 1], [0, 3, 1, 2])
    x = tf.transpose(images, forward) if first else images
    x = tf.image.resize(x, size, interpolation, antialias=antialias)
    return tf.transpose(x, back) if first else x
