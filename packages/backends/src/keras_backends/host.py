"""Host values as NumPy arrays: what the backends' `tensor` functions do first with foreign objects.

Lists, arrays, anything with `__array__`, tensors of another framework than the active one, and sparse data.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from numbers import Real
from typing import Any

import ml_dtypes
import numpy as np

from keras_backends.dtypes import standardize_dtype

_EXOTIC = {name: np.dtype(getattr(ml_dtypes, name)) for name in ("bfloat16", "float8_e4m3fn", "float8_e5m2")}


@dataclass(frozen=True, eq=False)
class Coordinates:
    """A sparse array on the host: `indices` `(n, rank)` in order, `values` `(n,)`, and a shape.

    Its rows are cut out as those of an array are, and NumPy sees a dense array.
    """

    indices: np.ndarray
    values: np.ndarray
    shape: tuple[int, ...]

    @classmethod
    def ordered(cls, indices: np.ndarray, values: np.ndarray, shape: Sequence[int]) -> "Coordinates":
        """Makes one of indices in any order."""
        order = np.lexsort(indices.T[::-1])
        return cls(indices[order], values[order], tuple(shape))

    @cached_property
    def _starts(self) -> np.ndarray:
        """Where each row starts, and where the last one ends."""
        return np.searchsorted(self.indices[:, 0], np.arange(self.shape[0] + 1))

    def __len__(self) -> int:
        return self.shape[0]

    def __getitem__(self, rows: slice | np.ndarray) -> "Coordinates":
        rows = np.arange(len(self))[rows]
        starts, counts = self._starts[rows], self._starts[rows + 1] - self._starts[rows]
        ends = np.cumsum(counts)
        within = np.arange(counts.sum()) - np.repeat(ends - counts, counts)
        positions = np.repeat(starts, counts) + within
        indices = self.indices[positions]
        indices[:, 0] = np.repeat(np.arange(len(rows)), counts)
        return Coordinates(indices, self.values[positions], (len(rows), *self.shape[1:]))

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> np.ndarray:
        dense = np.zeros(self.shape, self.values.dtype if dtype is None else dtype)
        np.add.at(dense, tuple(self.indices.T), self.values)
        return dense


def as_array(value: Any, strings: bool = True) -> np.ndarray:
    """Returns `value` as an array of numbers, or of strings, in native byte order.

    Args:
        value: Numbers, nested lists, or an object that NumPy understands.
        strings: Whether strings are taken.

    Raises:
        TypeError: If it holds something else.

    Example:

        >>> as_array([1.0, 2.0]).dtype.name
        'float64'
    """
    array = np.asarray(value if not hasattr(value, "detach") else _from_torch(value))
    kind = array.dtype.kind
    if kind in "biufc" or array.dtype in _EXOTIC.values():
        return array if array.dtype.isnative else array.astype(array.dtype.newbyteorder("="))
    if kind in "US" or (kind == "O" and all(isinstance(x, (str, bytes)) for x in array.ravel())):
        if strings:
            return array
        raise TypeError(f"The backend in use has no string tensors. Received: {_shown(value)}")
    raise TypeError(
        f"Expected numbers that make a tensor: a number, nested lists of equal lengths, or an array. "
        f"Received: {_shown(value)} of type {type(value).__name__}"
    )


def _from_torch(value: Any) -> np.ndarray:
    """A torch tensor's values: off its device and tape; types that NumPy lacks keep their name."""
    value = value.detach().cpu()
    name = standardize_dtype(value.dtype)
    return value.float().numpy().astype(_EXOTIC[name]) if name in _EXOTIC else value.numpy()


def _shown(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= 80 else f"{text[:77]}..."


def largest_draw(minval: Any, maxval: Any, dtype: str) -> float | None:
    """Returns the greatest number of a float dtype below the upper bound of uniform draws.

    Returns:
        The number; `None` where draws need no limit, since multiplying alone does not round up to the bound,
        or where the bounds are unknown or in no order.

    Example:

        >>> largest_draw(5, 6, "bfloat16")
        5.96875
    """
    if not (isinstance(minval, Real) and isinstance(maxval, Real) and 0 != minval < maxval):
        return None
    kind = (_EXOTIC.get(dtype) or np.dtype(dtype)).type
    bound = kind(maxval)
    below = bound if float(bound) < maxval else np.nextafter(bound, kind(-np.inf))
    return max(float(below), float(kind(minval)))
