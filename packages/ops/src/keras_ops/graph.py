"""Graphs of operations: `Operation`, `Node`, and the nodes between given tensors.

An Operation is an object that maps tensors to tensors; called on KerasTensors it records a Node. Layers
derive from it. What runs a part of a graph is in `plan` and `function`.
"""

from collections.abc import Callable, Iterator, Sequence
from typing import Any, NamedTuple

from keras_backends.api import export

from keras_ops import tree
from keras_ops.configurable import Configurable
from keras_ops.inference import compute_output_spec
from keras_ops.naming import auto_name, checked_name
from keras_ops.tensor import KerasTensor


class KerasHistory(NamedTuple):
    """Where a KerasTensor comes from."""

    operation: "Operation"
    node_index: int
    tensor_index: int


def origin(x: KerasTensor) -> int:
    """What tells apart the tensors of a graph: their origin, which a cast one shares with what was cast."""
    return id(getattr(x, "_keras_history", x))


def any_symbolic(args: Any, kwargs: Any = None) -> bool:
    """Says whether a KerasTensor is anywhere among the arguments of a call."""
    for x in args:
        if isinstance(x, KerasTensor):
            return True
        if isinstance(x, (list, tuple, dict)) and any(
            isinstance(leaf, KerasTensor) for leaf in tree.flatten(x)
        ):
            return True
    return bool(kwargs) and any_symbolic(kwargs.values())


@export("keras.Operation")
class Operation(Configurable):
    """Maps tensors to tensors; called on KerasTensors it becomes a step of a graph.

    Subclasses implement `call`, and `compute_output_spec` where shapes and dtypes of the result
    can not be inferred by running `call` on KerasTensors.

    Args:
        name: Name, without slashes; made from the class name by default.

    Example:

        >>> from keras_ops import ops
        >>> class Double(Operation):
        ...     def call(self, x):
        ...         return ops.add(x, x)
        >>> Double()(KerasTensor((None, 2))).shape
        (None, 2)
    """

    default_name: str | None = None

    def __init__(self, name: str | None = None) -> None:
        if name is None:
            self.name = auto_name(self.default_name or type(self).__name__)
        else:
            self.name = checked_name(type(self).__name__, name)
        self._inbound_nodes: list[Node] = []
        self._outbound_nodes: list[Node] = []

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        if any_symbolic(args, kwargs):
            return self.symbolic_call(*args, **kwargs)
        return self.call(*args, **kwargs)

    def call(self, *args: Any, **kwargs: Any) -> Any:
        raise NotImplementedError(f"{type(self).__name__} must implement `call`.")

    def quantized_call(self, *args: Any, **kwargs: Any) -> Any:
        raise NotImplementedError(f"{type(self).__name__} has no quantized form.")

    def rematerialized_call(self, fn: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
        """Calls `fn` so that its intermediate results are computed again for the gradient."""
        raise NotImplementedError(f"{type(self).__name__} can not be rematerialized.")

    def symbolic_call(self, *args: Any, **kwargs: Any) -> Any:
        """Infers the specs of the outputs and records a node."""
        outputs = self.compute_output_spec(*args, **kwargs)
        Node(self, args, kwargs, outputs)
        return outputs

    def compute_output_spec(self, *args: Any, **kwargs: Any) -> Any:
        """Returns KerasTensors with the shapes and dtypes that `call` would return."""
        return compute_output_spec(self.call, *args, **kwargs)

    def replayed_kwargs(self, kwargs: dict[str, Any]) -> dict[str, Any]:
        """Returns the keyword arguments of a recorded call that are passed again when its graph runs."""
        return kwargs

    @property
    def input(self) -> Any:
        """The symbolic input of the only call.

        Raises:
            ValueError: If it was not called exactly once.
        """
        return self._only_node("input").input_structure

    @property
    def output(self) -> Any:
        """The symbolic output of the only call.

        Raises:
            ValueError: If it was not called exactly once.
        """
        return self._only_node("output").outputs

    def _only_node(self, what: str) -> "Node":
        if len(self._inbound_nodes) != 1:
            raise ValueError(
                f"{type(self).__name__} {self.name!r} was called on symbolic inputs "
                f"{len(self._inbound_nodes)} times, so its `{what}` is not defined; expected one call."
            )
        return self._inbound_nodes[0]


class Node:
    """One call of an operation on KerasTensors.

    Args:
        operation: The operation called.
        args: Positional arguments of the call.
        kwargs: Keyword arguments of the call.
        outputs: What it returned.
    """

    __slots__ = ("__weakref__", "args", "input_tensors", "kwargs", "operation", "output_tensors", "outputs")

    def __init__(
        self, operation: Operation, args: tuple[Any, ...], kwargs: dict[str, Any], outputs: Any
    ) -> None:
        self.operation = operation
        self.args = args
        self.kwargs = kwargs
        self.outputs = outputs
        self.input_tensors = _keras_tensors(args, kwargs)
        self.output_tensors = (
            [outputs]
            if isinstance(outputs, KerasTensor)
            else [x for x in tree.flatten(outputs) if isinstance(x, KerasTensor)]
        )
        index = len(operation._inbound_nodes)
        for i, x in enumerate(self.output_tensors):
            if x.record_history:
                x._keras_history = KerasHistory(operation, index, i)
        operation._inbound_nodes.append(self)
        for x in self.input_tensors:
            history = getattr(x, "_keras_history", None)
            if history is not None:
                history.operation._outbound_nodes.append(self)

    @property
    def input_structure(self) -> Any:
        """The first argument if it is the only one, else all."""
        if len(self.args) == 1 and not _keras_tensors((), self.kwargs):
            return self.args[0]
        return self.input_tensors if len(self.input_tensors) != 1 else self.input_tensors[0]

    @property
    def parent_nodes(self) -> list["Node"]:
        """Nodes that made the inputs, each once, in the order of the inputs."""
        nodes = {}
        for x in self.input_tensors:
            history = getattr(x, "_keras_history", None)
            if history is not None:
                node = history.operation._inbound_nodes[history.node_index]
                nodes[id(node)] = node
        return list(nodes.values())

    @property
    def is_input(self) -> bool:
        return not self.input_tensors

    def __repr__(self) -> str:
        return f"<Node operation={self.operation.name!r}>"


def _keras_tensors(args: tuple[Any, ...], kwargs: dict[str, Any]) -> list[KerasTensor]:
    found = []
    for x in (*args, *kwargs.values()) if kwargs else args:
        if isinstance(x, KerasTensor):
            found.append(x)
        elif isinstance(x, (list, tuple, dict)):
            found += [leaf for leaf in tree.flatten(x) if isinstance(leaf, KerasTensor)]
    return found


class GraphMap(NamedTuple):
    """A graph in execution order.

    Attributes:
        nodes: Nodes, parents before children.
        operations: Operations by decreasing depth (distance from the outputs), in the order in which
            a walk from the outputs meets them; this is also the order in files.
    """

    nodes: list[Node]
    operations: list[Operation]


def map_graph(inputs: Sequence[KerasTensor], outputs: Sequence[KerasTensor]) -> GraphMap:
    """Finds the nodes and operations between `inputs` and `outputs`.

    Raises:
        ValueError: If an output does not depend on the inputs alone, or names repeat.
    """
    stop = {origin(x) for x in inputs}
    finished: dict[int, Node] = {}
    order: dict[int, int] = {}
    for output in outputs:
        _walk(output, stop, finished, order)
    node_depths: dict[int, int] = {}
    depths: dict[int, int] = {}
    operations: dict[int, Operation] = {}
    for node in reversed(finished.values()):
        operation = node.operation
        depth = max(node_depths.get(id(node), 0), depths.get(id(operation), 0))
        node_depths[id(node)] = depths[id(operation)] = depth
        operations[id(operation)] = operation
        if any(origin(x) not in stop for x in node.output_tensors) or node.is_input:
            for parent in node.parent_nodes:
                if id(parent) in finished:
                    node_depths[id(parent)] = max(node_depths.get(id(parent), 0), depth + 1)
    for x in inputs:
        history = x._keras_history
        node = history.operation._inbound_nodes[history.node_index]
        if id(history.operation) not in operations:
            operations[id(history.operation)] = history.operation
            depths[id(history.operation)] = 0
            order[id(history.operation)] = -1
            finished[id(node)] = node
            node_depths[id(node)] = 0
    ordered = sorted(operations.values(), key=lambda o: (-depths[id(o)], order[id(o)]))
    nodes = sorted(finished.values(), key=lambda n: (-node_depths[id(n)], order[id(n.operation)]))
    _check_names(ordered)
    return GraphMap(nodes, ordered)


def _walk(output: KerasTensor, stop: set[int], finished: dict[int, Node], order: dict[int, int]) -> None:
    """Visits the nodes that `output` depends on, depth first, without recursion."""
    pending: list[tuple[KerasTensor, Iterator[KerasTensor] | None]] = [(output, None)]
    while pending:
        x, rest = pending.pop()
        history = getattr(x, "_keras_history", None)
        if history is None:
            raise ValueError(
                f"The tensor {x!r} is needed for the outputs, but it is neither one of the inputs nor "
                "made from them by a layer or an operation. Start the graph at `keras.Input`."
            )
        node = history.operation._inbound_nodes[history.node_index]
        if rest is None:
            if id(node) in finished:
                continue
            order.setdefault(id(history.operation), len(order))
            rest = iter(() if origin(x) in stop else node.input_tensors)
            if node.is_input and origin(x) not in stop:
                raise ValueError(
                    f"The graph is disconnected: the outputs depend on input {x.name!r} of "
                    f"{history.operation.name!r}, which is not among the inputs."
                )
        child = next(rest, None)
        if child is None:
            finished.setdefault(id(node), node)
        else:
            pending.append((x, rest))
            pending.append((child, None))


def _check_names(operations: Sequence[Operation]) -> None:
    seen: dict[str, Operation] = {}
    for operation in operations:
        other = seen.setdefault(operation.name, operation)
        if other is not operation:
            raise ValueError(
                f"All names in a graph must be unique, but {operation.name!r} names both "
                f"{type(other).__name__} and {type(operation).__name__}. Pass `name=` to one of them."
            )
