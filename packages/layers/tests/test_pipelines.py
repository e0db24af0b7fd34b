"""Preprocessing inside `tf.data` and `grain` pipelines, whatever the backend is."""

import copy
import pickle

import numpy as np
import pytest
from keras_backends.selection import active, load
from keras_layers.preprocessing.data_layer import DataLayer
from keras_layers.preprocessing.image.random_brightness import RandomBrightness
from keras_layers.preprocessing.image.random_flip import RandomFlip
from keras_layers.preprocessing.normalization import Normalization
from keras_layers.preprocessing.rescaling import Rescaling
from keras_layers.preprocessing.string_lookup import StringLookup
from keras_layers.preprocessing.text_vectorization import TextVectorization
from keras_ops import ops, random
from keras_ops.state import backend_scope
from keras_ops.variable import Variable

IMAGES = np.random.default_rng(0).uniform(size=(6, 4, 4, 3)).astype("float32")
SAME = np.repeat(IMAGES[:1], 6, axis=0)


@pytest.fixture(scope="module")
def tf():
    if not active().traits.trainable:
        pytest.skip("importing TensorFlow takes long; two foreign backends are enough")
    return pytest.importorskip("tensorflow")


def _array(x):
    return np.asarray(ops.convert_to_numpy(x))


def _normalization():
    layer = Normalization()
    layer.adapt(IMAGES)
    return layer


class _Scale(DataLayer):
    """Has a weight that is made in the pipeline."""

    def build(self, input_shape):
        self.factor = self.add_weight(shape=(input_shape[-1],), initializer="uniform")

    def call(self, inputs):
        return inputs * self.factor + self.factor.value


FIXED = {
    "normalization": (_normalization, IMAGES),
    "rescaling": (lambda: Rescaling(2.0, 1.0), IMAGES),
    "weight": (_Scale, IMAGES),
    "lookup": (lambda: StringLookup(vocabulary=["a", "b"]), np.array([["a"], ["b"], ["c"]])),
    "text": (
        lambda: TextVectorization(vocabulary=["a", "b"], output_sequence_length=3),
        np.array(["a b", "b", "c"]),
    ),
}


@pytest.mark.parametrize("name", FIXED)
@pytest.mark.parametrize("batched", [True, False])
def test_results_are_those_outside(tf, name, batched):
    make, values = FIXED[name]
    layer = make()
    data = tf.data.Dataset.from_tensor_slices(values)
    data = data.batch(4) if batched else data
    results = list(data.map(layer).as_numpy_iterator())
    result = np.concatenate(results) if batched else np.stack(results)
    expected = _array(layer(values))
    np.testing.assert_allclose(result.reshape(expected.shape), expected, rtol=1e-5, atol=1e-6)
    assert active().is_tensor(layer(values))
    assert all(active().is_tensor(weight.value) for weight in layer.weights)


RAGGED = {
    "int": [[1, 2, 1], [], [0]],
    "one_hot": [[[0, 1, 0], [0, 0, 1], [0, 1, 0]], [], [[1, 0, 0]]],
    "multi_hot": [[0, 1, 1], [0, 0, 0], [1, 0, 0]],
    "count": [[0, 2, 1], [0, 0, 0], [1, 0, 0]],
}


@pytest.mark.parametrize("mode", RAGGED)
def test_ragged_tokens_are_looked_up(tf, mode):
    layer = StringLookup(output_mode=mode, vocabulary=["a", "b"])
    tokens = tf.strings.split(["a b a", "", "c"])
    inside = tf.data.Dataset.from_tensor_slices(["a b a", "", "c"]).batch(3).map(tf.strings.split).map(layer)
    for result in (layer(tokens), next(iter(inside))):
        listed = result.to_list() if hasattr(result, "to_list") else result.numpy().tolist()
        assert listed == RAGGED[mode]
    if mode == "int":
        back = StringLookup(vocabulary=["a", "b"], invert=True)(layer(tokens))
        assert back.to_list() == [[b"a", b"b", b"a"], [], [b"[UNK]"]]
        found = StringLookup()
        found.adapt(tokens)
        assert found.get_vocabulary() == ["[UNK]", "a", "c", "b"]


RANDOM = {
    "flip": lambda: RandomFlip(seed=1),
    "brightness": lambda: RandomBrightness(0.5, value_range=(0, 1), seed=1),
}


@pytest.mark.parametrize("name", RANDOM)
def test_random_layers_draw_anew_for_each_element(tf, name):
    layer = RANDOM[name]()
    before = layer.generator.state.numpy()
    data = tf.data.Dataset.from_tensor_slices(SAME)
    for pipeline in (data.map(layer), data.batch(3).map(layer)):
        first, second = (np.stack(list(pipeline.as_numpy_iterator())) for _ in range(2))
        assert first.reshape(SAME.shape).shape == SAME.shape
        assert (first != second).any()
        assert len({x.tobytes() for x in first}) > 1
    if not active().is_tensor(tf.constant(0)):
        np.testing.assert_array_equal(layer.generator.state.numpy(), before)
    for twin in (copy.deepcopy(layer), pickle.loads(pickle.dumps(layer.generator))):
        assert twin is not layer


def test_variables_are_read_as_tensors_of_the_backend_in_force(tf):
    foreign = load("tensorflow")
    variable = Variable(np.array([1.0, 2.0], "float32"), name="v")
    with backend_scope(foreign):
        assert foreign.is_tensor(variable.value)
        np.testing.assert_array_equal(foreign.numpy(ops.add(variable, 1.0)), [2.0, 3.0])
        made = Variable(lambda shape, dtype: ops.zeros(shape, dtype), shape=(2,))
        generator = random.SeedGenerator(1)
        drawn = random.uniform((3,), seed=generator)
        assert foreign.is_tensor(drawn) and foreign.is_tensor(made.value)
    assert active().is_tensor(variable.value) and active().is_tensor(made.value)
    variable.assign([3.0, 4.0])
    with backend_scope(foreign):
        assert foreign.numpy(variable.value).tolist() == [3.0, 4.0]


@pytest.mark.parametrize("name", ["normalization", "flip", "lookup", "text"])
def test_grain_maps_layers(name):
    grain = pytest.importorskip("grain")
    make, values = FIXED[name] if name in FIXED else (RANDOM[name], IMAGES)
    layer = make()
    values = list(values) if name == "text" else values
    data = grain.MapDataset.source(values).map(layer)
    results = [_array(x) for x in data]
    assert len(results) == len(values)
    if name in FIXED:
        expected = _array(layer(values))
        np.testing.assert_allclose(np.stack(results).reshape(expected.shape), expected, rtol=1e-5, atol=1e-6)
