"""PyTorch's recurrent layers as kernels: the functions behind `torch.nn.LSTM`, on the CPU and in cuDNN.

They take no masks: the steps that count are moved to the front of each sequence, which is packed, and the
outputs are moved back. Other activations and compiled functions are left to the operations' bodies.
"""

import torch
from torch.nn.utils import rnn as _rnn


def simple_rnn(
    inputs,
    state,
    kernel,
    recurrent_kernel,
    bias=None,
    mask=None,
    *,
    activation="tanh",
    reverse=False,
    zero_masked=False,
    every=True,
    fused=False,
):
    function = _SIMPLE.get(activation)
    if function is None or not _fits(inputs, kernel):
        return NotImplemented
    weights = _weights(kernel, recurrent_kernel, bias, None)
    return _run(function, inputs, [state], weights, mask, reverse, zero_masked, every)


def gru(
    inputs,
    state,
    kernel,
    recurrent_kernel,
    bias=None,
    mask=None,
    *,
    activation="tanh",
    recurrent_activation="sigmoid",
    reset_after=True,
    reverse=False,
    zero_masked=False,
    every=True,
    fused=False,
):
    usual = reset_after and (activation, recurrent_activation) == ("tanh", "sigmoid")
    if not usual or not _fits(inputs, kernel):
        return NotImplemented
    own, seen = (None, None) if bias is None else (_reset_first(part) for part in bias)
    weights = _weights(_reset_first(kernel), _reset_first(recurrent_kernel), own, seen)
    return _run(torch._VF.gru, inputs, [state], weights, mask, reverse, zero_masked, every)


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
    if (activation, recurrent_activation) != ("tanh", "sigmoid") or not _fits(inputs, kernel):
        return NotImplemented
    # Whole copies of both once, where oneDNN would make them for each direction.
    weights = _weights(kernel, recurrent_kernel, bias, None)
    weights[:2] = (weight.contiguous() for weight in weights[:2])
    return _run(torch._VF.lstm, inputs, [state, memory], weights, mask, reverse, zero_masked, every)


_wrapped = torch._C._functorch.is_functorch_wrapped_tensor
"""Whether a transformation of `torch.func` is under way."""
_SIMPLE = {"tanh": torch._VF.rnn_tanh, "relu": torch._VF.rnn_relu}


def _fits(inputs, kernel):
    # `torch.compile` breaks off at these functions, as at the modules, and `torch.vmap` has no rule for them.
    if torch.compiler.is_compiling():
        return False
    return 0 not in inputs.shape[:2] and not (_wrapped(inputs) or _wrapped(kernel))


def _reset_first(weight):
    """The blocks of PyTorch's GRU: the reset gate stands before the update gate."""
    update, reset, candidate = weight.chunk(3, -1)
    return torch.cat([reset, update, candidate], -1)


def _weights(kernel, recurrent_kernel, bias, recurrent_bias):
    weights = [kernel.t(), recurrent_kernel.t()]
    if bias is not None:
        weights += [bias, torch.zeros_like(bias) if recurrent_bias is None else recurrent_bias]
    if not kernel.is_cuda:
        return weights
    # cuDNN wants them in one piece of memory, and copies them, with a warning, where they are not.
    flat = torch.cat([weight.reshape(-1) for weight in weights])
    parts = flat.split([weight.numel() for weight in weights])
    return [part.view(weight.shape) for part, weight in zip(parts, weights)]


def _run(function, inputs, states, weights, mask, reverse, zero_masked, every):
    """Runs one of PyTorch's functions; returns outputs and last states as the operations do."""
    if reverse:
        inputs = inputs.flip(1)
        mask = None if mask is None else mask.flip(1)
    states = [state.unsqueeze(0) for state in states]
    # Layers, dropout, training, bidirectional; the reserve that "training" makes is for the gradient.
    options = (len(weights) == 4, 1, 0.0, torch.is_grad_enabled(), False)
    if mask is None:
        outputs, *last = function(inputs, _given(states), weights, *options, True)
        last = [state[0] for state in last]
        # The last state, since the gradient of a slice is as large as all outputs.
        return (outputs if every else last[0], *last)
    counts = mask.sum(1)
    order = mask.logical_not().to(torch.uint8).argsort(dim=1, stable=True)
    front = inputs.gather(1, order.unsqueeze(-1).expand_as(inputs))
    # A sequence without any step that counts is packed with one, whose results are not used.
    packed = _rnn.pack_padded_sequence(front, counts.clamp(min=1).cpu(), True, enforce_sorted=False)
    sorted_states = [state[:, packed.sorted_indices] for state in states]
    data, *last = function(packed.data, packed.batch_sizes, _given(sorted_states), weights, *options)
    moved = (counts > 0).unsqueeze(-1)
    last = [torch.where(moved, new[0, packed.unsorted_indices], old[0]) for new, old in zip(last, states)]
    if not every:
        return (torch.where(mask[:, -1:] if zero_masked else moved, last[0], 0.0), *last)
    padded, _ = _rnn.pad_packed_sequence(packed._replace(data=data), True, total_length=mask.shape[1])
    seen = mask.cumsum(1)
    outputs = padded.gather(1, (seen - 1).clamp(min=0).unsqueeze(-1).expand(-1, -1, padded.shape[-1]))
    shown = mask if zero_masked else seen > 0
    return (torch.where(shown.unsqueeze(-1), outputs, 0.0), *last)


def _given(states):
    return states if len(states) > 1 else states[0]
