"""Recurrent layers in JAX: one compiled scan over all steps.

Inputs are projected inside the loop, which XLA does faster than all before it. Only what insists on a fused
kernel is declined.
"""

from functools import partial

import jax
import jax.numpy as jnp
from jax import lax

_ACTIVATIONS = {
    "tanh": jnp.tanh,
    "sigmoid": jax.nn.sigmoid,
    "relu": lambda x: jnp.maximum(x, 0),
    "hard_sigmoid": jax.nn.hard_sigmoid,
    "linear": lambda x: x,
}


def simple_rnn(inputs, state, kernel, recurrent_kernel, bias=None, mask=None, *, fused=False, **options):
    if fused:
        return NotImplemented
    return _simple_rnn(inputs, state, kernel, recurrent_kernel, bias, mask, **options)


def gru(inputs, state, kernel, recurrent_kernel, bias=None, mask=None, *, fused=False, **options):
    if fused:
        return NotImplemented
    return _gru(inputs, state, kernel, recurrent_kernel, bias, mask, **options)


def lstm(inputs, state, memory, kernel, recurrent_kernel, bias=None, mask=None, *, fused=False, **options):
    if fused:
        return NotImplemented
    return _lstm(inputs, state, memory, kernel, recurrent_kernel, bias, mask, **options)


_run_options = ("reverse", "zero_masked", "every")


@partial(jax.jit, static_argnames=("activation", *_run_options))
def _simple_rnn(inputs, state, kernel, recurrent_kernel, bias, mask, *, activation, **options):
    act = _ACTIVATIONS[activation]

    def step(states, x):
        return [act(_sum(x @ kernel, states[0] @ recurrent_kernel, bias))]

    return _run(step, inputs, [state], mask, **options)


@partial(jax.jit, static_argnames=("activation", "recurrent_activation", "reset_after", *_run_options))
def _gru(
    inputs,
    state,
    kernel,
    recurrent_kernel,
    bias,
    mask,
    *,
    activation,
    recurrent_activation,
    reset_after,
    **options,
):
    act, gate, units = _ACTIVATIONS[activation], _ACTIVATIONS[recurrent_activation], len(recurrent_kernel)
    of_inputs, of_state = bias if reset_after and bias is not None else (bias, None)
    seen_first = recurrent_kernel if reset_after else recurrent_kernel[:, : 2 * units]

    def step(states, x):
        (before,) = states
        parts = jnp.split(_sum(x @ kernel, of_inputs), 3, axis=-1)
        own = jnp.split(_sum(before @ seen_first, of_state), 3 if reset_after else 2, axis=-1)
        update, reset = gate(parts[0] + own[0]), gate(parts[1] + own[1])
        seen = reset * own[2] if reset_after else (reset * before) @ recurrent_kernel[:, 2 * units :]
        candidate = act(parts[2] + seen)
        return [candidate + update * (before - candidate)]

    return _run(step, inputs, [state], mask, **options)


@partial(jax.jit, static_argnames=("activation", "recurrent_activation", *_run_options))
def _lstm(
    inputs,
    state,
    memory,
    kernel,
    recurrent_kernel,
    bias,
    mask,
    *,
    activation,
    recurrent_activation,
    **options,
):
    act, gate = _ACTIVATIONS[activation], _ACTIVATIONS[recurrent_activation]

    def step(states, x):
        before, memory = states
        gates = _sum(x @ kernel, before @ recurrent_kernel, bias)
        enter, forget, candidate, leave = jnp.split(gates, 4, axis=-1)
        memory = gate(forget) * memory + gate(enter) * act(candidate)
        return [gate(leave) * act(memory), memory]

    return _run(step, inputs, [state, memory], mask, **options)


def _sum(*terms):
    first, *others = (term for term in terms if term is not None)
    for term in others:
        first = first + term
    return first


def _run(step, inputs, states, mask, reverse, zero_masked, every):
    """Scans over the steps; the first state is the output."""
    xs = [jnp.swapaxes(x, 0, 1) for x in (inputs, mask) if x is not None]

    def body(carry, x):
        new = step(carry, x[0])
        if mask is not None:
            new = [jnp.where(x[1][:, None], value, old) for value, old in zip(new, carry)]
        return new, new[0] if every else None

    last, outputs = lax.scan(body, states, xs, reverse=reverse)
    outputs = jnp.swapaxes(jnp.flip(outputs, 0) if reverse else outputs, 0, 1) if every else last[0][:, None]
    if mask is not None:
        mask = jnp.flip(mask, 1) if reverse else mask
        shown = mask if zero_masked else jnp.cumsum(mask, 1) > 0
        outputs = jnp.where((shown if every else shown[:, -1:])[..., None], outputs, 0)
    return (outputs if every else outputs[:, 0], *last)
