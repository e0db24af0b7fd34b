"""Layers that show how they were called, for the tests of calls: `test_call` and `test_call_*`."""

import numpy as np
from keras_layers.layer import Layer
from keras_ops import ops
from keras_ops.masks import set_mask


class Seen(Layer):
    """Remembers the `training` it was called with."""

    def __init__(self, default=None, **kwargs):
        super().__init__(**kwargs)
        self.log = []

    def call(self, x, training=None):
        self.log.append(training)
        return x


class Outer(Layer):
    """Calls a layer inside."""

    def __init__(self, inner, **inner_kwargs):
        super().__init__()
        self.inner = inner
        self.inner_kwargs = inner_kwargs

    def call(self, x, training=None):
        return self.inner(x, **self.inner_kwargs)


class Plain(Layer):
    """Calls a layer inside, without a `training` argument of its own."""

    def __init__(self, inner):
        super().__init__()
        self.inner = inner

    def call(self, x):
        return self.inner(x)


class TakesMask(Layer):
    def __init__(self):
        super().__init__()
        self.supports_masking = True
        self.masks = []

    def call(self, x, mask=None):
        self.masks.append(mask)
        return x * 1.0


def masked(shape=(2, 3, 1)):
    x = ops.ones(shape)
    set_mask(x, ops.convert_to_tensor(np.arange(6).reshape(2, 3) % 2 == 0))
    return x


class Recurrent(Layer):
    """Takes a second tensor, and a mask for the first."""

    def __init__(self):
        super().__init__()
        self.supports_masking = True

    def call(self, sequences, initial_state=None, mask=None):
        self.got = mask
        return sequences * 1.0
