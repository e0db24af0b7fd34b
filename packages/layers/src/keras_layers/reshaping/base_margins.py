"""`BaseMargins`: what cropping and padding share: a number of steps at each end of each dimension."""

import operator
from typing import Any

from keras_backends.settings import standardize_data_format

from keras_layers.input_spec import InputSpec
from keras_layers.layer import Layer

FORMAT = """`"channels_last"` or `"channels_first"`; `keras.config.image_data_format()` by default."""
STEPS = "Tensor of shape `(batch, steps, channels)`."
"""What the members for sequences are called on, where they know no formats."""


def margins(owner: Layer, name: str, value: Any, rank: int) -> tuple[tuple[int, int], ...]:
    """Returns a pair of steps at the start and at the end for each dimension.

    Args:
        owner: The layer, for the message.
        name: Name of the argument.
        value: An integer, one integer per dimension, or one pair per dimension; for one dimension a pair.
        rank: Number of dimensions.

    Raises:
        ValueError: If it is none of these, or negative.

    Example:

        >>> margins(None, "padding", (1, (2, 3)), 2)
        ((1, 1), (2, 3))
    """
    whole = hasattr(value, "__index__")
    parts = (value,) * rank if whole else (value,) if rank == 1 else value
    try:
        pairs = tuple(_pair(part) for part in parts)
    except (TypeError, ValueError):
        pairs = ()
    if len(pairs) != rank or any(step < 0 for pair in pairs for step in pair):
        wanted = "a pair" if rank == 1 else f"a tuple of {rank} integers or of {rank} pairs of them"
        raise ValueError(
            f"{type(owner).__name__}: `{name}` must be a non-negative integer or {wanted}, received "
            f"{name}={value!r}."
        )
    return pairs


def _pair(part: Any) -> tuple[int, int]:
    start, end = (part, part) if hasattr(part, "__index__") else part
    return operator.index(start), operator.index(end)


class BaseMargins(Layer):
    """Base of the family; a member sets `rank` and calls `_keep`."""

    rank = 0
    data_format = "channels_last"

    def _keep(self, name: str, value: Any, data_format: str | None = "channels_last") -> None:
        """Keeps the margins in an attribute, as configs have them."""
        self._pairs = margins(self, name, value, self.rank)
        self.data_format = standardize_data_format(data_format)
        self.input_spec = InputSpec(ndim=self.rank + 2)
        setattr(self, name, self._pairs[0] if self.rank == 1 else self._pairs)

    @property
    def _all_pairs(self) -> tuple[tuple[int, int], ...]:
        """The margins of all axes of the input."""
        none = (0, 0)
        if self.data_format == "channels_last":
            return (none, *self._pairs, none)
        return (none, none, *self._pairs)
