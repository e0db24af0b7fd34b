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
    numbers, size = _numbers(x), x.shape[-1]
    if not 0 <= k <= size:
        raise ValueError(f"expected `k` from 0 to {size}, the size of the last axis, received {k=}.")
    if 0 < k < size // 8:
        index = _earliest(numbers, k)
        numbers = numbers.gather(-1, index)
        values, order = torch.sort(numbers, dim=-1, descending=True, stable=True)
        index = index.gather(-1, order)
    else:
        values, index = torch.sort(numbers, dim=-1, descending=True, stable=True)
        values, index = values[..., :k], index[..., :k]
    return values.to(x.dtype), index


def _earliest(x, k):
    """Positions of the largest elements, of equal ones the earliest, which `torch.topk` does not promise.

    Those above the least of them are all in, others as far as there is room; far quicker than sorting rows.
    """
    least = torch.topk(x, k).values[..., -1:]
    early = torch.arange(x.shape[-1], 0, -1, device=x.device)
    nan = x != x
    above, equal = (x > least) | (nan & (least == least)), (x == least) | nan
    return torch.topk(torch.where(above, early + x.shape[-1], torch.where(equal, early, 0)), k).indices


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
