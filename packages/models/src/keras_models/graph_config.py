"""A graph of layers as a config, and back: the `layers`, `input_layers`, `output_layers` of files.

Used by `Model.get_config` and `Model.from_config`. A tensor is named by the operation that made it, the
index of its node among those of the graph, and its index among the node's results.
"""

import copy
from collections.abc import Iterator, Mapping
from typing import Any

from keras_ops import tree
from keras_ops.function import Function
from keras_ops.graph import Node, Operation
from keras_ops.op_operation import OpOperation
from keras_ops.serialize import deserialize_keras_object, serialize_keras_object
from keras_ops.tensor import KerasTensor

from keras_models.model_graph import ModelGraph


def write_graph(graph: ModelGraph) -> dict[str, Any]:
    """Returns the part of a functional model's config that describes its graph."""
    indices = _node_indices(graph)
    layers = []
    for operation in graph.operations:
        entry = serialize_keras_object(operation)
        nodes = [n for i, n in enumerate(operation._inbound_nodes) if (id(operation), i) in indices]
        entry["name"] = operation.name
        entry["inbound_nodes"] = [_write_node(n, indices) for n in nodes if n.input_tensors]
        layers.append(entry)

    def ends(struct: Any) -> Any:
        return tree.map_structure(lambda x: _end(x, indices), struct)

    return {
        "layers": layers,
        "input_layers": ends(graph._inputs_struct),
        "output_layers": ends(graph._outputs_struct),
    }


def _node_indices(graph: ModelGraph) -> dict[tuple[int, int], int]:
    """`(operation, index of node)` -> index among the operation's nodes that belong to the graph."""
    members = {id(node) for node in graph._graph.nodes}
    indices: dict[tuple[int, int], int] = {}
    for operation in graph.operations:
        kept = [i for i, node in enumerate(operation._inbound_nodes) if id(node) in members]
        indices.update({(id(operation), i): k for k, i in enumerate(kept)})
    return indices


def _write_node(node: Node, indices: dict[tuple[int, int], int]) -> dict[str, Any]:
    def write(x: Any) -> Any:
        if not isinstance(x, KerasTensor):
            return x
        operation, index, position = x._keras_history
        history = [operation.name, indices.get((id(operation), index), index), position]
        return _Reference(x, history)

    args, kwargs = tree.map_structure(write, (node.args, node.kwargs))
    return {"args": [_plain(x) for x in args], "kwargs": {key: _plain(x) for key, x in kwargs.items()}}


class _Reference:
    """A KerasTensor as files name it."""

    def __init__(self, x: KerasTensor, history: list[Any]) -> None:
        config = {"shape": list(x.shape), "dtype": x.dtype, "keras_history": history}
        self.entry = {"class_name": "__keras_tensor__", "config": config}


def _plain(x: Any) -> Any:
    if isinstance(x, _Reference):
        return x.entry
    if isinstance(x, (list, tuple)):
        return [_plain(item) for item in x]
    if isinstance(x, dict):
        return {key: _plain(item) for key, item in x.items()}
    return serialize_keras_object(x)


def _end(x: KerasTensor, indices: dict[tuple[int, int], int]) -> list[Any]:
    operation, index, position = x._keras_history
    return [operation.name, indices[id(operation), index] + _own_node(operation), position]


def _own_node(operation: Operation) -> int:
    """Files count a node more for a functional model that is itself a layer, at the ends only."""
    return 1 if isinstance(operation, Function) or graph_of(operation) is not None else 0


def graph_of(operation: Operation) -> ModelGraph | None:
    """The graph of a functional model; `None` for all other layers, stacks and operations."""
    graph = getattr(operation, "_function", None)
    return graph if isinstance(graph, ModelGraph) else None


def read_graph(config: Mapping[str, Any], custom_objects: Mapping[str, Any] | None) -> tuple[Any, Any]:
    """Makes the layers of a config, calls them, and returns the structures of inputs and outputs.

    Raises:
        ValueError: If the config is not a connected graph.
    """
    config = copy.deepcopy(dict(config))
    operations: dict[str, Operation] = {}
    waiting: list[tuple[Operation, dict[str, Any]]] = []
    for entry in config["layers"]:
        nodes = entry.pop("inbound_nodes", [])
        operation = deserialize_keras_object(entry, custom_objects=custom_objects)
        operations[entry.get("name") or operation.name] = operation
        waiting += [(operation, node) for node in nodes]
    made = {name: len(operation._inbound_nodes) for name, operation in operations.items()}
    blocked: set[str] = set()
    while waiting:
        rest = []
        for operation, node in waiting:
            # Nodes of one operation are numbered, so a later one waits for an earlier one.
            if operation.name in blocked or not _ready(node, operations):
                blocked.add(operation.name)
                rest.append((operation, node))
                continue
            args, kwargs = _read_arguments(node, operations, keys=isinstance(operation, OpOperation))
            operation(*args, **kwargs)
        if len(rest) == len(waiting):
            names = sorted({operation.name for operation, _ in rest})
            raise ValueError(
                f"The config of functional model {config.get('name')!r} is not a connected graph: the "
                f"inputs of {names} are never made. Layers in the config: {sorted(made)}."
            )
        waiting, blocked = rest, set()
    return (
        _read_ends(config["input_layers"], operations),
        _read_ends(config["output_layers"], operations),
    )


def _references(value: Any) -> Iterator[list[Any]]:
    if isinstance(value, dict):
        if value.get("class_name") == "__keras_tensor__":
            yield value["config"]["keras_history"]
            return
        value = list(value.values())
    if isinstance(value, list):
        for item in value:
            yield from _references(item)


def _ready(node: dict[str, Any], operations: Mapping[str, Operation]) -> bool:
    for name, index, _ in _references([node["args"], node["kwargs"]]):
        if name not in operations:
            raise ValueError(f"The config mentions a layer {name!r} that it does not contain.")
        if index >= len(operations[name]._inbound_nodes):
            return False
    return True


def _read_arguments(
    node: dict[str, Any], operations: Mapping[str, Operation], keys: bool
) -> tuple[list[Any], dict[str, Any]]:
    """Reads the arguments of a call; with `keys`, lists that hold no tensors are tuples.

    JSON has no tuples, and the key of `x[1:, 0]` is one.
    """

    def read(value: Any) -> Any:
        if isinstance(value, dict):
            if value.get("class_name") == "__keras_tensor__":
                return _tensor(value["config"]["keras_history"], operations)
            if "class_name" in value:
                return deserialize_keras_object(value)
            return {key: read(item) for key, item in value.items()}
        if isinstance(value, list):
            items = [read(item) for item in value]
            return tuple(items) if keys and not any(_references(value)) else items
        return value

    args = [read(value) for value in node["args"]]
    return args, {key: read(value) for key, value in node["kwargs"].items()}


def _tensor(history: list[Any], operations: Mapping[str, Operation]) -> KerasTensor:
    name, index, position = history
    return operations[name]._inbound_nodes[index].output_tensors[position]


def _read_ends(value: Any, operations: Mapping[str, Operation]) -> Any:
    if isinstance(value, dict):
        return {key: _read_ends(item, operations) for key, item in value.items()}
    if _is_end(value):
        name, index, position = value
        if name not in operations:
            raise ValueError(f"The config mentions a layer {name!r} that it does not contain.")
        return _tensor([name, index - _own_node(operations[name]), position], operations)
    return type(value)(_read_ends(item, operations) for item in value)


def _is_end(value: Any) -> bool:
    return len(value) == 3 and isinstance(value[0], str) and all(isinstance(i, int) for i in value[1:])
