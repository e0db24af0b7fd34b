"""Layers, regularizers and constraints for JAX, PyTorch, TensorFlow, NumPy and OpenVINO.

    from keras_layers.core.dense import Dense

Every layer is in a module of its family; the `keras` package gathers them under `keras.layers`.
Nothing is loaded before it is imported.
"""

from keras_backends.public_names import add_packages

__version__ = "0.1.0"

add_packages(__name__)
