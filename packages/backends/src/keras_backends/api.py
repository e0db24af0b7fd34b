"""The `export` decorator: the public names of an object, written where it is defined.

`tools/api_gen.py` reads these names from the sources; at run time they only mark the object.
Used by every package above; nothing else belongs here.
"""

from collections.abc import Callable
from typing import Any, TypeVar

import namex

T = TypeVar("T", bound=Callable[..., Any])


class export(namex.export):
    """Declares the public names of a function or class; the first one is canonical.

    Args:
        path: A dotted name such as `"keras.ops.add"`, or a list of them. Saved files mention an
            object by its first name.

    Example:

        @export(["keras.ops.add", "keras.ops.numpy.add"])
        @op(shape=broadcast, dtype=promote)
        def add(x1: Tensor, x2: Tensor) -> Tensor: ...
    """

    def __init__(self, path: str | list[str]) -> None:
        super().__init__(package="keras", path=path)

    def __call__(self, symbol: T) -> T:
        return super().__call__(symbol)


def exported_names(symbol: object) -> list[str]:
    """Returns the public names of `symbol`, the canonical one first; empty when it has none."""
    own = symbol.__dict__ if isinstance(symbol, type) else vars(symbol)
    names = own.get("_api_export_path", ())
    return [names] if isinstance(names, str) else list(names)
