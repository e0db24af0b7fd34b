"""PyTorch kernels that order and search: sorting, positions, unique values.

Bools are ordered as bytes, where PyTorch does not order bools.
"""

import torch


def _numbers(x):
    return x.byte() if x.dtype is torch.bool else x


def sort(x, *, axis=-1):
    return torch.sort(x.reshape(-1), 0).values if axis is None else torch.sort(x, axis).values


def argsort(x, *, axis=-1):
    x, axis = (x.reshape(-1), 0) if axis is None else (x, axis)
    return torch.argsort(x, dim=axis, stable=True)


def top_k(x, *, k, sorted=True):
    values, index = torch.topk(_numbers(x), k, sorted=sorted)
    return values.to(x.dtype), index


def searchsorted(sorted_sequence, values, *, side="left"):
    sequence, values = _numbers(sorted_sequence), _numbers(values)
    if sequence.ndim != 1:
        raise ValueError(f"expected `sorted_sequence` of rank 1, received shape {tuple(sequence.shape)}.")
    return torch.searchsorted(sequence.contiguous(), values.contiguous(), right=side == "right")


def nonzero(x):
    return tuple(index.int() for index in torch.nonzero(torch.atleast_1d(x), as_tuple=True))


def isin(x1, x2, *, assume_unique=False, invert=False):
    return torch.isin(_numbers(x1), _numbers(x2), assume_unique=assume_unique, invert=invert)


def unique_elements(x, *, return_index=False, return_inverse=False, return_counts=False, axis=None):
    values, inverse, counts = torch.unique(x, return_inverse=True, return_counts=True, dim=axis)
    inverse = inverse.reshape(-1)
    results = [values]
    if return_index:  # PyTorch does not say where: the least position of each.
        positions = torch.arange(inverse.numel(), device=x.device)
        first = torch.full_like(counts, inverse.numel())
        results.append(first.scatter_reduce(0, inverse, positions, "amin"))
    if return_inverse:
        results.append(inverse)
    if return_counts:
        results.append(counts)
    return results[0] if len(results) == 1 else tuple(results)
