"""The state of a layer: its weights and sublayers, losses, and what saving reads and writes.

`LayerState` is the half of `Layer` that has nothing to do with calls; everything about calling is in
`layer` and `call_stages`.
"""

import weakref
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any, ClassVar

import numpy as np
from keras_backends.dtypes import is_float
from keras_ops import initializers, tree
from keras_ops.revision import revision
from keras_ops.state import name_scope, state
from keras_ops.tensor import KerasTensor, Tensor
from keras_ops.variable import Variable

from keras_layers import constraints, regularizers, tracking
from keras_layers.call_losses import CallLosses, LossSources
from keras_layers.tracking import Tracker


class LayerState:
    """Weights, sublayers, losses and saved state of a layer."""

    name: str
    _built: bool
    _trainable: bool
    _tracker: Tracker
    _layers: list[Any]
    _metrics: list[Any]
    _seed_generators: list[Any]
    _trainable_variables: list[Variable]
    _non_trainable_variables: list[Variable]
    _frozen: list[Variable]
    _call_losses: CallLosses
    autograph_info__: ClassVar[Mapping[str, Any]] = {}
    """What has this attribute is left alone by AutoGraph, which rewrites other functions that `tf.data` maps."""
    _seen: dict[Any, Any]

    def __setstate__(self, values: dict[str, Any]) -> None:
        """Takes over attributes in a copy, whose containers are tracked by the copy."""
        vars(self).update(values)
        self._tracker.adopt(values.values())

    # Weights

    def add_weight(
        self,
        *args: Any,
        shape: Sequence[int] | None = None,
        initializer: Any = None,
        dtype: Any = None,
        trainable: bool = True,
        autocast: bool = True,
        regularizer: Any = None,
        constraint: Any = None,
        aggregation: str = "none",
        overwrite_with_gradient: bool = False,
        name: str | None = None,
    ) -> Variable:
        """Creates a weight of this layer.

        Args:
            *args: The shape, or the name, may come as the only positional argument.
            shape: Shape, `()` by default. All sizes have to be known.
            initializer: Name, configuration or function; `"glorot_uniform"` by default for floats,
                `"zeros"` for all other dtypes.
            dtype: Dtype; the layer's `variable_dtype` by default.
            trainable: Whether optimizers change it.
            autocast: Whether it is read in the layer's compute dtype during calls.
            regularizer: Penalty that is added to `losses`.
            constraint: Applied after each update by an optimizer.
            aggregation: How updates of replicas are combined.
            overwrite_with_gradient: Whether an optimizer puts the gradient in its place.
            name: Name, the last part of its path.

        Returns:
            A `keras.Variable`.

        Raises:
            ValueError: If the layer is built already, or a size is unknown.

        Example:

            >>> from keras_layers.layer import Layer
            >>> layer = Layer(name="scale")
            >>> layer.add_weight(shape=(2,), initializer="ones", name="factor").path
            'scale/factor'
        """
        if args:
            shape, name = self._positional_weight(args, shape, name)
        if dtype is not None:
            dtype = str(getattr(dtype, "name", dtype)).removeprefix("torch.")
        else:
            dtype = self.variable_dtype  # type: ignore[attr-defined]
        if initializer is None:
            initializer = "glorot_uniform" if is_float(dtype) else "zeros"
        with name_scope(self.name, caller=self):
            variable = Variable(
                initializers.get(initializer),
                shape=() if shape is None else shape,
                dtype=dtype,
                trainable=trainable,
                autocast=autocast,
                aggregation=aggregation,
                name=name,
            )
        if regularizer is not None:
            variable.regularizer = regularizers.get(regularizer)
        if constraint is not None:
            variable.constraint = constraints.get(constraint)
        if overwrite_with_gradient:
            variable.overwrite_with_gradient = True
        self._track_variable(variable)
        return variable

    def _positional_weight(self, args: tuple[Any, ...], shape: Any, name: Any) -> tuple[Any, Any]:
        if len(args) > 1:
            raise ValueError(
                f"Layer {self.name!r}: add_weight takes its arguments by keyword, received {args}. "
                "Write add_weight(shape=..., name=...)."
            )
        return (shape, args[0]) if isinstance(args[0], str) else (args[0], name)

    def add_variable(
        self,
        shape: Sequence[int],
        initializer: Any,
        dtype: Any = None,
        trainable: bool = True,
        autocast: bool = True,
        regularizer: Any = None,
        constraint: Any = None,
        name: str | None = None,
    ) -> Variable:
        """Creates a weight; the older name of `add_weight`, with positional arguments."""
        return self.add_weight(
            shape=shape,
            initializer=initializer,
            dtype=dtype,
            trainable=trainable,
            autocast=autocast,
            regularizer=regularizer,
            constraint=constraint,
            name=name,
        )

    def _track_variable(self, variable: Variable) -> None:
        if not self._tracker.holds(variable):
            self._tracker.track(variable, "variable")
        if not self._trainable:
            variable.trainable = False

    def _untrack_variable(self, variable: Variable) -> None:
        self._tracker.forget(variable)

    @property
    def variables(self) -> list[Variable]:
        """All variables of the layer and its sublayers, states of seed generators included."""
        return _distinct(self._walk_variables())

    def _walk_variables(self) -> Iterator[Variable]:
        yield from self._trainable_variables
        yield from self._non_trainable_variables
        for generator in self._seed_generators:
            yield generator.state
        for layer in self._layers:
            yield from layer.variables

    @property
    def trainable_variables(self) -> list[Variable]:
        """The variables that optimizers change; none while `trainable` is False."""
        return [v for v in self.variables if v.trainable] if self.trainable else []

    @property
    def non_trainable_variables(self) -> list[Variable]:
        """The variables that optimizers leave alone."""
        return [v for v in self.variables if not v.trainable] if self.trainable else self.variables

    @property
    def weights(self) -> list[Variable]:
        """The variables without the states of seed generators: what `get_weights` returns."""
        return _distinct(self._walk_weights())

    def _walk_weights(self) -> Iterator[Variable]:
        yield from self._trainable_variables
        yield from self._non_trainable_variables
        for layer in self._layers:
            yield from layer.weights

    @property
    def trainable_weights(self) -> list[Variable]:
        """The weights that optimizers change; none while `trainable` is False."""
        return [v for v in self.weights if v.trainable] if self.trainable else []

    @property
    def non_trainable_weights(self) -> list[Variable]:
        """The weights that optimizers leave alone."""
        return [v for v in self.weights if not v.trainable] if self.trainable else self.weights

    @property
    def metrics(self) -> list[Any]:
        """The metrics of the layer and its sublayers."""
        return [*self._metrics, *self._metrics_inside()]

    def _metrics_inside(self) -> Iterator[Any]:
        for layer in self._layers:
            yield from layer._metrics_in_another()

    def _metrics_in_another(self) -> Iterable[Any]:
        """The metrics that count in a model around the layer."""
        return self.metrics

    @property
    def metrics_variables(self) -> list[Variable]:
        """The variables of `metrics`."""
        return [v for metric in self.metrics for v in metric.variables]

    @property
    def trainable(self) -> bool:
        """Whether optimizers may change the weights of the layer and its sublayers."""
        return self._trainable

    @trainable.setter
    def trainable(self, value: bool) -> None:
        value = bool(value)
        self._trainable = value
        revision.advance()
        for variable in self._trainable_variables:
            variable.trainable = value and not any(frozen is variable for frozen in self._frozen)
        for layer in self._layers:
            layer.trainable = value

    def _freeze(self, variable: Variable) -> None:
        """Takes a weight of the layer out of training for good, whatever `trainable` is set to later."""
        self._frozen.append(variable)
        variable.trainable = False

    def get_weights(self) -> list[np.ndarray]:
        """Returns the values of `weights` as NumPy arrays."""
        return [v.numpy() for v in self.weights]

    def set_weights(self, weights: Sequence[Any]) -> None:
        """Sets the values of `weights`.

        Args:
            weights: Arrays in the order and with the shapes of `get_weights`.

        Raises:
            ValueError: If their number or a shape differs.
        """
        variables = self.weights
        if len(variables) != len(weights):
            raise ValueError(
                f"Layer {self.name!r} has {len(variables)} weights {[v.path for v in variables]}, "
                f"set_weights received {len(weights)}."
                + ("" if self._built else " The layer is not built yet: call it or `build` it first.")
            )
        for variable, value in zip(variables, weights):
            shape = np.shape(value) if not hasattr(value, "shape") else tuple(value.shape)
            if shape != tuple(variable.shape):
                raise ValueError(
                    f"Layer {self.name!r}: weight {variable.path!r} has shape {tuple(variable.shape)}, "
                    f"set_weights received a value of shape {shape}."
                )
        for variable, value in zip(variables, weights):
            variable.assign(value)

    def count_params(self) -> int:
        """Returns the number of scalars in `weights`.

        Raises:
            ValueError: If the layer is not built, so that it is not known yet.
        """
        if not self.built:  # type: ignore[attr-defined]
            raise ValueError(
                f"Layer {self.name!r} is not built, so its number of parameters is not known yet. "
                "Call it on an input, or `build` it with the shape of one."
            )
        return sum(int(np.prod(v.shape, dtype="int64")) for v in self.weights)

    # Sublayers

    def own_weights(self) -> Iterator[tuple[str, Any]]:
        """Yields name and variable of what the layer holds itself, for the framework's own tools."""
        taken: dict[str, int] = {}
        for variable in (*self._trainable_variables, *self._non_trainable_variables):
            yield _unused(variable.name, taken), variable
        for generator in self._seed_generators:
            yield _unused(generator.state.name, taken), generator.state

    def own_children(self) -> Iterator[tuple[str, "LayerState"]]:
        """Yields name and layer of the sublayers, for the framework's own tools."""
        taken: dict[str, int] = {}
        for layer in self._layers:
            yield _unused(layer.name, taken), layer

    def _constants_changed(self) -> None:
        """Says that the layer computes with other constants now, such as a vocabulary, than functions were made for."""
        self._seen.clear()
        revision.mark(self)

    def _flatten_layers(self, recursive: bool = True, include_self: bool = True) -> Iterator[Any]:
        seen: set[int] = set()
        pending: deque[Any] = deque([self] if include_self else self._layers)
        first = include_self
        while pending:
            layer = pending.popleft()
            if id(layer) in seen:
                continue
            seen.add(id(layer))
            yield layer
            if recursive or first:
                pending.extendleft(reversed(layer._layers))
            first = False

    # Losses

    def add_loss(self, loss: Any) -> None:
        """Adds a scalar to the losses of the call under way, such as a penalty on activations.

        Args:
            loss: Scalar tensor, or a list of them.

        Raises:
            ValueError: If it is no tensor.

        Example:

            >>> from keras_ops import ops
            >>> from keras_layers.layer import Layer
            >>> class Sparse(Layer):
            ...     def call(self, x):
            ...         self.add_loss(0.1 * ops.sum(ops.absolute(x)))
            ...         return x
            >>> layer = Sparse()
            >>> _ = layer(ops.ones((2, 2)))
            >>> [round(float(loss), 3) for loss in layer.losses]
            [0.4]
        """
        backend = state.backend
        for value in tree.flatten(loss):
            if isinstance(value, KerasTensor):
                continue
            if not backend.is_tensor(value):
                raise ValueError(
                    f"Layer {self.name!r}: add_loss expects scalar tensors, received {value!r} of type "
                    f"{type(value).__name__}. Compute it with `keras.ops` inside `call`."
                )
            self._add_loss_tensor(value)

    def _add_loss_tensor(self, value: Any) -> None:
        scope = state.stateless
        self._seen.clear()
        if scope is not None:
            if not scope.collect_losses:
                return
            scope.add_loss(value)
        self._call_losses.add(value, state.call, scope)

    @property
    def losses(self) -> list[Tensor]:
        """Losses added during the last call, then the penalties of regularized weights."""
        scope = state.stateless
        if state.backend.traced():  # A program would be tied to what is kept.
            sources = self._loss_sources()
        else:
            sources = self._call_losses.sources
            if sources is None or sources.revision != revision.number:
                sources = self._call_losses.sources = self._loss_sources()
        losses: list[Tensor] = []
        for added, ways in sources.calls:
            if added.adds:  # Most do not, and are not even asked.
                losses.extend(added.since(ways, scope))
        for reference in sources.regularized:
            variable = reference()
            if variable is not None:
                losses.append(variable.regularizer(variable.value))
        return losses

    def _loss_sources(self) -> LossSources:
        number = revision.number  # Before looking: what another thread changes meanwhile counts next time.
        found: dict[int, tuple[CallLosses, list[tuple[CallLosses, ...]]]] = {}
        pending: deque[Any] = deque([(self, ())])
        while pending:
            layer, around = pending.popleft()
            around = (*around, layer._call_losses)
            if id(layer) in found:
                # What is inside a shared layer keeps the first way to it: there may be very many.
                found[id(layer)][1].append(around)
                continue
            found[id(layer)] = layer._call_losses, [around]
            pending.extendleft([(inner, around) for inner in reversed(layer._layers)])
        regularized = [v for v in self.trainable_weights if v.regularizer is not None]
        return LossSources(number, list(found.values()), list(map(weakref.ref, regularized)))

    # Saving

    def save_own_variables(self, store: dict[str, Any]) -> None:
        """Puts the layer's own variables (not those of sublayers) into `store` under "0", "1", ..."""
        for i, variable in enumerate((*self._trainable_variables, *self._non_trainable_variables)):
            store[str(i)] = variable

    def load_own_variables(self, store: Mapping[str, Any]) -> None:
        """Sets the layer's own variables from what `save_own_variables` stored.

        Raises:
            ValueError: If the number of variables differs.
        """
        variables = [*self._trainable_variables, *self._non_trainable_variables]
        self._check_stored([v.path for v in variables], store)
        for i, variable in enumerate(variables):
            variable.assign(store[str(i)])

    def _check_stored(self, paths: Sequence[str], store: Mapping[str, Any]) -> None:
        """Checks that a file holds as many variables as there are paths."""
        count = len(store.keys())
        if len(paths) == count:
            return
        if count and not paths and not self._built:
            raise ValueError(
                f"Layer {self.name!r} was never built, so it has no variables, but the file holds {count} "
                "for it. Build the layer (call it, or `build` it) before loading; a custom `build` must "
                "build the layers inside it."
            )
        raise ValueError(
            f"Layer {self.name!r} expected {len(paths)} variables, received {count} in the file: "
            f"{list(paths)} and {sorted(store.keys())}."
        )

    def saveable_children(self) -> dict[str, Any]:
        """Returns sublayers, metrics, optimizers and containers by attribute name: public names first."""
        values = {
            name: value
            for name, value in vars(self).items()
            if name not in _INTERNAL and tracking.kind_of(value) not in _NEVER_SAVED
        }
        return dict(sorted(values.items(), key=lambda item: (item[0].startswith("_"), item[0])))


def _unused(name: str, taken: dict[str, int]) -> str:
    count = taken[name] = taken.get(name, -1) + 1
    return f"{name}_{count}" if count else name


_NEVER_SAVED = frozenset({tracking.PLAIN, "variable", "seed_generator"})
"""What is no child to saving; it leaves out itself what a container holds beside children."""
_INTERNAL = frozenset(
    {
        "_frozen",
        "_inbound_nodes",
        "_init_arguments",
        "_layers",
        "_metrics",
        "_non_trainable_variables",
        "_outbound_nodes",
        "_seed_generators",
        "_seen",
        "_trainable_variables",
    }
)


def _distinct(variables: Iterable[Variable]) -> list[Variable]:
    found: dict[int, Variable] = {}
    for variable in variables:
        found.setdefault(id(variable), variable)
    return list(found.values())


Initializer = str | Mapping[str, Any] | Callable[..., Any] | None
"""What the initializer arguments of layers accept."""
