"""Batches as tuples."""

import pytest
from keras_datasets.packing import pack_x_y_sample_weight, unpack_x_y_sample_weight


@pytest.mark.parametrize(
    ("data", "parts"),
    [
        ("x", ("x", None, None)),
        (("x",), ("x", None, None)),
        (["x", "y"], ("x", "y", None)),
        (("x", "y", "w"), ("x", "y", "w")),
        ({"a": 1}, ({"a": 1}, None, None)),
    ],
)
def test_unpack(data, parts):
    assert unpack_x_y_sample_weight(data) == parts


def test_pack_is_the_inverse():
    for parts in (("x", None, None), (("a", "b"), None, None), ("x", "y", None), ("x", "y", "w")):
        assert unpack_x_y_sample_weight(pack_x_y_sample_weight(*parts)) == parts


def test_too_many_parts():
    with pytest.raises(ValueError, match="4 parts"):
        unpack_x_y_sample_weight((1, 2, 3, 4))
