"""`Layer`: an operation with state, the base of all layers and models.

Here is what makes a layer an object that can be called: construction, attribute tracking, config, and the
entry to a call. The stages of a call are in `call_stages`, building in `layer_build`, weights and losses in
`layer_state`, dtypes and quantization in `layer_dtypes`.
"""

import functools
import inspect
from collections.abc import Callable
from typing import Any

from keras_backends.api import export
from keras_backends.selection import active
from keras_ops import policies, tree
from keras_ops.graph import Node, Operation
from keras_ops.inference import compute_output_spec
from keras_ops.masks import MASKS
from keras_ops.naming import auto_name, checked_name
from keras_ops.state import StatelessScope, state
from keras_ops.tensor import KerasTensor, known

from keras_layers import call_stages, regularizers, tracking
from keras_layers.call_facts import CallFacts, Parameters
from keras_layers.call_losses import CallLosses
from keras_layers.calls import NATIVE
from keras_layers.constructor import checked_bool, input_shape_argument, name_constructor
from keras_layers.fast_path import only_autocast, repeat, signature
from keras_layers.identifiers import resolved
from keras_layers.layer_build import LayerBuild, wrapped_build
from keras_layers.layer_dtypes import LayerDtypes
from keras_layers.layer_state import LayerState
from keras_layers.tracking import PLAIN, Tracker, kinds

Shape = tuple[int | None, ...]

_mixin = active().layer_mixin
_parts = (LayerBuild, LayerState, LayerDtypes)
_bases: tuple[type, ...] = (*_parts, Operation) if _mixin is None else (*_parts, _mixin, Operation)

_CALL_DEPENDS_ON = frozenset({"_built", "activity_regularizer", "autocast", "call", "_convert_input_args"})
"""Attributes that the stages of a call look at: setting one again forgets the seen signatures."""


@export(["keras.Layer", "keras.layers.Layer"])
class Layer(*_bases):  # type: ignore[misc]
    """Base of all layers: a function of tensors with weights, built when its input is known.

    A subclass makes weights in `build(input_shape)` with `add_weight`, or sublayers in `__init__`, and
    computes in `call`. Constructor arguments kept in attributes of the same name are saved and
    restored without further code.

    Args:
        activity_regularizer: Penalty on the output, added to `losses`.
        trainable: Whether optimizers may change the weights.
        dtype: Dtype name or `keras.DTypePolicy`; `keras.config.dtype_policy()` by default.
        autocast: Whether float inputs are cast to the layer's compute dtype.
        name: Name, without slashes; made from the class name by default.
        **kwargs: `input_shape` or `input_dim`, shape of one input, for the first layer of a
            `Sequential` model.

    Raises:
        ValueError: If a keyword is unknown; the message names the nearest parameter.

    Example:

        >>> from keras_ops import ops
        >>> class Scale(Layer):
        ...     def build(self, input_shape):
        ...         self.factor = self.add_weight(shape=(input_shape[-1],), initializer="ones")
        ...     def call(self, x):
        ...         return x * self.factor
        >>> layer = Scale()
        >>> layer(ops.ones((2, 3))).shape == (2, 3), layer.count_params()
        (True, 3)
    """

    tracked_as = "layer"
    not_in_config = ("activity_regularizer", "autocast")
    _call_facts: CallFacts | None = None
    _initialized = False

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        cls._call_facts = None
        name_constructor(cls)
        if "build" in cls.__dict__:
            cls.build = wrapped_build(cls.__dict__["build"])

    def __new__(cls, *args: Any, **kwargs: Any) -> "Layer":
        self = super().__new__(cls, *args, **kwargs)
        values = self.__dict__
        if "_tracker" in values:
            return self
        if _mixin is not None:
            _mixin.__init__(self)
        values["_seen"] = seen = {}
        values["_trainable_variables"] = trainable = []
        values["_non_trainable_variables"] = non_trainable = []
        values["_frozen"] = []
        values["_layers"] = layers = []
        values["_metrics"] = metrics = []
        values["_seed_generators"] = generators = []
        lists = {"variable": trainable, "non_trainable": non_trainable, "layer": layers}
        lists["metric"], lists["seed_generator"] = metrics, generators
        values["_tracker"] = Tracker(lists, seen)
        values["_call_losses"] = CallLosses()
        values["_built"] = values["_built_by_call"] = values["_building"] = False
        values["_facts"] = cls._call_facts or _make_facts(cls)
        return self

    def __init__(
        self,
        *,
        activity_regularizer: Any = None,
        trainable: bool = True,
        dtype: Any = None,
        autocast: bool = True,
        name: str | None = None,
        **kwargs: Any,
    ) -> None:
        kind = type(self).__name__
        name = auto_name(kind) if name is None else checked_name(kind, name)
        values = self.__dict__
        values["_input_shape_arg"] = input_shape_argument(self, kwargs) if kwargs else None
        values["name"] = name
        values["_inbound_nodes"] = []
        values["_outbound_nodes"] = []
        values["activity_regularizer"] = (
            None
            if activity_regularizer is None
            else resolved(self, "activity_regularizer", activity_regularizer)
        )
        values["_trainable"] = checked_bool(self, "trainable", trainable)
        values["autocast"] = checked_bool(self, "autocast", autocast)
        values["_dtype_policy"] = policies.get(dtype)
        values["_input_spec"] = None
        values["_supports_masking"] = False
        values["_path"] = None
        values["_remat"] = state.remat
        values["_convert_input_args"] = True
        values["_allow_non_tensor_positional_args"] = False
        values["_warned_mask"] = False
        values["_initialized"] = True

    def _check_super_called(self) -> None:
        if not self._initialized:
            raise RuntimeError(
                f"{type(self).__name__}.__init__ did not call `super().__init__()`. Make it the first "
                "statement of `__init__`."
            )

    # Calls

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        seen = self._seen
        if seen and ((plain := state.plain) or only_autocast()):
            if not kwargs and len(args) == 1 and type(x := args[0]) in NATIVE:
                # `masked(x)`, without the time of a call.
                has_mask = getattr(x, "_keras_mask", None) is not None or (MASKS and id(x) in MASKS)
                key = None if has_mask else (x.dtype, x.shape)
            else:
                key = signature(args, kwargs)
            shortcut = seen.get(key)
            if shortcut is not None:
                if not (plain and shortcut.direct):
                    return repeat(self, shortcut, args, kwargs)
                context = state.call
                if context is None or context.training is None or not self._facts.has_training:
                    return self.call(*args)
                return self.call(*args, training=context.training)
        return call_stages.run(self, self._facts, args, kwargs)

    def call(self, *args: Any, **kwargs: Any) -> Any:
        raise NotImplementedError(
            f"Layer {self.name!r} ({type(self).__name__}) does not implement `call(self, inputs)`."
        )

    def symbolic_call(self, *args: Any, **kwargs: Any) -> Any:
        """Infers the specs of the outputs for KerasTensors and records a node."""
        outputs = self.compute_output_spec(*args, **kwargs)
        if not state.quiet:
            Node(self, args, kwargs, outputs)
        return outputs

    def replayed_kwargs(self, kwargs: dict[str, Any]) -> dict[str, Any]:
        """Leaves out a `training` that is only the default, so that the model's own call decides."""
        if kwargs.get("training") is None or kwargs["training"] != self._facts.training_default:
            return kwargs
        return {name: x for name, x in kwargs.items() if name != "training"}

    def stateless_call(
        self,
        trainable_variables: Any,
        non_trainable_variables: Any,
        *args: Any,
        return_losses: bool = False,
        **kwargs: Any,
    ) -> tuple[Any, ...]:
        """Calls the layer with given values of its variables and returns the new ones.

        Args:
            trainable_variables: Values for `trainable_variables`, in order.
            non_trainable_variables: Values for `non_trainable_variables`, in order.
            *args: Arguments of the call.
            return_losses: Whether to return the list of losses too.
            **kwargs: Keyword arguments of the call.

        Returns:
            `(outputs, non_trainable_variables)`, with `return_losses` `(outputs,
            non_trainable_variables, losses)`.

        Raises:
            ValueError: If the layer is not built, or the number of values is wrong.

        Example:

            >>> from keras_ops import ops
            >>> layer = Layer()
            >>> layer.call = lambda x: x * 2
            >>> outputs, state = layer.stateless_call([], [], ops.ones((1,)))
            >>> float(outputs[0]), state
            (2.0, [])
        """
        self._check_super_called()
        if not self.built:
            raise ValueError(
                f"Layer {self.name!r} must be built before `stateless_call`: call it on an input first, or "
                "`build` it with the shape of one."
            )
        mapping = []
        for kind, variables, values in (
            ("trainable", self.trainable_variables, trainable_variables),
            ("non_trainable", self.non_trainable_variables, non_trainable_variables),
        ):
            if len(variables) != len(values):
                raise ValueError(
                    f"Layer {self.name!r}: stateless_call expected {len(variables)} `{kind}_variables`, one "
                    f"for each of {[v.path for v in variables]}, received {len(values)}."
                )
            mapping.extend(zip(variables, values))
        with StatelessScope(state_mapping=mapping, collect_losses=return_losses) as scope:
            outputs = self(*args, **kwargs)
            losses = self.losses if return_losses else None
        updated = [
            v if (v := scope.get_current_value(variable)) is not None else variable.value
            for variable in self.non_trainable_variables
        ]
        return (outputs, updated, losses) if return_losses else (outputs, updated)

    def rematerialized_call(self, layer_call: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
        """Calls the layer as the remat scope says that it was made in.

        There, intermediate results are not kept for the gradient but computed again.

        Args:
            layer_call: The function to call.
            *args: Its arguments.
            **kwargs: Its keyword arguments.
        """
        if self._remat is None:
            return layer_call(*args, **kwargs)
        return self._remat.call(self, layer_call, args, kwargs)

    # Shapes, specs and masks

    def compute_output_shape(self, *args: Any, **kwargs: Any) -> Any:
        """Returns the shape of the output for the shape of the input.

        Raises:
            NotImplementedError: If the layer does not say, and `call` can not be run on shapes.
        """
        specs = [
            tree.map_shape_structure(lambda s: KerasTensor(s, dtype=self.compute_dtype), x) for x in args
        ]
        named = {
            name.removesuffix("_shape"): tree.map_shape_structure(
                lambda s: KerasTensor(s, dtype=self.compute_dtype), x
            )
            for name, x in kwargs.items()
            if x is not None
        }
        if "input" in named and "input" not in self._facts.call.names:
            specs.insert(0, named.pop("input"))
        try:
            outputs = compute_output_spec(self.call, *specs, **named)
        except Exception as error:
            raise NotImplementedError(
                f"Layer {self.name!r} ({type(self).__name__}) has no `compute_output_shape`, and its `call` "
                f"can not be run on shapes: {error}"
            ) from error
        return tree.map_structure(lambda x: x.shape, outputs, none_is_leaf=False)

    def compute_output_spec(self, *args: Any, **kwargs: Any) -> Any:
        """Returns KerasTensors with the shapes and dtypes that a call would return."""
        if not self._facts.own_shape or True in [getattr(x, "sparse", None) for x in tree.flatten(args)]:
            return compute_output_spec(self.call, *args, **kwargs)
        shapes = self._shapes_for(args, kwargs)
        shape = self.compute_output_shape(*shapes[0], **shapes[1])
        dtype = self.compute_dtype
        if tree.is_shape(shape) or not tree.is_nested(shape):
            return KerasTensor(known(shape), dtype=dtype)
        return tree.map_shape_structure(lambda s: KerasTensor(known(s), dtype=dtype), shape)

    def _shapes_for(self, args: Any, kwargs: Any) -> tuple[list[Any], dict[str, Any]]:
        """The arguments of `compute_output_shape` for those of `call`."""
        parameters = _shape_parameters(type(self))
        if len(parameters.positional) == 1 and not parameters.takes_any:
            tensors = (x for x in (*args, *kwargs.values()) if call_stages._holds_tensor(x))
            return [call_stages.shapes_of(next(tensors, None))], {}
        named = {**dict(zip(self._facts.call.positional, args)), **kwargs}
        shapes = {
            f"{name}_shape": call_stages.shapes_of(x)
            for name, x in named.items()
            if call_stages._holds_tensor(x)
        }
        if parameters.starred or parameters.takes_any:
            return list(shapes.values()), {}
        fitting = {name: shape for name, shape in shapes.items() if name in parameters.names}
        if not fitting or (parameters.positional and parameters.positional[0] not in fitting):
            return [next(iter(shapes.values()), None)], {
                k: v for k, v in fitting.items() if k != parameters.positional[0]
            }
        return [], fitting

    _mask_needs_values = True
    """Whether a `compute_mask` of the class may look at values: its word on one call is none on the next."""

    def compute_mask(self, inputs: Any, previous_mask: Any) -> Any:
        """Returns the mask of the output: that of the input, unless a subclass says otherwise."""
        return previous_mask

    @property
    def supports_masking(self) -> bool:
        """Whether the layer passes masks on, or makes them."""
        return self._supports_masking

    @supports_masking.setter
    def supports_masking(self, value: bool) -> None:
        self.__dict__["_supports_masking"] = value
        self._seen.clear()

    def _warn_mask_dropped(self) -> None:
        if not self._warned_mask:
            self.__dict__["_warned_mask"] = True
            call_stages.warn_mask_dropped(self)

    # Facts

    @property
    def path(self) -> str | None:
        """The names of the layers around it and its own, joined by slashes; set when it is built."""
        return self._path

    @property
    def input_spec(self) -> Any:
        """What the layer accepts as first argument: a `keras.InputSpec`, or a structure of them."""
        return self._input_spec

    @input_spec.setter
    def input_spec(self, value: Any) -> None:
        self.__dict__["_input_spec"] = value
        self._seen.clear()

    @property
    def _call_has_training_arg(self) -> bool:
        return self._facts.has_training

    @property
    def _call_has_mask_arg(self) -> bool:
        return "mask" in self._facts.mask_names

    @property
    def _call_signature(self) -> inspect.Signature:
        return self._facts.call.signature

    def add_metric(self, *args: Any, **kwargs: Any) -> None:
        raise NotImplementedError(
            f"Layer {self.name!r}: `add_metric` of older releases is gone. Make a metric in `__init__` "
            "(`self.metric = keras.metrics.Mean()`) and update it in `call`."
        )

    # Config

    def get_config(self) -> dict[str, Any]:
        """Returns what `from_config` needs to make the layer again, without its weights."""
        config = super().get_config()
        if "dtype" in config:
            config["dtype"] = policies.serialize(self._dtype_policy)
        if self.activity_regularizer is not None:
            config["activity_regularizer"] = regularizers.serialize(self.activity_regularizer)
        return config

    def __repr__(self) -> str:
        return f"<{type(self).__name__} name={self.name}, built={self.built}>"

    def __str__(self) -> str:
        return repr(self)

    # Attributes

    def __setattr__(self, name: str, value: Any) -> None:
        values = self.__dict__
        old, kind = values.get(name), kinds[type(value)]
        if kind is PLAIN and old is None and name not in _CALL_DEPENDS_ON:
            object.__setattr__(self, name, value)
            return
        if name in _CALL_DEPENDS_ON:
            values["_seen"].clear()
            if name == "call":
                values["_facts"] = CallFacts(type(self), Layer, value)
        kept = value
        if kind is not PLAIN and value is not old and tracking.is_tracking():
            kept = self._tracker.track(value, kind)
        object.__setattr__(self, name, kept)
        if old is not value and tracking.kind_of(old) is not PLAIN:
            # Only now, so that a refused value leaves the old one in its place.
            self._tracker.untrack(old)

    def __delattr__(self, name: str) -> None:
        value = self.__dict__.get(name)
        if value is not None and tracking.kind_of(value) is not PLAIN:
            self._tracker.untrack(value)
        object.__delattr__(self, name)


def _make_facts(cls: type) -> CallFacts:
    facts = cls._call_facts = CallFacts(cls, Layer)  # type: ignore[attr-defined]
    return facts


@functools.cache
def _shape_parameters(cls: type) -> Parameters:
    return Parameters(cls.compute_output_shape)  # type: ignore[attr-defined]
