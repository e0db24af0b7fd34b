"""Layers, regularizers and constraints for JAX, PyTorch, TensorFlow, NumPy and OpenVINO.

    from keras_layers import Dense, Layer

Every layer is in a module of its family and an attribute of this package; the `keras` package gathers
them under `keras.layers`. Nothing is loaded before it is used.
"""

from keras_backends.lazy import lazy
from keras_backends.public_names import add_packages

from keras_layers.exported import EXPORTED

__version__ = "0.1.0"

add_packages(__name__)

__getattr__, __dir__, __all__ = lazy(__name__, EXPORTED["keras"] | EXPORTED["keras.layers"])
