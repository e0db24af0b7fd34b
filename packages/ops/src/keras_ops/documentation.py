"""Texts shared by the docstrings of a family, written once and inserted.

`documented` fills `{placeholders}` of the docstring of an operation or a class, `continued` takes what
follows the summary from another object. The texts of operations are in `texts`, or beside a family.
"""

import textwrap
from collections.abc import Callable
from typing import Any, TypeVar

T = TypeVar("T")


def documented(**texts: str) -> Callable[[T], T]:
    """Fills the placeholders of a docstring.

    Args:
        **texts: Text for each placeholder; further lines are indented as the line that it stands in.

    Example:

        >>> @documented(size="one")
        ... class Box:
        ...     "A box of size {size}."
        >>> Box.__doc__
        'A box of size one.'
    """
    marks = {"{" + name + "}": textwrap.dedent(text).strip() for name, text in texts.items()}

    def fill(target: T) -> T:
        doc = target.__doc__ or ""
        for mark, text in marks.items() if "{" in doc else ():
            start = doc.find(mark)
            if start >= 0:
                line = doc[doc.rfind("\n", 0, start) + 1 : start]
                indent = line[: len(line) - len(line.lstrip())]
                doc = doc.replace(mark, textwrap.indent(text, indent).strip())
        target.__doc__ = doc or None
        return target

    return fill


def continued(source: Any) -> Callable[[T], T]:
    """Appends to a docstring of one sentence what the docstring of `source` says after its own first one.

    For a function that is documented where `source` is, such as an activation function and its operation.

    Args:
        source: An object with a docstring of several paragraphs.

    Example:

        >>> def double(x):
        ...     \"\"\"Doubles a number.
        ...
        ...     Args:
        ...         x: The number.
        ...     \"\"\"
        >>> @continued(double)
        ... def twice(x):
        ...     "Returns `2 * x`."
        >>> print(twice.__doc__)
        Returns `2 * x`.
        <BLANKLINE>
            Args:
                x: The number.
    """

    def fill(target: T) -> T:
        if target.__doc__ and source.__doc__:
            target.__doc__ += "\n\n" + source.__doc__.partition("\n\n")[2]
        return target

    return fill
