"""Lookups and text vectorization: vocabularies given, found, read and saved; all kinds of inputs and outputs."""

import string

import numpy as np
import pytest
from keras_layers.preprocessing import encoding
from keras_layers.preprocessing.category_encoding import CategoryEncoding
from keras_layers.preprocessing.discretization import Discretization
from keras_layers.preprocessing.encoding import counted, encoded
from keras_layers.preprocessing.hashing import Hashing
from keras_layers.preprocessing.integer_lookup import IntegerLookup
from keras_layers.preprocessing.string_lookup import StringLookup
from keras_layers.preprocessing.text_vectorization import TextVectorization
from keras_ops import ops
from keras_ops.serialize import SafeModeScope
from keras_ops.tensor import KerasTensor

WORDS = ["north", "grün", "lotus"]
TEXTS = ["The cat sat.", "the DOG sat", "the cat"]


def _array(x):
    return np.asarray(ops.convert_to_numpy(x))


def test_lists_arrays_and_bytes_are_looked_up_alike():
    layer = StringLookup(vocabulary=WORDS)
    rows = [["lotus", "grün"], ["north", "?"]]
    encoded = np.array([[w.encode() for w in row] for row in rows], dtype=object)
    for same in (rows, np.array(rows), np.array(rows, dtype=object), encoded):
        assert _array(layer(same)).tolist() == [[3, 2], [1, 0]]


def test_a_vocabulary_may_come_with_its_special_tokens_or_from_a_file(tmp_path):
    path = tmp_path / "words.txt"
    path.write_text("\n".join(WORDS), encoding="utf-8")
    expected = ["", "[UNK]", *WORDS]
    for vocabulary in (WORDS, expected, np.array(WORDS), str(path)):
        assert StringLookup(vocabulary=vocabulary, mask_token="").get_vocabulary() == expected
    path.write_text("7\n3\n")
    assert IntegerLookup(vocabulary=str(path)).get_vocabulary(include_special_tokens=False) == [7, 3]


@pytest.mark.parametrize("cls", [StringLookup, IntegerLookup, TextVectorization])
def test_configs_name_no_files(cls, tmp_path):
    path = tmp_path / "words.txt"
    path.write_text("7\n3\n")
    layer = cls(vocabulary=path)
    path.unlink()
    assert cls.from_config(layer.get_config()).get_vocabulary() == layer.get_vocabulary()
    config = {**layer.get_config(), "vocabulary": str(path)}
    with pytest.raises(ValueError, match="outside of the model file"):
        cls.from_config(config)
    path.write_text("7\n3\n")
    with SafeModeScope(False):
        assert cls.from_config(config).get_vocabulary() == layer.get_vocabulary()


def test_bytes_are_read_in_the_encoding_of_the_layer():
    word = "grün".encode("latin-1")
    known = {"vocabulary": [b"a", word], "encoding": "latin-1"}
    for layer in (StringLookup(**known), TextVectorization(**known, output_mode="count")):
        assert layer.get_vocabulary() == ["[UNK]", "a", "grün"]
        for same in (np.array([[word]]), np.array([[word]], dtype=object), [[word]], [["grün"]]):
            assert _array(layer(same)).ravel().tolist() in ([2], [0, 0, 1])
    found = TextVectorization(encoding="latin-1")
    found.adapt(iter([np.array([word, b"a " + word])]))
    assert found.get_vocabulary() == ["", "[UNK]", "grün", "a"]


@pytest.mark.parametrize(
    "cls, vocabulary, values",
    [(StringLookup, WORDS, [["north", "lotus", "lotus"]]), (IntegerLookup, [5, 9, 2], [[5, 2, 2]])],
)
@pytest.mark.parametrize(
    "mode, expected",
    [("int", [1, 3, 3]), ("multi_hot", [0, 1, 0, 1]), ("count", [0, 1, 0, 2]), ("tf_idf", [0, 0.5, 0, 4.0])],
)
def test_output_modes(cls, vocabulary, values, mode, expected):
    weights = {"idf_weights": [0.5, 1.0, 2.0]} if mode == "tf_idf" else {}
    layer = cls(vocabulary=vocabulary, output_mode=mode, **weights)
    assert _array(layer(values)).tolist() == [expected]
    again = cls.from_config(layer.get_config())
    assert again.get_config() == layer.get_config()
    assert _array(again(values)).tolist() == [expected]


@pytest.mark.parametrize("shape", [(), (5,), (3, 4), (2, 3, 4), (0, 4)])
@pytest.mark.parametrize("mode", ["multi_hot", "count"])
@pytest.mark.parametrize("most", [0, 1000])
def test_counts_on_the_host_are_those_of_operations(monkeypatch, shape, mode, most):
    monkeypatch.setattr(encoding, "MOST_ELEMENTS", most)
    indices = np.asarray(np.random.default_rng(0).integers(-1, 8, shape))
    expected = _array(encoded(ops.convert_to_tensor(indices), mode, 7, "int32"))
    found = counted(indices, 7, once=mode == "multi_hot")
    assert found.shape == expected.shape and found.tolist() == expected.tolist()


def test_vectors_of_texts_are_counted_on_the_host(monkeypatch):
    monkeypatch.setattr(encoding, "encoded", None)
    for mode, ones in (("count", 2), ("multi_hot", 1)):
        layer = Hashing(5, output_mode=mode)
        assert _array(layer([["amber", "north", "amber"]])).tolist() == [[0.0, 1.0, 0.0, 0.0, ones]]
    for mode, ones in (("count", 2), ("multi_hot", 1), ("tf_idf", 2)):
        weights = [1.0] * 3 if mode == "tf_idf" else None
        layer = TextVectorization(output_mode=mode, vocabulary=WORDS, idf_weights=weights)
        assert _array(layer(["north, lotus, north", "south"])).tolist() == [[0, ones, 0, 1], [1, 0, 0, 0]]
        assert _array(layer("north lotus north")).tolist() == [0, ones, 0, 1]
        assert _array(layer(["", "?"])).tolist() == [[0] * 4] * 2


@pytest.mark.parametrize("mode", ["multi_hot", "count"])
def test_many_numbers_are_counted_without_a_vector_for_each(monkeypatch, mode):
    def refuse(*args, **kwargs):
        raise AssertionError("a vector for each number")

    monkeypatch.setattr(encoding.ops, "one_hot", refuse)
    monkeypatch.setattr(encoding.ops, "multi_hot", refuse)
    values = np.random.default_rng(0).integers(0, 2000, (3, 40))
    counts = np.stack([np.bincount(row, minlength=2000) for row in values])
    expected = counts > 0 if mode == "multi_hot" else counts
    boundaries = list(range(1, 2000))
    for layer in (CategoryEncoding(2000, output_mode=mode), Discretization(boundaries, output_mode=mode)):
        np.testing.assert_array_equal(
            _array(layer(values.astype("float32" if layer.name[0] == "d" else "int32"))), expected
        )
    if mode == "count":
        weights = np.random.default_rng(1).random((3, 40), "float32")
        found = CategoryEncoding(2000, output_mode=mode)(values, count_weights=weights)
        summed = np.stack([np.bincount(row, w, 2000) for row, w in zip(values, weights)])
        np.testing.assert_allclose(_array(found), summed, rtol=1e-5)


def test_indices_turn_back_into_tokens():
    words = StringLookup(vocabulary=WORDS, invert=True)([[3, 0, 2]])
    words = words.tolist() if isinstance(words, np.ndarray) else _array(words).tolist()
    assert [w.decode() if isinstance(w, bytes) else w for w in words[0]] == ["lotus", "[UNK]", "grün"]
    numbers = IntegerLookup(vocabulary=[5, 9], invert=True)(np.array([[2, 0, 7]]))
    assert _array(numbers).tolist() == [[9, -1, -1]]


@pytest.mark.parametrize("mode", ["int", "multi_hot", "tf_idf"])
def test_a_found_vocabulary_travels_through_assets(tmp_path, mode):
    layer = StringLookup(output_mode=mode)
    layer.adapt([["b", "a"], ["b", "c"], ["b", "c"]])
    assert layer.get_vocabulary() == ["[UNK]", "b", "c", "a"]
    store = {}
    layer.save_own_variables(store)
    layer.save_assets(str(tmp_path))
    again = StringLookup.from_config(layer.get_config())
    spec = KerasTensor((None, 2), dtype="string")
    assert again(spec).shape == layer(spec).shape
    again.load_own_variables(store)
    again.load_assets(str(tmp_path))
    values = [["c", "?"], ["a", "b"]]
    np.testing.assert_allclose(_array(again(values)), _array(layer(values)))


ODD_TOKENS = {
    "ends of lines": ["a", "\n", "\r", "b\r\nc"],
    "empty": ["a", ""],
    "lone surrogate": ["a", "\ud83d"],
    "none": [],
}


@pytest.mark.parametrize("name", ODD_TOKENS)
def test_any_token_travels_through_assets(tmp_path, name):
    layer = StringLookup(output_mode="count")
    layer.adapt([["[UNK]", *ODD_TOKENS[name]]])
    assert set(layer.get_vocabulary(False)) == set(ODD_TOKENS[name])
    layer.save_assets(str(tmp_path))
    again = StringLookup.from_config(layer.get_config())
    again.load_assets(str(tmp_path))
    assert again.get_vocabulary() == layer.get_vocabulary()
    assert _array(again([["?"]])).tolist() == [[1] + [0] * len(ODD_TOKENS[name])]


def test_texts_without_tokens_make_a_vocabulary_without_words():
    for mode, expected in {"int": [[1, 1], [0, 0]], "tf_idf": [[2.0], [0.0]]}.items():
        layer = TextVectorization(output_mode=mode)
        layer.adapt(["", " ?"])
        assert _array(layer(["a b", ""])).tolist() == expected


@pytest.mark.parametrize(
    "layer", [StringLookup(), IntegerLookup(), TextVectorization(), TextVectorization(split=None)], ids=str
)
def test_batches_may_be_empty(layer):
    layer.adapt(iter([np.array([], dtype=object), np.array(["7"], dtype=object)]))
    assert layer.get_vocabulary(False) in ([7], ["7"])
    assert layer(np.array([], dtype=object)).shape[0] == 0


def test_special_tokens_may_have_weights():
    layer = StringLookup(vocabulary=["[UNK]", "a"], idf_weights=[0.25, 3.0], output_mode="tf_idf")
    assert _array(layer([["a", "?", "?"]])).tolist() == [[0.5, 3.0]]


def test_a_vocabulary_that_is_set_replaces_the_given_one():
    layer = StringLookup(vocabulary=["a"], output_mode="tf_idf", idf_weights=[1.0])
    layer.set_vocabulary(["b", "c"], [2.0, 4.0])
    again = StringLookup.from_config(layer.get_config())
    assert _array(again([["a", "b", "c"]])).tolist() == [[3.0, 2.0, 4.0]]


def test_adapting_takes_batches_and_keeps_to_the_limit():
    layer = IntegerLookup(max_tokens=3)
    layer.adapt(iter([np.array([4, 4, 7]), np.array([7, 7, 1])]))
    assert layer.get_vocabulary() == [-1, 7, 4]
    layer.adapt(np.array([1, 1, 2]))
    assert layer.get_vocabulary() == [-1, 1, 2]


def test_texts_become_padded_sequences():
    layer = TextVectorization()
    layer.adapt(TEXTS)
    assert layer.get_vocabulary() == ["", "[UNK]", "the", "sat", "cat", "dog"]
    expected = [[2, 4, 3], [2, 5, 1]]
    new = ["The cat SAT!", "the dog ran"]
    for same in (new, np.array(new), [[text] for text in new]):
        assert _array(layer(same)).tolist() == expected
    short = TextVectorization(vocabulary=["the", "cat"], output_sequence_length=2)
    assert _array(short(["cat", "the the cat"])).tolist() == [[3, 0], [2, 2]]


ODD = ["", "a", "Ünï-CODE x", "a\0b, c", "\ud83d lone", "tab\tand\u2003wide  spaces", "e\u0301 a!"]


@pytest.mark.parametrize("split", ["whitespace", "character"])
@pytest.mark.parametrize("standardize", ["lower_and_strip_punctuation", "lower", "strip_punctuation", None])
@pytest.mark.parametrize("texts", [ODD, ODD[:1] * 3, ODD[1:3] * 1500], ids=["odd", "empty", "many"])
def test_many_texts_at_once_are_as_each_by_itself(texts, standardize, split):
    def tokens(text):
        for character in set(text) & set(string.punctuation if "strip" in (standardize or "") else ""):
            text = text.replace(character, "")
        if "lower" in (standardize or ""):
            text = "".join(x.lower() if x.isascii() else x for x in text)
        return text.split() if split == "whitespace" else list(text)

    known = sorted({token for text in ODD for token in tokens(text)} - {"a"})
    layer = TextVectorization(
        standardize=standardize, split=split, vocabulary=known, output_sequence_length=4
    )
    found = [[2 + known.index(x) if x in known else 1 for x in tokens(text)][:4] for text in texts]
    expected = [row + [0] * (4 - len(row)) for row in found]
    assert _array(layer(texts)).tolist() == expected


@pytest.mark.parametrize("mode, expected", [("int", [2, 1, 3]), ("multi_hot", [1, 1, 1])])
def test_one_text_has_no_batch_axis(mode, expected):
    layer = TextVectorization(vocabulary=["a", "b"], output_mode=mode)
    for text in ("a c b", np.array("a c b")):
        assert _array(layer(text)).tolist() == expected


def test_texts_become_vectors():
    layer = TextVectorization(output_mode="count", ngrams=2, vocabulary=["a", "b", "a b"])
    assert _array(layer(["a b a b", "b c"])).tolist() == [[1, 2, 2, 2], [2, 0, 1, 0]]


def test_own_functions_standardize_and_split(tmp_path):
    layer = TextVectorization(
        standardize=lambda texts: [text.replace("-", ",") for text in texts],
        split=lambda texts: [text.split(",") for text in texts],
        vocabulary=["a", "b"],
    )
    assert _array(layer(["a-b,a", "b"])).tolist() == [[2, 3, 2], [3, 0, 0]]


def test_a_text_layer_travels_through_config_and_assets(tmp_path):
    layer = TextVectorization(output_mode="multi_hot", ngrams=(1, 2))
    layer.adapt(TEXTS)
    layer.save_assets(str(tmp_path))
    again = TextVectorization.from_config(layer.get_config())
    spec = KerasTensor((None,), dtype="string")
    assert again(spec).shape == layer(spec).shape == (None, layer.vocabulary_size())
    again.load_assets(str(tmp_path))
    np.testing.assert_array_equal(_array(again(TEXTS)), _array(layer(TEXTS)))


@pytest.mark.parametrize(
    "make, message",
    [
        (lambda: StringLookup(vocabulary=["a", "a"]), "twice"),
        (lambda: StringLookup(vocabulary=[]), "empty"),
        (lambda: StringLookup(vocabulary=["a", "[UNK]"]), "special"),
        (lambda: StringLookup(vocabulary=["a", "b"], max_tokens=2), "max_tokens"),
        (lambda: StringLookup(vocabulary=["a"], output_mode="tf_idf"), "idf_weights"),
        (lambda: StringLookup(vocabulary=["a"]).adapt(["b"]), "does not adapt"),
        (lambda: StringLookup()([["a"]]), "no vocabulary yet"),
        (lambda: StringLookup(vocabulary=["a"], num_oov_indices=0)([["b"]]), "num_oov_indices=0"),
        (lambda: StringLookup(invert=True, output_mode="count"), "invert"),
        (lambda: IntegerLookup(oov_method="other"), "oov_method"),
        (lambda: TextVectorization(split="commas"), "split"),
        (lambda: TextVectorization(ragged=True, output_mode="count"), "ragged"),
        (lambda: TextVectorization(vocabulary=["a"])([["a", "b"]]), "split=None"),
    ],
)
def test_errors_name_the_argument(make, message):
    with pytest.raises(ValueError, match=message):
        make()
