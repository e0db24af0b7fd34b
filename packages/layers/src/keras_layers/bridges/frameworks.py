"""What layers around foreign code share: finding the framework, and weights that live in it.

Frameworks are imported when such a layer is made. Which backends run their code is said by `Backend.foreign`.
"""

import importlib
from collections.abc import Callable
from typing import Any

from keras_backends.selection import active
from keras_ops import tree
from keras_ops.state import state
from keras_ops.tensor import KerasTensor
from keras_ops.variable import Variable

from keras_layers.layer import Layer


def foreign(owner: str, framework: str, where: str, error: type[Exception]) -> Callable[..., Any]:
    """Returns what makes functions of a framework's tensors functions of the backend's.

    Args:
        owner: Name of the class that asks.
        framework: Name of the framework.
        where: The backends that run its code, for the message.
        error: What to raise on other backends.
    """
    found = active().foreign.get(framework)
    if found is None:
        raise error(
            f"{owner} runs on {where}, the backend in use is {active().name!r}. Set KERAS_BACKEND before the first "
            "import of keras."
        )
    return found


def imported(owner: str, module: str, install: str) -> Any:
    """Imports an optional framework.

    Args:
        owner: Name of the class that needs it.
        module: Name of the module.
        install: Name to install it by.

    Raises:
        ImportError: If it is missing; the message says how to install it.

    Example:

        >>> imported("Example", "json", "json").__name__
        'json'
    """
    try:
        return importlib.import_module(module)
    except ImportError as error:
        raise ImportError(f"{owner} needs the package {install!r}: pip install {install}") from error


def adopt(layer: Layer, storage: Any, name: str, trainable: bool) -> Variable:
    """Makes a weight of a layer of what another framework keeps: both see what the other one writes.

    Args:
        layer: The layer.
        storage: A trainable tensor or variable of the backend's framework.
        name: Name of the weight.
        trainable: Whether optimizers change it.
    """
    with state.scope(name_scopes=(), stateless=None, autocast=None):
        variable = Variable(active().read(storage), trainable=trainable, name=name.replace("/", "."))
    variable._storage = storage
    with layer._tracker.unlocked():
        layer._track_variable(variable)
    return variable


def refuse_symbolic(*inputs: Any) -> None:
    """Says that foreign code does not run on KerasTensors, so that the backend traces it instead."""
    if any(isinstance(leaf, KerasTensor) for x in inputs for leaf in tree.flatten(x)):
        raise TypeError("Code of another framework does not run on a KerasTensor.")
