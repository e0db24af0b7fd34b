"""`DataLayer`: base of layers that also run inside an input pipeline of another framework.

In a `tf.data` pipeline the tensors are TensorFlow's whatever the backend is: the layer then computes
with TensorFlow's kernels for the time of the call.
"""

import sys
from collections.abc import Mapping
from typing import Any, ClassVar

from keras_backends.selection import active, load
from keras_ops import ops, tree
from keras_ops.state import backend_scope

from keras_layers.layer import Layer
from keras_layers.preprocessing.whole_calls import Programs, changed

PIPELINES = {"tensorflow": "tensorflow"}
"""Modules whose tensors a pipeline may hand over, and the backends that compute with them."""


class DataLayer(Layer):
    """Base of layers that prepare data."""

    runs_whole: ClassVar[bool] = False
    """Whether a call is a function of tensors and the layer's variables only, so that it may be one program."""

    autograph_info__: ClassVar[Mapping[str, Any]] = {}
    """What has this attribute is left alone by AutoGraph, which rewrites other functions that `tf.data` maps."""

    def __init__(self, **kwargs: Any) -> None:
        self.__dict__.update(_programs=Programs(), _in_program=False)
        super().__init__(**kwargs)

    def __setattr__(self, name: str, value: Any) -> None:
        if self.__dict__.get("_in_program"):
            changed()
        super().__setattr__(name, value)

    def __call__(self, inputs: Any, *args: Any, **kwargs: Any) -> Any:
        backend = _foreign_backend(inputs)
        if backend is None:
            return super().__call__(inputs, *args, **kwargs)
        with backend_scope(backend):
            return super().__call__(inputs, *args, **kwargs)

    def convert_weight(self, weight: Any) -> Any:
        """Returns a weight as a tensor of the backend that the call under way computes with."""
        return ops.convert_to_tensor(weight)


def _foreign_backend(inputs: Any) -> Any:
    """The backend of tensors that are not those of the selected one, `None` if there are none."""
    own = active()
    for module, name in PIPELINES.items():
        if module in sys.modules and name != own.name:
            leaf = next(iter(tree.flatten(inputs)), None)
            if hasattr(leaf, "dtype") and not own.is_tensor(leaf) and load(name).is_tensor(leaf):
                return load(name)
    return None
