"""The `export` decorator: the public names of an object, written where it is defined.

`tools/api_gen.py` reads these names from the sources, so they are literals at the top level of a
module; at run time they only mark the object. Used by every package above; nothing else belongs here.
"""

from collections.abc import Callable
from typing import Any, TypeVar

import namex

T = TypeVar("T", bound=Callable[..., Any])


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
        if not isinstance(symbol, type):
            left_alone(symbol)
        return symbol


def left_alone(function: T) -> T:
    """Marks a function that TensorFlow's AutoGraph is to call as it is written, inside a user's `tf.function`.

    It would look for the sources of generated functions, and warn of each that has none.
    """
    function.autograph_info__ = {}  # type: ignore[attr-defined]
    return function


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
