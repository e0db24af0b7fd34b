"""Engines beyond the conformance suite: what one framework adds, asked for by what the table offers."""

import copy
import pickle

import numpy as np
import pytest


def test_tensors_do_not_share_memory_with_batches(backend):
    """A generator may fill one buffer again and again; also large ones are copied in time."""
    if not backend.traits.trainable:
        pytest.skip("arrays are the tensors")
    for size in (4, 1000, 300_000):
        array = np.zeros(size, "float32")
        made, placed = backend.tensor(array), backend.place([array])[0]
        array[:] = 1
        assert not backend.numpy(made).any() and not backend.numpy(placed).any()


def test_storage_keeps_its_identity_where_written_in_place(backend):
    storage = backend.store(backend.tensor([1.0], "float32"), True, "kernel")
    written = backend.write(storage, backend.tensor([2.0], "float32"))
    if not backend.traits.functional and backend.traits.trainable:
        assert written is storage


def test_gradients_of_nothing(backend):
    if backend.gradients is None:
        pytest.skip("no gradients")
    constant = backend.tensor(3.0, "float32")
    storage = backend.store(backend.tensor([1.0], "float32"), True, "kernel")
    (loss, _), grads = backend.gradients(lambda values: (constant, None), [storage])
    assert float(backend.numpy(loss)) == 3.0
    assert grads[0] is None or not backend.numpy(grads[0]).any()


def test_windows_are_traced(backend):
    """Halving and flattening unknown sizes leaves them unknown; a known one stays known."""
    if backend.trace is None or "reshape" not in backend.kernels:
        pytest.skip("nothing to trace")
    reshape = backend.kernels["reshape"]
    specs = backend.trace(
        lambda x: [x[0][:, ::2], reshape(x[0], newshape=(-1, 8))], [((None, None, 8), "float32")]
    )
    assert [tuple(shape) for shape, _ in specs] == [(None, None, 8), (None, 8)]


class _Variable:
    def __init__(self, backend, value):
        self._storage = backend.store(backend.tensor(value), True, "v")


def _layer_class(mixin):
    class Layer(mixin):
        def __init__(self, weights=(), children=()):
            mixin.__init__(self)
            self.held, self.inner = list(weights), list(children)

        def own_weights(self):
            return [(f"w{i}", w) for i, w in enumerate(self.held)]

        def own_children(self):
            return [(f"layer{i}", child) for i, child in enumerate(self.inner)]

        def call(self, x):
            return x

    return Layer


@pytest.fixture
def nested(backend):
    if backend.layer_mixin is None:
        pytest.skip("layers inherit nothing here")
    layer = _layer_class(backend.layer_mixin)
    shared = layer([_Variable(backend, np.ones(2, "float32"))])
    return layer([_Variable(backend, np.zeros(3, "float32"))], [shared, shared])


def test_torch_sees_each_weight_once(nested):
    if not hasattr(nested, "named_parameters"):
        pytest.skip("not an nn.Module")
    named = dict(nested.named_parameters())
    assert list(named) == ["w0", "layer0.w0"]
    assert named["w0"] is nested.held[0]._storage
    assert set(nested.state_dict()) == {"w0", "layer0.w0", "layer1.w0"}
    nested.load_state_dict({name: value + 5 for name, value in nested.state_dict().items()})
    assert nested.held[0]._storage.tolist() == [5.0] * 3
    nested.zero_grad()
    assert nested.eval().training is False


def test_trackables_list_their_children(nested):
    if not hasattr(nested, "_trackable_children"):
        pytest.skip("not a trackable")
    children = nested._trackable_children()
    assert children["w0"] is nested.held[0]._storage
    assert children["layer0"] is nested.inner[0]


def test_missing_attributes_and_copies(nested, backend):
    with pytest.raises(AttributeError, match="nothing"):
        _ = nested.nothing
    if hasattr(nested, "named_parameters"):
        twin = copy.deepcopy(nested)
        assert twin.held[0]._storage is not nested.held[0]._storage
        assert len(list(twin.parameters())) == 2


def test_storage_pickles(backend):
    storage = backend.store(backend.tensor([1.0, 2.0], "float32"), True, "kernel")
    again = pickle.loads(pickle.dumps(backend.numpy(backend.read(storage))))
    assert np.array_equal(again, [1.0, 2.0])


@pytest.mark.parametrize("view", [np.s_[::-1], np.s_[::2]], ids=["reversed", "strided"])
def test_views_and_foreign_byte_orders_convert(view, backend):
    array = np.arange(6, dtype="float32")
    assert np.array_equal(backend.numpy(backend.tensor(array[view])), array[view])
    assert np.array_equal(backend.numpy(backend.tensor(array.astype(">f4")[view])), array[view])


@pytest.mark.parametrize("wrong", [None, object(), [[1.0], [2.0, 3.0]]], ids=["none", "object", "ragged"])
def test_what_makes_no_tensor_is_refused(wrong, backend):
    with pytest.raises((TypeError, ValueError)):
        backend.tensor(wrong)
