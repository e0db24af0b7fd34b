"""The same work written by hand in each framework: what the benchmarks compare with.

One class per framework with the same methods; `native(backend)` gives the one that is running, or None
where a framework has no such calls of its own. Nothing here imports `keras`.
"""

from collections.abc import Callable
from typing import Any

import numpy as np

LEARNING_RATE, BETA_1, BETA_2, EPSILON = 0.001, 0.9, 0.999, 1e-7


class NumPy:
    """Plain NumPy; trains nothing."""

    trains = False

    def tensor(self, value: np.ndarray) -> Any:
        return value

    def wait(self, result: Any) -> None:
        """Returns when `result` is there."""

    def add(self, x: Any, y: Any) -> Any:
        return np.add(x, y)

    def dense(self, x: Any, kernel: Any, bias: Any) -> Any:
        return np.matmul(x, kernel) + bias

    def forward(self, weights: list[Any]) -> Callable[[Any], Any]:
        """Returns the forward function of the perceptron for host arrays."""
        w1, b1, w2, b2 = weights
        return lambda x: np.maximum(x @ w1 + b1, 0) @ w2 + b2


class Jax(NumPy):
    """Jitted functions over lists of arrays, weights donated."""

    trains = True

    def tensor(self, value: np.ndarray) -> Any:
        import jax.numpy as jnp

        return jnp.asarray(value)

    def wait(self, result: Any) -> None:
        import jax

        jax.block_until_ready(result)

    def add(self, x: Any, y: Any) -> Any:
        return self._jnp.add(x, y)

    def dense(self, x: Any, kernel: Any, bias: Any) -> Any:
        return self._jnp.matmul(x, kernel) + bias

    def __init__(self) -> None:
        import jax.numpy as jnp

        self._jnp = jnp

    def forward(self, weights: list[Any]) -> Callable[[Any], Any]:
        import jax

        apply = jax.jit(self._logits)
        return lambda x: np.asarray(apply(weights, x))

    def _logits(self, weights: list[Any], x: Any) -> Any:
        w1, b1, w2, b2 = weights
        return self._jnp.maximum(x @ w1 + b1, 0) @ w2 + b2

    def epoch(self, weights: list[Any]) -> Callable[[np.ndarray, np.ndarray, int], Any]:
        """Returns `epoch(x, y, batch_size)`: one pass of Adam over host arrays, giving the last loss."""
        import jax

        jnp = self._jnp

        def loss_of(weights: list[Any], x: Any, y: Any) -> Any:
            log_probabilities = jax.nn.log_softmax(self._logits(weights, x))
            return -jnp.mean(jnp.take_along_axis(log_probabilities, y[:, None], axis=1))

        def step(state: Any, x: Any, y: Any) -> Any:
            weights, m, v, count = state
            loss, grads = jax.value_and_grad(loss_of)(weights, x, y)
            count = count + 1
            rate = LEARNING_RATE * jnp.sqrt(1 - BETA_2**count) / (1 - BETA_1**count)
            m = [BETA_1 * a + (1 - BETA_1) * g for a, g in zip(m, grads, strict=True)]
            v = [BETA_2 * a + (1 - BETA_2) * g * g for a, g in zip(v, grads, strict=True)]
            rows = zip(weights, m, v, strict=True)
            weights = [w - rate * a / (jnp.sqrt(b) + EPSILON) for w, a, b in rows]
            return (weights, m, v, count), loss

        step = jax.jit(step, donate_argnums=0)
        state = ([jnp.array(w) for w in weights], *([jnp.zeros_like(w) for w in weights] for _ in "mv"), 0.0)

        def epoch(x: np.ndarray, y: np.ndarray, size: int) -> Any:
            nonlocal state
            for start in range(0, len(x), size):
                state, loss = step(state, x[start : start + size], y[start : start + size])
            return float(loss)

        return epoch


class Torch(NumPy):
    """Eager calls and `torch.optim`, as most programs have them."""

    trains = True

    def __init__(self) -> None:
        import torch

        self._torch = torch

    def tensor(self, value: np.ndarray) -> Any:
        return self._torch.from_numpy(value)

    def add(self, x: Any, y: Any) -> Any:
        return self._torch.add(x, y)

    def dense(self, x: Any, kernel: Any, bias: Any) -> Any:
        return self._torch.matmul(x, kernel) + bias

    def forward(self, weights: list[Any]) -> Callable[[Any], Any]:
        torch = self._torch
        w1, b1, w2, b2 = weights

        def forward(x: np.ndarray) -> np.ndarray:
            with torch.no_grad():
                return (torch.relu(torch.from_numpy(x) @ w1 + b1) @ w2 + b2).numpy()

        return forward

    def epoch(self, weights: list[Any]) -> Callable[[np.ndarray, np.ndarray, int], Any]:
        torch = self._torch
        weights = [weight.clone().requires_grad_() for weight in weights]
        w1, b1, w2, b2 = weights
        optimizer = torch.optim.Adam(weights, LEARNING_RATE, (BETA_1, BETA_2), EPSILON)

        def epoch(x: np.ndarray, y: np.ndarray, size: int) -> Any:
            x, y, total = torch.from_numpy(x), torch.from_numpy(y), 0.0
            for start in range(0, len(x), size):
                optimizer.zero_grad()
                logits = torch.relu(x[start : start + size] @ w1 + b1) @ w2 + b2
                loss = torch.nn.functional.cross_entropy(logits, y[start : start + size])
                loss.backward()
                optimizer.step()
                total = total + loss.detach()
            return float(total)

        return epoch


class TensorFlow(NumPy):
    """`tf.function` and the kernel that applies Adam to a variable."""

    trains = True

    def __init__(self) -> None:
        import tensorflow as tf

        self._tf = tf

    def tensor(self, value: np.ndarray) -> Any:
        return self._tf.constant(value)

    def add(self, x: Any, y: Any) -> Any:
        return self._tf.add(x, y)

    def dense(self, x: Any, kernel: Any, bias: Any) -> Any:
        return self._tf.matmul(x, kernel) + bias

    def forward(self, weights: list[Any]) -> Callable[[Any], Any]:
        tf = self._tf
        w1, b1, w2, b2 = weights
        apply = tf.function(lambda x: tf.nn.relu(x @ w1 + b1) @ w2 + b2)
        return lambda x: apply(tf.constant(x)).numpy()

    def epoch(self, weights: list[Any]) -> Callable[[np.ndarray, np.ndarray, int], Any]:
        tf = self._tf
        weights = [tf.Variable(weight) for weight in weights]
        slots = [(tf.Variable(tf.zeros_like(w)), tf.Variable(tf.zeros_like(w))) for w in weights]
        powers = [tf.Variable(1.0), tf.Variable(1.0)]

        @tf.function
        def step(x: Any, y: Any) -> Any:
            with tf.GradientTape() as tape:
                w1, b1, w2, b2 = weights
                logits = tf.nn.relu(x @ w1 + b1) @ w2 + b2
                losses = tf.nn.sparse_softmax_cross_entropy_with_logits(labels=y, logits=logits)
                loss = tf.reduce_mean(losses)
            grads = tape.gradient(loss, weights)
            powers[0].assign(powers[0] * BETA_1)
            powers[1].assign(powers[1] * BETA_2)
            constants = (LEARNING_RATE, BETA_1, BETA_2, EPSILON)
            for weight, (m, v), grad in zip(weights, slots, grads, strict=True):
                handles = (weight.handle, m.handle, v.handle)
                tf.raw_ops.ResourceApplyAdam(
                    **dict(zip(("var", "m", "v"), handles, strict=True)),
                    **dict(zip(("lr", "beta1", "beta2", "epsilon"), constants, strict=True)),
                    beta1_power=powers[0],
                    beta2_power=powers[1],
                    grad=grad,
                )
            return loss

        def epoch(x: np.ndarray, y: np.ndarray, size: int) -> Any:
            for start in range(0, len(x), size):
                loss = step(tf.constant(x[start : start + size]), tf.constant(y[start : start + size]))
            return float(loss)

        return epoch


FRAMEWORKS = {"numpy": NumPy, "jax": Jax, "torch": Torch, "tensorflow": TensorFlow}


def native(backend: str) -> NumPy | None:
    """Returns the framework's own calls for a backend, or None where there are none to compare with."""
    return FRAMEWORKS[backend]() if backend in FRAMEWORKS else None
