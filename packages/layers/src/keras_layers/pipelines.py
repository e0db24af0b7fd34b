"""Which backend computes with the tensors of an input pipeline, if that is not the selected one.

In the `map` of a `tf.data` pipeline the tensors are TensorFlow's whatever the backend is: layers then compute
with TensorFlow's kernels for the time of the call. `call_stages` and the layers of `preprocessing` ask here.
"""

import sys
from typing import Any

from keras_backends.contract import Backend
from keras_backends.selection import active, load
from keras_ops import tree

PIPELINES = {"tensorflow": "tensorflow"}
"""Modules whose tensors a pipeline may hand over, and the backends that compute with them."""


def foreign_backend(inputs: Any) -> Backend | None:
    """Returns the backend of tensors that are not those of the selected one, `None` if there are none."""
    own = active()
    for module, name in PIPELINES.items():
        if module in sys.modules and name != own.name:
            leaf = next(iter(tree.flatten(inputs)), None)
            if hasattr(leaf, "dtype") and not own.is_tensor(leaf) and load(name).is_tensor(leaf):
                return load(name)
    return None


def graph_backend(inputs: Any) -> Backend | None:
    """Returns the backend of tensors of a graph, which have no values that could be brought over; else `None`."""
    backend = foreign_backend(inputs)
    return None if backend is None or hasattr(next(iter(tree.flatten(inputs))), "numpy") else backend
