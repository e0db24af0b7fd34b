"""Tests of `keras_ops.policies`: names, configs, the global policy, conversion of inputs."""

import doctest
import json

import numpy as np
import pytest
from keras_backends import settings
from keras_ops import policies
from keras_ops.policies import DTypePolicy, DTypePolicyMap, identifiers, map, policy, quantized
from keras_ops.state import state
from keras_ops.tensor import KerasTensor
from keras_ops.variable import Variable


@pytest.fixture(autouse=True)
def _global_policy():
    yield
    policy._global.clear()


NAMES = [
    # name, class, compute dtype, variable dtype, quantization mode
    ("float32", "DTypePolicy", "float32", "float32", None),
    ("int8_from_float32", "QuantizedDTypePolicy", "float32", "float32", "int8"),
    ("mixed_float16", "DTypePolicy", "float16", "float32", None),
    ("mixed_bfloat16", "DTypePolicy", "bfloat16", "float32", None),
    ("uint8", "DTypePolicy", "uint8", "uint8", None),
    ("string", "DTypePolicy", "string", "string", None),
    ("int4_from_float16", "QuantizedDTypePolicy", "float16", "float16", "int4"),
    ("int4/32_from_mixed_float16", "Int4DTypePolicy", "float16", "float32", "int4"),
    ("int4/-1_from_bfloat16", "Int4DTypePolicy", "bfloat16", "bfloat16", "int4"),
    ("float8_from_mixed_bfloat16", "QuantizedFloat8DTypePolicy", "bfloat16", "float32", "float8"),
    ("gptq/2/64_from_float32", "GPTQDTypePolicy", "float32", "float32", "gptq"),
    ("awq/4/-1_from_float16", "AWQDTypePolicy", "float16", "float16", "awq"),
]


@pytest.mark.parametrize(("name", "cls", "compute", "variable", "mode"), NAMES)
def test_names(name, cls, compute, variable, mode):
    found = policies.get(name)
    facts = (type(found).__name__, found.name, found.compute_dtype, found.variable_dtype)
    assert facts == (cls, name, compute, variable)
    assert found.quantization_mode == mode
    config = json.loads(json.dumps(policies.serialize(found)))
    again = policies.deserialize(config)
    assert again == found
    assert hash(again) == hash(found)
    assert dir(again) == dir(found)
    assert policies.get({"class_name": config["class_name"], "config": config["config"]}) == found


@pytest.mark.parametrize(
    "name",
    ["float", "float8", "float8_e5m2", "int8", "int4", "gptq", "awq", "DTypePolicy", "mixed_float32"]
    + ["int8_from_float16", "int8_from_mixed_float16", "int4/0_from_float32", "int4/x_from_float32"]
    + ["gptq/5/64_from_float32", "gptq/4_from_float32", "awq/8/64_from_float32", "int8_from_"],
)
def test_names_that_are_refused(name):
    with pytest.raises(ValueError):
        policies.get(name)


def test_identifiers_of_other_kinds():
    assert policies.get(None) is policies.dtype_policy()
    assert policies.get(np.dtype("float16")).name == "float16"
    assert policies.get(np.int8).name == "int8"
    chosen = DTypePolicy("mixed_float16")
    assert policies.get(chosen) is chosen
    with pytest.raises(ValueError, match="Received"):
        policies.get(3.5)
    with pytest.raises(TypeError, match="should be a string"):
        DTypePolicy(3)


def test_the_global_policy_follows_floatx_until_it_is_set():
    before = settings.floatx()
    try:
        settings.set_floatx("float16")
        assert policies.dtype_policy().name == "float16"
        policies.set_dtype_policy("mixed_bfloat16")
        assert DTypePolicy().name == "mixed_bfloat16"
        assert policies.QuantizedDTypePolicy("int8").name == "int8_from_mixed_bfloat16"
    finally:
        settings.set_floatx(before)
    with pytest.raises(ValueError, match="set_dtype_policy"):
        policies.set_dtype_policy(3)


def test_inputs_are_converted_and_floats_cast():
    chosen = DTypePolicy("float16")
    backend = state.backend

    def convert(x, autocast=True):
        return chosen.convert_input(x, autocast, "float16")

    x = backend.tensor(np.ones((2,), "float32"), "float32")
    assert backend.dtype(convert(x)) == "float16"
    assert convert(x, autocast=False) is x
    assert backend.dtype(convert(np.ones((2,), "float64"))) == "float16"
    assert backend.dtype(convert(np.ones((2,), "int32"))) == "int32"
    assert backend.dtype(convert(Variable(np.ones((2,), "float32")))) == "float16"
    symbolic = KerasTensor((None, 3))
    assert (convert(symbolic).dtype, convert(symbolic).shape) == ("float16", (None, 3))
    assert convert(symbolic, autocast=False) is symbolic
    strings = np.array(["a"])
    assert convert(strings) is strings
    assert convert(3.0) == 3.0
    assert convert(None) is None


def test_map_of_policies():
    policies_of = DTypePolicyMap("float32")
    policies_of["net/dense"] = DTypePolicy("mixed_float16")
    policies_of["net/block_[0-9]/.*"] = "bfloat16"
    assert policies_of["net/dense"].name == "mixed_float16"
    assert policies_of["net/block_1/conv"].name == "bfloat16"
    assert policies_of["elsewhere"].name == "float32"
    assert policies_of.name == "map_float32"
    assert policies_of.compute_dtype == "float32"
    assert len(policies_of) == 2
    again = policies.deserialize(json.loads(json.dumps(policies.serialize(policies_of))))
    assert dict(again) == dict(policies_of)
    assert again.default_policy == policies_of.default_policy
    with pytest.raises(ValueError, match="already"):
        policies_of["net/dense"] = "float32"
    with pytest.raises(ValueError, match="expected a policy"):
        policies_of["net/new"] = "no such policy"
    policies_of["net/block_1.*"] = "float16"
    with pytest.raises(ValueError, match="several keys"):
        policies_of["net/block_1/conv"]
    del policies_of["net/dense"]
    assert "net/dense" not in policies_of


def test_the_constructor_of_a_map_takes_what_assignment_takes():
    assert DTypePolicyMap("float32", {"net/dense": "bfloat16"})["net/dense"] == DTypePolicy("bfloat16")
    with pytest.raises(ValueError, match="expected a policy for 'net/new'"):
        DTypePolicyMap("float32", {"net/new": "no such policy"})


def test_map_without_default_follows_the_global_policy():
    policies_of = DTypePolicyMap()
    policies.set_dtype_policy("mixed_float16")
    assert policies_of["anything"].name == "mixed_float16"
    assert policies_of.get_config()["default_policy"] is None


@pytest.mark.parametrize("module", [identifiers, map, policy, quantized])
def test_examples_run(module):
    assert doctest.testmod(module).failed == 0
