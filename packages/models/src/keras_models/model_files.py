"""What leaves a model and comes back: files, the configs in them, and trees of values.

`ModelFiles` is the part of `Model` that hands on to `keras_saving` and answers what it asks of a model. The
architecture of a model, its `get_config`, is in `model`.
"""

import json
from collections.abc import Mapping
from typing import Any

from keras_ops import tree
from keras_ops.serialize import serialize_keras_object
from keras_ops.tensor import KerasTensor
from keras_ops.variable import Variable
from keras_saving import saving

from keras_models.graph_config import graph_of
from keras_models.state_tree import nested_values, set_values

_LISTS_OF_LAYERS = ("_layers_of_graph", "_stack")
"""Attributes of Functional and Sequential that hold what their property `layers` shows."""


class ModelFiles:
    """Saves, loads and exports a model."""

    name: str
    layers: list[Any]

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

    def get_build_config(self) -> dict[str, Any] | None:
        """Returns the shapes that the model was built for; a graph is built by its config."""
        return {"input_shape": None} if graph_of(self) is not None else super().get_build_config()

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
        if self._facts.own_build:
            super().build_from_config(config)
        elif shape is not None:
            self.build(shape)
        else:
            shapes = config["shapes_dict"]
            self._build_sublayers(shapes)
            self._set_built((), shapes)

    def _build_sublayers(self, input_shape: Any) -> None:
        specs = tree.map_shape_structure(lambda shape: KerasTensor(shape, self.input_dtype), input_shape)
        if isinstance(specs, dict):
            named = {name.removesuffix("_shape"): spec for name, spec in specs.items()}
            for arguments in (specs, named):
                if arguments.keys() <= self._facts.call.names:
                    self.compute_output_spec(**arguments)
                    return
        self.compute_output_spec(specs)

    def _note_shapes(self, shapes: dict[str, Any]) -> None:
        if len(shapes) > 1:
            self._set_built((), shapes)
        else:
            super()._note_shapes(shapes)

    def to_json(self, **kwargs: Any) -> str:
        """Returns the architecture as a JSON text, for `keras.models.model_from_json`.

        Args:
            **kwargs: Passed to `json.dumps`.
        """
        return json.dumps(serialize_keras_object(self), **kwargs)

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
            group: nested_values(variables, lambda v: v.numpy() if numpy else v.value)
            for group, variables in self._state_groups().items()
        }

    def set_state_tree(self, state_tree: Mapping[str, Any]) -> None:
        """Sets variables from nested dicts such as `get_state_tree` returns."""
        groups = self._state_groups()
        for group, values in state_tree.items():
            if group not in groups:
                raise ValueError(f"set_state_tree: expected the keys {sorted(groups)}, received {group!r}.")
            set_values(groups[group], values, self.name)

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
