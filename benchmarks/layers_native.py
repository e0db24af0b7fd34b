"""The models of `layers.py` by hand: a training step with plain SGD and a prediction in each framework.

PyTorch has its own modules, JAX and TensorFlow functions of weights as the models hold them; the steps are
compiled where programs in the framework are.
"""

from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np

RATE = 0.01
Steps = tuple[Callable[[np.ndarray, np.ndarray], float], Callable[[np.ndarray], np.ndarray]]


def raw_steps(backend: str, name: str, weights: list[np.ndarray]) -> Steps:
    """Returns a training step `(x, y) -> loss` and a prediction `x -> y` for a case of `MODELS`."""
    return {"torch": _torch, "jax": _jax, "tensorflow": _tensorflow}[backend](name, weights)


def _torch(name: str, weights: list[np.ndarray]) -> Steps:
    import torch
    from layers_torch import MODULES

    module = MODULES[name](*(torch.from_numpy(np.array(w)) for w in weights))
    optimizer = torch.optim.SGD(module.parameters(), RATE)

    def step(x: np.ndarray, y: np.ndarray) -> float:
        module.train()
        optimizer.zero_grad()
        loss = torch.nn.functional.mse_loss(module(torch.from_numpy(x)), torch.from_numpy(y))
        loss.backward()
        optimizer.step()
        return float(loss.detach())

    def forward(x: np.ndarray) -> np.ndarray:
        module.eval()
        with torch.no_grad():
            return module(torch.from_numpy(x)).numpy()

    return step, forward


def _jax(name: str, weights: list[np.ndarray]) -> Steps:
    import jax
    import jax.numpy as jnp
    from layers_jax import FORWARD

    run = FORWARD[name]

    def loss_of(weights: Any, x: Any, y: Any) -> Any:
        output, state = run(weights, x, True)
        return jnp.mean(jnp.square(output - y)), state

    @partial(jax.jit, donate_argnums=0)
    def train(weights: Any, x: Any, y: Any) -> Any:
        (loss, state), gradients = jax.value_and_grad(loss_of, has_aux=True)(weights, x, y)
        new = [w - RATE * g for w, g in zip(weights, gradients, strict=True)]
        return new[: len(new) - len(state)] + state, loss

    held = [jnp.array(w) for w in weights]
    constant = [jnp.array(w) for w in weights]

    def step(x: np.ndarray, y: np.ndarray) -> float:
        nonlocal held
        held, loss = train(held, x, y)
        return float(loss)

    call = jax.jit(lambda weights, x: run(weights, x, False)[0])
    return step, lambda x: np.asarray(call(constant, x))


def _tensorflow(name: str, weights: list[np.ndarray]) -> Steps:
    import tensorflow as tf
    from layers_tensorflow import FORWARD

    run = FORWARD[name]
    variables = [tf.Variable(w) for w in weights]

    @tf.function
    def train(x: Any, y: Any) -> Any:
        with tf.GradientTape() as tape:
            output, state = run(variables, x, True)
            loss = tf.reduce_mean(tf.square(output - y))
        trained = variables[: len(variables) - len(state)]
        for variable, gradient in zip(trained, tape.gradient(loss, trained), strict=True):
            variable.assign_sub(RATE * gradient)
        for variable, value in zip(variables[len(trained) :], state, strict=True):
            variable.assign(value)
        return loss

    constant = [tf.constant(w) for w in weights]
    call = tf.function(lambda x: run(constant, x, False)[0])
    return lambda x, y: float(train(tf.constant(x), tf.constant(y))), lambda x: call(tf.constant(x)).numpy()
