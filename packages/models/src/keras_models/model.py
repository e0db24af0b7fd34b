"""`Model`: a layer that can be compiled, trained, saved and summarised.

The training methods come from `keras_training.trainer.Trainer`, everything about calling and
variables from `Layer`. Graphs of layers are `Functional`, stacks are `Sequential`.
"""

import inspect
import json
from collections.abc import Callable, Mapping
from typing import Any

from keras_backends.api import export
from keras_layers.layer import Layer
from keras_ops import tree
from keras_ops.serialize import deserialize_keras_object, serialize_keras_object
from keras_ops.tensor import KerasTensor
from keras_ops.variable import Variable
from keras_saving import saving
from keras_training.trainer import Trainer

from keras_models.graph_config import read_graph
from keras_models.summary import print_summary


@export(["keras.Model", "keras.models.Model"])
class Model(Trainer, Layer):
    """A model: layers put together, with training and saving.

    There are three ways to make one. *Functional*: `Model(inputs, outputs)` with tensors that start
    at `keras.Input`. *Subclass*: layers in `__init__`, the computation in `call`. *Sequential*: see
    `keras.Sequential`.

    Args:
        inputs: Functional form: the input or inputs, nested in lists or dicts.
        outputs: Functional form: the outputs, likewise.
        name: Name of the model.
        trainable: Whether its variables are trainable.
        dtype: Dtype policy (subclass form).

    Example:

        >>> import keras
        >>> x = keras.Input((3,))
        >>> model = keras.Model(x, keras.layers.Dense(2)(x))
        >>> model.output_shape
        (None, 2)
    """

    def __new__(cls, *args: Any, **kwargs: Any) -> "Model":
        if cls is Model and _is_functional_call(args, kwargs):
            functional = _functional_class()
            return functional.__new__(functional)
        return super().__new__(cls, *args, **kwargs)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        functional = _functional_class()
        if _is_functional_call(args, kwargs) and not isinstance(self, functional):
            # `class Mine(Model)` that calls `super().__init__(inputs, outputs)` is a functional model too.
            _replace_base(type(self), functional)
            functional.__init__(self, *args, **kwargs)
            return
        Trainer.__init__(self)
        Layer.__init__(self, *args, **kwargs)

    def call(self, *args: Any, **kwargs: Any) -> Any:
        raise NotImplementedError(
            f"Model {type(self).__name__} has no `call` method. Implement `call(self, inputs)`, or make the "
            "model with `keras.Model(inputs, outputs)`."
        )

    # Layers

    @property
    def layers(self) -> list[Layer]:
        """The direct sublayers, each once."""
        return list(self._flatten_layers(include_self=False, recursive=False))

    @layers.setter
    def layers(self, _: Any) -> None:
        raise AttributeError(
            f"`{type(self).__name__}.layers` is a property of models and can not be set. "
            "Store layers under another name."
        )

    def get_layer(self, name: str | None = None, index: int | None = None) -> Layer:
        """Returns a direct sublayer by name or by its position in `layers`.

        Args:
            name: Name of the layer.
            index: Position in `layers`.

        Raises:
            ValueError: If there is none, or not exactly one of the two was given.
        """
        if (name is None) == (index is None):
            raise ValueError(
                f"get_layer: expected either `name` or `index`, received name={name!r}, index={index!r}."
            )
        layers = self.layers
        if index is not None:
            if index >= len(layers):
                raise ValueError(
                    f"get_layer: model {self.name!r} has {len(layers)} layers, received index={index}."
                )
            return layers[index]
        for layer in layers:
            if layer.name == name:
                return layer
        raise ValueError(
            f"get_layer: model {self.name!r} has no layer named {name!r}; its layers are "
            f"{[layer.name for layer in layers]}."
        )

    def summary(
        self,
        line_length: int | None = None,
        positions: list[float] | None = None,
        print_fn: Callable[..., Any] | None = None,
        expand_nested: bool = False,
        show_trainable: bool = False,
        layer_range: list[str] | tuple[str, str] | None = None,
    ) -> None:
        """Prints a table of the layers with output shapes and numbers of parameters.

        Args:
            line_length: Width of the table in characters.
            positions: Relative or absolute positions of the columns' right ends.
            print_fn: Where the text goes, instead of standard output.
            expand_nested: Whether layers of nested models are listed too.
            show_trainable: Whether a column says which layers are trainable.
            layer_range: Regular expressions for the names of the first and the last layer listed.
        """
        print_summary(self, line_length, positions, print_fn, expand_nested, show_trainable, layer_range)

    def count_params(self) -> int:
        """Returns the number of values in all weights."""
        return super().count_params()

    # Saving

    def save(self, filepath: Any, overwrite: bool = True, zipped: bool | None = None, **kwargs: Any) -> None:
        """Saves the model: architecture, weights, and how it was compiled with the optimizer's state.

        Args:
            filepath: Path that ends in `.keras`.
            overwrite: Whether an existing file is replaced without asking.
            zipped: Whether the file is an archive (default) or a folder.

        Raises:
            ValueError: If the extension is unknown.
        """
        saving.save_model(self, filepath, overwrite=overwrite, zipped=zipped, **kwargs)

    def save_weights(
        self, filepath: Any, overwrite: bool = True, max_shard_size: int | float | None = None
    ) -> None:
        """Saves the weights to a `.weights.h5` file.

        Args:
            filepath: Path that ends in `.weights.h5`, or `.weights.json` for shards.
            overwrite: Whether an existing file is replaced without asking.
            max_shard_size: Largest size of a shard, in GB.
        """
        saving.save_weights(self, filepath, overwrite=overwrite, max_shard_size=max_shard_size)

    def load_weights(self, filepath: Any, skip_mismatch: bool = False, **kwargs: Any) -> None:
        """Loads weights from a `.weights.h5` or `.keras` file into a model of the same architecture.

        Args:
            filepath: The file.
            skip_mismatch: Whether layers whose weights do not fit are left as they are, with a warning.

        Raises:
            ValueError: If the file's weights do not fit the model.
        """
        saving.load_weights(self, filepath, skip_mismatch=skip_mismatch, **kwargs)

    def saveable_children(self) -> dict[str, Any]:
        """Objects whose state is saved with the model, by path."""
        children = {k: v for k, v in super().saveable_children().items() if k not in _LISTS_OF_LAYERS}
        children["layers"] = self.layers
        public = sorted(name for name in children if not name.startswith("_"))
        private = sorted(name for name in children if name.startswith("_"))
        return {name: children[name] for name in (*public, *private)}

    def get_compile_config(self) -> dict[str, Any]:
        """Returns the arguments of `compile` as plain data; empty if it was not called."""
        return super().get_compile_config() or {}

    def build_from_config(self, config: Mapping[str, Any] | None) -> None:
        """Builds the model for the shapes it was built for when it was saved."""
        if not config:
            return
        shape = config.get("input_shape")
        if shape is None and "shapes_dict" not in config:
            return
        if _overrides_build(type(self)):
            super().build_from_config(config)
            return
        self._build_by_call(shape if shape is not None else config["shapes_dict"])

    def build(self, input_shape: Any = None) -> None:
        """Builds the model by calling it on symbolic inputs of the given shape.

        Args:
            input_shape: A shape, or shapes in a list or dict.
        """
        if input_shape is not None and not self.built:
            self._build_by_call(input_shape)

    def _build_by_call(self, shapes: Any) -> None:
        specs = tree.map_shape_structure(lambda shape: KerasTensor(shape, self.input_dtype), shapes)
        if isinstance(shapes, dict) and _takes_keywords(self.call, shapes):
            self.compute_output_spec(**specs)
        else:
            self.compute_output_spec(specs)
        self.built = True

    def to_json(self, **kwargs: Any) -> str:
        """Returns the architecture as a JSON text, for `keras.models.model_from_json`.

        Args:
            **kwargs: Passed to `json.dumps`.
        """
        return json.dumps(serialize_keras_object(self), **kwargs)

    @classmethod
    def from_config(cls, config: Mapping[str, Any], custom_objects: Mapping[str, Any] | None = None) -> Any:
        """Makes a model from what `get_config` returned."""
        if {"layers", "input_layers", "output_layers"} <= set(config):
            functional = _functional_class()
            parameters = inspect.signature(cls.__init__).parameters
            if cls is Model or issubclass(cls, functional) or {"inputs", "outputs"} <= set(parameters):
                inputs, outputs = read_graph(config, custom_objects)
                arguments = {key: config[key] for key in ("name", "trainable") if key in config}
                made = functional if cls is Model else cls
                return made(inputs=inputs, outputs=outputs, **arguments)
        return super().from_config(dict(config))

    # State as a tree

    def get_state_tree(self, value_format: str = "backend_tensor") -> dict[str, dict[str, Any]]:
        """Returns the values of all variables as nested dicts by path.

        Args:
            value_format: `"backend_tensor"` or `"numpy_array"`.
        """
        if value_format not in ("backend_tensor", "numpy_array"):
            raise ValueError(
                "get_state_tree: expected `value_format` 'backend_tensor' or 'numpy_array', received "
                f"{value_format!r}."
            )
        numpy = value_format == "numpy_array"
        return {
            group: _nested(variables, lambda v: v.numpy() if numpy else v.value)
            for group, variables in self._state_groups().items()
        }

    def set_state_tree(self, state_tree: Mapping[str, Any]) -> None:
        """Sets variables from nested dicts such as `get_state_tree` returns."""
        groups = self._state_groups()
        for group, values in state_tree.items():
            if group not in groups:
                raise ValueError(f"set_state_tree: expected the keys {sorted(groups)}, received {group!r}.")
            by_path = {v.path: v for v in groups[group]}
            for path, value in _leaves(values):
                if path not in by_path:
                    raise ValueError(f"set_state_tree: model {self.name!r} has no variable {path!r}.")
                by_path[path].assign(value)

    def _state_groups(self) -> dict[str, list[Variable]]:
        optimizer = getattr(self, "optimizer", None)
        return {
            "trainable_variables": self.trainable_variables,
            "non_trainable_variables": self.non_trainable_variables,
            "optimizer_variables": optimizer.variables if optimizer is not None else [],
            "metrics_variables": self.metrics_variables,
        }

    def export(
        self,
        filepath: Any,
        format: str = "tf_saved_model",
        verbose: bool | None = None,
        input_signature: Any = None,
        **kwargs: Any,
    ) -> None:
        """Exports the model for serving.

        Raises:
            ValueError: Always, in this version, which has no export format yet.
        """
        raise ValueError(
            f"Model.export: no export format is available in this version of keras-models, received "
            f"format={format!r}. Save the model with `model.save('model.keras')`."
        )


_LISTS_OF_LAYERS = ("_layers_of_graph", "_stack")
"""Attributes of Functional and Sequential that hold what their property `layers` shows."""


def _nested(variables: list[Variable], value: Callable[[Variable], Any]) -> dict[str, Any]:
    result: dict[str, Any] = {}
    for variable in variables:
        *folders, name = variable.path.split("/")
        place = result
        for folder in folders:
            place = place.setdefault(folder, {})
        if name in place:
            raise ValueError(
                f"get_state_tree: two variables have the path {variable.path!r}; give their layers "
                "different names."
            )
        place[name] = value(variable)
    return result


def _leaves(values: Mapping[str, Any], prefix: str = "") -> list[tuple[str, Any]]:
    found: list[tuple[str, Any]] = []
    for key, value in values.items():
        path = f"{prefix}/{key}" if prefix else key
        found += _leaves(value, path) if isinstance(value, Mapping) else [(path, value)]
    return found


def _is_functional_call(args: tuple[Any, ...], kwargs: Mapping[str, Any]) -> bool:
    """Says whether constructor arguments are those of the functional form."""
    return len(args) >= 2 or (len(args) == 1 and "outputs" in kwargs) or {"inputs", "outputs"} <= set(kwargs)


def _functional_class() -> Any:
    # Functional derives from Model, so this is the one place that looks it up late.
    from keras_models import functional  # layering: lazy edge, Functional is a subclass of Model

    return functional.Functional


def _replace_base(cls: type, functional: type) -> None:
    """Puts Functional in the place of Model among the bases of a user's class."""
    if cls is Model or cls is object or issubclass(cls, functional):
        return
    if Model in cls.__bases__:
        cls.__bases__ = tuple(functional if base is Model else base for base in cls.__bases__)
        return
    for base in cls.__bases__:
        if issubclass(base, Model):
            _replace_base(base, functional)


def _overrides_build(cls: type) -> bool:
    return cls.build is not Model.build and cls.build is not Layer.build


def _takes_keywords(call: Callable[..., Any], names: Mapping[str, Any]) -> bool:
    return set(names) <= set(inspect.signature(call).parameters)


@export("keras.models.model_from_json")
def model_from_json(json_string: str, custom_objects: Mapping[str, Any] | None = None) -> Any:
    """Makes a model from the text that `to_json` returned; its weights are new.

    Args:
        json_string: The text.
        custom_objects: Classes and functions that it names, by name.
    """
    return deserialize_keras_object(json.loads(json_string), custom_objects=custom_objects)
