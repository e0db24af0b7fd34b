"""PyTorch kernels that make tensors from sizes and numbers, on the current device."""

import torch

from keras_backends.torch.tensors import DTYPES, canonical_dtype, current_device


def _options(dtype):
    return {"dtype": DTYPES[canonical_dtype(dtype)], "device": current_device()}


def zeros(*, shape, dtype):
    return torch.zeros(shape, **_options(dtype))


def ones(*, shape, dtype):
    return torch.ones(shape, **_options(dtype))


def empty(*, shape, dtype):
    return torch.empty(shape, **_options(dtype))


def eye(*, N, M=None, k=0, dtype):
    M = N if M is None else M
    if k == 0:
        return torch.eye(N, M, **_options(dtype))
    rows, columns = torch.arange(N, device=current_device()), torch.arange(M, device=current_device())
    return (rows[:, None] + k == columns).to(DTYPES[canonical_dtype(dtype)])


def tri(*, N, M=None, k=0, dtype):
    return torch.tril(torch.ones(N, N if M is None else M, **_options(dtype)), k)


def count_up(*, start, stop, step, dtype):
    if all(isinstance(n, (int, float)) for n in (start, stop, step)) and (stop - start) * step < 0:
        stop = start  # PyTorch refuses a step away from the end; there is nothing between.
    return torch.arange(start, stop, step, device=current_device()).to(DTYPES[canonical_dtype(dtype)])


def zeros_like(x, *, dtype):
    return torch.zeros_like(x, dtype=DTYPES[canonical_dtype(dtype)])


def ones_like(x, *, dtype):
    return torch.ones_like(x, dtype=DTYPES[canonical_dtype(dtype)])
