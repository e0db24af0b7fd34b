"""Texts shared by the docstrings of a family, written once and inserted.

`documented` fills `{placeholders}` of the docstring of an operation or a class; the texts stand
beside the families.
"""

import textwrap
from collections.abc import Callable
from typing import TypeVar

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

    def fill(target: T) -> T:
        doc = target.__doc__ or ""
        for name, text in texts.items():
            mark = "{" + name + "}"
            start = doc.find(mark)
            if start >= 0:
                line = doc[doc.rfind("\n", 0, start) + 1 : start]
                indent = line[: len(line) - len(line.lstrip())]
                text = textwrap.indent(textwrap.dedent(text).strip(), indent).strip()
                doc = doc.replace(mark, text)
        target.__doc__ = doc
        return target

    return fill
