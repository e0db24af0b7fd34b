"""The tuple that a batch is: `(x, y, sample_weight)`, packed and unpacked."""

from typing import Any

from keras_backends.api import export


@export("keras.utils.unpack_x_y_sample_weight")
def unpack_x_y_sample_weight(data: Any) -> tuple[Any, Any, Any]:
    """Splits a batch into inputs, targets and weights.

    Args:
        data: `x`, or a tuple or list `(x,)`, `(x, y)` or `(x, y, sample_weight)`.

    Returns:
        `(x, y, sample_weight)`, with `None` for what is not there.

    Raises:
        ValueError: If `data` has more than three parts.

    Example:

        >>> unpack_x_y_sample_weight(([1.0], [2.0]))
        ([1.0], [2.0], None)
    """
    if isinstance(data, list):
        data = tuple(data)
    if not isinstance(data, tuple):
        return data, None, None
    if 1 <= len(data) <= 3:
        return (*data, *(None,) * (3 - len(data)))
    raise ValueError(
        "Expected a batch to be `x`, `(x, y)` or `(x, y, sample_weight)`, received a tuple of "
        f"{len(data)} parts. Several inputs go into one structure: `((x1, x2), y)`."
    )


@export("keras.utils.pack_x_y_sample_weight")
def pack_x_y_sample_weight(x: Any, y: Any = None, sample_weight: Any = None) -> Any:
    """Joins inputs, targets and weights into a batch; the inverse of `unpack_x_y_sample_weight`.

    Args:
        x: Inputs.
        y: Targets.
        sample_weight: Weights.

    Returns:
        `x` (as `(x,)` if it is a list or tuple), `(x, y)` or `(x, y, sample_weight)`.

    Example:

        >>> pack_x_y_sample_weight(1, 2)
        (1, 2)
    """
    if sample_weight is not None:
        return x, y, sample_weight
    if y is not None:
        return x, y
    return (x,) if isinstance(x, (list, tuple)) else x
