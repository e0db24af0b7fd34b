"""GPTQ and AWQ: how weights are rounded where data says which errors matter.

Plain matrices and NumPy; `keras_layers.core.calibrated_kernel` brings a layer's kernel and inputs, and stores the
result.
"""

from typing import NamedTuple

import numpy as np

from keras_layers.quantizers.abs_max import checked_block_size
from keras_layers.quantizers.configs import AWQConfig, CalibratedConfig, GPTQConfig

_BLOCK = 128
"""Rows whose errors are handed on together, for matrix products instead of vectors."""


class InputStatistics:
    """What a calibration knows of the inputs of a layer.

    Attributes:
        count: Number of rows seen.
        hessian: Mean of `2 * outer(x, x)`, `(inputs, inputs)`.
        magnitude: Mean of `abs(x)`, `(inputs,)`.
    """

    def __init__(self, inputs: int) -> None:
        self.count = 0
        self.hessian = np.zeros((inputs, inputs))
        self.magnitude = np.zeros(inputs)

    def add(self, rows: np.ndarray) -> None:
        """Takes inputs in, `(rows, inputs)`.

        Raises:
            ValueError: If there are no rows.
        """
        if not len(rows):
            raise ValueError(
                f"InputStatistics.add: expected `rows` to be at least one row of {len(self.magnitude)} inputs, "
                f"received an array of shape {rows.shape}."
            )
        rows = rows.astype("float64")
        total = self.count + len(rows)
        share = self.count / total
        self.hessian = self.hessian * share + 2 * (rows.T @ rows) / total
        self.magnitude = self.magnitude * share + np.abs(rows).sum(axis=0) / total
        self.count = total


class Rounded(NamedTuple):
    """A matrix of integers `q` that stand for `(q - zero) * scale / input_scale`.

    Attributes:
        integers: `(inputs, outputs)`.
        scale: `(groups, outputs)`.
        zero: `(groups, outputs)`.
        groups: The group of each input, `(inputs,)`.
        input_scale: `(inputs,)`, or `None` for ones.
    """

    integers: np.ndarray
    scale: np.ndarray
    zero: np.ndarray
    groups: np.ndarray
    input_scale: np.ndarray | None = None

    def floats(self) -> np.ndarray:
        """Returns the matrix that the integers stand for."""
        weights = (self.integers - self.zero[self.groups]) * self.scale[self.groups]
        return weights if self.input_scale is None else weights / self.input_scale[:, None]


def range_of(
    rows: np.ndarray, bits: int, symmetric: bool = False, per_channel: bool = True
) -> tuple[np.ndarray, np.ndarray]:
    """Returns scale and zero point, `(outputs,)` each, that spread the values of a group over the integers.

    Args:
        rows: The weights of the group, `(inputs, outputs)`.
        bits: Number of bits.
        symmetric: Whether the range is the same on both sides of 0.
        per_channel: Whether each output has a range of its own.

    Example:

        >>> range_of(np.array([[0.0], [15.0]]), bits=4)
        (array([1.]), array([0.]))
    """
    last = 2**bits - 1
    axis = 0 if per_channel else None
    least = np.minimum(np.min(rows, axis=axis, keepdims=True), 0)
    most = np.maximum(np.max(rows, axis=axis, keepdims=True), 0)
    if symmetric:
        most = np.maximum(most, -least)
        least = -most
    spread = most - least
    scale = np.where(spread > 0, spread, 1) / last
    zero = np.full_like(scale, (last + 1) // 2) if symmetric else np.clip(np.round(-least / scale), 0, last)
    columns = rows.shape[1]
    return np.broadcast_to(scale, (1, columns))[0], np.broadcast_to(zero, (1, columns))[0]


def nearest(rows: np.ndarray, scale: np.ndarray, zero: np.ndarray, bits: int) -> np.ndarray:
    """Returns the integers nearest to weights."""
    return np.clip(np.round(rows / scale) + zero, 0, 2**bits - 1)


def round_to_nearest(weights: np.ndarray, config: CalibratedConfig, **options: bool) -> Rounded:
    """Rounds each weight by itself: what GPTQ and AWQ improve on.

    Args:
        weights: Matrix `(inputs, outputs)`.
        config: Says bits and group size.
        **options: `symmetric` and `per_channel` of `range_of`.
    """
    inputs = len(weights)
    size = checked_block_size(type(config).__name__, config.group_size, inputs)
    integers = np.empty_like(weights)
    found = []
    for start in range(0, inputs, size):
        rows = slice(start, start + size)
        found.append(range_of(weights[rows], config.weight_bits, **options))
        integers[rows] = nearest(weights[rows], *found[-1], config.weight_bits)
    scale, zero = (np.stack(values) for values in zip(*found))
    return Rounded(integers.astype("uint8"), scale, zero, np.arange(inputs) // size)


def gptq(weights: np.ndarray, statistics: InputStatistics, config: GPTQConfig) -> Rounded:
    """Rounds the inputs' rows one after the other; each error is made up for by the rows that follow.

    Args:
        weights: Matrix `(inputs, outputs)`.
        statistics: Of the inputs.
        config: Says bits, group size, damping and order.

    Source: Frantar et al., 2022, https://arxiv.org/abs/2210.17323, algorithm 1
    """
    inputs, bits = len(weights), config.weight_bits
    size = checked_block_size("GPTQConfig", config.group_size, inputs)
    hessian, left = statistics.hessian.copy(), weights.astype("float64")
    diagonal = np.diagonal(hessian).copy()
    unused = diagonal == 0
    hessian[unused, unused] = 1
    left[unused] = 0
    order = np.argsort(-diagonal, kind="stable") if config.activation_order else np.arange(inputs)
    hessian, left = hessian[np.ix_(order, order)], left[order]
    hessian[np.diag_indices(inputs)] += config.hessian_damping * np.mean(np.diagonal(hessian)) + 1e-12
    upper = np.linalg.cholesky(np.linalg.inv(hessian)).T
    integers = np.empty_like(left)
    found = []
    for start in range(0, inputs, _BLOCK):
        stop = min(start + _BLOCK, inputs)
        errors = np.empty_like(left[start:stop])
        for i in range(start, stop):
            if i % size == 0:
                # What later groups are now, errors of this block not yet handed on included.
                group = left[i : i + size].copy()
                beyond = min(i + size, inputs) - stop
                if beyond > 0 and i > start:
                    group[stop - i :] -= upper[start:i, stop : stop + beyond].T @ errors[: i - start]
                found.append(range_of(group, bits, config.symmetric, config.per_channel))
            scale, zero = found[-1]
            integers[i] = nearest(left[i], scale, zero, bits)
            errors[i - start] = (left[i] - (integers[i] - zero) * scale) / upper[i, i]
            left[i + 1 : stop] -= np.outer(upper[i, i + 1 : stop], errors[i - start])
        left[stop:] -= upper[start:stop, stop:].T @ errors
    scale, zero = (np.stack(values) for values in zip(*found))
    back = np.argsort(order)
    groups = (np.arange(inputs) // size)[back]
    return Rounded(integers[back].astype("uint8"), scale, zero, groups)


def awq(weights: np.ndarray, statistics: InputStatistics, config: AWQConfig) -> Rounded:
    """Scales rows up by a power of their inputs' magnitude before rounding, by the power with the least error.

    Args:
        weights: Matrix `(inputs, outputs)`.
        statistics: Of the inputs.
        config: Says bits, group size and how many powers to try.

    Source: Lin et al., 2023, https://arxiv.org/abs/2306.00978, section 3.2
    """
    best, least = None, np.inf
    magnitude = np.maximum(statistics.magnitude, 1e-8)
    for step in range(config.num_grid_points):
        scales = magnitude ** (step / config.num_grid_points)
        scales = np.clip(scales / np.sqrt(scales.max() * scales.min()), 1e-4, 1e4)
        rounded = round_to_nearest(weights * scales[:, None], config)._replace(input_scale=scales)
        error = rounded.floats() - weights
        loss = float(np.sum(error * (statistics.hessian @ error)))
        if loss < least:
            best, least = rounded, loss
    if best is None:
        raise ValueError(
            "AWQ: no power gave a finite error; the weights or the calibration data hold values that are not finite."
        )
    return best
