"""The `export` decorator: the public names of an object, written where it is defined.

`tools/api_gen.py` reads these names from the sources, so they are literals at the top level of a
module; at run time they only mark the object. Used by every package above; nothing else belongs here.
"""

from collections.abc import Callable
from typing import Any, TypeVar

import namex

T = TypeVar("T", bound=Callable[..., Any])

_symbols: dict[str, Any] = {}
"""Exported name -> object, for what has been imported so far."""


class export(namex.export):
    """Declares the public names of a function or class; the first one is canonical.

    It stands above a definition, or in an assignment at the top level of a module where the object
    comes out of a call: `Relu = export("keras.layers.Relu")(make_layer(relu))`.

    Args:
        path: A dotted name such as `"keras.ops.add"`, or a list of them, written as literals. Saved
            files mention an object by its first name.

    Example:

        @export(["keras.ops.add", "keras.ops.numpy.add"])
        @op(shape=broadcast, dtype=promote)
        def add(x1: Tensor, x2: Tensor) -> Tensor: ...
    """

    def __init__(self, path: str | list[str]) -> None:
        super().__init__(package="keras", path=path)

    def __call__(self, symbol: T) -> T:
        symbol = super().__call__(symbol)
        _symbols.update(dict.fromkeys(exported_names(symbol), symbol))
        return symbol


V = TypeVar("V")


def export_value(path: str | list[str], value: V) -> V:
    """Declares the public names of a plain value, and returns the value.

    A value cannot be marked, so `exported_names` does not know it. The result is assigned to a name
    at the top level of a module.

    Args:
        path: A dotted name, or a list of them, written as literals.
        value: Anything.

    Returns:
        `value` itself.

    Example:

        >>> limit = export_value("keras.config.LIMIT", 3)
    """
    return value


def exported_names(symbol: object) -> list[str]:
    """Returns the public names of `symbol`, the canonical one first; empty when it has none."""
    own = symbol.__dict__ if isinstance(symbol, type) else vars(symbol)
    names = own.get("_api_export_path", ())
    return [names] if isinstance(names, str) else list(names)


def exported_symbol(name: str) -> Any:
    """Returns the object with a public name if its module is imported, else `None`."""
    return _symbols.get(name)


def exported_symbols() -> dict[str, Any]:
    """Returns all public names known so far with their objects."""
    return dict(_symbols)
