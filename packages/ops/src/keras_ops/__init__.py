"""Operations on tensors for JAX, PyTorch, TensorFlow, NumPy and OpenVINO.

    import keras_ops as ops
    ops.add([1.0, 2.0], 3.0)

Every operation is an attribute of this package, beside `Variable`, `KerasTensor`, `Function` and
the modules `random`, `tree`, `initializers`, `activations`. Nothing is loaded before it is used.
"""

import importlib
import importlib.util
from typing import TYPE_CHECKING, Any

from keras_backends.public_names import add_packages

if TYPE_CHECKING:
    from keras_ops.function import Function as Function
    from keras_ops.graph import Operation as Operation
    from keras_ops.ops import *  # noqa: F403
    from keras_ops.state import StatelessScope as StatelessScope
    from keras_ops.state import SymbolicScope as SymbolicScope
    from keras_ops.state import device as device
    from keras_ops.state import name_scope as name_scope
    from keras_ops.tensor import KerasTensor as KerasTensor
    from keras_ops.variable import Variable as Variable

__version__ = "0.1.0"

add_packages(__name__)

_CLASSES = {
    "Function": "function",
    "KerasTensor": "tensor",
    "Operation": "graph",
    "StatelessScope": "state",
    "SymbolicScope": "state",
    "Variable": "variable",
    "device": "state",
    "name_scope": "state",
}
_MODULES = ("activations", "initializers", "ops", "random", "tree")


def __getattr__(name: str) -> Any:
    if name.startswith("__"):
        raise AttributeError(f"module 'keras_ops' has no attribute {name!r}")
    if importlib.util.find_spec(f"keras_ops.{name}"):
        return importlib.import_module(f"keras_ops.{name}")
    ops = importlib.import_module("keras_ops.ops")  # layering: lazy edge, which attaches the operators
    home = importlib.import_module(f"keras_ops.{_CLASSES[name]}") if name in _CLASSES else ops
    try:
        value = getattr(home, name)
    except AttributeError:
        raise AttributeError(f"module 'keras_ops' has no attribute {name!r}") from None
    globals()[name] = value  # The next look is a plain one.
    return value


def __dir__() -> list[str]:
    ops = importlib.import_module("keras_ops.ops")  # layering: lazy edge, which attaches the operators
    return sorted({*_CLASSES, *_MODULES, *ops.__all__})
