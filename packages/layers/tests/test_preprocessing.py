"""What preprocessing layers find in data, which inputs they take, and the fingerprints that they hash with."""

import importlib

import numpy as np
import pytest
from keras_backends import settings
from keras_backends.dtypes import standardize_dtype
from keras_backends.selection import active
from keras_layers.preprocessing.batches import batches
from keras_layers.preprocessing.category_encoding import CategoryEncoding
from keras_layers.preprocessing.discretization import Discretization
from keras_layers.preprocessing.fingerprints import fingerprint, keyed_fingerprint
from keras_layers.preprocessing.hashed_crossing import HashedCrossing
from keras_layers.preprocessing.hashing import Hashing
from keras_layers.preprocessing.normalization import Normalization
from keras_layers.preprocessing.rescaling import Rescaling
from keras_ops import ops

RNG = np.random.default_rng(3)
DATA = RNG.normal(2.0, 3.0, size=(60, 4)).astype("float32")


def _array(x):
    return np.asarray(ops.convert_to_numpy(x))


@pytest.mark.parametrize("axis", [-1, None, (1, -1)], ids=str)
def test_normalization_standardizes_what_it_adapted_to(axis):
    layer = Normalization(axis=axis)
    data = DATA.reshape(30, 2, 4)
    layer.adapt(data)
    result = _array(layer(data))
    others = tuple(i for i in range(3) if i not in {a % 3 for a in layer.axis})
    np.testing.assert_allclose(result.mean(axis=others), 0.0, atol=1e-4)
    np.testing.assert_allclose(result.std(axis=others), 1.0, atol=1e-4)


def test_normalization_adapts_to_batches_as_to_their_concatenation():
    whole, parts = Normalization(), Normalization()
    whole.adapt(DATA)
    parts.adapt(iter([DATA[:7], DATA[7:30], DATA[30:]]))
    for one, other in zip(whole.get_weights(), parts.get_weights()):
        np.testing.assert_allclose(one, other, rtol=1e-5)


def test_normalization_undoes_itself():
    layer, inverse = Normalization(), Normalization(invert=True)
    layer.adapt(DATA)
    inverse.adapt(DATA)
    np.testing.assert_allclose(_array(inverse(layer(DATA))), DATA, rtol=1e-4, atol=1e-4)


def test_normalization_forgets_what_it_adapted_to_before():
    layer = Normalization()
    layer.adapt(DATA * 100)
    layer.adapt(DATA)
    np.testing.assert_allclose(_array(layer.mean)[0], DATA.mean(axis=0), rtol=1e-4)


def test_empty_batches_do_not_count():
    whole, parts = Normalization(), Normalization()
    whole.adapt(DATA)
    parts.adapt(iter([DATA[:0], DATA[:7], DATA[:0], DATA[7:]]))
    for one, other in zip(whole.get_weights(), parts.get_weights()):
        np.testing.assert_allclose(one, other, rtol=1e-5)
    with pytest.raises(ValueError, match="no batch"):
        whole.adapt(DATA[:0])


@pytest.mark.skipif(active().name != "torch", reason="needs PyTorch, which takes long to import")
def test_loaders_of_pytorch_list_the_parts_of_a_batch():
    data = importlib.import_module("torch.utils.data")
    rows = [(row, 0) for row in DATA]
    for samples in (rows, data.Subset(DATA, range(len(DATA)))):
        layer = Normalization()
        layer.adapt(data.DataLoader(samples, batch_size=7))
        np.testing.assert_allclose(_array(layer.mean), DATA.mean(axis=0, keepdims=True), rtol=1e-4)
    assert [x.tolist() for x in batches(data.DataLoader(["a", "b"], batch_size=2))] == [["a", "b"]]


NARROW = {
    "Normalization": (lambda **kw: Normalization(mean=1e5, variance=1e10, **kw), 3e5, 2.0),
    "Rescaling": (lambda **kw: Rescaling(1e-5, **kw), 3e5, 3.0),
    "Discretization": (lambda **kw: Discretization([2020.5, 2021.5], **kw), 2021.0, 1.0),
    "CategoryEncoding": (lambda **kw: CategoryEncoding(3002, "one_hot", **kw), 3001.0, 1.0),
}
"""By layer: how it is made, a number that half precision does not hold, and the last number of the result."""


@pytest.mark.parametrize("policy", ["mixed_float16", "mixed_bfloat16"])
@pytest.mark.parametrize("name", NARROW)
def test_raw_numbers_keep_their_precision(name, policy):
    make, number, expected = NARROW[name]
    result = make(dtype=policy)(ops.array([[number]], dtype="float32"))
    np.testing.assert_allclose(_array(ops.cast(result, "float32")).ravel()[-1], expected, rtol=1e-2)
    assert name == "Discretization" or standardize_dtype(result.dtype) == policy.removeprefix("mixed_")


def test_scales_go_with_the_channels():
    images = np.ones((1, 3, 2, 2), "float32")
    settings.set_image_data_format("channels_first")
    try:
        layer = Rescaling([1.0, 2.0, 3.0], offset=(0, 0, 1))
        for batch in (images, images[0]):
            assert _array(layer(batch))[..., 0, 0].ravel().tolist() == [1.0, 2.0, 4.0]
        assert _array(layer(images[:, :, 0, 0])).tolist() == [[1.0, 2.0, 4.0]]
    finally:
        settings.set_image_data_format("channels_last")
    assert _array(layer(np.ones((2, 2, 3), "float32")))[1, 1].tolist() == [1.0, 2.0, 4.0]


def test_categories_may_be_listed():
    assert _array(CategoryEncoding(3, "one_hot")([2, 0])).tolist() == [[0, 0, 1], [1, 0, 0]]
    counts = CategoryEncoding(3, "count")([[0, 2], [1, 1]], count_weights=[[0.5, 2.0], [1.0, 3.0]])
    assert _array(counts).tolist() == [[0.5, 0, 2.0], [0, 4.0, 0]]


@pytest.mark.parametrize("size", [60, 5000])
def test_discretization_makes_bins_of_equal_sizes(size):
    values = RNG.normal(size=size).astype("float32")
    layer = Discretization(num_bins=4)
    layer.adapt(values)
    counts = np.bincount(_array(layer(values)), minlength=4)
    assert np.abs(counts - size / 4).max() <= max(2, 0.02 * size)
    again = Discretization.from_config(layer.get_config())
    assert again.bin_boundaries == layer.bin_boundaries
    with pytest.raises(ValueError, match="bin_boundaries"):
        Discretization(bin_boundaries=[0.0]).adapt(values)


def test_lists_arrays_and_bytes_are_hashed_alike():
    layer = Hashing(num_bins=50)
    words = [["north", "lotus"], ["grün", ""]]
    encoded = np.array([[w.encode() for w in row] for row in words], dtype=object)
    for same in (np.array(words), np.array(words, dtype=object), encoded):
        np.testing.assert_array_equal(_array(layer(words)), _array(layer(same)))
    np.testing.assert_array_equal(_array(layer([[3, 40]])), _array(layer([["3", "40"]])))


def test_a_masked_value_has_its_bin_for_itself():
    bins = _array(Hashing(num_bins=3, mask_value="")([[str(i) if i else "" for i in range(40)]]))[0]
    assert bins[0] == 0 and set(bins[1:].tolist()) == {1, 2}


def test_crossing_depends_on_each_feature_and_their_order():
    layer = HashedCrossing(num_bins=1 << 30)
    one, two = ["a", "b", "a", "b"], [1, 1, 2, 2]
    assert len(set(_array(layer((one, two))).tolist())) == 4
    letters = ["b", "a", "b", "a"]
    assert not np.array_equal(_array(layer((one, letters))), _array(layer((letters, one))))


FINGERPRINTS = {
    0: 0x9AE16A3B2F90404F,
    5: 0xB4BFA9E87732C149,
    12: 0x9FD5DF33AEFC3D7D,
    20: 0x8DD7E7F1BF16A0E9,
    50: 0xAB2B921FF69CC9F4,
    64: 0xF58504BB53DECC4B,
    65: 0xC6A3282C3E793DBE,
    130: 0xE9E1885E5FE0570D,
}
"""Of the bytes 0, 1, 2, ... by their number: what `tf.strings.to_hash_bucket_fast` finds, too."""


@pytest.mark.parametrize("size", FINGERPRINTS)
def test_fingerprints_never_change(size):
    assert fingerprint(bytes(range(size))) == FINGERPRINTS[size]


def test_the_published_vector_of_siphash():
    key = tuple(int.from_bytes(bytes(range(at, at + 8)), "little") for at in (0, 8))
    assert keyed_fingerprint(bytes(range(15)), key) == 0xA129CA6149BE45E5


@pytest.mark.parametrize(
    "make, message",
    [
        (lambda: Normalization(mean=1.0), "variance"),
        (lambda: Discretization(), "exactly one"),
        (lambda: Discretization(bin_boundaries=[1.0, 0.0]), "ascend"),
        (lambda: CategoryEncoding(3, output_mode="int"), "output_mode"),
        (lambda: CategoryEncoding(3)(np.ones((2, 2), "int32"), count_weights=np.ones((2, 2))), "count"),
        (lambda: Hashing(3, salt=[1, 2, 3]), "salt"),
        (lambda: Hashing(3, dtype="float32"), "integers"),
        (lambda: HashedCrossing(3)((["a"],)), "two or more"),
    ],
)
def test_errors_name_the_argument(make, message):
    with pytest.raises(ValueError, match=message):
        make()
