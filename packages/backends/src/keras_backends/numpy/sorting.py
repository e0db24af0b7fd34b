"""NumPy kernels that order and search: sorting, positions, unique values."""

import numpy as np


def sort(x, *, axis=-1):
    return np.sort(x, axis=axis)


def argsort(x, *, axis=-1):
    return np.argsort(x, axis=axis, kind="stable")


def argpartition(x, *, kth, axis=-1):
    return np.argpartition(x, kth, axis=axis)


def top_k(x, *, k, sorted=True):
    # Negating would not order unsigned integers, so the ascending order is read backwards; sorting
    # the reversed input stably keeps the earlier of equal values in front.
    last = x.shape[-1] - 1
    if not 0 <= k <= last + 1:
        raise ValueError(f"expected `k` from 0 to {last + 1}, the size of the last axis, received k={k}.")
    order = last - np.argsort(x[..., ::-1], axis=-1, kind="stable")[..., : -k - 1 : -1]
    return np.take_along_axis(x, order, axis=-1), order


def searchsorted(sorted_sequence, values, *, side="left"):
    return np.searchsorted(sorted_sequence, values, side=side)


def nonzero(x):
    return tuple(index.astype("int32") for index in np.nonzero(np.atleast_1d(x)))


def isin(x1, x2, *, assume_unique=False, invert=False):
    return np.isin(x1, x2, assume_unique=assume_unique, invert=invert)


def unique_elements(x, *, return_index=False, return_inverse=False, return_counts=False, axis=None):
    results = np.unique(
        x, return_index=return_index, return_inverse=return_inverse, return_counts=return_counts, axis=axis
    )
    if not return_inverse:
        return results
    # NumPy 2.0 gave the inverse the rank of the input.
    place = 1 + return_index
    return (*results[:place], results[place].reshape(-1), *results[place + 1 :])
