"""One model of many operations inside the frameworks' own compilers: one graph, and no new one for each call."""

import threading

import keras
import numpy as np
import pytest
from keras_backends.selection import active
from keras_ops import ops

L = keras.layers
SIDE, CHANNELS = 8, 3


class Many(keras.Model):
    """About fifty operations of most families, and the layers that most models have."""

    def __init__(self):
        super().__init__()
        self.conv = L.Conv2D(4, 3, padding="same")
        self.norm = L.LayerNormalization()
        self.dense = L.Dense(8, activation="gelu")
        self.head = L.Dense(3)

    def call(self, x):
        return self.summarized(self.attended(self.dense(self.norm(self.seen(x)))))

    def seen(self, x):
        """From images to sequences: convolution, pooling, resizing, shapes."""
        x = self.conv(x)
        x = ops.add(ops.relu(x), ops.multiply(0.1, ops.tanh(x)))
        small = keras.ops.image.resize(x, (SIDE // 2, SIDE // 2))
        x = ops.concatenate([ops.max_pool(x, 2) - ops.average_pool(x, 2), small], -1)
        x = ops.pad(x, [[0, 0], [1, 1], [1, 1], [0, 0]])
        x = ops.pad(ops.transpose(x, (0, 2, 1, 3))[:, 1:], ((0, 0), (1, 0), (0, 0), (0, 0)), mode="reflect")
        return ops.reshape(x, (-1, 36, 8))

    def attended(self, x):
        """Matrices, choices, and what goes along an axis."""
        scores = ops.matmul(x, ops.swapaxes(x, 1, 2)) / ops.sqrt(8.0)
        x = ops.einsum("bij,bjk->bik", ops.softmax(scores), x)
        x = ops.where(x > 0, x, ops.expm1(ops.minimum(x, 0.0)))
        left, right = ops.split(x, 2, axis=-1)
        x = ops.sigmoid(left) * ops.silu(right)
        x = ops.nan_to_num(ops.cumsum(x, axis=1)) + ops.flip(x, axis=1)
        _, best = ops.top_k(ops.sum(x, -1), 4)
        return ops.take_along_axis(x, ops.expand_dims(best, -1), axis=1)

    def summarized(self, x):
        """Reductions, comparison, sorting."""
        x = ops.squeeze(ops.mean(x, axis=1, keepdims=True), 1)
        x = ops.clip(x, -3, 3) + ops.logsumexp(x, axis=-1, keepdims=True)
        x = ops.stack([x, ops.maximum(x, 0.5), ops.abs(x)], 1)
        x = ops.tile(x, (1, 1, 2)) * ops.cast(ops.one_hot(ops.argmax(x, -1), 8), "float32")
        x = ops.sort(x, axis=-1) + ops.std(x, axis=-1, keepdims=True)
        x = ops.exp(-ops.square(ops.max(x, 1))) + ops.roll(x, 1, 0)[:, 0]
        return self.head(ops.normalize(x))


def images(count):
    return np.random.default_rng(count).random((count, SIDE, SIDE, CHANNELS), "float32")


@pytest.fixture(scope="module")
def model():
    model = Many()
    model(images(2))
    return model


def check(compiled, model, count):
    x = ops.convert_to_tensor(images(count))
    want = ops.convert_to_numpy(model(x))
    np.testing.assert_allclose(ops.convert_to_numpy(compiled(x)), want, rtol=1e-4, atol=1e-5)


@pytest.mark.skipif(active().name != "torch", reason="torch.compile")
def test_torch_compile_makes_one_graph(model):
    torch = pytest.importorskip("torch")
    graphs = []

    def backend(graph, inputs):
        graphs.append(graph)
        return graph.forward

    compiled = torch.compile(model, backend=backend, fullgraph=True)
    for _ in range(3):
        check(compiled, model, 2)
    assert len(graphs) == 1


@pytest.mark.skipif(active().name != "torch", reason="torch.compile")
def test_torch_compile_sees_the_losses_of_each_call():
    torch = pytest.importorskip("torch")
    graphs = []

    def backend(graph, inputs):
        graphs.append(graph)
        return graph.forward

    dense = L.Dense(1, kernel_initializer="ones", activity_regularizer=keras.regularizers.L1(1.0))
    model = keras.Sequential([keras.Input((2,)), dense, L.Dense(1)])

    def penalty(x):
        return model(x) * 0 + model.losses[0]

    compiled, seen = torch.compile(penalty, backend=backend, fullgraph=True), []

    def filled(size):
        return ops.convert_to_tensor(np.full((3, 2), size, "float32"))

    def check_penalty(size):
        seen.append(ops.convert_to_numpy(compiled(filled(size)))[0, 0])
        seen.append([float(loss) for loss in model.losses])

    model(filled(1.0))
    check_penalty(1.0)
    model(filled(7.0))  # Losses of calls that were not compiled are no part of the graph.
    check_penalty(2.0)
    for size in (3.0, 4.0):
        thread = threading.Thread(target=check_penalty, args=(size,))
        thread.start()
        thread.join()
    assert seen == [2.0, [2.0], 4.0, [4.0], 6.0, [6.0], 8.0, [8.0]] and len(graphs) == 1
    assert [float(loss) for loss in model.losses] == [4.0]


@pytest.mark.skipif(active().name != "tensorflow", reason="tf.function")
def test_tf_function_traces_once(model):
    tf = pytest.importorskip("tensorflow")
    traced = []

    @tf.function(input_signature=[tf.TensorSpec((None, SIDE, SIDE, CHANNELS))])
    def compiled(x):
        traced.append(x)
        return model(x)

    for count in (2, 2, 3):
        check(compiled, model, count)
    assert len(traced) == 1


@pytest.mark.skipif(active().name != "jax", reason="jax.jit")
def test_jit_traces_once(model):
    jax = pytest.importorskip("jax")
    traced = []

    @jax.jit
    def compiled(x):
        traced.append(x)
        return model(x)

    for _ in range(3):
        check(compiled, model, 2)
    assert len(traced) == 1


@pytest.mark.skipif(active().name != "tensorflow", reason="AutoGraph")
def test_autograph_warns_of_nothing_in_a_step_of_the_users_own(monkeypatch):
    import tensorflow as tf

    said = []
    monkeypatch.setattr(tf.get_logger(), "handle", lambda record: said.append(record.getMessage()))
    model = keras.Sequential([keras.Input((2,)), L.Dense(3), L.BatchNormalization(), L.Dropout(0.5)])
    optimizer, metric = keras.optimizers.Adam(clipnorm=1.0), keras.metrics.CategoricalAccuracy()
    loss = keras.losses.CategoricalCrossentropy(from_logits=True)

    @tf.function
    def step(x, y):
        with tf.GradientTape() as tape:
            logits = model(x, training=True)
            total = loss(y, logits) + ops.sum(ops.scan(lambda c, v: (c + v, v), ops.zeros(3), logits)[0])
        variables = model.trainable_variables
        optimizer.apply_gradients(zip(tape.gradient(total, variables), variables))
        metric.update_state(y, logits)
        if ops.mean(logits) > 0:  # AutoGraph's own work, which goes on.
            logits = ops.negative(logits)
        return metric.result(), ops.relu(logits), keras.random.uniform((2,))

    step(tf.ones((4, 2)), tf.eye(4)[:, :3])
    assert not said
