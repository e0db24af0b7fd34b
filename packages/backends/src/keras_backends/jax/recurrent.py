"""JAX's LSTM over all steps on a GPU, which is that of cuDNN; elsewhere XLA makes one program of the body.

It takes no masks: the steps that count are moved to the front of each sequence, and the results are moved back.
JAX has no such GRU, and its LSTM serves float32 alone.
"""

from functools import lru_cache, partial

import jax
import jax.numpy as jnp
from jax.experimental import rnn as _rnn


def lstm(
    inputs,
    state,
    memory,
    kernel,
    recurrent_kernel,
    bias=None,
    mask=None,
    *,
    activation="tanh",
    recurrent_activation="sigmoid",
    reverse=False,
    zero_masked=False,
    every=True,
    fused=False,
):
    usual = (activation, recurrent_activation) == ("tanh", "sigmoid") and inputs.dtype == jnp.float32
    # Sizes may be symbols, where a program is exported for all.
    known = all(isinstance(size, int) and size > 0 for size in inputs.shape)
    if not usual or not known or not _has_cudnn(inputs):
        return NotImplemented
    weights = kernel, recurrent_kernel, bias
    return _run(inputs, state, memory, weights, mask, reverse, zero_masked, every)


def _has_cudnn(x):
    """Whether an array is on a GPU of NVIDIA's, or a traced one will be, and products are of a precision there."""
    if isinstance(x, jax.core.Tracer):
        device = jax.config.jax_default_device or jax.devices()[0]
        device = jax.devices(device)[0] if isinstance(device, str) else device
    else:
        device = next(iter(x.devices()))
    if device.platform != "gpu" or "rocm" in device.client.platform_version:
        return False
    return jax.config.jax_default_matmul_precision in _PRECISIONS


_PRECISIONS = (None, "high", "highest", "tensorfloat32", "float32")
"""What JAX's function can be told by the setting; it fails for the others."""


@partial(jax.jit, static_argnums=(5, 6, 7))
def _run(inputs, state, memory, weights, mask, reverse, zero_masked, every):
    if reverse:
        inputs = jnp.flip(inputs, 1)
        mask = None if mask is None else jnp.flip(mask, 1)
    seen = jnp.full(inputs.shape[:2], inputs.shape[1]) if mask is None else jnp.cumsum(mask, 1)
    if mask is not None:
        order = jnp.argsort(~mask, axis=1, stable=True)
        inputs = jnp.take_along_axis(inputs, order[..., None], 1)
    # A sequence without any step that counts runs one, whose results are not used.
    lengths = jnp.maximum(seen[:, -1], 1).astype(jnp.int32)
    steps = _of_sizes(inputs.shape[-1], state.shape[-1])
    outputs, *last = steps(inputs, state[None], memory[None], _flat(*weights), lengths)
    last = [jnp.where(seen[:, -1:] > 0, new[0], old) for new, old in zip(last, (state, memory))]
    if mask is None:
        return (outputs if every else last[0], *last)
    shown = mask if zero_masked else seen > 0
    if not every:
        return (jnp.where(shown[:, -1:], last[0], 0), *last)
    outputs = jnp.take_along_axis(outputs, jnp.maximum(seen - 1, 0)[..., None], 1)
    return (jnp.where(shown[..., None], outputs, 0), *last)


@lru_cache(maxsize=64)
def _of_sizes(features, units):
    """JAX's function for one layer, as a function of tensors alone; `vmap`, which it refuses, runs it in a loop."""
    options = features, units, 1, 0.0, False, None  # Layers, dropout, bidirectional, precision.
    forward = jax.custom_batching.sequential_vmap(lambda *tensors: _rnn.lstm_fwd(*tensors, *options))
    backward = jax.custom_batching.sequential_vmap(lambda *kept: _rnn.lstm_bwd(*options, *kept))
    steps = jax.custom_vjp(lambda *tensors: forward(*tensors)[0])
    steps.defvjp(forward, backward)
    return steps


def _flat(kernel, recurrent_kernel, bias):
    """All weights as cuDNN wants them: a matrix `(units, inputs)` for each block, then the biases of both."""
    none = jnp.zeros_like(kernel[0])
    biases = [none if bias is None else bias, none]
    return jnp.concatenate([kernel.T.ravel(), recurrent_kernel.T.ravel(), *biases])
