"""Tests of `keras_ops.object_family`: what may stand for an object of a family, and what is refused."""

import doctest

import pytest
from keras_ops import object_family, registry
from keras_ops.object_family import ObjectFamily, in_snake_case_too
from keras_ops.registry import CustomObjectScope, register_keras_serializable
from keras_ops.serialize import serialize_keras_object


class Scale:
    """An object of the family that the tests ask for."""

    def __init__(self, factor=2):
        self.factor = factor

    def __call__(self, x):
        return x * self.factor

    def get_config(self):
        return {"factor": self.factor}

    @classmethod
    def from_config(cls, config):
        return cls(**config)


class LargeScale(Scale):
    pass


FAMILY = ObjectFamily("scale", in_snake_case_too({"Scale": Scale, "LargeScale": LargeScale}), default=abs)


@pytest.mark.parametrize(
    ("identifier", "kind"),
    [
        ("Scale", Scale),
        ("large_scale", LargeScale),
        (LargeScale, LargeScale),
        ({"class_name": "large_scale", "config": {"factor": 2}}, LargeScale),
    ],
)
def test_names_classes_and_configs_give_objects(identifier, kind):
    found = FAMILY.get(identifier)
    assert type(found) is kind and found.factor == 2


def test_objects_and_functions_are_taken_as_they_are_and_none_is_the_default():
    scale = Scale()
    assert FAMILY.get(scale) is scale and FAMILY.get(round) is round and FAMILY.get(None) is abs
    assert FAMILY.get("scale", factor=5).factor == FAMILY.get(Scale, factor=5).factor == 5


def test_registered_objects_and_those_in_scope_go_before_built_in_ones():
    register_keras_serializable("family", "Mine")(LargeScale)
    try:
        assert type(FAMILY.get("family>Mine")) is LargeScale
        assert FAMILY.deserialize(serialize_keras_object(LargeScale(3))).factor == 3
    finally:
        registry.get_custom_objects().pop("family>Mine")
        registry._registered_names.pop(LargeScale)
    with CustomObjectScope({"scale": LargeScale}):
        assert type(FAMILY.get("scale")) is LargeScale
    assert type(FAMILY.deserialize("scale", {"scale": LargeScale})) is LargeScale


@pytest.mark.parametrize(
    ("identifier", "message"),
    [
        ("sclae", r"Unknown scale 'sclae'. Did you mean 'scale'.* names \(large_scale, scale\)"),
        ("LargeScall", "Did you mean 'LargeScale'"),
        ("LARGE_SCALE", "Did you mean 'large_scale'"),
        (3, "Could not interpret scale identifier 3 of type int: expected a name such as 'large_scale'"),
        ({"a": 1}, "Could not interpret scale identifier .*'a'"),
        (dict, "Could not interpret scale identifier <class 'dict'>"),
    ],
)
def test_what_stands_for_nothing_is_refused(identifier, message):
    with pytest.raises(ValueError, match=message):
        FAMILY.get(identifier)


def test_examples():
    assert doctest.testmod(object_family).failed == 0
