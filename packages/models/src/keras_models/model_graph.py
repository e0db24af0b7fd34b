"""The graph of a functional model: what lies between the `keras.Input`s and the outputs.

`ModelGraph` is a `keras_ops.function.Function` that takes inputs in the structures that users of models
pass. `keras_models.model` holds one per functional model; configs are in `graph_config`.
"""

import warnings
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
from keras_layers.core.input_layer import Input, InputLayer
from keras_layers.layer import Layer
from keras_ops import ops, tree
from keras_ops.function import Function
from keras_ops.graph import Operation
from keras_ops.masks import masked
from keras_ops.tensor import KerasTensor


class ModelGraph(Function):
    """The graph of a functional model.

    Args:
        inputs: KerasTensors from `keras.Input`, one or nested in lists and dicts.
        outputs: KerasTensors made from them by layers and operations, likewise.
        name: Name of the model.
    """

    def __init__(self, inputs: Any, outputs: Any, name: str) -> None:
        super().__init__(inputs, outputs, name=name)
        self.layers = [o for o in self.operations if isinstance(o, Layer)]
        self.input_names = [x._keras_history.operation.name for x in self._inputs]
        self.output_names = [x._keras_history.operation.name for x in self._outputs]

    def call(self, inputs: Any, mask: Any = None) -> Any:
        """Computes the outputs.

        Args:
            inputs: Tensors in the structure of the graph's inputs, in a flat list, or in a dict by name.
            mask: Masks of the inputs, likewise.
        """
        flat = self._flat_inputs(inputs)
        if mask is None:
            return self.pack(self._plan.run(flat, itself))
        with masked(flat, tree.flatten(mask)):
            return self.pack(self._plan.run(flat, itself))

    def _flat_inputs(self, inputs: Any) -> list[Any]:
        """Flattens what the user passed into the order of the graph's inputs, ranks adjusted."""
        if len(self._inputs) == 1 and not isinstance(inputs, (list, tuple, dict)):
            flat = [inputs]
        else:
            flat = self._arranged(inputs)
        return [with_rank(x, spec, self.name) for x, spec in zip(flat, self._inputs)]

    def _arranged(self, inputs: Any) -> list[Any]:
        if isinstance(inputs, Mapping):
            return self._from_dict(inputs)
        flat = tree.flatten(inputs)
        if len(flat) != len(self._inputs):
            raise ValueError(
                f"Model {self.name!r} expects {len(self._inputs)} inputs {self.input_names}, "
                f"received {len(flat)}."
            )
        return flat

    def _from_dict(self, inputs: Mapping[str, Any]) -> list[Any]:
        struct = self._inputs_struct
        if isinstance(struct, Mapping) and set(struct) <= set(inputs):
            flat = tree.flatten({key: inputs[key] for key in struct})
            if len(flat) == len(self._inputs) and _same_keys(struct, inputs):
                self._warn_of_others(inputs, list(struct))
                return flat
        optional = {layer.name for layer in self.layers if getattr(layer, "optional", False)}
        missing = [name for name in self.input_names if name not in inputs and name not in optional]
        if missing:
            raise ValueError(
                f"Model {self.name!r} expects inputs named {self.input_names}, but {missing} "
                f"are missing; received {sorted(inputs)}."
            )
        self._warn_of_others(inputs, self.input_names)
        return [inputs.get(name) for name in self.input_names]

    def _warn_of_others(self, inputs: Mapping[str, Any], known: list[str]) -> None:
        """Says which entries are not used, which may be misspelt ones of optional inputs."""
        others = [name for name in inputs if name not in known]
        if others:
            warnings.warn(
                f"Model {self.name!r} has inputs named {known}; {others} are not among them and are left out.",
                stacklevel=2,
            )


def _same_keys(struct: Any, inputs: Any) -> bool:
    """Whether dicts inside the structure of a model's inputs have the keys of those that it is given."""
    if not isinstance(struct, Mapping):
        return not isinstance(inputs, Mapping)
    return isinstance(inputs, Mapping) and all(
        key in inputs and _same_keys(value, inputs[key]) for key, value in struct.items()
    )


def itself(operation: Operation) -> Callable[..., Any]:
    return operation


def with_rank(x: Any, spec: KerasTensor, model: str) -> Any:
    """Adds or drops a last axis of size 1 where only that tells an input from its spec."""
    shape = getattr(x, "shape", None)
    if shape is None:
        return x
    rank, expected = len(shape), len(spec._shape)
    if rank == expected:
        return x
    # Arrays stay such: of strings most backends have no tensors.
    namespace: Any = np if isinstance(x, np.ndarray) else ops
    if rank == expected + 1 and shape[-1] == 1:
        return namespace.squeeze(x, axis=-1)
    if rank == expected - 1 and spec._shape[-1] == 1:
        return namespace.expand_dims(x, axis=-1)
    raise ValueError(
        f"Model {model!r}: input {spec._keras_history.operation.name!r} expects shape "
        f"{spec._shape}, received a tensor of shape {tuple(shape)}."
    )


def from_fresh_inputs(inputs: Any, outputs: Any) -> tuple[Any, Any]:
    """Starts the model at fresh inputs where a given one is the result of a layer.

    `Model(base.layers[3].output, y)` cuts a graph in the middle: the part after the cut is called
    again on new `Input`s.
    """
    flat = tree.flatten(inputs)
    for x in flat:
        if not isinstance(x, KerasTensor):
            raise ValueError(
                f"Model: all `inputs` must be KerasTensors such as `keras.Input` returns, received {x!r}."
            )
    if all(isinstance(x._keras_history.operation, InputLayer) for x in flat if hasattr(x, "_keras_history")):
        return inputs, outputs
    part = Function(inputs, outputs)
    fresh = tree.map_structure(
        lambda x: Input(batch_shape=x.shape, dtype=x.dtype, sparse=x.sparse, ragged=x.ragged), inputs
    )
    return fresh, part.pack(part._plan.run(tree.flatten(fresh), itself))
