"""Arithmetic of axes and windows: padding, output sizes, adaptive bins, slices. Plain integers, no framework.

Convolution and pooling kernels of all backends compute their padding here, and the shape rules of
`keras_ops` their sizes, so that the two agree; kernels for sparse tensors find the part that is indexed.
"""

import math
from collections.abc import Sequence
from typing import Any


def as_tuple(value: int | Sequence[int], rank: int, name: str) -> tuple[int, ...]:
    """Returns `value` once per spatial dimension.

    Raises:
        ValueError: If it is a sequence of another length, a number is not positive, or there is no dimension.
    """
    if rank < 1:
        raise ValueError(f"expected a tensor of rank 3 or more, received one of rank {rank + 2}.")
    values = tuple(int(v) for v in value) if isinstance(value, (tuple, list)) else (int(value),) * rank
    if len(values) == 1 and rank > 1:
        values *= rank
    if len(values) != rank:
        raise ValueError(f"expected `{name}` to be an integer or {rank} integers, received {name}={value}.")
    if any(v < 1 for v in values):
        raise ValueError(f"expected `{name}` to be positive, received {name}={value}.")
    return values


def effective_size(size: int, dilation: int) -> int:
    """Length that a window of `size` taps covers when its taps are `dilation` apart.

    >>> effective_size(3, 2)
    5
    """
    return (size - 1) * dilation + 1


def output_size(size: int, window: int, stride: int, padding: str, dilation: int = 1) -> int:
    """Number of positions of a window; `"same"` and `"causal"` pad so that it is `size / stride`."""
    if padding == "valid":
        return max((size - effective_size(window, dilation)) // stride + 1, 0)
    return -(-size // stride)


def require_positions(
    sizes: Sequence[int | None], windows: Sequence[int], padding: str, dilation: Sequence[int] | None = None
) -> None:
    """Refuses spatial sizes, where known, that have no room for a window.

    Raises:
        ValueError: If there is a size of zero, or with padding "valid" one below the window.
    """
    for size, window, gap in zip(sizes, windows, dilation or (1,) * len(windows)):
        least = effective_size(window, gap) if padding == "valid" else 1
        if size is not None and size < least:
            raise ValueError(f"expected spatial sizes of at least {least} with {padding=}, received {size}.")


def padding_amounts(size: int, window: int, stride: int, padding: str, dilation: int = 1) -> tuple[int, int]:
    """Zeros to put before and after an axis of `size`; the odd one goes to the end.

    >>> padding_amounts(5, 2, 1, "same")
    (0, 1)
    """
    if padding == "valid":
        return 0, 0
    window = effective_size(window, dilation)
    if padding == "causal":
        return window - 1, 0
    total = max((-(-size // stride) - 1) * stride + window - size, 0)
    return total // 2, total - total // 2


def transposed_size(
    size: int, window: int, stride: int, padding: str, output_padding: int | None, dilation: int = 1
) -> int:
    """Output size of a transposed convolution along one axis.

    >>> transposed_size(4, 3, 2, "same", None), transposed_size(4, 3, 2, "same", 0)
    (8, 7)
    """
    window = effective_size(window, dilation)
    if output_padding is None:
        return size * stride + (0 if padding == "same" else max(window - stride, 0))
    cropped = 2 * (window // 2) if padding == "same" else 0
    return (size - 1) * stride + window - cropped + output_padding


def transposed_crop(
    size: int, window: int, stride: int, padding: str, output_padding: int | None, dilation: int = 1
) -> tuple[int, int]:
    """What a transposed convolution cuts off the full result's start and end along one axis.

    The full result has `(size - 1) * stride + window` entries. The operation is the gradient of a
    convolution with the same padding, so it cuts what that convolution pads; a negative number
    means zeros to add.
    """
    window = effective_size(window, dilation)
    full = (size - 1) * stride + window
    excess = full - transposed_size(size, window, stride, padding, output_padding)
    start = max(excess, 0) // 2 if padding == "same" else 0
    return start, excess - start


def bins(size: int, count: int) -> list[tuple[int, int]]:
    """Start and end of the `count` windows that adaptive pooling cuts an axis of `size` into.

    >>> bins(5, 3)
    [(0, 2), (1, 4), (3, 5)]
    """
    return [(i * size // count, math.ceil((i + 1) * size / count)) for i in range(count)]


def require_sizes(shape: Sequence[Any], sizes: Sequence[Any], name: str = "shape") -> None:
    """Refuses a shape of a window with other axes than the tensor has, or sizes that are negative or larger.

    Only numbers that are known count.

    Raises:
        ValueError: If it is such a shape.
    """
    known = [(n, size) for n, size in zip(shape, sizes) if isinstance(n, int)]
    if len(shape) != len(sizes) or any(n < 0 or (isinstance(size, int) and n > size) for n, size in known):
        raise ValueError(
            f"expected `{name}` to have {len(sizes)} sizes from 0 up to those of {tuple(sizes)}, "
            f"received {tuple(shape)}."
        )


def distinct_axes(axis: Sequence[int], rank: int) -> list[int]:
    """Returns axes counted from the start.

    Raises:
        IndexError: If one is out of range.
        ValueError: If one stands there twice, which some kernels take.

    Example:

        >>> distinct_axes((-1, 0), 3)
        [2, 0]
    """
    axes = [range(rank)[a] for a in axis]
    if len({*axes}) != len(axes):
        raise ValueError(f"expected distinct axes, received axis={axis}.")
    return axes


def require_count(num: int | None, size: int | None, axis: int) -> None:
    """Refuses a number of parts that is not the size of the axis they are taken from, where both are known.

    Raises:
        ValueError: If they differ.
    """
    if None not in (num, size) and num != size:
        raise ValueError(f"expected num={size}, the size of axis {axis}, received num={num}.")


def slice_window(
    key: Any, shape: Sequence[int]
) -> tuple[tuple[int, ...], tuple[int, ...], tuple[int, ...]] | None:
    """What an index of numbers and slices in steps of one takes out of a tensor.

    Returns:
        Starts and sizes of the window, and the shape of the result; `None` for other indices.

    Example:

        >>> slice_window((..., None, slice(1, 3), -1), (2, 4, 5))
        ((0, 1, 4), (2, 2, 1), (2, 1, 2))
    """
    keys = list(key) if isinstance(key, tuple) else [key]
    kinds = (int, slice, type(None), type(Ellipsis))
    if not all(isinstance(k, kinds) and not isinstance(k, bool) for k in keys):
        return None
    if Ellipsis not in keys:
        keys.append(Ellipsis)
    at, missing = keys.index(Ellipsis), len(shape) - sum(k is not None for k in keys) + 1
    keys[at : at + 1] = [slice(None)] * missing
    starts, sizes, result = [], [], []
    pending = iter(shape)
    for k in keys:
        if k is None:
            result.append(1)
            continue
        size = next(pending)
        part = range(size)[k : k + 1 or None] if isinstance(k, int) else range(size)[k]
        if part.step != 1 or (isinstance(k, int) and len(part) != 1):
            return None
        starts.append(min(part.start, size))
        sizes.append(len(part))
        if isinstance(k, slice):
            result.append(len(part))
    return tuple(starts), tuple(sizes), tuple(result)
