"""Rematerialization: results between the input and the output of a function are computed again for the
gradient instead of kept, which trades time for memory (Chen et al., "Training deep nets with sublinear memory
cost", 2016).

Layers keep the `RematScope` that they are made in, and call themselves through it.
"""

import functools
import math
from collections.abc import Callable, Sequence
from typing import Any

from keras_backends.api import export

from keras_ops import ops, tree
from keras_ops.scopes import ReentrantScope
from keras_ops.state import Scope, StatelessScope, state
from keras_ops.tensor import KerasTensor
from keras_ops.variable import Variable

MODES = ("full", "activations", "larger_than", "list_of_layers")

_SCOPES = ("autocast", "call", "override", "quiet", "remat", "stateless")
"""Slots of `state` that are as they were when what is computed again was computed first."""


@export("keras.remat")
def remat(f: Callable[..., Any]) -> Callable[..., Any]:
    """Makes a function keep nothing but its arguments for the gradient.

    Variables may be read and assigned to inside; random numbers are the same when it is computed again.

    Args:
        f: Function of tensors, in any structure, and of other values.

    Returns:
        A function with the same arguments and result. On a backend without gradients it is as `f`.

    Raises:
        ValueError: When it is called, if a layer adds a loss inside.

    Example:

        >>> squares = remat(lambda x: ops.sum(ops.square(ops.sin(x))))
        >>> float(squares(ops.zeros((3,))))
        0.0
    """

    @functools.wraps(f)
    def wrapped(*args: Any, **kwargs: Any) -> Any:
        backend = state.backend
        leaves = tree.flatten((args, kwargs))
        if backend.rematerialize is None or any(isinstance(x, KerasTensor) for x in leaves):
            return f(*args, **kwargs)
        places = [i for i, x in enumerate(leaves) if backend.is_tensor(x)]
        before: list[tuple[Variable, Any]] = []
        found: list[Any] = []
        slots = {name: getattr(state, name) for name in _SCOPES}

        def flat(*tensors: Any) -> tuple[Any, ...]:
            values = list(leaves)
            for i, x in zip(places, tensors, strict=True):
                values[i] = x
            inner_args, inner_kwargs = tree.pack_sequence_as((args, kwargs), values)
            with state.scope(**slots), StatelessScope(before, collect_losses=True) as scope:
                result = f(*inner_args, **inner_kwargs)
                written = list(scope.written.values())
                new = [variable.value for variable in written]
            if scope.losses:
                raise ValueError(
                    "keras.remat: a layer added a loss inside the function, which is computed twice. Return the "
                    "loss from the function and add it outside."
                )
            parts = tree.flatten(result)
            found[:] = result, [backend.is_tensor(x) for x in parts], written
            return (*(x for x in parts if backend.is_tensor(x)), *new)

        outputs = iter(backend.rematerialize(flat)(*(leaves[i] for i in places)))
        result, is_tensor, written = found
        parts = [next(outputs) if own else x for x, own in zip(tree.flatten(result), is_tensor, strict=True)]
        # What is computed again starts from the values of now.
        before.extend((variable, ops.copy(variable.value)) for variable in written)
        for variable, value in zip(written, outputs, strict=True):
            variable.assign(value)
        return tree.pack_sequence_as(result, parts)

    return wrapped


@export("keras.RematScope")
class RematScope(ReentrantScope):
    """Scope whose layers keep less for the gradient: they compute it again.

    It is for layers that are made inside, whenever they are called.

    Args:
        mode: `"full"`: all layers; `"activations"`: the activation functions of layers; `"larger_than"`: layers
            whose output has more elements than `output_size_threshold`, as far as its sizes are known;
            `"list_of_layers"`: those named in `layer_names`; or `None` for no layer. Default `"full"`.
        output_size_threshold: For `"larger_than"`, default 1024.
        layer_names: For `"list_of_layers"`.

    Raises:
        ValueError: If `mode` is another word.

    Example:

        >>> with RematScope(mode="list_of_layers", layer_names=["block"]) as scope:
        ...     scope.mode
        'list_of_layers'
    """

    def __init__(
        self,
        mode: str | None = "full",
        output_size_threshold: int = 1024,
        layer_names: Sequence[str] | None = None,
    ) -> None:
        if mode is not None and mode not in MODES:
            raise ValueError(f"RematScope: `mode` must be one of {MODES} or None, received mode={mode!r}.")
        self.mode = mode
        self.output_size_threshold = output_size_threshold
        self.layer_names = list(layer_names or ())

    def _open(self) -> Scope:
        scope = state.scope(remat=self)
        scope.__enter__()
        return scope

    def _close(self, scope: Scope, error: BaseException | None) -> None:
        scope.__exit__()

    def call(
        self, layer: Any, function: Callable[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any]
    ) -> Any:
        """Calls a layer that was made in this scope.

        Args:
            layer: The layer.
            function: Its `call`.
            args: Positional arguments.
            kwargs: Keyword arguments.
        """
        if self.mode == "activations" and callable(getattr(layer, "activation", None)):
            return _with_activation(layer, remat(layer.activation), function, args, kwargs)
        return (remat(function) if self._covers(layer, args, kwargs) else function)(*args, **kwargs)

    def _covers(self, layer: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> bool:
        if self.mode == "list_of_layers":
            return layer.name in self.layer_names
        if self.mode != "larger_than":
            return self.mode == "full"
        specs, named = tree.map_structure(_spec_of, (args, kwargs))
        with state.scope(quiet=True):
            outputs = layer.compute_output_spec(*specs, **named)
        shapes = (x.shape for x in tree.flatten(outputs) if isinstance(x, KerasTensor))
        sizes = (math.prod(n for n in shape if n is not None) for shape in shapes)
        return sum(sizes) > self.output_size_threshold


def _spec_of(x: Any) -> Any:
    """A KerasTensor for a tensor: layers may count on what these have beside a shape."""
    backend = state.backend
    return KerasTensor(backend.shape(x), dtype=backend.dtype(x)) if backend.is_tensor(x) else x


def _with_activation(
    layer: Any,
    activation: Callable[..., Any],
    function: Callable[..., Any],
    args: tuple[Any, ...],
    kwargs: dict[str, Any],
) -> Any:
    """Calls a layer while it has another activation, of which nobody else need know."""
    own = layer.__dict__["activation"]
    layer.__dict__["activation"] = activation
    try:
        return function(*args, **kwargs)
    finally:
        layer.__dict__["activation"] = own
