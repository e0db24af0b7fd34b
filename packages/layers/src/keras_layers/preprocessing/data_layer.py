"""`DataLayer`: base of layers that also run inside an input pipeline of another framework.

Where it is given tensors of TensorFlow, the layer computes with TensorFlow's kernels for the time of the call,
and returns such tensors. Other layers do so only in the graph of a pipeline; `keras_layers.pipelines` tells.
"""

from typing import Any

from keras_ops import ops
from keras_ops.state import backend_scope

from keras_layers.pipelines import foreign_backend
from keras_layers.preprocessing.whole_calls import WholeCalls


class DataLayer(WholeCalls):
    """Base of layers that prepare data."""

    def __call__(self, inputs: Any, *args: Any, **kwargs: Any) -> Any:
        backend = foreign_backend(inputs)
        if backend is None:
            return super().__call__(inputs, *args, **kwargs)
        with backend_scope(backend):
            return super().__call__(inputs, *args, **kwargs)

    def convert_weight(self, weight: Any) -> Any:
        """Returns a weight as a tensor of the backend that the call under way computes with."""
        return ops.convert_to_tensor(weight)
