"""Patches of images and labels of sequences where samples do not reach: inverses and errors."""

import numpy as np
import pytest
from keras_ops import KerasTensor, ops

_IMAGE = np.random.default_rng(9).normal(size=(2, 3, 6, 8)).astype("float32")


def array(x):
    return ops.convert_to_numpy(x)


def test_fold_counts_how_often_unfold_took_a_pixel():
    windows = {"kernel_size": (2, 3), "stride": (2, 1), "padding": (0, 1)}
    counts = array(ops.fold(ops.unfold(np.ones_like(_IMAGE), **windows), (6, 8), **windows))
    np.testing.assert_allclose(counts[0, 0, 0], [2, 3, 3, 3, 3, 3, 3, 2])
    back = array(ops.fold(ops.unfold(_IMAGE, **windows), (6, 8), **windows))
    np.testing.assert_allclose(back, _IMAGE * counts, atol=1e-5)


@pytest.mark.parametrize("data_format", ["channels_last", "channels_first"])
def test_depth_to_space_inverts_space_to_depth(data_format):
    axes = (0, 2, 3, 1) if data_format == "channels_last" else (0, 1, 2, 3)
    x = _IMAGE.transpose(axes)
    deep = ops.space_to_depth(x, 2, data_format=data_format)
    assert tuple(deep.shape) == tuple(np.array((2, 12, 3, 4))[list(axes)])
    np.testing.assert_array_equal(array(ops.depth_to_space(deep, 2, data_format=data_format)), x)


def test_labels_that_need_more_steps_are_impossible():
    # Equal labels need a blank between them.
    loss = array(ops.ctc_loss([[1, 1], [1, 2]], np.zeros((2, 2, 3), "float32"), [2, 2], [2, 2]))
    assert loss[0] > 500
    np.testing.assert_allclose(loss[1], -np.log(1 / 9), rtol=1e-5)


def test_halves_keep_their_dtype():
    scores = ops.cast(np.zeros((1, 3, 2)), "float16")
    assert ops.dtype(ops.ctc_loss([[1]], scores, [1], [3])) == "float16"
    labels, score = ops.ctc_decode(scores, [3], strategy="beam_search", beam_width=2)
    assert (ops.dtype(labels), ops.dtype(score)) == ("int32", "float16")
    assert ops.ctc_decode(KerasTensor((None, 3, 2), "float16"), [3])[1].dtype == "float16"


_SCORES = np.zeros((1, 3, 2), "float32")
ERRORS = {
    "unfold": (
        lambda: ops.unfold(_IMAGE[0], 2),
        r"batch, channels, height, width\), received shape \(3, 6, 8\)",
    ),
    "large": (lambda: ops.unfold(_IMAGE, 9), r"kernel_size=9"),
    "fold": (lambda: ops.fold(np.ones((1, 5, 9)), 4, 2), r"channels \* 4, 9\).*\(1, 5, 9\)"),
    "blocks": (lambda: ops.space_to_depth(_IMAGE, 4), r"divisible by 4, received shape \(2, 3, 6, 8\)"),
    "depth": (lambda: ops.depth_to_space(_IMAGE, 3), r"axis 3 .* divisible by 9"),
    "scores": (
        lambda: ops.ctc_loss([[1]], _SCORES[0], [1], [3]),
        r"`output` of shape \(batch, steps, classes\)",
    ),
    "lengths": (
        lambda: ops.ctc_decode(KerasTensor((1, 3, 2)), KerasTensor((2,))),
        r"each of 1 samples.*\(2,\)",
    ),
    "strategy": (lambda: ops.ctc_decode(_SCORES, [3], strategy="best"), "'best'"),
    "paths": (
        lambda: ops.ctc_decode(_SCORES, [3], "beam_search", beam_width=2, top_paths=3),
        "top_paths=3 and beam_width=2",
    ),
}


@pytest.mark.parametrize(("call", "message"), ERRORS.values(), ids=ERRORS)
def test_errors_name_what_does_not_fit(call, message):
    with pytest.raises(ValueError, match=message):
        call()


def test_multi_hot_knows_the_old_name_of_its_classes():
    assert array(ops.multi_hot([0, 2], num_tokens=3)).tolist() == [1, 0, 1]
    with pytest.raises(TypeError, match=r"ops\.multi_hot: .*\['classes'\]"):
        ops.multi_hot([0, 2], classes=3)
