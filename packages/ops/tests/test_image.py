"""Operations on images: what the samples do not say."""

import numpy as np
import pytest
from keras_backends.selection import active
from keras_ops import ops
from keras_ops.op import operation_class
from keras_ops.programs import one_program
from keras_ops.tensor import Tensor

IMAGE = np.linspace(0, 1, 7 * 6 * 3, dtype="float32").reshape(7, 6, 3)
LAST = {"data_format": "channels_last"}
IDENTITY = [1.0, 0, 0, 0, 1, 0, 0, 0]

REFUSED = {
    "unknown interpolation": (
        ops.resize,
        (IMAGE, (4, 4), "cubicle"),
        "'bilinear', .*received interpolation='cubicle'",
    ),
    "size is no pair": (ops.resize, (IMAGE, 4), "pair of numbers, received size=4"),
    "rank": (ops.resize, (IMAGE[0], (4, 4)), r"3 axes, or 4 with a batch, received shape \(6, 3\)"),
    "crop and pad": (ops.resize, (IMAGE, (4, 4), "bilinear", False, True, True), "received both"),
    "fill mode of resize": (
        ops.resize,
        (IMAGE, (4, 4), "bilinear", False, False, True, "wrap"),
        "fill_mode='wrap'",
    ),
    "three of three": (ops.crop_images, (IMAGE, 1, 1, 1, 1, 3), "two of top_cropping, bottom_cropping"),
    "crop beyond": (ops.crop_images, (IMAGE, 5, 0, 4, 0), "fit the height 7"),
    "pad to less": (ops.pad_images, (IMAGE, 1, 0, None, 0, 5), "fit the height 7"),
    "channels": (ops.rgb_to_grayscale, (IMAGE[..., :2],), "3 channels at axis 2"),
    "integer colours": (
        ops.rgb_to_hsv,
        ((IMAGE * 255).astype("uint8"),),
        "float dtype, received dtype 'uint8'",
    ),
    "fill mode": (
        ops.affine_transform,
        (IMAGE, IDENTITY, "nearest", "edge"),
        "'wrap', .*received fill_mode='edge'",
    ),
    "transform": (ops.affine_transform, (IMAGE, IDENTITY[:6]), r"`transform` of shape \(8,\)"),
    "points": (
        ops.perspective_transform,
        (IMAGE, np.ones((3, 2)), np.ones((4, 2))),
        r"`start_points` of shape \(4, 2\)",
    ),
    "order": (ops.map_coordinates, (IMAGE[..., 0], np.ones((2, 3)), 3), "received order=3"),
    "coordinates": (ops.map_coordinates, (IMAGE, np.ones((2, 3)), 1), r"shape \(3, \.\.\.\)"),
    "method": (
        ops.scale_and_translate,
        (IMAGE, (4, 6, 3), [0.5], [0.0], (0,), "nearest"),
        "method='nearest'",
    ),
    "sigma": (ops.gaussian_blur, (IMAGE, (3, 3), (0.0, 1.0)), "positive numbers"),
    "rank of patches": (ops.extract_patches, (IMAGE[0], 2), "patches of 2 dimensions"),
    "padding of patches": (ops.extract_patches, (IMAGE, 2, 1, 1, "full"), "padding='full'"),
    "too small to compare": (ops.ssim, (IMAGE, IMAGE), "at least 11 rows"),
}


@pytest.mark.parametrize(("operation", "args", "message"), REFUSED.values(), ids=REFUSED)
def test_what_does_not_fit_is_refused(operation, args, message):
    kwargs = LAST if "data_format" in operation.op.attributes else {}
    with pytest.raises(ValueError, match=f"(?s)ops.{operation.__name__}: .*{message}"):
        operation(*args, **kwargs)


@pytest.mark.parametrize("dtype", ["uint8", "int16", "float16", "bfloat16", "bool"])
def test_resizing_keeps_the_dtype_and_saturates(dtype):
    image = ops.cast(np.array([0.0, 0, 1, 1, 1], "float32").reshape(1, 5, 1) * 200, dtype)
    result = ops.resize(image, (1, 11), "bicubic", **LAST)
    assert ops.dtype(result) == dtype
    values = ops.convert_to_numpy(ops.cast(result, "float32"))
    assert values.max() >= (1 if dtype == "bool" else 199)
    assert dtype not in ("uint8", "bool") or values.min() == 0


@pytest.mark.parametrize("dtype", ["uint8", "int16", "int32", "uint32", "bool", "float16"])
def test_the_nearest_pixels_move_in_their_own_dtype(dtype):
    large = {"uint8": 255, "int16": 2**15 - 1, "bool": 1, "float16": 2048}.get(dtype, 2**24 + 1)
    image = ops.convert_to_tensor(np.full((1, 2, 3, 1), large), dtype)
    moved = ops.affine_transform(image, [1.0, 0, 1, 0, 1, 0, 0, 0], "nearest", fill_value=0.7, **LAST)
    filled = 0.7 if dtype == "float16" else 1
    assert ops.dtype(moved) == ops.dtype(image)
    found = np.asarray(ops.convert_to_numpy(moved))[0, 0, :, 0].astype("float64")
    np.testing.assert_allclose(found, [large, large, filled], rtol=1e-3 if dtype == "float16" else 0)
    for result in (
        ops.elastic_transform(image, interpolation="nearest", seed=1, **LAST),
        ops.map_coordinates(image, ops.zeros((4, 2)), 0),
    ):
        assert (
            ops.dtype(result) == ops.dtype(image)
            and (np.asarray(ops.convert_to_numpy(result)) == large).all()
        )


def test_lists_of_points_and_a_batch_of_one_transform():
    batch = np.stack([IMAGE, IMAGE * 2])
    moved = ops.affine_transform(batch, [1, 0, 2, 0, 1, 0, 0, 0], **LAST)
    np.testing.assert_allclose(ops.convert_to_numpy(moved)[:, :, :-2], batch[:, :, 2:], atol=1e-6)
    corners = [[0.0, 0], [5, 0], [0, 6], [5, 6]]
    turned = ops.perspective_transform(IMAGE, corners, corners[::-1], **LAST)
    np.testing.assert_allclose(ops.convert_to_numpy(turned), IMAGE[::-1, ::-1], atol=1e-4)


def test_a_tensor_fills_what_a_transform_leaves_empty():
    away = [1.0, 0, 100, 0, 1, 0, 0, 0]
    moved = ops.affine_transform(IMAGE, away, fill_value=ops.convert_to_tensor(3.0), **LAST)
    assert (ops.convert_to_numpy(moved) == 3).all()


def test_elastic_transform_draws_anew_without_a_seed():
    first, second = (ops.convert_to_numpy(ops.elastic_transform(IMAGE, 30.0, 1.0, **LAST)) for _ in range(2))
    assert np.abs(first - second).max() > 0
    assert first.shape == IMAGE.shape


UNKNOWN_SIZES = {
    "resize": (lambda x: ops.resize(x, (4, 9), **LAST), (4, 9, 3)),
    "nearest": (lambda x: ops.resize(ops.cast(x, "uint8"), (4, 9), "nearest", **LAST), (4, 9, 3)),
    "cropped to the ratio": (lambda x: ops.resize(x, (4, 9), crop_to_aspect_ratio=True, **LAST), (4, 9, 3)),
    "padded to the ratio": (lambda x: ops.resize(x, (4, 9), pad_to_aspect_ratio=True, **LAST), (4, 9, 3)),
    "crop": (lambda x: ops.crop_images(x, 1, 0, target_height=1, target_width=1, **LAST), None),
    "pad": (lambda x: ops.pad_images(x, 1, 2, target_height=99, target_width=99, **LAST), None),
    "affine": (lambda x: ops.affine_transform(x, IDENTITY, fill_mode="mirror", **LAST), (None, None, 3)),
    "elastic": (lambda x: ops.elastic_transform(x, sigma=1.0, seed=1, **LAST), (None, None, 3)),
    "blur": (lambda x: ops.gaussian_blur(x, **LAST), (None, None, 3)),
    "patches": (lambda x: ops.extract_patches(x, (2, 3), (1, 2), **LAST), (None, None, 18)),
    "dilated patches": (
        lambda x: ops.extract_patches(x, 2, 1, dilation_rate=2, padding="same", data_format="channels_first"),
        None,
    ),
}


@pytest.mark.skipif(active().trace is None, reason="nothing is traced")
@pytest.mark.parametrize(("function", "shape"), UNKNOWN_SIZES.values(), ids=UNKNOWN_SIZES)
def test_sizes_may_be_unknown_while_a_function_is_traced(function, shape):
    specs = active().trace(lambda tensors: [function(tensors[0])], [((None, None, None, 3), "float32")])
    ((traced, _),) = specs
    assert len(traced) == 4
    assert shape is None or traced[1:] == shape


@pytest.mark.parametrize(
    "name", ["RGBToGrayscale", "RGBToHSV", "HSVToRGB", "SSIM", "ExtractPatches", "MapCoordinates"]
)
def test_files_name_the_operations(name):
    assert operation_class("keras.src.ops.image", name) is not None


def test_a_program_is_made_once_for_each_set_of_attributes():
    runs = []

    @one_program
    def scaled(x: Tensor, factor: float = 2.0) -> Tensor:
        runs.append(factor)
        return x * factor

    x = ops.convert_to_tensor([1.0, 2.0])
    results = [ops.convert_to_numpy(scaled(x, factor)).tolist() for factor in (2.0, 2.0, 3.0)]
    assert results == [[2, 4], [2, 4], [3, 6]]
    assert len(runs) == (2 if active().traits.compiles_each_operation else 3)


@pytest.mark.skipif(active().name != "tensorflow", reason="all sizes are known")
@pytest.mark.parametrize("first", [False, True], ids=["channels_last", "channels_first"])
@pytest.mark.parametrize("padding", ["valid", "same"])
@pytest.mark.parametrize("batched", [False, True])
def test_patches_of_sizes_that_are_known_at_run_time_only(batched, padding, first):
    import tensorflow as tf

    x = np.stack([IMAGE, -IMAGE]) if batched else IMAGE
    x = np.moveaxis(x, -1, -3) if first else x
    form = "channels_first" if first else "channels_last"

    def patches(x):
        return ops.extract_patches(x, (2, 3), (1, 2), (1, 1), padding, form)

    sizes = [3 if size == 3 else None for size in x.shape]
    graph = tf.function(patches, input_signature=[tf.TensorSpec(sizes)], autograph=False)
    np.testing.assert_array_equal(graph(x), patches(ops.convert_to_tensor(x)))
