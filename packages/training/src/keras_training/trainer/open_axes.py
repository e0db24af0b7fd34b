"""`OpenAxes`: the axes beside the first whose sizes a model leaves open, as `keras.Input((None, 3))` does.

Engines ask it which batches one compiled program may serve. All other sizes are fixed: what layers have against
a batch, they say when a program is made for it.
"""

from typing import Any

from keras_datasets.packing import unpack_x_y_sample_weight
from keras_ops import tree
from keras_ops.tensor import KerasTensor

_Axes = frozenset[int]


class OpenAxes:
    """The open axes of a model's inputs, and of what is laid out as its outputs are.

    Args:
        model: A model that is built, from inputs and outputs or for shapes.
    """

    def __init__(self, model: Any) -> None:
        inputs, outputs = _specs(model, "inputs"), _specs(model, "outputs")
        if inputs is None:
            built_for = getattr(model, "_build_shapes_dict", None) or {}
            self.shapes = [tuple(s) for s in built_for.values() if tree.is_shape(s)]
            self.names: list[str] = list(built_for)
        else:
            self.shapes = [x.shape for x in inputs]
            self.names = [x._keras_history.operation.name for x in inputs]
        self.inputs: list[_Axes] = [_open(shape) for shape in self.shapes]
        targets = self.inputs if outputs is None else [_open(x.shape) for x in outputs]
        self.targets: _Axes = frozenset().union(*targets)
        """Those of targets and weights, which may have one axis less than the outputs."""

    def __bool__(self) -> bool:
        return any(self.inputs)

    def others(self, batch: Any) -> tuple[Any, ...]:
        """Returns all sizes of a batch but those of the first axis and of the open ones.

        Sizes below two stay: what is broadcast, squeezed or empty is not computed as the rest is.

        Args:
            batch: What a step takes.
        """
        try:
            x, y, sample_weight = unpack_x_y_sample_weight(batch)
        except ValueError:
            return tuple([_sizes(leaf) for leaf in tree.flatten(batch)])
        axes = self._of_inputs(x)
        sizes = [_sizes(leaf, own) for leaf, own in zip(tree.flatten(x), axes, strict=True)]
        sizes += [_sizes(leaf, self.targets) for leaf in tree.flatten((y, sample_weight))]
        return tuple(sizes)

    def _of_inputs(self, x: Any) -> list[_Axes]:
        count = len(tree.flatten(x))
        if isinstance(x, dict) and count == len(x) and set(x) <= set(self.names):
            by_name = dict(zip(self.names, self.inputs))
            return [by_name[name] for name in sorted(x)]
        return self.inputs if count == len(self.inputs) else [frozenset()] * count


def _specs(model: Any, name: str) -> list[KerasTensor] | None:
    """What a model of a graph has under a name, which others may use for anything else."""
    found = tree.flatten(getattr(model, name, None))
    return found if all(isinstance(x, KerasTensor) for x in found) else None


def _open(shape: Any) -> _Axes:
    return frozenset(axis for axis, size in enumerate(shape) if axis and size is None)


def _sizes(x: Any, axes: _Axes = frozenset()) -> tuple[Any, ...]:
    shape = tuple(getattr(x, "shape", ()))
    return tuple([None if i in axes and n and n > 1 else n for i, n in enumerate(shape) if i])
