"""`FeatureSpace`: every kind of column, data to adapt to, single samples, models, files, refusals."""

import sys

import numpy as np
import pytest
from keras_backends.selection import active
from keras_datasets.py_dataset import PyDataset
from keras_layers.core.dense import Dense
from keras_layers.preprocessing.normalization import Normalization
from keras_layers.preprocessing.rescaling import Rescaling
from keras_layers.preprocessing.text_vectorization import TextVectorization
from keras_models.feature_space import FeatureSpace
from keras_models.model import Model
from keras_ops import ops
from keras_ops.serialize import deserialize_keras_object, serialize_keras_object
from keras_saving.saving import load_model

DATA = {
    "f": np.array([0.5, 1.5, 2.5, 3.5], "float32"),
    "norm": np.array([1.0, 3.0, 1.0, 3.0], "float32"),
    "n": np.array([0.0, 1.0, 2.0, 3.0], "float32"),
    "i": np.array([7, 5, 7, 9]),
    "s": np.array(["x", "y", "x", "z"]),
}
KINDS = {
    "float": ("f", [[0.5], [1.5], [2.5], [3.5]]),
    "float_rescaled": ("f", [[0.5], [1.5], [2.5], [3.5]]),
    "float_normalized": ("norm", [[-1.0], [1.0], [-1.0], [1.0]]),
    "float_discretized": ("n", [0, 1, 2, 2]),
    "integer_categorical": ("i", [1, 3, 1, 2]),
    "string_categorical": ("s", [1, 3, 1, 2]),
    "integer_hashed": ("i", None),
    "string_hashed": ("s", None),
}


def _array(x):
    return np.asarray(ops.convert_to_numpy(x))


def _space(**kwargs):
    features = {
        "s": FeatureSpace.string_categorical(),
        "i": FeatureSpace.integer_categorical(num_oov_indices=2),
        "norm": FeatureSpace.float_normalized(),
        "f": FeatureSpace.float_rescaled(scale=2.0, offset=1.0),
    }
    return FeatureSpace(features, **{"crosses": [("s", "i")], "crossing_dim": 5, **kwargs})


@pytest.mark.parametrize("kind", KINDS)
def test_kinds_of_columns_by_name(kind):
    column, expected = KINDS[kind]
    space = FeatureSpace({column: kind}, hashing_dim=6, num_discretization_bins=3)
    if kind not in ("float", "float_rescaled", "integer_hashed", "string_hashed"):
        with pytest.raises(ValueError, match="has to be adapted"):
            space({column: DATA[column]})
        space.adapt(DATA)
    result = _array(space({column: DATA[column]}))
    if expected is None:
        assert result.shape == (4, 6) and (result.sum(1) == 1).all()
        assert (result[0] == result[2]).all()
    elif kind.startswith("float") and kind != "float_discretized":
        np.testing.assert_allclose(result, expected, atol=1e-6)
    else:
        assert result.shape[1] == {"float_discretized": 3}.get(kind, 4)
        assert (result.sum(1) == 1).all()
        assert (result[0] == result[2]).all() == (kind != "float_discretized")


def test_columns_come_side_by_side_in_order():
    space = _space()
    space.adapt(DATA)
    parts = {name: _array(x) for name, x in _dict_of(space).items()}
    assert list(parts) == ["f", "i", "norm", "s", "s_X_i"]
    assert [x.shape for x in parts.values()] == [(4, 1), (4, 5), (4, 1), (4, 4), (4, 5)]
    np.testing.assert_allclose(parts["f"][:, 0], 2 * DATA["f"] + 1)
    np.testing.assert_array_equal(_array(space(DATA)), np.concatenate(list(parts.values()), axis=1))
    assert list(space.preprocessors) == ["s", "i", "norm", "f"]


def _dict_of(space):
    twin = FeatureSpace(dict(space.features), output_mode="dict", crosses=list(space.crosses))
    twin.adapt(DATA)
    return twin(DATA)


def test_indices_need_a_dict():
    features = {"s": FeatureSpace.string_categorical(output_mode="int")}
    cross = FeatureSpace.cross(("s", "i"), crossing_dim=5, output_mode="int")
    features["i"] = FeatureSpace.integer_hashed(4, output_mode="int")
    space = FeatureSpace(features, output_mode="dict", crosses=[cross])
    space.adapt(DATA)
    outputs = {name: _array(x) for name, x in space(DATA).items()}
    assert outputs["s"].tolist() == [[1], [3], [1], [2]]
    assert outputs["s_X_i"].shape == (4, 1) and outputs["s_X_i"].max() < 5
    space = FeatureSpace(features)
    space.adapt(DATA)
    with pytest.raises(ValueError, match="does not go side by side"):
        space(DATA)


class _Batches(PyDataset):
    def __len__(self):
        return 2

    def __getitem__(self, index):
        return {name: x[2 * index : 2 * index + 2] for name, x in DATA.items()}, np.zeros(2)


def _tf_data(batch):
    tf = pytest.importorskip("tensorflow")
    data = tf.data.Dataset.from_tensor_slices(DATA)
    return data.batch(3) if batch else data


def _loader():
    data = pytest.importorskip("torch").utils.data
    rows = [{name: x[i].item() for name, x in DATA.items()} for i in range(4)]
    return data.DataLoader(rows, batch_size=3)


SOURCES = {
    "dict": lambda: {name: x.tolist() for name, x in DATA.items()},
    "pair": lambda: (DATA, np.zeros(4)),
    "generator": lambda: ({name: x[i : i + 3] for name, x in DATA.items()} for i in (0, 3)),
    "py_dataset": _Batches,
    "list": lambda: [{name: x[i] for name, x in DATA.items()} for i in range(4)],
    "tf_data": lambda: _tf_data(True),
    "tf_data_of_samples": lambda: _tf_data(False),
    "torch_loader": _loader,
}
FRAMEWORKS = {"tf_data": "tensorflow", "tf_data_of_samples": "tensorflow", "torch_loader": "torch"}


@pytest.mark.parametrize("source", SOURCES)
def test_spaces_adapt_to_all_kinds_of_data(source):
    needed = FRAMEWORKS.get(source)
    if needed and needed not in sys.modules:
        pytest.skip(f"importing {needed} for this takes long")
    expected, space = _space(), _space()
    expected.adapt(DATA)
    space.adapt(SOURCES[source]())
    np.testing.assert_allclose(_array(space(DATA)), _array(expected(DATA)), atol=1e-6)


def test_a_single_sample_has_no_batch_axis():
    space = _space()
    space.adapt(DATA)
    batch = _array(space(DATA))
    one = _array(space({"s": "y", "i": 5, "norm": 3.0, "f": 1.5}))
    np.testing.assert_allclose(one, batch[1], atol=1e-6)
    columns = {name: ops.convert_to_tensor(x) if name != "s" else x for name, x in DATA.items()}
    columns = {name: x[:, None] for name, x in columns.items()}
    np.testing.assert_allclose(_array(space(columns)), batch, atol=1e-6)
    space = FeatureSpace({"f": "float", "n": "float"}, output_mode="dict")
    assert _array(space({"f": 1, "n": 2.0})["f"]).tolist() == [1.0]


def test_own_layers_preprocess_too():
    features = {
        "text": FeatureSpace.feature("string", TextVectorization(output_mode="count"), "float"),
        "f": FeatureSpace.feature("float32", Rescaling(0.5), "float"),
        "n": FeatureSpace.float_discretized(None, [1.0, 2.0]),
        "norm": FeatureSpace.feature("float32", Normalization(mean=1.0, variance=4.0), "float"),
    }
    space = FeatureSpace(features)
    data = {"text": ["a b a", "b"], **{name: DATA[name][:2] for name in ("f", "n", "norm")}}
    space.adapt(data)
    # Side by side are "f", "n" in three bins, "norm", and the counts of "[UNK]", "b" and "a".
    assert _array(space(data)).tolist() == [[0.25, 1, 0, 0, 0, 0, 1, 2], [0.75, 0, 1, 0, 1, 0, 1, 0]]
    with pytest.raises(ValueError, match="does not say"):
        FeatureSpace({"f": FeatureSpace.feature("int32", _Mod(), "one_hot")})({"f": [1]})


class _Mod(Rescaling):
    def __init__(self):
        super().__init__(1, dtype="int32")


def test_models_take_raw_or_encoded_data():
    space = _space()
    space.adapt(DATA)
    inputs, encoded = space.get_inputs(), space.get_encoded_features()
    assert list(inputs) == ["s", "i", "norm", "f"] and inputs["s"].dtype == "string"
    assert encoded.shape == (None, 16) and space.get_encoded_features() is encoded
    assert space(inputs).shape == (None, 16)
    dense = Dense(2)
    training, inference = Model(encoded, dense(encoded)), Model(inputs, dense(encoded))
    expected = _array(training(space(DATA)))
    columns = {name: DATA[name][:, None] for name in inputs}
    np.testing.assert_allclose(_array(inference(columns)), expected, rtol=1e-4, atol=1e-5)
    np.testing.assert_allclose(inference.predict(columns, verbose=0), expected, rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("output_mode", ["concat", "dict"])
def test_spaces_travel_through_files(tmp_path, output_mode):
    space = _space(output_mode=output_mode, name="table")
    space.adapt(DATA)
    path = str(tmp_path / "space.keras")
    space.save(path)
    again = load_model(path)
    assert type(again) is FeatureSpace and again.get_config() == space.get_config()
    data = {**DATA, "s": np.array(["y", "?", "x", "z"])}
    for a, b in zip(_leaves(space(data)), _leaves(again(data))):
        np.testing.assert_allclose(_array(a), _array(b), rtol=1e-6)


def test_a_space_that_was_not_adapted_says_so_after_loading_too(tmp_path):
    space = FeatureSpace({"norm": "float_normalized", "s": "string_categorical"})
    data, path = {name: DATA[name] for name in ("norm", "s")}, str(tmp_path / "space.keras")
    for _ in range(2):
        with pytest.raises(ValueError, match=r"has to be adapted .*'norm', 's'"):
            space(data)
        space.save(path)
        space = load_model(path)
    space.adapt(data)
    expected = _array(space(data))
    space.save(path)
    np.testing.assert_allclose(_array(load_model(path)(data)), expected, rtol=1e-6)


def test_a_space_is_adapted_in_files_even_if_it_was_never_called(tmp_path):
    space = FeatureSpace({"n": FeatureSpace.float_discretized(3), "norm": "float_normalized"})
    space.adapt(DATA)
    space.save(str(tmp_path / "space.keras"))
    again = load_model(str(tmp_path / "space.keras"))
    np.testing.assert_allclose(_array(again(DATA)), _array(space(DATA)), rtol=1e-6)


def _leaves(x):
    return list(x.values()) if isinstance(x, dict) else [x]


def test_configs_name_what_files_name():
    config = serialize_keras_object(_space())
    assert (config["module"], config["class_name"]) == ("keras.utils", "FeatureSpace")
    feature, cross = config["config"]["features"]["s"], config["config"]["crosses"][0]
    for part, name in ((feature, "Feature"), (cross, "Cross")):
        assert part["module"] == "keras.src.layers.preprocessing.feature_space"
        assert part["class_name"] == part["registered_name"] == name
    assert cross["config"] == {"feature_names": ("s", "i"), "crossing_dim": 5, "output_mode": "one_hot"}
    again = deserialize_keras_object(config)
    assert again.get_config() == config["config"]


def test_adapting_again_counts_anew():
    space = FeatureSpace({"s": "string_categorical"})
    space.adapt(DATA)
    assert space(DATA).shape[1] == 4 and space.get_encoded_features().shape[1] == 4
    space.adapt({"s": ["only"]})
    assert space(DATA).shape[1] == 2 and space.get_encoded_features().shape[1] == 2


@pytest.mark.parametrize(
    "make, message",
    [
        (lambda: FeatureSpace({}), "must be a dict"),
        (lambda: FeatureSpace({"a": "floats"}), "must be described by one of"),
        (lambda: FeatureSpace({"a": "float"}, output_mode="list"), "`output_mode` must be one of"),
        (lambda: FeatureSpace({"a": "float"}, crosses=[("a", "b")]), "are no columns"),
        (lambda: FeatureSpace.feature("float32", len, "float"), "must be a layer"),
        (lambda: FeatureSpace.feature("float32", Rescaling(1.0), "onehot"), "`output_mode` must be one of"),
        (lambda: FeatureSpace.cross(("a", "b"), 3, output_mode="float"), "`output_mode` must be one of"),
        (
            lambda: FeatureSpace({"a": "float", "b": "float"}, crosses=["ab"]),
            "names of columns, received 'ab",
        ),
        (lambda: FeatureSpace.cross("ab", 3), "names of columns, received 'ab'"),
        (lambda: FeatureSpace.float_discretized(7, [0.0]), "make 2 bins"),
        (lambda: FeatureSpace({"a": "float"})([1.0]), "is called with a dict"),
        (lambda: FeatureSpace({"a": "float"})({"b": 1.0}), "was not given the columns \\['a'\\]"),
        (lambda: FeatureSpace({"s": "string_categorical"}).adapt({"b": 1.0}), "must yield dicts with"),
        (lambda: FeatureSpace({"s": "string_categorical"}).adapt(3), "takes a dict of columns"),
    ],
)
def test_what_is_wrong_is_said(make, message):
    with pytest.raises(ValueError, match=message):
        make()


@pytest.mark.parametrize(
    "kind, value, message",
    [
        ("integer_categorical", [7.0, 1.7], "column 'c' must have integers, received 1.7"),
        ("integer_categorical", ["x", "y"], "column 'c' must have numbers, received 'x'"),
        ("integer_hashed", [0.5], "column 'c' must have integers, received 0.5"),
        ("integer_hashed", [[float("nan")]], "column 'c' must have integers, received nan"),
        ("float", ["x"], "column 'c' must have numbers, received 'x'"),
        ("float_normalized", ["x"], "column 'c' must have numbers, received 'x'"),
    ],
)
def test_values_of_another_type_are_refused_by_the_name_of_their_column(kind, value, message):
    space = FeatureSpace({"c": kind})
    if kind in ("integer_categorical", "float_normalized"):
        with pytest.raises(ValueError, match=message):
            space.adapt({"c": value})
        space.adapt({"c": [1, 2]})
    with pytest.raises(ValueError, match=message):
        space({"c": value})
    if not isinstance(value[0], str):
        with pytest.raises(ValueError, match=message):
            space({"c": ops.convert_to_tensor(np.array(value, "float32"))})


def test_whole_floats_are_integers():
    space = FeatureSpace({"i": "integer_categorical"})
    space.adapt({"i": [7.0, 5.0, 7.0]})
    assert _array(space({"i": np.array([5.0, 7.0])})).tolist() == _array(space({"i": [5, 7]})).tolist()


def test_tensors_of_pipelines_are_encoded():
    if "tensorflow" not in sys.modules:
        pytest.skip("importing tensorflow for this takes long")
    space = _space()
    space.adapt(DATA)
    data = _tf_data(True).map(space)
    result = np.concatenate([batch.numpy() for batch in data])
    np.testing.assert_allclose(result, _array(space(DATA)), atol=1e-5)
    assert active().is_tensor(space(DATA))
