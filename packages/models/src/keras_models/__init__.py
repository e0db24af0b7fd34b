"""Models: layers that can be trained, saved, summarised and cloned.

`Model`, `Sequential` and `Functional` live here, the first place where layers, training and saving
meet. Nothing is loaded before it is used.
"""

from typing import TYPE_CHECKING

from keras_backends.lazy import lazy
from keras_backends.public_names import add_packages

if TYPE_CHECKING:
    from keras_models.cloning import clone_model as clone_model
    from keras_models.model import Functional as Functional
    from keras_models.model import Model as Model
    from keras_models.sequential import Sequential as Sequential

__version__ = "0.1.0"

add_packages(__name__)

__getattr__, __dir__, __all__ = lazy(
    __name__,
    {
        "Functional": "keras_models.model",
        "Model": "keras_models.model",
        "Sequential": "keras_models.sequential",
        "clone_model": "keras_models.cloning",
    },
)
