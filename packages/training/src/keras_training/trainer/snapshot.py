"""`Snapshot`: which layers, variables, optimizer and metrics a model had when its functions were made, and how.

Training takes one when it makes a function, and looks again only when `keras_ops.revision` says that
something changed somewhere; a model that has changed gets its functions made anew.
"""

from typing import Any

from keras_ops.revision import revision
from keras_ops.variable import Variable

_FLAGS = ("trainable", "dtype_policy", "regularizer", "constraint", "_revised")
"""What compiled functions have taken in of layers, variables, the optimizer and metrics."""


class Snapshot:
    """What compiled functions of a model rely on; a plain object, which layers do not track.

    Args:
        model: The model.
    """

    def __init__(self, model: Any) -> None:
        self.revision = revision.number
        objects = [*model._flatten_layers(), *model.variables, model.optimizer, *model.metrics]
        # Some layers do other things when they are frozen, so their flags count beside the variables'.
        self.flags = [(x, tuple([getattr(x, name, None) for name in _FLAGS])) for x in objects]
        self.trained: list[Variable] = list(model.trainable_variables)

    def agrees(self, other: "Snapshot") -> bool:
        """Says whether functions made for the one are right for the other."""
        return (
            len(self.flags) == len(other.flags)
            and all(a is b and x == y for (a, x), (b, y) in zip(self.flags, other.flags))
            and same(self.trained, other.trained)
        )


def same(a: list[Any], b: list[Any]) -> bool:
    """Says whether two lists hold the same objects in the same order."""
    return len(a) == len(b) and all(x is y for x, y in zip(a, b))
