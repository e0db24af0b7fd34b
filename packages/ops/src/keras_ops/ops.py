"""All operations in one flat namespace: `from keras_ops import ops; ops.add(x, y)`.

Every operation is declared in a module of `keras_ops.operations`; this module collects those that
are exported below `keras.ops`, and nothing else.
"""

import importlib
import pkgutil
from typing import TYPE_CHECKING

from keras_backends.api import exported_names

from keras_ops import operations, operators

if TYPE_CHECKING:
    from keras_ops.operations.core import *  # noqa: F403


def _collect() -> dict[str, object]:
    found: dict[str, object] = {}
    for info in pkgutil.iter_modules(operations.__path__, operations.__name__ + "."):
        for value in vars(importlib.import_module(info.name)).values():
            if callable(value) and not isinstance(value, type):
                for name in exported_names(value):
                    if name.startswith("keras.ops."):
                        found.setdefault(name.rpartition(".")[2], value)
    return found


globals().update(_collect())
operators.attach(globals())
