"""The kernels of cuDNN where there is no GPU: what they hand over goes to references in cuDNN's place.

For JAX that is the one it has itself, for TensorFlow one written here from cuDNN's documented layout and formulas.
No test shows that cuDNN agrees with them.
"""

import sys
from types import SimpleNamespace

import numpy as np
import pytest
from keras_backends.selection import active
from keras_ops import ops
from keras_ops.operations.recurrent import gru, lstm

if active().name not in ("jax", "tensorflow"):
    pytest.skip("kernels of cuDNN that the tests can look into", allow_module_level=True)

BATCH, STEPS, FEATURES, UNITS = 3, 4, 2, 5
MASK = np.array([[0, 1, 1, 0], [0, 0, 0, 0], [1, 0, 1, 1]], bool)
KERNELS = sys.modules[active().kernels["lstm"].__module__]
on_jax, on_tensorflow = (
    pytest.mark.skipif(active().name != name, reason=f"of {name} alone") for name in ("jax", "tensorflow")
)
OPERATIONS = [lstm, gru] if "gru" in active().kernels else [lstm]


def _values(*shape, seed=0):
    return ops.convert_to_tensor(np.random.default_rng(seed).normal(size=shape).astype("float32"))


def _arguments(operation):
    """Inputs, states, kernels and bias of an operation."""
    blocks, states = (4, 2) if operation is lstm else (3, 1)
    bias = (blocks * UNITS,) if operation is lstm else (2, blocks * UNITS)
    shapes = [(BATCH, STEPS, FEATURES), *[(BATCH, UNITS)] * states]
    shapes += [(FEATURES, blocks * UNITS), (UNITS, blocks * UNITS), bias]
    return [_values(*shape, seed=seed) for seed, shape in enumerate(shapes)]


@pytest.fixture
def calls(monkeypatch):
    """Has the kernels believe in a GPU, and references run for cuDNN; lists the sizes of weights of each call."""
    found = []
    _IN_PLACE[active().name](monkeypatch, found)
    return found


def _jax_in_place(monkeypatch, calls):
    import jax
    from jax.experimental import rnn

    def run(x, h, c, weights, lengths, *options):
        sizes = *options[:3], options[4]
        return rnn.lstm_ref(x, h, c, *rnn.unpack_lstm_weights(weights, *sizes), lengths, *options[:5])

    def unmapped(function):
        """As JAX's functions: without a rule for `vmap`."""
        function = jax.custom_batching.custom_vmap(function)
        function.def_vmap(lambda *_: pytest.fail("mapped"))
        return function

    def forward(*arguments):
        tensors, options = arguments[:5], arguments[5:]
        calls.append(tensors[3].shape)
        return unmapped(lambda *values: run(*values, *options))(*tensors), tensors

    def backward(*arguments):
        *options, kept, cotangents = arguments

        def pull(tensors, lengths, cotangents):
            return jax.vjp(lambda *values: run(*values, lengths, *options), *tensors)[1](cotangents)

        return (*unmapped(pull)(kept[:4], kept[4], cotangents), None)

    KERNELS._run.clear_cache()
    KERNELS._of_sizes.cache_clear()
    monkeypatch.setattr(KERNELS, "_rnn", SimpleNamespace(lstm_fwd=forward, lstm_bwd=backward))
    monkeypatch.setattr(KERNELS, "_has_cudnn", lambda x: True)


def _tensorflow_in_place(monkeypatch, calls):
    def run(inputs, states, params, lengths, mode):
        calls.append(params.shape)
        return _cudnn(inputs, states, params, lengths, mode)

    monkeypatch.setattr(KERNELS, "_cudnn", run)
    monkeypatch.setattr(KERNELS, "_has_gpu", lambda: True)


_IN_PLACE = {"jax": _jax_in_place, "tensorflow": _tensorflow_in_place}


def _cudnn(inputs, states, params, lengths, mode):
    """cuDNN's recurrent layers: each gate's matrix for the inputs, each one's for the state, likewise biases."""
    (steps, _, features), units = inputs.shape, states[0].shape[-1]
    gates = 4 if mode == "lstm" else 3
    sizes = [units * features] * gates + [units * units] * gates + [units] * (2 * gates)
    assert params.shape == (sum(sizes),)
    parts = ops.split(params, np.cumsum(sizes)[:-1].tolist())
    kernels = [ops.reshape(part, (units, features)) for part in parts[:gates]]
    recurrents = [ops.reshape(part, (units, units)) for part in parts[gates : 2 * gates]]
    biases, recurrent_biases = parts[2 * gates : 3 * gates], parts[3 * gates :]
    states, outputs = [state[0] for state in states], []
    for step in range(steps):
        hidden, *cell = states
        x = [inputs[step] @ ops.transpose(w) + b for w, b in zip(kernels, biases)]
        own = [hidden @ ops.transpose(r) + b for r, b in zip(recurrents, recurrent_biases)]
        if mode == "lstm":
            i, f, c, o = (a + b for a, b in zip(x, own))
            new_cell = ops.sigmoid(f) * cell[0] + ops.sigmoid(i) * ops.tanh(c)
            new = [ops.sigmoid(o) * ops.tanh(new_cell), new_cell]
        else:
            r, z = (ops.sigmoid(a + b) for a, b in zip(x[:2], own))
            new = [(1 - z) * ops.tanh(x[2] + r * own[2]) + z * hidden]
        runs = ops.expand_dims(step < lengths, 1)
        states = [ops.where(runs, *pair) for pair in zip(new, states, strict=True)]
        outputs.append(ops.where(runs, new[0], 0))
    return ops.stack(outputs), *(state[None] for state in states)


def _with_gradients(operation, arguments, **options):
    """Everything an operation returns, and the gradients of a mixture of it."""

    def loss(values):
        results = operation(*values, **options)
        mixture = sum(ops.sum(x * _values(*x.shape, seed=9)) for x in results)
        return mixture, results

    (_, results), gradients = active().gradients(loss, arguments)
    return [ops.convert_to_numpy(x) for x in (*results, *gradients)]


@pytest.mark.parametrize(
    "options",
    [
        {},
        {"every": False, "reverse": True},
        {"mask": MASK, "reverse": True},
        {"mask": MASK, "every": False, "zero_masked": True},
    ],
    ids=lambda options: ",".join(options) or "plain",
)
@pytest.mark.parametrize("operation", OPERATIONS)
def test_results_and_gradients_are_those_of_the_loop(operation, options, request):
    arguments = _arguments(operation)
    options = {k: ops.convert_to_tensor(v) if k == "mask" else v for k, v in options.items()}
    expected = _with_gradients(operation, arguments, **options)
    calls = request.getfixturevalue("calls")
    results = _with_gradients(operation, arguments, **options, fused=True)
    assert calls
    for got, wanted in zip(results, expected, strict=True):
        np.testing.assert_allclose(got, wanted, rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("operation", OPERATIONS)
def test_without_bias(operation, request):
    arguments = _arguments(operation)[:-1]
    expected = operation(*arguments)[0]
    request.getfixturevalue("calls")
    np.testing.assert_allclose(operation(*arguments, fused=True)[0], expected, rtol=1e-4, atol=1e-5)


@on_jax
def test_layout_that_jax_reads():
    """The order of gates; the second biases are zeros."""
    from jax.experimental import rnn

    _, _, _, *weights = map(np.asarray, _arguments(lstm))
    flat = KERNELS._flat(*weights)
    assert flat.shape == (rnn.get_num_params_in_lstm(FEATURES, UNITS, 1, False),)
    kernel, recurrent_kernel, bias, none = (
        part[0] for part in rnn.unpack_lstm_weights(flat, FEATURES, UNITS, 1, False)
    )
    for got, expected in zip((kernel.T, recurrent_kernel.T, bias, none), (*weights, 0 * bias)):
        np.testing.assert_array_equal(got, expected)


@on_jax
def test_compiled_and_mapped_as_the_loop(request):
    """JAX's function has no rule for `vmap`, also around gradients and `jit`."""
    import jax

    def of_weights(kernel):
        return ops.sum(lstm(*before, kernel, *after, mask=mask)[0] * target)

    arguments = _arguments(lstm)
    before, after, mask = arguments[:3], arguments[4:], ops.convert_to_tensor(MASK)
    target, kernels = _values(BATCH, STEPS, UNITS, seed=9), _values(2, FEATURES, 4 * UNITS)
    expected = jax.vmap(jax.jit(jax.value_and_grad(of_weights)))(kernels)
    calls = request.getfixturevalue("calls")
    results = jax.vmap(jax.jit(jax.value_and_grad(of_weights)))(kernels)
    assert calls
    for got, wanted in zip(results, expected):
        np.testing.assert_allclose(got, wanted, rtol=1e-4, atol=1e-5)


@on_tensorflow
@pytest.mark.parametrize("operation", OPERATIONS)
@pytest.mark.parametrize("xla", [None, True])
def test_graphs_take_the_kernel_unless_xla_compiles_them(operation, xla, calls):
    import tensorflow as tf

    inputs, *rest = _arguments(operation)
    expected = operation(inputs, *rest)[0]
    calls.clear()
    signature = [tf.TensorSpec((None, STEPS, FEATURES))]
    graph = tf.function(
        lambda x: operation(x, *rest, mask=tf.ones(tf.shape(x)[:2], bool))[0], signature, jit_compile=xla
    )
    np.testing.assert_allclose(graph(inputs), expected, rtol=1e-4, atol=1e-5)
    assert bool(calls) is (xla is None)


@on_tensorflow
@pytest.mark.parametrize("operation", OPERATIONS)
def test_the_operation_of_tensorflow_takes_what_it_is_given(operation, monkeypatch):
    """Its shapes, and those of its gradients, in a graph that nobody runs."""
    import tensorflow as tf

    monkeypatch.setattr(KERNELS, "_has_gpu", lambda: True)
    with tf.Graph().as_default() as graph:
        arguments = [tf.compat.v1.placeholder(tf.float32, x.shape) for x in _arguments(operation)]
        outputs, *last = operation(*arguments, mask=tf.constant(MASK), fused=True)
        gradients = tf.gradients([outputs, *last], arguments)
    assert [op.type for op in graph.get_operations()].count("CudnnRNNV3") == 1
    assert outputs.shape == (BATCH, STEPS, UNITS) and all(x.shape == (BATCH, UNITS) for x in last)
    assert all(got.shape.is_compatible_with(x.shape) for got, x in zip(gradients, arguments, strict=True))
    # What comes for a memory that there is none of must go nowhere.
    (back,) = (op for op in graph.get_operations() if op.type == "CudnnRNNBackpropV3")
    assert bool(back.outputs[2].consumers()) is (operation is lstm)


@pytest.mark.parametrize(
    ("options", "cast"),
    [({"activation": "relu"}, None), ({"recurrent_activation": "hard_sigmoid"}, None), ({}, "bfloat16")],
)
@pytest.mark.parametrize("operation", OPERATIONS)
def test_what_does_not_fit_is_left_to_the_loop(operation, options, cast, calls):
    arguments = [ops.cast(x, cast) if cast else x for x in _arguments(operation)]
    with pytest.raises(ValueError, match="expected a fused kernel"):
        operation(*arguments, **options, fused=True)
    assert not calls


@pytest.mark.parametrize("operation", [gru, pytest.param(lstm, marks=on_jax)])
def test_refused_without_a_gpu(operation):
    """TensorFlow has a kernel of LSTM for the CPU."""
    arguments = _arguments(operation)
    with pytest.raises(ValueError, match=r"expected a fused kernel.*use_cudnn=True"):
        operation(*arguments, fused=True)
    with pytest.raises(ValueError, match=r"expected a fused kernel.*use_cudnn=True"):
        active().compile(lambda *values: operation(*values, fused=True))(*arguments)


@on_jax
@pytest.mark.parametrize(
    ("platform", "version", "precision", "expected"),
    [
        ("gpu", "cuda 12090", None, True),
        ("gpu", "cuda 12090", "highest", True),
        ("gpu", "cuda 12090", "bfloat16", False),
        ("gpu", "rocm 60300", None, False),
        ("cpu", "cpu", None, False),
    ],
)
def test_devices_that_jax_has_the_kernel_for(platform, version, precision, expected):
    import jax

    device = SimpleNamespace(platform=platform, client=SimpleNamespace(platform_version=version))
    with jax.default_matmul_precision(precision):
        assert KERNELS._has_cudnn(SimpleNamespace(devices=lambda: [device])) is expected


@pytest.mark.parametrize("operation", OPERATIONS)
def test_nothing_to_run_over_is_left_to_the_loop(operation, calls):
    inputs, *rest = _arguments(operation)
    operation(inputs[:, :0], *rest)
    assert not calls


@on_jax
def test_sizes_that_are_symbols_are_left_to_the_loop(calls):
    import jax

    inputs, *rest = _arguments(lstm)
    (batch,) = jax.export.symbolic_shape("batch")
    for_all = jax.ShapeDtypeStruct((batch, STEPS, FEATURES), inputs.dtype)
    assert KERNELS.lstm(for_all, *rest) is NotImplemented
