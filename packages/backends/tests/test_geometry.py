"""Arithmetic of windows, against counting them."""

import pytest
from keras_backends import geometry


@pytest.mark.parametrize("size", [1, 4, 7])
@pytest.mark.parametrize("window", [1, 2, 3])
@pytest.mark.parametrize("stride", [1, 2, 3])
@pytest.mark.parametrize("dilation", [1, 2])
@pytest.mark.parametrize("padding", ["valid", "same", "causal"])
def test_padding_makes_room_for_exactly_the_positions(size, window, stride, dilation, padding):
    before, after = geometry.padding_amounts(size, window, stride, padding, dilation)
    reach = geometry.effective_size(window, dilation)
    starts = range(0, size + before + after - reach + 1, stride)
    assert len(starts) == geometry.output_size(size, window, stride, padding, dilation)
    if padding == "same":
        assert 0 <= after - before <= 1


@pytest.mark.parametrize("size", [2, 5])
@pytest.mark.parametrize("window", [1, 2, 3])
@pytest.mark.parametrize("stride", [1, 2, 3])
@pytest.mark.parametrize("padding", ["valid", "same"])
def test_transposed_convolution_undoes_the_size_of_a_convolution(size, window, stride, padding):
    length = geometry.transposed_size(size, window, stride, padding, None)
    assert geometry.output_size(length, window, stride, padding) == size
    start, end = geometry.transposed_crop(size, window, stride, padding, None)
    assert (size - 1) * stride + window - start - end == length
    assert start == geometry.padding_amounts(length, window, stride, padding)[0]


def test_bins_cover_everything():
    assert geometry.bins(7, 7) == [(i, i + 1) for i in range(7)]
    assert geometry.bins(3, 5)[-1] == (2, 3)
    for size, count in ((10, 4), (5, 3)):
        covered = {i for start, stop in geometry.bins(size, count) for i in range(start, stop)}
        assert covered == set(range(size))


@pytest.mark.parametrize("value", [(1, 2, 3), 0, (1, -1)])
def test_sizes_that_do_not_fit_are_refused(value):
    with pytest.raises(ValueError, match="strides"):
        geometry.as_tuple(value, 2, "strides")
