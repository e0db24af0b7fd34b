"""The operations, declared a family to a module. A module is loaded when the first of its operations is used."""

import importlib
import pkgutil

from keras_ops.op import OPERATIONS, Op


def all_operations() -> dict[str, Op]:
    """Loads every family and returns every operation by name."""
    for module in pkgutil.iter_modules(__path__, __name__ + "."):
        importlib.import_module(module.name)
    return OPERATIONS
