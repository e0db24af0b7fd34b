"""`Plan`: how a part of a graph is run, as a flat list of steps over a table of values.

`keras_ops.function` makes one per `Function`; finding the nodes and their order is `graph`'s.
"""

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

from keras_ops import tree
from keras_ops.graph import GraphMap, Node, Operation, origin
from keras_ops.tensor import KerasTensor


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
            slots.setdefault(origin(x), len(slots))
        self.inputs = [slots[origin(x)] for x in inputs]
        given = set(slots)
        steps: list[tuple[Node, list[int], list[int]]] = []
        last_use: dict[int, int] = {}
        for node in graph.nodes:
            read, made = list(map(origin, node.input_tensors)), list(map(origin, node.output_tensors))
            if not read or given.issuperset(made):
                continue
            for place in read:
                last_use[place] = len(steps)
            for place in made:
                slots.setdefault(place, len(slots))
                last_use.setdefault(place, len(steps))
            steps.append((node, read, made))
        kept = {origin(x) for x in outputs}
        self.size = len(slots)
        self.outputs = [slots[origin(x)] for x in outputs]
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
        simple = tuple([slots[origin(x)] for x in node.args])
    else:
        arguments = tree.map_structure(
            lambda x: Slot(slots[origin(x)]) if isinstance(x, KerasTensor) else x, (node.args, kwargs)
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
