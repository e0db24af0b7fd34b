"""Building: when and for which shapes a layer makes its weights.

`LayerBuild` is the part of `Layer` that calls `build`, remembers the shapes for files, and builds the
sublayers of layers that have no `build` of their own. Calls ask for it in `call_stages.build`.
"""

import functools
import threading
import warnings
from collections.abc import Callable, Mapping
from typing import Any

from keras_backends.selection import active
from keras_ops import tree
from keras_ops.inference import compute_output_spec
from keras_ops.state import current_path, name_scope, state
from keras_ops.tensor import KerasTensor

from keras_layers.adapted_parts import adapt_parts, adapted_parts
from keras_layers.call_facts import CallFacts
from keras_layers.rollback import Rollback
from keras_layers.tracking import Tracker

_turns = threading.Condition()
"""Tells those who wait for a layer that another thread has built it. One for all layers, held by nobody while a
layer is built; a layer has nothing that can not be copied or pickled."""


class _Turn:
    """The time in which one thread builds a layer, and others that want to build the same one wait."""

    __slots__ = ("outermost", "values")

    def __init__(self, layer: Any) -> None:
        self.values = layer.__dict__

    def __enter__(self) -> None:
        values, me = self.values, threading.get_ident()
        with _turns:
            while (builder := values.get("_builder")) is not None and builder != me:
                _turns.wait()
            self.outermost = builder is None
            values["_builder"] = me

    def __exit__(self, *_: object) -> None:
        if self.outermost:
            with _turns:
                self.values.pop("_builder", None)
                _turns.notify_all()


class LayerBuild:
    """Builds a layer."""

    name: str
    compute_dtype: str
    call: Callable[..., Any]
    _built: bool
    _building: bool
    _facts: CallFacts
    _tracker: Tracker
    _layers: list[Any]
    _seen: dict[Any, Any]
    _records_build_shape = True
    """Whether files hold the shape it was built for; not so for some layers without weights."""

    @property
    def built(self) -> bool:
        """Whether the weights exist; so from the start for a layer that has nothing to build."""
        return self._built or not (
            self._facts.own_build
            or self._layers
            or self._trainable_variables
            or self._non_trainable_variables
        )

    @built.setter
    def built(self, value: bool) -> None:
        self.__dict__["_built"] = value
        self._seen.clear()

    def build(self, input_shape: Any) -> None:
        """Creates the weights for the shape of the input.

        Without an override, the sublayers are built by running `call` on shapes. An override may call this one
        anywhere; it does nothing then.

        Args:
            input_shape: Shape of the first argument of `call`, or a structure of shapes.
        """
        self._check_super_called()
        if self._building:
            return
        if not self.built and self._layers:
            self._build_sublayers(input_shape)
        self._set_built((input_shape,), {})

    def _build_sublayers(self, input_shape: Any) -> None:
        specs = tree.map_shape_structure(lambda s: KerasTensor(s, dtype=self.compute_dtype), input_shape)
        with name_scope(self.name, caller=self):
            try:
                compute_output_spec(self.call, specs)
            except Exception as error:
                self._warn_built_later(error)

    def _warn_built_later(self, error: Exception) -> None:
        """Says that sublayers have no weights yet: `call` may need data, or have a fault that data will show too."""
        warnings.warn(
            f"Layer {self.name!r} ({type(self).__name__}) has sublayers and no `build` method, and its `call` "
            f"can not be run on shapes to build them: {type(error).__name__}: {error} Its first call on data will "
            "build them; for weights before that, implement `build(self, input_shape)`.",
            stacklevel=3,
        )

    # A first call may be inside `torch.compile`: what building changes, the compiler must not have read.

    @active().unread
    def _is_built_now(self) -> bool:
        return self._built and not self._building

    @active().unread
    def _build_for(self, shapes: dict[str, Any]) -> None:
        """Builds for the shapes of a call, unless another thread has done so in the meantime."""
        with _Turn(self):
            if not self._built:
                self._build_for_shapes(shapes)

    def _build_for_shapes(self, shapes: dict[str, Any]) -> None:
        """Builds for the shapes of a call; sublayers of a layer without `build` follow in the call."""
        facts = self._facts
        if not facts.own_build:
            with name_scope(self.name, caller=self):
                self._note_shapes(shapes)
            return
        parameters = facts.build
        if parameters.starred or parameters.takes_any:
            chosen = shapes
        elif len(parameters.names) == 1:
            self.build(next(iter(shapes.values())))
            return
        else:
            chosen = {name: shape for name, shape in shapes.items() if name in parameters.names}
            first = parameters.positional[0] if parameters.positional else None
            if first is not None and first not in chosen and first not in parameters.defaults:
                chosen = {first: next(iter(shapes.values())), **chosen}
        missing = parameters.names - chosen.keys() - parameters.defaults.keys()
        if missing:
            raise ValueError(
                f"Layer {self.name!r} ({type(self).__name__}): `build{parameters.text}` expects "
                f"{sorted(missing)}, which no argument of `call{facts.call.text}` gives. The parameters of "
                f"`build` are named after those of `call`: {sorted(shapes)}."
            )
        self.build(**chosen)

    def _note_shapes(self, shapes: dict[str, Any]) -> None:
        """Marks a layer without `build` as built, by a call for these shapes; files get the first."""
        self._set_built((next(iter(shapes.values()), None),), {})

    def _set_built(self, args: tuple[Any, ...], kwargs: Mapping[str, Any]) -> None:
        values = self.__dict__
        values["_built"] = True
        if values.get("_path") is None:
            values["_path"] = current_path() or self.name
        if self._records_build_shape:
            shapes = {**dict(zip(self._facts.build.positional, args)), **kwargs}
            values["_build_shapes_dict"] = {n: s for n, s in shapes.items() if s is not None}
        self._post_build()
        self._tracker.lock(
            f"Layer {self.name!r} ({type(self).__name__}) is built already, so the {{what}} can not be added to "
            "it any more. Create variables and sublayers in `__init__` or in `build`."
        )

    def _post_build(self) -> None:
        """Hook for what has to follow a subclass's `build`."""

    def get_build_config(self) -> dict[str, Any] | None:
        """Returns what `build_from_config` needs, `None` if the layer needs no building."""
        shapes = self.__dict__.get("_build_shapes_dict")
        if shapes is None:
            return None
        if len(shapes) == 1:
            return {"input_shape": _tuples(next(iter(shapes.values())))}
        return {"shapes_dict": {name: _tuples(shape) for name, shape in shapes.items()}}

    def build_from_config(self, config: Mapping[str, Any]) -> None:
        """Builds the layer from what `get_build_config` returned."""
        if not config:
            return
        if "input_shape" in config:
            shape = config["input_shape"]
            self.build(None if shape is None else _tuples(shape))
        elif "shapes_dict" in config:
            self.build(**{name: _tuples(shape) for name, shape in config["shapes_dict"].items()})

    def _get_parts_config(self) -> dict[str, Any] | None:
        """What `_parts_from_config` needs, `None` if no layer inside was adapted."""
        return adapted_parts(self) or None

    def _parts_from_config(self, config: Mapping[str, Any]) -> None:
        """Adapts the layers inside that were adapted, once the layer is built."""
        adapt_parts(self, config)


def wrapped_build(build: Callable[..., Any]) -> Callable[..., Any]:
    """Makes a class's `build` open the layer's name scope, leave traces, and mark the layer built.

    One that fails leaves the layer, and those inside it that were not built, as they were.
    """

    @functools.wraps(build)
    def wrapped(self: Any, *args: Any, **kwargs: Any) -> Any:
        with _Turn(self):
            if self._building:
                return build(self, *args, **kwargs)
            self._check_super_called()
            _build_or_roll_back(self, build, args, kwargs)
        return None

    return wrapped


def _build_or_roll_back(
    layer: Any, build: Callable[..., Any], args: tuple[Any, ...], kwargs: Mapping[str, Any]
) -> None:
    values = layer.__dict__
    inside = layer._flatten_layers(include_self=False) if layer._layers else ()
    rollbacks = [Rollback(layer), *[Rollback(other) for other in inside if not other._built]]
    values["_building"] = True
    try:
        with name_scope(layer.name, caller=layer):
            values["_path"] = current_path()
            if state.plain:
                build(layer, *args, **kwargs)
            else:
                # Weights are made for good, and for the selected backend, even if the layer is called on
                # tensors of a trace or in a pipeline.
                with state.scope(stateless=None, quiet=False, autocast=None, override=None):
                    build(layer, *args, **kwargs)
            layer._set_built(args, kwargs)
    except BaseException:
        for rollback in rollbacks:
            rollback.put_back()
        raise
    finally:
        values["_building"] = False


def _tuples(shape: Any) -> Any:
    """The shapes in a structure as tuples; JSON knows only lists."""
    if isinstance(shape, (list, tuple)):
        if tree.is_shape(shape):
            return tuple(shape)
        return [_tuples(item) for item in shape]
    if isinstance(shape, dict):
        return {name: _tuples(item) for name, item in shape.items()}
    return shape
