"""Functional models: a graph of layers between `keras.Input`s and outputs.

The graph itself, and running it, is `keras_ops.graph.Function`; here are the structures of inputs
that a user may pass, and the reading and writing of the graph as a config.
"""

from collections.abc import Callable, Mapping
from typing import Any

from keras_layers.core.input_layer import Input, InputLayer
from keras_layers.layer import Layer
from keras_ops import ops, tree
from keras_ops.graph import Function, Operation
from keras_ops.masks import set_mask
from keras_ops.registry import saved_as
from keras_ops.tensor import KerasTensor

from keras_models.graph_config import write_graph
from keras_models.model import Model


@saved_as("keras.src.models.functional")
class Functional(Function, Model):
    """A model made of the graph between its inputs and outputs; `keras.Model(inputs, outputs)`.

    Args:
        inputs: KerasTensors from `keras.Input`, one or nested in lists and dicts.
        outputs: KerasTensors made from them by layers and operations, likewise.
        name: Name of the model.
        trainable: Whether its variables are trainable.
    """

    def __init__(self, inputs: Any, outputs: Any, name: str | None = None, **kwargs: Any) -> None:
        if getattr(self, "_functional_ready", False):
            return
        trainable = kwargs.pop("trainable", True)
        inputs, outputs = _without_repeats(inputs, outputs)
        Model.__init__(self, name=name, **kwargs)
        Function.__init__(self, inputs, outputs, name=self.name)
        self._functional_ready = True
        self._layers_of_graph = [o for o in self.operations if isinstance(o, Layer)]
        self._input_names = [x._keras_history.operation.name for x in self._inputs]
        self.built = True
        if not trainable:
            # The default must not thaw layers that were frozen one by one.
            self.trainable = False

    # Structure

    @property
    def layers(self) -> list[Layer]:
        return list(self._layers_of_graph)

    @property
    def output_names(self) -> list[str]:
        """Names of the layers that make the outputs; losses and metrics of several outputs go by them."""
        return [x._keras_history.operation.name for x in self._outputs]

    @property
    def input(self) -> Any:
        """The symbolic inputs in the structure they were given in."""
        return self._inputs_struct

    @property
    def output(self) -> Any:
        """The symbolic outputs in the structure they were given in."""
        return self._outputs_struct

    @property
    def input_shape(self) -> Any:
        """Shapes of the inputs, in their structure."""
        return tree.map_structure(lambda x: x.shape, self._inputs_struct)

    @property
    def output_shape(self) -> Any:
        """Shapes of the outputs, in their structure."""
        return tree.map_structure(lambda x: x.shape, self._outputs_struct)

    # Calling

    def call(self, inputs: Any, training: bool | None = None, mask: Any = None, **kwargs: Any) -> Any:
        flat = self._flat_inputs(inputs)
        if mask is not None:
            for x, m in zip(flat, tree.flatten(mask)):
                if m is not None:
                    set_mask(x, m)
        return self.pack(self._plan.run(flat, itself))

    def compute_output_spec(self, inputs: Any, training: bool | None = None, mask: Any = None) -> Any:
        return Layer.compute_output_spec(self, inputs, training=training, mask=mask)

    def compute_output_shape(self, input_shape: Any) -> Any:
        return Function.compute_output_shape(self, input_shape)

    def _flat_inputs(self, inputs: Any) -> list[Any]:
        """Flattens what the user passed into the order of the graph's inputs, ranks adjusted."""
        if len(self._inputs) == 1 and not isinstance(inputs, (list, tuple, dict)):
            flat = [inputs]
        else:
            flat = self._arranged(inputs)
        return [with_rank(x, spec, self) for x, spec in zip(flat, self._inputs)]

    def _arranged(self, inputs: Any) -> list[Any]:
        if isinstance(inputs, Mapping):
            return self._from_dict(inputs)
        flat = tree.flatten(inputs)
        if len(flat) != len(self._inputs):
            raise ValueError(
                f"Model {self.name!r} expects {len(self._inputs)} inputs {self._input_names}, "
                f"received {len(flat)}."
            )
        return flat

    def _from_dict(self, inputs: Mapping[str, Any]) -> list[Any]:
        struct = self._inputs_struct
        if (
            isinstance(struct, Mapping)
            and set(struct) <= set(inputs)
            and not any(isinstance(value, (list, tuple, dict)) for value in struct.values())
        ):
            return tree.flatten({key: inputs[key] for key in struct})
        missing = [name for name in self._input_names if name not in inputs and not self._is_optional(name)]
        if missing:
            raise ValueError(
                f"Model {self.name!r} expects inputs named {self._input_names}, but {missing} "
                f"are missing; received {sorted(inputs)}."
            )
        return [inputs.get(name) for name in self._input_names]

    def _is_optional(self, name: str) -> bool:
        return bool(getattr(self.get_layer(name), "optional", False))

    # Config

    def get_build_config(self) -> dict[str, Any]:
        """A graph is built by its config; files say so in this way."""
        return {"input_shape": None}

    def get_config(self) -> dict[str, Any]:
        if not _is_plain_functional(type(self)):
            return Model.get_config(self)
        config = {"name": self.name, "trainable": self.trainable}
        return {**config, **write_graph(self)}


def _is_plain_functional(cls: type) -> bool:
    """Says whether the constructor takes inputs and outputs, so that the graph is the config."""
    if cls is Functional:
        return True
    names = cls.__init__.__code__.co_varnames if hasattr(cls.__init__, "__code__") else ()
    return "inputs" in names and "outputs" in names


def itself(operation: Operation) -> Callable[..., Any]:
    return operation


def with_rank(x: Any, spec: KerasTensor, model: Model) -> Any:
    """Adds or drops a last axis of size 1 where only that tells an input from its spec."""
    shape = getattr(x, "shape", None)
    if shape is None:
        return x
    rank, expected = len(shape), len(spec._shape)
    if rank == expected:
        return x
    if rank == expected + 1 and shape[-1] == 1:
        return ops.squeeze(x, axis=-1)
    if rank == expected - 1 and spec._shape[-1] == 1:
        return ops.expand_dims(x, axis=-1)
    raise ValueError(
        f"Model {model.name!r}: input {spec._keras_history.operation.name!r} expects shape "
        f"{spec._shape}, received a tensor of shape {tuple(shape)}."
    )


def _without_repeats(inputs: Any, outputs: Any) -> tuple[Any, Any]:
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
    fresh = tree.map_structure(lambda x: Input(batch_shape=x.shape, dtype=x.dtype, sparse=x.sparse), inputs)
    return fresh, part.pack(part._plan.run(tree.flatten(fresh), itself))
