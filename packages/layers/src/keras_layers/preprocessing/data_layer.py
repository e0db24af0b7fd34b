"""`DataLayer`: base of layers that also run inside an input pipeline of another framework.

Where it is given tensors of TensorFlow, the layer computes with TensorFlow's kernels for the time of the call,
and returns such tensors. Other layers do so only in the graph of a pipeline; `keras_layers.pipelines` tells.
"""

from typing import Any, ClassVar

from keras_ops import ops
from keras_ops.state import backend_scope

from keras_layers.layer import Layer
from keras_layers.pipelines import foreign_backend
from keras_layers.preprocessing.whole_calls import Programs, changed


class DataLayer(Layer):
    """Base of layers that prepare data."""

    runs_whole: ClassVar[bool] = False
    """Whether a call is a function of tensors and the layer's variables only, so that it may be one program."""

    def __init__(self, **kwargs: Any) -> None:
        self.__dict__.update(_programs=Programs(), _in_program=False)
        super().__init__(**kwargs)

    def __setattr__(self, name: str, value: Any) -> None:
        if self.__dict__.get("_in_program"):
            changed()
        super().__setattr__(name, value)

    def __call__(self, inputs: Any, *args: Any, **kwargs: Any) -> Any:
        backend = foreign_backend(inputs)
        if backend is None:
            return super().__call__(inputs, *args, **kwargs)
        with backend_scope(backend):
            return super().__call__(inputs, *args, **kwargs)

    def convert_weight(self, weight: Any) -> Any:
        """Returns a weight as a tensor of the backend that the call under way computes with."""
        return ops.convert_to_tensor(weight)
