"""Optimizer steps in one operation per variable.

Used by the backend's table; `keras_training` decides when. Everything writes in place.
"""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import tensorflow as tf


def adam(
    values: Sequence[Any],
    grads: Sequence[Any],
    slots: Sequence[Sequence[Any]],
    rate: Any,
    done: Any,
    *,
    beta_1: float,
    beta_2: float,
    epsilon: float,
) -> Any:
    """Adam by the framework's fused operation."""
    if len(slots) > 2 or any(isinstance(g, tf.IndexedSlices) for g in grads):
        return NotImplemented
    dtype = values[0].dtype
    step = tf.cast(done, dtype) + 1
    # The operation forms 1 - beta_2 in the dtype of the values, which is off by up to 5e-5 in 32 bits; the
    # velocity is off by as much, and rate and epsilon make up for it.
    rounded = 1 - float(np.asarray(beta_2, dtype.as_numpy_dtype))
    scale = (rounded / (1 - beta_2)) ** 0.5 if beta_2 < 1 else 1.0
    options = {
        "beta1_power": tf.cast(beta_1, dtype) ** step,
        "beta2_power": tf.cast(beta_2, dtype) ** step,
        "lr": tf.cast(rate, dtype) * tf.constant(scale, dtype),
        "beta1": tf.constant(beta_1, dtype),
        "beta2": tf.constant(beta_2, dtype),
        "epsilon": tf.constant(epsilon * scale, dtype),
    }
    for value, grad, momentum, velocity in zip(values, grads, *slots):
        tf.raw_ops.ResourceApplyAdam(
            var=value.handle, m=momentum.handle, v=velocity.handle, grad=grad, **options
        )
    return None


def sgd(
    values: Sequence[Any],
    grads: Sequence[Any],
    slots: Sequence[Sequence[Any]],
    rate: Any,
    done: Any,
    *,
    momentum: float,
    nesterov: bool,
) -> Any:
    """Gradient descent by the framework's fused operations."""
    if any(isinstance(g, tf.IndexedSlices) for g in grads):
        return NotImplemented
    dtype = values[0].dtype
    rate = tf.cast(rate, dtype)
    if not slots:
        for value, grad in zip(values, grads):
            tf.raw_ops.ResourceApplyGradientDescent(var=value.handle, alpha=rate, delta=grad)
        return None
    factor = tf.constant(momentum, dtype)
    for value, grad, velocity in zip(values, grads, slots[0]):
        tf.raw_ops.ResourceApplyKerasMomentum(
            var=value.handle,
            accum=velocity.handle,
            lr=rate,
            grad=grad,
            momentum=factor,
            use_nesterov=nesterov,
        )
    return None


UPDATES: dict[str, Callable[..., Any]] = {"adam": adam, "sgd": sgd}
"""By the name of the rule."""
