"""Tests of `keras_ops.registry` and `keras_ops.serialize`: round trips, what is refused, own configs."""

import doctest
import json
import warnings

import numpy as np
import pytest
from keras_backends import settings
from keras_backends.public_names import load_exported
from keras_ops import initializers, ops, registry, serialize
from keras_ops.configurable import Configurable, config_parameters
from keras_ops.policies import DTypePolicy
from keras_ops.registry import CustomObjectScope, UnknownObjectError, register_keras_serializable
from keras_ops.serialize import (
    ObjectSharingScope,
    deserialize_keras_object,
    drop_lone_ids,
    serialize_keras_object,
)
from keras_ops.state import state
from keras_ops.tensor import KerasTensor
from keras_ops.variable import Variable


@register_keras_serializable(package="tests")
class Registered(Configurable):
    def __init__(self, size, inner=None, axes=(0, 1)):
        self.size = size
        self.inner = inner
        self.axes = axes


class Plain(Configurable):
    """Neither registered nor exported; keeps nothing of what it is given."""

    def __init__(self, size, other=3, **kwargs):
        pass


@register_keras_serializable(package="tests", name="twice")
def double(x):
    return 2 * x


def unregistered(x):
    return x


def through_json(config):
    return json.loads(json.dumps(config))


@pytest.mark.parametrize(
    "value",
    [None, True, 3, 2.5, "text", [1, "a"], (1, (2, None)), {"a": {"b": [1]}}, slice(1, None, 2), b"\x00\xff"],
)
def test_plain_values_survive(value):
    assert deserialize_keras_object(serialize_keras_object(value)) == value


def test_tuples_stay_tuples_and_json_makes_lists():
    config = serialize_keras_object(((1, 2), [3]))
    assert config == ((1, 2), [3])
    assert deserialize_keras_object(through_json(config)) == [[1, 2], [3]]


def test_arrays_tensors_and_dtypes():
    array = np.arange(6, dtype="int16").reshape(2, 3)
    again = deserialize_keras_object(through_json(serialize_keras_object(array)))
    assert again.dtype == array.dtype
    assert (again == array).all()
    backend = state.backend
    for dtype in ("float32", "bfloat16"):
        tensor = backend.tensor([1.5, -2.0], dtype)
        for x in (tensor, Variable(tensor)):
            config = through_json(serialize_keras_object(x))
            marker = "__numpy__" if isinstance(x, np.ndarray) else "__tensor__"
            assert config == {"class_name": marker, "config": {"value": [1.5, -2.0], "dtype": dtype}}
            again = deserialize_keras_object(config)
            assert backend.is_tensor(again)
            assert backend.dtype(again) == dtype
    assert serialize_keras_object(np.float32(0.5)) == 0.5
    assert serialize_keras_object(np.dtype("float16")) == "float16"
    assert deserialize_keras_object(serialize_keras_object(...)) is ...
    symbolic = deserialize_keras_object(through_json(serialize_keras_object(KerasTensor((None, 2), "int32"))))
    assert (symbolic.shape, symbolic.dtype) == ((None, 2), "int32")


def test_builtin_objects_are_named_by_their_canonical_name():
    config = serialize_keras_object(initializers.GlorotUniform(seed=1))
    assert (config["module"], config["class_name"]) == ("keras.initializers", "GlorotUniform")
    assert config["registered_name"] is None
    assert deserialize_keras_object(through_json(config)).seed == 1
    assert serialize_keras_object(DTypePolicy("float16"))["module"] == "keras"


def test_operations_are_named_as_files_name_them():
    operation = ops.transpose(KerasTensor((2, 3)), axes=(1, 0))._keras_history.operation
    config = serialize_keras_object(operation)
    assert (config["module"], config["class_name"]) == ("keras.src.ops.numpy", "Transpose")
    assert config["registered_name"] == "Transpose"
    again = deserialize_keras_object(through_json(config))
    assert type(again) is type(operation)
    assert again.name == operation.name


def test_registered_objects_and_functions():
    obj = Registered(2, inner=Registered(1, inner=double), axes=(5,))
    config = serialize_keras_object(obj)
    assert config["registered_name"] == "tests>Registered"
    assert config["config"]["axes"] == (5,)
    function = config["config"]["inner"]["config"]["inner"]
    assert function == {
        "module": "builtins",
        "class_name": "function",
        "config": "tests>twice",
        "registered_name": "function",
    }
    again = deserialize_keras_object(through_json(config))
    assert again.inner.inner is double
    assert again.inner.size == 1


def test_custom_objects_by_argument_by_scope_and_by_registry():
    config = serialize_keras_object(Plain(4))
    function = serialize_keras_object(unregistered)
    for use in (config, function):
        with pytest.raises(UnknownObjectError):
            deserialize_keras_object(use)
    assert isinstance(deserialize_keras_object(config, custom_objects={"Plain": Plain}), Plain)
    with CustomObjectScope({"Plain": Plain, "unregistered": unregistered}):
        assert isinstance(deserialize_keras_object(config), Plain)
        assert deserialize_keras_object(function) is unregistered
    registry.get_custom_objects()["Plain"] = Plain
    try:
        assert isinstance(deserialize_keras_object(config), Plain)
    finally:
        del registry.get_custom_objects()["Plain"]


def test_scopes_nest_and_end():
    with CustomObjectScope({"a": 1}), CustomObjectScope({"b": 2}):
        assert [registry.get_registered_object(name) for name in "ab"] == [1, 2]
    assert registry.get_registered_object("a") is None


@pytest.mark.parametrize("error", [TypeError, ValueError])
def test_unknown_names_are_explained(error):
    config = {"module": "keras.initializers", "class_name": "GlorotUnifrom", "config": {}}
    with pytest.raises(error, match=r"keras\.initializers\.GlorotUniform.*register_keras_serializable"):
        deserialize_keras_object(config)


DANGEROUS = [
    {"module": "subprocess", "class_name": "Popen", "config": {"args": ["false"]}, "registered_name": None},
    {"module": "os", "class_name": "function", "config": "system", "registered_name": "system"},
    {"module": "builtins", "class_name": "function", "config": "eval", "registered_name": "function"},
    {"module": "keras.utils", "class_name": "function", "config": "get_file", "registered_name": "get_file"},
    {"module": "keras.saving", "class_name": "function", "config": "load_model", "registered_name": None},
    {"module": "keras.config", "class_name": "enable_unsafe_deserialization", "config": {}},
    {"module": "keras.saving", "class_name": "KerasFileEditor", "config": {"filepath": "x"}},
    {"module": "keras.initializers", "class_name": "function", "config": "deserialize"},
    {"module": "keras.src.initializers.os", "class_name": "system", "config": {}},
    {"module": "keras.initializers.sys.modules", "class_name": "os", "config": {}},
]


@pytest.mark.parametrize("config", DANGEROUS)
def test_configs_name_nothing_but_registered_objects(config):
    with pytest.raises(UnknownObjectError):
        deserialize_keras_object(config)


def test_an_unsafe_load_imports_what_it_is_told():
    config = {"module": "fractions", "class_name": "function", "config": "Fraction", "registered_name": None}
    with pytest.raises(UnknownObjectError):
        deserialize_keras_object(config)
    assert deserialize_keras_object(config, safe_mode=False)(1, 2) == 0.5


def test_lambdas_need_an_unsafe_load():
    offset = 3
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        config = through_json(serialize_keras_object(lambda x, y=2: x * y + offset))
    assert any("register_keras_serializable" in str(w.message) for w in caught)
    with pytest.raises(ValueError, match="safe_mode=False"):
        deserialize_keras_object(config)
    assert deserialize_keras_object(config, safe_mode=False)(4) == 11
    with serialize.SafeModeScope(False):
        assert deserialize_keras_object(config)(4) == 11
    with serialize.SafeModeScope(True), pytest.raises(ValueError, match="safe_mode"):
        deserialize_keras_object(config, safe_mode=False)
    settings.enable_unsafe_deserialization()
    try:
        assert deserialize_keras_object(config)(4) == 11
    finally:
        settings.disable_unsafe_deserialization()


def test_shared_objects_are_written_and_read_once():
    inner = Registered(1)
    outer = Registered(inner, inner=[inner, Registered(2)])
    with ObjectSharingScope():
        config = drop_lone_ids(serialize_keras_object(outer))
    first, (second, lone) = config["config"]["size"], config["config"]["inner"]
    assert first["shared_object_id"] == second["shared_object_id"]
    assert "shared_object_id" not in lone
    assert "shared_object_id" not in config
    with ObjectSharingScope():
        again = deserialize_keras_object(through_json(config))
    assert again.size is again.inner[0]
    assert again.size is not again.inner[1]


def test_what_is_no_config_is_returned():
    obj = Registered(1)
    assert deserialize_keras_object(obj) is obj
    assert deserialize_keras_object("relu") == "relu"
    assert deserialize_keras_object({"a": serialize_keras_object(obj)})["a"].size == 1


def test_bare_names_are_looked_up_where_names_are_given():
    names = {"Zeros": initializers.Zeros, "f": unregistered}
    assert isinstance(deserialize_keras_object("Zeros", module_objects=names), initializers.Zeros)
    assert deserialize_keras_object("f", module_objects=names) is unregistered
    assert deserialize_keras_object("f", custom_objects={"f": double}) is double
    with pytest.raises(ValueError, match="Zeros"):
        deserialize_keras_object("Zeroes", module_objects=names)


def test_objects_without_config_are_refused():
    with pytest.raises(TypeError, match="get_config"):
        serialize_keras_object(object())
    with pytest.raises(TypeError, match="get_config"):
        serialize_keras_object({"a": [object()]})
    with pytest.raises(ValueError, match="get_config"):
        register_keras_serializable()(int)


def test_errors_of_constructors_name_the_class():
    config = serialize_keras_object(Registered(1))
    config["config"]["sise"] = 2
    with pytest.raises(TypeError, match="sise") as caught:
        deserialize_keras_object(config)
    assert "Registered" in caught.value.__notes__[0]


def test_users_classes_write_what_they_were_given():
    assert Plain(4).get_config() == {"size": 4, "other": 3}
    assert Plain(4, 5).get_config() == {"size": 4, "other": 5}
    again = Plain.from_config(Plain(size=Registered(7)).get_config())
    assert again.get_config()["size"]["config"]["size"] == 7
    assert dir(again) == dir(Plain(1))


def test_a_config_that_cannot_be_written_says_so():
    with pytest.raises(NotImplementedError, match=r"Plain\.get_config.*'size'"):
        Plain(object()).get_config()


class Base(Configurable):
    def __init__(self, width=1, name=None):
        self.width = width
        self._name = name


class Derived(Base):
    def __init__(self, depth, **kwargs):
        super().__init__(**kwargs)
        self.deep = depth

    def get_config(self):
        return {**super().get_config(), "depth": self.deep}


def test_a_class_that_overrides_get_config_adds_to_its_bases():
    config = Derived(depth=3, width=2, name="n").get_config()
    assert config == {"width": 2, "name": "n", "depth": 3}
    assert Derived.from_config(config).get_config() == config
    assert [p.name for p in config_parameters(Derived)] == ["width", "name"]


class Fixing(Base):
    def __init__(self, depth, **kwargs):
        super().__init__(width=7, **kwargs)
        self.depth = depth


def test_what_a_class_gives_its_base_itself_is_not_in_its_config():
    config = Fixing(3, name="n").get_config()
    assert config == {"name": "n", "depth": 3}
    again = Fixing.from_config(config)
    assert again.get_config() == config and again.width == 7 and Fixing(3).get_config() == {"depth": 3}


def test_names_without_module_and_private_modules_of_other_releases():
    for module in (None, "keras.src.initializers.random_initializers"):
        config = {"module": module, "class_name": "HeNormal", "config": {"seed": 2}}
        assert deserialize_keras_object(config).seed == 2
    with pytest.raises(UnknownObjectError):
        deserialize_keras_object({"module": "keras.src.ops.numpy", "class_name": "HeNormal", "config": {}})


def test_names_that_only_files_use_are_found_before_anything_is_imported():
    from_files = registry.resolve("keras.src.activations.activations", "Mish")
    assert registry.identify(from_files)[:2] == ("keras.src.activations.activations", "Mish")
    assert registry.resolve("keras.src.activations", "relu") is load_exported("keras.activations", "relu")


def test_registered_names():
    assert registry.get_registered_name(Registered) == "tests>Registered"
    assert registry.get_registered_name(unregistered) == "unregistered"
    assert registry.get_registered_object("tests>twice") is double
    assert registry.get_registered_object("none such", {"none such": 1}) == 1


@pytest.mark.parametrize("module", [registry, serialize])
def test_examples_run(module):
    assert doctest.testmod(module).failed == 0
