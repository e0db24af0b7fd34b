"""Models: layers that can be trained, saved, summarised and cloned.

`Model`, `Sequential` and `Functional` live here, the first place where layers, training and saving
meet. Nothing is loaded before it is used.
"""

import importlib
from typing import TYPE_CHECKING, Any

from keras_backends.public_names import add_packages

if TYPE_CHECKING:
    from keras_models.cloning import clone_model as clone_model
    from keras_models.model import Functional as Functional
    from keras_models.model import Model as Model
    from keras_models.sequential import Sequential as Sequential

__version__ = "0.1.0"

add_packages(__name__)

_HOMES = {"Functional": "model", "Model": "model", "Sequential": "sequential", "clone_model": "cloning"}


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module 'keras_models' has no attribute {name!r}")
    return getattr(importlib.import_module(f"keras_models.{_HOMES[name]}"), name)


def __dir__() -> list[str]:
    return sorted(_HOMES)
