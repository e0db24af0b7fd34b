"""Adapters: every kind of data yields the same batches, and errors say what does not fit."""

import sys

import numpy as np
import pytest
from keras_datasets.adapters.arrays import ArrayAdapter
from keras_datasets.adapters.choice import is_dataset, make_adapter, train_validation_split
from keras_datasets.adapters.class_weight import class_weights_of
from keras_datasets.py_dataset import PyDataset
from keras_ops import ops
from keras_ops.state import state

X = np.arange(10, dtype="float32").reshape(5, 2)
Y = np.arange(5)


class Pairs(PyDataset):
    """Batches of two samples of X and Y."""

    def __init__(self, **kwargs):
        super().__init__(**kwargs)
        self.events = []

    def __len__(self):
        return 3

    def __getitem__(self, index):
        part = slice(2 * index, 2 * index + 2)
        return X[part], Y[part]

    def on_epoch_begin(self):
        self.events.append("begin")

    def on_epoch_end(self):
        self.events.append("end")


def generator():
    yield from Pairs()


def tf_dataset():
    return pytest.importorskip("tensorflow").data.Dataset.from_tensor_slices((X, Y)).batch(2)


def torch_loader():
    torch = pytest.importorskip("torch")
    dataset = torch.utils.data.TensorDataset(torch.from_numpy(X), torch.from_numpy(Y))
    return torch.utils.data.DataLoader(dataset, batch_size=2)


SOURCES = {
    "arrays": lambda: make_adapter(X, Y, batch_size=2),
    "tensors": lambda: make_adapter(ops.convert_to_tensor(X), ops.convert_to_tensor(Y), batch_size=2),
    "py_dataset": lambda: make_adapter(Pairs()),
    "threads": lambda: make_adapter(Pairs(workers=2, max_queue_size=2)),
    "generator": lambda: make_adapter(generator()),
    "iterable": lambda: make_adapter(list_of_batches()),
    "tf_dataset": lambda: make_adapter(tf_dataset()),
    "torch_loader": lambda: make_adapter(torch_loader()),
}


class list_of_batches:
    """Something to iterate over that is neither a list nor known by type."""

    def __iter__(self):
        return iter(Pairs())


def host(x):
    return None if x is None else np.asarray(ops.convert_to_numpy(x))


@pytest.mark.parametrize("source", SOURCES)
def test_every_source_yields_the_same_batches(source):
    adapter = SOURCES[source]()
    batches = list(adapter.epoch())
    assert [len(host(x)) for x, _ in batches] == [2, 2, 1]
    np.testing.assert_array_equal(np.concatenate([host(x) for x, _ in batches]), X)
    np.testing.assert_array_equal(np.concatenate([host(y) for _, y in batches]), Y)
    if adapter.restarts:
        assert len(list(adapter.epoch())) == 3
    else:
        assert list(adapter.epoch()) == []


@pytest.mark.parametrize("source", ["arrays", "py_dataset", "generator", "tf_dataset"])
def test_class_weight_becomes_sample_weight(source):
    weights = {0: 0.5, 3: 2.0}
    data = {"arrays": X, "py_dataset": Pairs(), "generator": generator()}.get(source)
    if source == "tf_dataset":
        data = tf_dataset()
    adapter = make_adapter(data, Y if source == "arrays" else None, batch_size=2, class_weight=weights)
    found = np.concatenate([weight for _, _, weight in adapter.epoch()])
    np.testing.assert_array_equal(found, [0.5, 1, 1, 2, 1])


def test_class_weight_of_one_hot_and_of_nests():
    np.testing.assert_array_equal(class_weights_of(np.eye(3)[[2, 0]], {2: 4.0}), [4.0, 1.0])
    np.testing.assert_array_equal(class_weights_of(np.array([[1], [0]]), {1: 4.0}), [4.0, 1.0])
    with pytest.raises(ValueError, match="one output"):
        class_weights_of([Y, Y], {0: 1.0})
    with pytest.raises(ValueError, match="can not be used together"):
        make_adapter(X, Y, np.ones(5), class_weight={0: 1.0})


def test_nests_keep_their_structure():
    adapter = make_adapter({"a": X, "b": [X, X[:, :1]]}, [Y, None], batch_size=4)
    x, y = next(adapter.epoch())
    assert set(x) == {"a", "b"}
    assert x["b"][1].shape == (4, 1)
    assert y[1] is None


def test_float64_becomes_floatx_and_integers_stay():
    x, y = next(make_adapter(X.astype("float64"), Y, batch_size=5).epoch())
    assert x.dtype == "float32"
    assert y.dtype == Y.dtype


def test_slices_of_arrays_are_views():
    x = next(make_adapter(X, batch_size=2).epoch())
    assert np.shares_memory(x, X)


def test_shuffling_permutes_samples_or_batches():
    np.random.seed(0)
    data = np.arange(100)
    for shuffle in (True, "batch"):
        adapter = make_adapter(data[:, None], data, batch_size=8, shuffle=shuffle)
        epochs = [[y.tolist() for _, y in adapter.epoch()] for _ in range(2)]
        flat = [[y for batch in batches for y in batch] for batches in epochs]
        assert sorted(flat[0]) == sorted(flat[1]) == data.tolist()
        assert flat[0] != flat[1] != data.tolist()
        for x, y in adapter.epoch():
            np.testing.assert_array_equal(x[:, 0], y)
    assert all(batch == sorted(batch) for batch in epochs[0])
    assert len(epochs[0][-1]) == 4


def test_shuffling_in_blocks_sees_every_sample(monkeypatch):
    monkeypatch.setattr("keras_datasets.adapters.arrays.BLOCK_BYTES", 64)
    data = np.arange(50, dtype="float32")[:, None]
    seen = np.concatenate(list(make_adapter(data, batch_size=7, shuffle=True).epoch()))
    assert sorted(seen[:, 0]) == list(range(50))


def test_py_dataset_order_and_events():
    dataset = Pairs()
    adapter = make_adapter(dataset, shuffle=True)
    adapter.on_epoch_begin()
    seen = [int(y[0]) for _, y in adapter.epoch()]
    adapter.on_epoch_end()
    assert sorted(seen) == [0, 2, 4]
    assert dataset.events == ["begin", "end"]


def test_py_dataset_in_processes():
    dataset = Pairs(workers=1, use_multiprocessing=True)
    batches = list(make_adapter(dataset).epoch())
    np.testing.assert_array_equal(np.concatenate([y for _, y in batches]), Y)


def test_errors_of_workers_reach_the_caller():
    class Broken(Pairs):
        def __getitem__(self, index):
            raise OSError(f"no batch {index}")

    with pytest.raises(OSError, match="no batch 0"):
        list(make_adapter(Broken(workers=2)).epoch())


def test_endless_data():
    class Endless(Pairs):
        num_batches = None

    assert make_adapter(Endless()).endless
    tf = sys.modules.get("tensorflow")
    if tf is not None:
        assert make_adapter(tf_dataset().repeat()).endless


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: make_adapter(X, Y[:4]), "x: 5, y: 4"),
        (lambda: make_adapter([X, X[:3]], Y), r"x \(part 0\): 5, x \(part 1\): 3"),
        (lambda: make_adapter(X[:0], Y[:0]), "empty"),
        (lambda: make_adapter(X, np.float32(1.0)), "scalar"),
        (lambda: make_adapter(X, "abc"), "Expected `y` to be an array"),
        (lambda: make_adapter(X, batch_size=0), "positive `batch_size`"),
        (lambda: make_adapter(X, shuffle="rows"), "shuffle='rows'"),
        (lambda: make_adapter(Pairs(), Y), "`y` can not be given"),
        (lambda: make_adapter(iter(()), None), "yielded no batch"),
        (lambda: train_validation_split((generator(), None, None), 0.5), "validation_data"),
        (lambda: train_validation_split((X[:1], None, None), 0.5), "one part would be empty"),
    ],
)
def test_errors_name_what_does_not_fit(make, message):
    with pytest.raises(ValueError, match=message):
        make()


def test_validation_split_takes_the_last_samples():
    first, last = train_validation_split(({"a": X}, Y, None), 0.4)
    assert len(first[1]) == 3
    np.testing.assert_array_equal(last[0]["a"], X[3:])
    assert first[2] is last[2] is None


def test_what_counts_as_dataset():
    assert not any(is_dataset(x) for x in (X, [X], {"a": X}, None, ops.convert_to_tensor(X)))
    assert all(is_dataset(x) for x in (Pairs(), generator(), list_of_batches()))


def test_steps_determine_the_batch_size_of_arrays():
    assert ArrayAdapter(X, steps=2).batch_size == 3


def test_sparse_matrices_are_cut_into_sparse_or_dense_batches():
    matrix = pytest.importorskip("scipy.sparse").random(7, 4, 0.4, "coo", random_state=0)
    dense = matrix.toarray().astype("float32")
    adapter = ArrayAdapter(matrix, np.arange(7), batch_size=3)
    batches = list(adapter.epoch())
    assert all(isinstance(x, np.ndarray) == (state.backend.sparse is None) for x, _ in batches)
    np.testing.assert_allclose(np.concatenate([np.asarray(x) for x, _ in batches]), dense)
    for x, y in ArrayAdapter(matrix, np.arange(7), batch_size=3, shuffle=True).epoch():
        np.testing.assert_allclose(np.asarray(x), dense[y])
    first, last = train_validation_split((matrix, None), 0.4)
    np.testing.assert_allclose(np.concatenate([np.asarray(first[0]), np.asarray(last[0])]), dense)
