"""The kit that tests a layer from one line: its class, its arguments and an input shape.

from keras_layers.testing import layer_test
layer_test(Dense, {"units": 3}, (2, 4))
"""

from keras_layers.testing.kit import Sample, layer_test

__all__ = ["Sample", "layer_test"]
