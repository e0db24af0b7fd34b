"""`Model.summary`: a table of the layers with shapes and numbers of parameters, drawn by rich."""

import io
import math
import re
import sys
from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from keras_layers.layer import Layer
from keras_ops import tree
from keras_ops.graph import GraphMap, Operation
from keras_ops.variable import Variable

if TYPE_CHECKING:
    from keras_models.model import Model

_BITS = {"bool": 8, "int4": 4, "uint4": 4}


class Row(NamedTuple):
    """One layer as the table shows it."""

    depth: int
    layer: Operation
    connected_to: list[str]


def print_summary(
    model: "Model",
    line_length: int | None = None,
    positions: Sequence[float] | None = None,
    print_fn: Callable[..., Any] | None = None,
    expand_nested: bool = False,
    show_trainable: bool = False,
    layer_range: Sequence[str] | None = None,
) -> None:
    """Prints the summary of a model; see `Model.summary` for the arguments.

    Raises:
        ImportError: If rich is not installed.
        ValueError: If `layer_range` is no pair of patterns that match layers.
    """
    rich = _rich()
    is_stack = _is_stack(model)
    columns = ["Layer (type)", "Output Shape", "Param #"]
    if not is_stack:
        columns.append("Connected to")
    if show_trainable:
        columns.append("Trainable")
    table = rich.table.Table(box=rich.box.HEAVY_HEAD, show_lines=True, width=line_length)
    for i, column in enumerate(columns):
        table.add_column(
            column,
            justify="right" if column == "Param #" else "center" if column == "Trainable" else "left",
            ratio=_ratio(positions, i),
            overflow="fold",
        )
    for row in _rows(model, expand_nested, layer_range):
        table.add_row(*(rich.text.Text(cell) for cell in _cells(row, is_stack, show_trainable)))
    _print(rich, model, table, line_length, print_fn)


def _rich() -> Any:
    try:
        import rich
        import rich.box
        import rich.console
        import rich.table
        import rich.text
    except ImportError as error:
        raise ImportError(
            "Model.summary draws its table with rich. Install it: pip install 'keras-models[summary]'"
        ) from error
    return rich


def _print(
    rich: Any, model: "Model", table: Any, line_length: int | None, print_fn: Callable[..., Any] | None
) -> None:
    to_terminal = print_fn is None and sys.stdout.isatty()
    width = line_length or (None if to_terminal else 88)
    buffer = None if to_terminal else io.StringIO()
    console = rich.console.Console(file=buffer, width=width, highlight=False, force_terminal=to_terminal)
    console.print(rich.text.Text(f'Model: "{model.name}"', style="bold"))
    console.print(table)
    for line in _totals(model):
        console.print(rich.text.Text(" " + line))
    if buffer is not None:
        text = buffer.getvalue().rstrip("\n")
        if print_fn is None:
            print(text)
        else:
            print_fn(text)


def _rows(model: "Model", expand_nested: bool, layer_range: Sequence[str] | None) -> Iterator[Row]:
    shown = _in_range(_steps(model), layer_range)
    for layer, connected_to in shown:
        yield Row(0, layer, connected_to)
        if expand_nested:
            yield from _nested_rows(layer, 1)


def _nested_rows(layer: Operation, depth: int) -> Iterator[Row]:
    if not _is_model(layer):
        return
    for inner, connected_to in _steps(layer):
        yield Row(depth, inner, connected_to)
        yield from _nested_rows(inner, depth + 1)


def _steps(model: Any) -> list[tuple[Operation, list[str]]]:
    """The operations of a graph, or the layers of another model, with what they are connected to."""
    graph = _graph_of(model)
    if graph is None:
        return [(layer, []) for layer in model.layers]
    members = {id(node) for node in graph.nodes}
    steps = []
    for operation in graph.operations:
        sources = [
            f"{x._keras_history.operation.name}[{x._keras_history.node_index}][{x._keras_history.tensor_index}]"
            for node in operation._inbound_nodes
            if id(node) in members
            for x in node.input_tensors
            if hasattr(x, "_keras_history")
        ]
        steps.append((operation, sources))
    return steps


def _in_range(
    steps: list[tuple[Operation, list[str]]], layer_range: Sequence[str] | None
) -> list[tuple[Operation, list[str]]]:
    if layer_range is None:
        return steps
    if len(layer_range) != 2:
        raise ValueError(f"summary: expected `layer_range` to be two patterns, received {layer_range!r}.")
    matches = [
        [i for i, (layer, _) in enumerate(steps) if re.match(pattern, layer.name)] for pattern in layer_range
    ]
    if not all(matches):
        raise ValueError(
            f"summary: no layer matches `layer_range`={tuple(layer_range)!r}; the layers are "
            f"{[layer.name for layer, _ in steps]}."
        )
    first, last = min(matches[0]), max(matches[1])
    return steps[min(first, last) : max(first, last) + 1]


def _cells(row: Row, is_stack: bool, show_trainable: bool) -> list[str]:
    layer = row.layer
    indent = "    " * (row.depth - 1) + "└ " if row.depth else ""
    cells = [f"{indent}{layer.name} ({type(layer).__name__})", _output_shape(layer), _param_count(layer)]
    if not is_stack:
        cells.append(", ".join(row.connected_to) or "-")
    if show_trainable:
        has_weights = isinstance(layer, Layer) and bool(layer.weights)
        cells.append(("Y" if layer.trainable else "N") if has_weights else "-")
    return cells


def _output_shape(layer: Operation) -> str:
    if layer._inbound_nodes:
        shapes = tree.map_structure(lambda x: getattr(x, "shape", "?"), layer._inbound_nodes[0].outputs)
        return _shape_text(shapes)
    try:
        return _shape_text(layer.compute_output_shape(layer._build_shapes_dict["input_shape"]))
    except Exception:
        # Many layers outside a graph can not tell their output shape; the table then says so.
        return "?"


def _shape_text(shapes: Any) -> str:
    if isinstance(shapes, dict):
        return ", ".join(f"{key}: {_shape_text(value)}" for key, value in shapes.items())
    if isinstance(shapes, list) and shapes and isinstance(shapes[0], (list, tuple)):
        return ", ".join(_shape_text(shape) for shape in shapes)
    return str(tuple(shapes)) if isinstance(shapes, (list, tuple)) else str(shapes)


def _param_count(layer: Operation) -> str:
    if not isinstance(layer, Layer):
        return "0"
    if not layer.built:
        return "0 (unbuilt)"
    return f"{count(layer.weights):,}"


def _totals(model: "Model") -> Iterator[str]:
    groups = {
        "Total params": list(model.weights),
        "Trainable params": list(model.trainable_weights),
        "Non-trainable params": list(model.non_trainable_weights),
    }
    optimizer = getattr(model, "optimizer", None)
    if optimizer is not None and getattr(optimizer, "built", False):
        groups["Optimizer params"] = list(optimizer.variables)
        groups["Total params"] += groups["Optimizer params"]
    for name, variables in groups.items():
        yield f"{name}: {count(variables):,} ({readable_size(memory_bytes(variables))})"


def count(variables: Sequence[Variable]) -> int:
    """Returns the number of values in some variables, each variable once."""
    return sum(math.prod(v.shape) for v in {id(v): v for v in variables}.values())


def memory_bytes(variables: Sequence[Variable]) -> int:
    """Returns the memory that some variables take, each variable once."""
    unique = {id(v): v for v in variables}.values()
    return sum(math.prod(v.shape) * _bits(v.dtype) for v in unique) // 8


def _bits(dtype: str) -> int:
    known = _BITS.get(dtype)
    if known is not None:
        return known
    digits = re.search(r"\d+", dtype)
    return int(digits.group()) if digits else 32


def readable_size(size: int) -> str:
    """Returns a number of bytes in the largest unit in which it is at least one.

    >>> readable_size(2048)
    '2.00 KB'
    """
    value, units = float(size), ("B", "KB", "MB", "GB", "TB")
    for unit in units:
        if value < 1024 or unit == units[-1]:
            return f"{value:.2f} {unit}"
        value /= 1024
    raise AssertionError("unreachable")


def _ratio(positions: Sequence[float] | None, index: int) -> int | None:
    if not positions or index >= len(positions):
        return None
    start = positions[index - 1] if index else 0
    width = positions[index] - start
    return max(1, round(width * 100 if positions[-1] <= 1 else width))


def _graph_of(model: Any) -> GraphMap | None:
    """The graph of a Functional model; a stack shows its layers without the input."""
    return getattr(model, "_graph", None)


def _is_model(layer: Any) -> bool:
    return isinstance(layer, Layer) and hasattr(layer, "get_layer")


def _is_stack(model: Any) -> bool:
    """Says whether each layer has just the one before as its input."""
    graph = _graph_of(model)
    if graph is None:
        return True
    return all(len(node.input_tensors) <= 1 for node in graph.nodes) and len(graph.nodes) == len(
        graph.operations
    )
