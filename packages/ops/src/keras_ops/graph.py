"""Graphs of operations: `Operation`, `Node` and `Function`.

An Operation is an object that maps tensors to tensors; called on KerasTensors it records a Node.
A Function is a part of the recorded graph between given inputs and outputs, compiled once into a
flat plan. Layers derive from Operation, Functional models use Function.
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


def _place(x: KerasTensor) -> int:
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
    stop = {_place(x) for x in inputs}
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
        if any(_place(x) not in stop for x in node.output_tensors) or node.is_input:
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
            rest = iter(() if _place(x) in stop else node.input_tensors)
            if node.is_input and _place(x) not in stop:
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


class Step(NamedTuple):
    """One step of a plan: which operation, which slots it reads and writes."""

    node: Node
    simple: tuple[int, ...] | None
    """Slots of positional arguments, where all arguments are tensors."""
    arguments: Any
    """Otherwise: `(args, kwargs)` with `Slot` for tensors."""
    single: int
    """Slot of the only output, or -1."""
    outputs: tuple[int, ...]
    release: tuple[int, ...]
    """Slots not needed after this step."""


class Slot(int):
    """A place of the plan's table, standing for a tensor inside arguments."""


class Plan:
    """A graph as a flat list of steps over a table of slots, made once and run many times."""

    def __init__(
        self, graph: GraphMap, inputs: Sequence[KerasTensor], outputs: Sequence[KerasTensor]
    ) -> None:
        slots: dict[int, int] = {}
        for x in inputs:
            slots.setdefault(_place(x), len(slots))
        self.inputs = [slots[_place(x)] for x in inputs]
        given = set(slots)
        steps: list[tuple[Node, list[int], list[int]]] = []
        last_use: dict[int, int] = {}
        for node in graph.nodes:
            read, made = list(map(_place, node.input_tensors)), list(map(_place, node.output_tensors))
            if not read or given.issuperset(made):
                continue
            for place in read:
                last_use[place] = len(steps)
            for place in made:
                slots.setdefault(place, len(slots))
                last_use.setdefault(place, len(steps))
            steps.append((node, read, made))
        kept = {_place(x) for x in outputs}
        self.size = len(slots)
        self.outputs = [slots[_place(x)] for x in outputs]
        self.steps = []
        for i, (node, read, made) in enumerate(steps):
            release = tuple([slots[x] for x in {*read, *made} if last_use[x] == i and x not in kept])
            self.steps.append(_step(node, slots, tuple([slots[x] for x in made]), release))

    def run(self, inputs: Sequence[Any], call: Callable[[Operation], Callable[..., Any]]) -> list[Any]:
        """Runs the steps.

        Args:
            inputs: A tensor for each input.
            call: From an operation to the function that is called in its place.
        """
        table: list[Any] = [None] * self.size
        for slot, x in zip(self.inputs, inputs):
            table[slot] = x
        for node, simple, arguments, single, outputs, release in self.steps:
            function = call(node.operation)
            if simple is not None:
                result = (
                    function(table[simple[0]]) if len(simple) == 1 else function(*[table[i] for i in simple])
                )
            else:
                args, kwargs = _fill(arguments, table)
                result = function(*args, **kwargs)
            if single >= 0:
                table[single] = result
            else:
                leaves = [result] if len(outputs) == 1 else tree.flatten(result)
                for slot, leaf in zip(outputs, leaves):
                    table[slot] = leaf
            for slot in release:
                table[slot] = None
        return [table[slot] for slot in self.outputs]


def _step(node: Node, slots: dict[int, int], outputs: tuple[int, ...], release: tuple[int, ...]) -> Step:
    simple = arguments = None
    kwargs = node.operation.replayed_kwargs(node.kwargs)
    if not kwargs and False not in [isinstance(x, KerasTensor) for x in node.args]:
        simple = tuple([slots[_place(x)] for x in node.args])
    else:
        arguments = tree.map_structure(
            lambda x: Slot(slots[_place(x)]) if isinstance(x, KerasTensor) else x, (node.args, kwargs)
        )
    single = outputs[0] if isinstance(node.outputs, KerasTensor) else -1
    return Step(node, simple, arguments, single, outputs, release)


def _fill(value: Any, table: list[Any]) -> Any:
    kind = type(value)
    if kind is Slot:
        return table[value]
    if kind is tuple or kind is list:
        return kind(_fill(item, table) for item in value)
    if kind is dict:
        return {key: _fill(item, table) for key, item in value.items()}
    if isinstance(value, (tuple, list, dict)):
        return tree.map_structure(lambda x: table[x] if type(x) is Slot else x, value)
    return value


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
