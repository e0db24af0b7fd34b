"""`Function`: a part of a graph between given inputs and outputs, as one operation.

Functional models and stacks run one; what it does at each call is its `Plan`.
"""

from collections.abc import Callable, Sequence
from typing import Any

from keras_backends.api import export

from keras_ops import tree
from keras_ops.graph import Node, Operation, map_graph
from keras_ops.inference import compute_output_spec
from keras_ops.naming import auto_name
from keras_ops.plan import Plan
from keras_ops.tensor import KerasTensor


@export("keras.Function")
class Function(Operation):
    """The part of a graph between some inputs and outputs, as one operation.

    Args:
        inputs: KerasTensors, one or nested in lists, tuples, dicts.
        outputs: KerasTensors that depend on `inputs`, likewise.
        name: Name.

    Example:

        >>> from keras_ops import ops
        >>> x = KerasTensor((None, 2))
        >>> f = Function(x, ops.add(x, 1.0))
        >>> [float(v) for v in f(ops.convert_to_tensor([[1.0, 2.0]]))[0]]
        [2.0, 3.0]
    """

    def __init__(self, inputs: Any, outputs: Any, name: str | None = None) -> None:
        super().__init__(name=name)
        self._inputs_struct = tree.map_structure(lambda x: x, inputs)
        self._outputs_struct = tree.map_structure(lambda x: x, outputs)
        self._inputs = tree.flatten(inputs)
        self._outputs = tree.flatten(outputs)
        if not self._inputs or not self._outputs:
            what = "outputs" if self._inputs else "inputs"
            raise ValueError(
                f"{type(self).__name__}: `{what}` must contain at least one KerasTensor, received none."
            )
        for what, tensors in (("inputs", self._inputs), ("outputs", self._outputs)):
            for x in tensors:
                if not isinstance(x, KerasTensor):
                    raise ValueError(
                        f"{type(self).__name__}: all `{what}` must be KerasTensors (from `keras.Input` or "
                        f"from calling layers and operations on one), received {x!r} of type {type(x).__name__}."
                    )
        for x in self._inputs:
            if getattr(x, "_keras_history", None) is None:
                InputOperation(x)
        self._graph = map_graph(self._inputs, self._outputs)
        self._plan = Plan(self._graph, self._inputs, self._outputs)

    @property
    def inputs(self) -> list[KerasTensor]:
        """The inputs as a flat list."""
        return self._inputs

    @property
    def outputs(self) -> list[KerasTensor]:
        """The outputs as a flat list."""
        return self._outputs

    @property
    def operations(self) -> list[Operation]:
        """The operations of the graph, in the order in which they can run."""
        return self._graph.operations[:]

    def call(self, inputs: Any) -> Any:
        """Computes the outputs for a structure of tensors like `inputs` of the constructor."""
        flat = tree.flatten(inputs)
        if len(flat) != len(self._inputs):
            raise ValueError(
                f"{type(self).__name__} {self.name!r} expects {len(self._inputs)} inputs, received {len(flat)}."
            )
        return self.pack(self._plan.run(flat, _itself))

    def compute_output_spec(self, inputs: Any) -> Any:
        tree.assert_same_structure(inputs, self._inputs_struct)
        return compute_output_spec(self.call, inputs)

    def compute_output_shape(self, input_shape: Any) -> Any:
        """Returns the shapes of the outputs for the shapes of the inputs."""
        specs = tree.map_shape_structure(lambda shape: KerasTensor(shape), input_shape)
        specs = [KerasTensor(x.shape, dtype=like.dtype) for x, like in zip(tree.flatten(specs), self._inputs)]
        packed = tree.pack_sequence_as(self._inputs_struct, specs)
        return tree.map_structure(lambda x: x.shape, compute_output_spec(self.call, packed))

    def pack(self, flat: Sequence[Any]) -> Any:
        """Arranges a flat list of outputs in the structure of the constructor's `outputs`."""
        if isinstance(self._outputs_struct, KerasTensor):
            return flat[0]
        return tree.pack_sequence_as(self._outputs_struct, list(flat))


class InputOperation(Operation):
    """The source of a KerasTensor that a user made by hand and starts a Function with."""

    def __init__(self, tensor: KerasTensor) -> None:
        super().__init__(name=auto_name("input"))
        Node(self, (), {}, tensor)

    def call(self) -> Any:
        raise ValueError("The input of a graph can not be called.")


def _itself(operation: Operation) -> Callable[..., Any]:
    return operation
