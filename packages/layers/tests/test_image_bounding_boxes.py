"""Bounding boxes: every format to every other one, moves, overlap, deltas from anchors, and what is refused."""

import numpy as np
import pytest
from keras_layers.bounding_boxes.deltas import decode_deltas_to_boxes, encode_box_to_deltas
from keras_layers.bounding_boxes.formats import FORMATS, convert_format
from keras_layers.bounding_boxes.moves import affine_transform, clip_to_image_size, crop, pad
from keras_layers.bounding_boxes.overlap import compute_ciou, compute_iou
from keras_ops import ops

HEIGHT, WIDTH = 20, 40
BOXES = np.array([[[4.0, 2.0, 12.0, 10.0], [0.0, 5.0, 40.0, 15.0]], [[8.0, 1.0, 9.0, 3.0]] * 2], "float32")
WRITTEN = {
    "xyxy": [4.0, 2.0, 12.0, 10.0],
    "yxyx": [2.0, 4.0, 10.0, 12.0],
    "xywh": [4.0, 2.0, 8.0, 8.0],
    "center_xywh": [8.0, 6.0, 8.0, 8.0],
    "center_yxhw": [6.0, 8.0, 8.0, 8.0],
    "rel_xyxy": [0.1, 0.1, 0.3, 0.5],
    "rel_yxyx": [0.1, 0.1, 0.5, 0.3],
    "rel_xywh": [0.1, 0.1, 0.2, 0.4],
    "rel_center_xywh": [0.2, 0.3, 0.2, 0.4],
    "rel_center_yxhw": [0.3, 0.2, 0.4, 0.2],
}
"""The first box in each format."""


def _array(x):
    return np.asarray(ops.convert_to_numpy(x))


def _near(x, expected, **tolerance):
    np.testing.assert_allclose(_array(x), expected, **{"rtol": 1e-5, "atol": 1e-5, **tolerance})


def _to(target, boxes=BOXES):
    return convert_format(boxes, "xyxy", target, HEIGHT, WIDTH)


def test_the_table_of_formats_is_whole():
    assert set(WRITTEN) == set(FORMATS)


@pytest.mark.parametrize("name", FORMATS)
def test_formats(name):
    there = _to(name)
    _near(there[0, 0], WRITTEN[name])
    _near(convert_format(there, name, "xyxy", HEIGHT, WIDTH), BOXES, atol=1e-4)
    boxes = {"boxes": BOXES, "labels": np.array([[1, 2], [3, 4]])}
    as_dict = convert_format(boxes, "xyxy", name, np.full(2, HEIGHT), ops.array([WIDTH, WIDTH]))
    _near(as_dict["boxes"], _array(there))
    assert as_dict["labels"] is boxes["labels"]


@pytest.mark.parametrize("name", ["xyxy", "center_xywh", "rel_yxyx"])
def test_moves_in_any_format(name):
    def moved(function, *args, **kwargs):
        there = function(_to(name), *args, **kwargs, bounding_box_format=name)
        return _array(convert_format(there, name, "xyxy", HEIGHT, WIDTH))

    _near(moved(pad, 3, 5, HEIGHT, WIDTH), BOXES + [5, 3, 5, 3], atol=1e-4)
    _near(moved(crop, 4, 6, HEIGHT, WIDTH)[0], [[0, 0, 6, 6], [0, 1, 34, 11]], atol=1e-4)
    still = {
        "angle": 0.0,
        "translate_x": 0.0,
        "translate_y": 0.0,
        "scale": 1.0,
        "shear_x": 0.0,
        "shear_y": 0.0,
    }
    still |= {"height": HEIGHT, "width": WIDTH}
    _near(moved(affine_transform, **still), BOXES, atol=1e-4)
    _near(moved(affine_transform, **{**still, "translate_x": 0.1}), BOXES + [4, 0, 4, 0], atol=1e-4)
    turned = moved(affine_transform, **{**still, "angle": np.array([180.0, 0.0], "float32")})
    _near(turned[0, 0], [WIDTH - 13, HEIGHT - 11, WIDTH - 5, HEIGHT - 3], atol=1e-3)
    _near(turned[1], BOXES[1], atol=1e-4)
    twice = moved(affine_transform, **{**still, "scale": 2.0, "center_x": 0.0, "center_y": 0.0})
    _near(twice, BOXES * 2, atol=1e-3)
    each = {
        "scale": np.array([2.0, 1.0]),
        "center_x": [0.0, 0.5],
        "center_y": np.zeros(2),
        "translate_x": [0, 0.1],
    }
    _near(moved(affine_transform, **{**still, **each}), [BOXES[0] * 2, BOXES[1] + [4, 0, 4, 0]], atol=1e-3)
    slanted = moved(affine_transform, **{**still, "shear_x": 45.0, "center_x": 0.0, "center_y": 0.0})
    _near(slanted[0, 0], [6, 2, 22, 10], atol=1e-3)


@pytest.mark.parametrize("name", ["xywh", "rel_center_yxhw"])
def test_clipping_marks_labels_of_what_is_gone(name):
    boxes = np.array([[-2.0, 1.0, 50.0, 30.0], [41.0, 1.0, 45.0, 3.0]], "float32")
    given = {"boxes": _to(name, boxes), "labels": np.array([1, 2], "int32")}
    clipped = clip_to_image_size(given, HEIGHT, WIDTH, name)
    _near(_to_corners(clipped["boxes"], name)[0], [0, 1, WIDTH, HEIGHT], atol=1e-4)
    assert _array(clipped["labels"]).tolist() == [1, -1]


def _to_corners(boxes, name):
    return _array(convert_format(boxes, name, "xyxy", HEIGHT, WIDTH))


@pytest.mark.parametrize("name", ["xyxy", "rel_xywh"])
def test_overlap_of_all_pairs(name):
    one = np.array([[0, 0, 4, 4], [10, 10, 12, 12], [-1, -1, -1, -1]], "float32")
    other = np.array([[0, 0, 4, 4], [2, 0, 6, 4]], "float32")
    shape = (HEIGHT, WIDTH, 3)
    result = compute_iou(_to(name, one), _to(name, other), name, image_shape=shape)
    _near(result, [[1, 1 / 3], [0, 0], [0, 0]], atol=1e-4)
    batch = compute_iou(_to(name, one[None]), _to(name, other), name, image_shape=shape)
    _near(batch, _array(result)[None], atol=1e-6)
    masked = compute_iou(one, other, "xyxy", use_masking=True, mask_val=-2)
    _near(masked, [[1, 1 / 3], [0, 0], [-2, -2]], atol=1e-4)


def test_complete_overlap_is_that_of_the_formula():
    one, other = np.array([1.0, 1.0, 5.0, 3.0]), np.array([2.0, 2.0, 4.0, 8.0])
    ratio = 4 / np.pi**2 * (np.arctan(4 / 2) - np.arctan(2 / 6)) ** 2
    share = 2 / (8 + 12 - 2)
    expected = share - (0 + 9) / (16 + 49) - ratio**2 / (1 - share + ratio)
    pairs = (np.stack([a, b]).astype("float32") for a, b in ((one, one), (one, other)))
    _near(compute_ciou(*pairs, "xyxy"), [1, expected], atol=1e-4)


@pytest.mark.parametrize("encoding", ["center_yxhw", "center_xywh"])
@pytest.mark.parametrize("levels", [False, True])
def test_deltas_are_undone(encoding, levels):
    anchors, boxes = np.array([[5.0, 3.0, 15.0, 9.0], [0.0, 0.0, 8.0, 8.0]], "float32"), BOXES
    variance = (0.1, 0.1, 0.2, 0.2)
    there = _to("rel_xyxy", anchors)
    if levels:
        there, boxes = {"P3": there, "P4": there}, {"P3": boxes, "P4": boxes}
    shape = (HEIGHT, WIDTH, 3)
    deltas = encode_box_to_deltas(there, boxes, "rel_xyxy", "xyxy", encoding, variance, shape)
    again = decode_deltas_to_boxes(there, deltas, "rel_xyxy", "xyxy", encoding, variance, shape)
    if levels:
        deltas, again = deltas["P4"], again["P3"]
    _near(again, BOXES, atol=1e-4)
    middle = np.array([0.0, -2 / 10]) / 0.1  # y, x: the anchor's middle is (10, 6), the box's (8, 6).
    _near(deltas[0, 0, :2], middle if encoding == "center_yxhw" else middle[::-1], atol=1e-5)
    _near(deltas[0, 0, 2:][0 if encoding == "center_xywh" else 1], np.log(8 / 10) / 0.2)


@pytest.mark.parametrize(
    "call, message",
    [
        (lambda: convert_format(BOXES, "xyxy", "corners"), "target='corners'"),
        (lambda: convert_format(BOXES[..., :3], "xyxy", "xywh"), "4 numbers"),
        (lambda: convert_format(BOXES, "xyxy", "rel_xyxy", height=3), "width=None"),
        (lambda: clip_to_image_size({"boxes": BOXES}), "needed for boxes in pixels"),
        (lambda: compute_iou(BOXES[0, 0], BOXES, "xyxy"), "`boxes1` must have shape"),
        (lambda: encode_box_to_deltas(BOXES, BOXES, "xyxy", "xyxy", "xyxy"), "encoding_format='xyxy'"),
        (lambda: decode_deltas_to_boxes(BOXES, BOXES, "xyxy", "xyxy", variance=[1.0]), "four numbers"),
        (lambda: encode_box_to_deltas({"a": BOXES}, BOXES, "xyxy", "xyxy"), "same keys"),
    ],
)
def test_refusals(call, message):
    with pytest.raises(ValueError, match=message):
        call()
