"""Texts shared by the docstrings of a family of layers, written once and inserted.

`documented` fills `{placeholders}` of a class's docstring; the texts stand beside the families.
"""

import textwrap
from collections.abc import Callable
from types import FunctionType
from typing import Any, TypeVar

C = TypeVar("C", bound=type)

LAYER_ARGUMENTS = "**kwargs: Arguments of `keras.Layer`, such as `name` and `dtype`."


def documented(**texts: str) -> Callable[[C], C]:
    """Fills the placeholders of a class's docstring.

    Args:
        **texts: Text for each placeholder; further lines get its indentation.

    Example:

        >>> @documented(size="one")
        ... class Box:
        ...     "A box of size {size}."
        >>> Box.__doc__
        'A box of size one.'
    """

    def fill(cls: C) -> C:
        doc = cls.__doc__ or ""
        for name, text in texts.items():
            mark = "{" + name + "}"
            start = doc.find(mark)
            if start >= 0:
                indent = " " * (start - doc.rfind("\n", 0, start) - 1)
                text = textwrap.indent(textwrap.dedent(text).strip(), indent).strip()
                doc = doc.replace(mark, text)
        cls.__doc__ = doc
        return cls

    return fill


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
