"""Texts shared by the docstrings of a family of layers, written once and inserted.

`documented` fills `{placeholders}` of a docstring; the texts stand beside the families.
"""

from collections.abc import Callable
from types import FunctionType
from typing import Any

from keras_ops.documentation import documented as documented

INPUTS = {
    1: """Tensor of shape `(batch, steps, channels)`, or `(batch, channels, steps)` with
    `data_format="channels_first"`.""",
    2: """Tensor of shape `(batch, height, width, channels)`, or `(batch, channels, height, width)` with
    `data_format="channels_first"`.""",
    3: """Tensor of shape `(batch, depth, height, width, channels)`, or `(batch, channels, depth, height,
    width)` with `data_format="channels_first"`.""",
}
"""What the layers over one, two and three dimensions are called on."""


def with_defaults(function: Callable[..., Any], **defaults: Any) -> Any:
    """Returns a copy of a function with other default values, for members of a family.

    Args:
        function: A plain function such as a base's `__init__`.
        **defaults: Parameter -> default.

    Example:

        >>> def area(width=1, height=1):
        ...     return width * height
        >>> with_defaults(area, height=3)(2)
        6
    """
    assert isinstance(function, FunctionType)
    code = function.__code__
    names = code.co_varnames[: code.co_argcount]
    values = dict(zip(names[len(names) - len(function.__defaults__ or ()) :], function.__defaults__ or ()))
    values.update(defaults)
    copy = FunctionType(
        code,
        function.__globals__,
        function.__name__,
        tuple(values[name] for name in names if name in values),
        function.__closure__,
    )
    copy.__kwdefaults__ = function.__kwdefaults__
    copy.__annotations__ = dict(function.__annotations__)
    copy.__doc__ = function.__doc__
    copy.__qualname__ = function.__qualname__
    return copy
